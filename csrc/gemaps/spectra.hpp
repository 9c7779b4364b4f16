// What eGeMAPS takes from the spectra of single frames.
#pragma once

#include "gemaps/blocks.hpp"

namespace serfast::gemaps {

constexpr int n_mfcc = 4, n_balance = 4;

// Of frames of 20 ms.
struct ShortContours {
    explicit ShortContours(int64_t frames);
    Contour energy, loudness, flux, mfcc[n_mfcc];
    // Alpha ratio, Hammarberg index, slope below 500 Hz and slope from 500 to 1500 Hz; 0 in digital silence.
    Contour balance[n_balance];
};

class ShortSpectra {
  public:
    ShortSpectra();
    template <class T> ShortContours contours(const T* y, int64_t n) const;

    const Group<double>& group() const { return group_; }
    int power() const { return power_; }  // the stage

  private:
    void add_block(const std::vector<double*>& blocks, int64_t first, int count, ShortContours& to) const;

    Group<double> group_;
    int prepared_, power_, mel_, log_mel_, mfcc_, log_power_, slopes_, magnitudes_;
    std::vector<double> log_ear_;  // of the mel bands: the logarithm of the ear's sensitivity
};

// Of frames of 60 ms.
class LongSpectra {
  public:
    LongSpectra();
    const Group<double>& group() const { return group_; }
    int prepared() const { return prepared_; }
    int power() const { return power_; }
    int sums() const { return sums_; }  // the subharmonic sums

  private:
    Group<double> group_;
    int prepared_, power_, sums_;
};

}  // namespace serfast::gemaps
