// Stages with one number, or a few, per frame.
#pragma once

#include "stages/spectral.hpp"

namespace serfast {

template <class T> class CentroidStage : public Stage<T> {
  public:
    CentroidStage(int input, std::vector<T> frequencies)
        : Stage<T>(1, {input}), frequencies_(std::move(frequencies)) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    std::vector<T> frequencies_;
};

template <class T> class BandwidthStage : public Stage<T> {
  public:
    BandwidthStage(int input, int centroid, std::vector<T> frequencies, double exponent, bool normalized)
        : Stage<T>(1, {input, centroid}), frequencies_(std::move(frequencies)), exponent_(exponent),
          normalized_(normalized) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    std::vector<T> frequencies_;
    double exponent_;
    bool normalized_;
};

template <class T> class RolloffStage : public Stage<T> {
  public:
    RolloffStage(int input, std::vector<T> frequencies, double fraction)
        : Stage<T>(1, {input}), frequencies_(std::move(frequencies)), fraction_(fraction) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    std::vector<T> frequencies_;
    double fraction_;
};

template <class T> class FlatnessStage : public Stage<T> {
  public:
    FlatnessStage(int input, int input_rows, double amin)
        : Stage<T>(1, {input}), input_rows_(input_rows), amin_(amin) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    int input_rows_;
    double amin_;
};

// Peaks, then valleys of each band; in decibels, with the maximum of either as facts, or plain.
template <class T> struct ContrastMaxima : Facts<T> {
    void merge(const Facts<T>& other) override {
        const auto& theirs = static_cast<const ContrastMaxima&>(other);
        peak.merge(theirs.peak);
        valley.merge(theirs.valley);
    }
    Maximum<T> peak, valley;
};

template <class T> class ContrastStage : public Stage<T> {
  public:
    ContrastStage(int input, std::vector<ContrastBand> bands, bool decibels)
        : Stage<T>(2 * static_cast<int>(bands.size()), {input}), bands_(std::move(bands)),
          decibels_(decibels) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>* seen) const override;
    std::unique_ptr<Facts<T>> new_facts() const override;
    size_t scratch_size(int lanes) const override;

  private:
    std::vector<ContrastBand> bands_;
    bool decibels_;
};

template <class T> class ContrastDifferenceStage : public Stage<T> {
  public:
    // top_db < 0: nothing is clipped.
    ContrastDifferenceStage(int input, int rows, double top_db)
        : Stage<T>(rows, {input}), top_db_(top_db) {
        if (top_db >= 0) this->facts_of = input;
    }
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    double top_db_;
};

template <class T> class RmsOfSpectrumStage : public Stage<T> {
  public:
    RmsOfSpectrumStage(int input, int input_rows, int frame_length)
        : Stage<T>(1, {input}), input_rows_(input_rows), frame_length_(frame_length) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    int input_rows_, frame_length_;
};

template <class T> class RmsOfSamplesStage : public Stage<T> {
  public:
    explicit RmsOfSamplesStage(int frame_length) : Stage<T>(1, {}), frame_length_(frame_length) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    int frame_length_;
};

template <class T> class ZeroCrossingStage : public Stage<T> {
  public:
    ZeroCrossingStage(int frame_length, double threshold, bool zero_pos, bool pad)
        : Stage<T>(1, {}), frame_length_(frame_length), threshold_(threshold), zero_pos_(zero_pos),
          pad_(pad) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    int frame_length_;
    double threshold_;
    bool zero_pos_, pad_;
};

}  // namespace serfast
