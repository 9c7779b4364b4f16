// Chroma, and the tuning that it depends on.
#pragma once

#include <atomic>
#include <deque>

#include "stages/spectral.hpp"

namespace serfast {

// Deviations from equal temperament, counted in steps of `resolution` from -0.5 to 0.5 of a bin.
struct TuningScale {
    TuningScale(double resolution, int bins_per_octave);
    int steps() const { return static_cast<int>(edges.size()) - 1; }

    int bins_per_octave;
    std::vector<double> edges;
};

// The commonest step among the peaks at least as high as the median peak. Peaks are listed; where they
// are too many, only the sizes of buckets of heights are, and a second look lists the median's bucket.
template <class T> class Tuning : public Facts<T> {
  public:
    explicit Tuning(const TuningScale& scale) : scale_(scale), counts_(static_cast<size_t>(scale.steps())) {}
    void add(const uint16_t* steps, const T* heights, int n);
    void merge(const Facts<T>& other) override;
    bool conclude() override;
    std::unique_ptr<Facts<T>> again() const override;
    bool empty() const { return step_ < 0; }
    int step() const { return step_; }
    double value() const { return empty() ? 0 : scale_.edges[static_cast<size_t>(step_)]; }

  private:
    void add_sizes(const std::deque<T>& heights);
    void count_instead();
    void focus();
    T median_height() const;

    enum class Mode { list, count, focus };
    const TuningScale& scale_;
    Mode mode_ = Mode::list;
    // Deques: a vector's growth would need thrice the memory for a moment.
    std::deque<T> heights_;
    std::deque<uint16_t> steps_;
    std::vector<int64_t> sizes_;                // count: by bucket
    std::vector<int64_t> counts_;               // by step, of the peaks above the listed ones
    uint32_t first_bucket_ = 0, last_bucket_ = 0;  // focus: those listed
    int64_t n_ = 0, n_below_ = 0;               // all peaks, and those below the listed ones
    int step_ = -1;
};

// Finds the spectral peaks; its facts are the tuning. It has no rows of its own.
template <class T> class TuningStage : public Stage<T> {
  public:
    TuningStage(int input, const PeakRange& range, double hz_per_bin, const TuningScale& scale)
        : Stage<T>(0, {input}), range_(range), hz_per_bin_(hz_per_bin), scale_(scale) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>* seen) const override;
    std::unique_ptr<Facts<T>> new_facts() const override {
        return std::make_unique<Tuning<T>>(scale_);
    }
    const TuningScale& scale() const { return scale_; }
    size_t scratch_size(int lanes) const override;

  private:
    // With room for what the kernel writes past the end.
    size_t most_peaks(int lanes) const {
        return static_cast<size_t>(range_.n_bins / 2 + 2) * static_cast<size_t>(lanes);
    }
    PeakRange range_;
    double hz_per_bin_;
    TuningScale scale_;
};

// Chroma filters follow the tuning that the facts hold; filters once made are kept.
template <class T> class ChromaStage : public Stage<T> {
  public:
    ChromaStage(int input, const ChromaSpec& spec, int tuning_stage, int n_tunings);
    ~ChromaStage() override;
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    const PanelMatrix<T>& filters(const Tuning<T>& tuning) const;
    ChromaSpec spec_;
    mutable std::vector<std::atomic<const PanelMatrix<T>*>> made_;  // by step of the tuning, last: none
};

template <class T> class PiptrackStage : public Stage<T> {
  public:
    PiptrackStage(int input, const PeakRange& range, double hz_per_bin)
        : Stage<T>(2 * range.n_bins, {input}), range_(range), hz_per_bin_(hz_per_bin) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    PeakRange range_;
    double hz_per_bin_;
};

}  // namespace serfast
