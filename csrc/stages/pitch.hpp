// Stages of fundamental frequency and voicing.
#pragma once

#include "plan/difference.hpp"
#include "stages/stage.hpp"

namespace serfast {

struct PitchRange {
    double sr;
    int frame_length, min_period, max_period;  // in samples
};

// Two rows: the fundamental frequency in Hz as YIN finds it, and how periodic the frame is, 0 to 1: one
// less the normalized difference at the period. In the precision of the signal, other than `yin`: the
// rounding is far below what statistics of frames tell apart.
template <class T> class PitchStage : public Stage<T> {
  public:
    PitchStage(const PitchRange& range, double threshold, int lanes);
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;
    size_t scratch_size(int lanes) const override;

  private:
    size_t room_for_frames(int lanes) const;

    const PitchRange range_;
    const double threshold_;
    const DifferencePlan<T> plan_;
};

// The frequency where the frame is periodic enough, else NaN.
template <class T> class VoicedStage : public Stage<T> {
  public:
    VoicedStage(int pitch, double min_periodicity) : Stage<T>(1, {pitch}), least_(min_periodicity) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;
    bool has_gaps() const override { return true; }

  private:
    const double least_;
};

template <class T> class PeriodicityStage : public Stage<T> {
  public:
    explicit PeriodicityStage(int pitch) : Stage<T>(1, {pitch}) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;
};

}  // namespace serfast
