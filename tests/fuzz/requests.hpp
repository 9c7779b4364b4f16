// Features and options for the C interface out of a fuzzer's bytes: mostly such as it takes, now and
// then any.
#pragma once

#include <serfast.h>

#include <array>
#include <deque>
#include <limits>
#include <string>
#include <vector>

#include "bytes.hpp"

namespace fuzz {

constexpr std::array features = {
    "melspectrogram", "log_mel", "mfcc", "chroma_stft", "spectral_centroid", "spectral_bandwidth", "spectral_rolloff",
    "spectral_flatness", "spectral_contrast", "rms", "zero_crossing_rate", "voiced_f0", "periodicity", "no_such"};
constexpr std::array counts = {"frame_length", "hop_length", "n_fft",  "win_length", "n_mels",
                               "n_mfcc",       "dct_type",   "n_bands", "n_chroma"};
constexpr std::array numbers = {"sr",      "power",     "fmin",     "fmax",         "lifter",   "top_db",
                                "ref",     "amin",      "norm",     "mel_norm",     "tuning",   "ctroct",
                                "octwidth", "p",        "quantile", "roll_percent", "threshold", "trough_threshold",
                                "min_periodicity"};
constexpr std::array flags = {"center", "htk", "base_c", "linear", "pad", "zero_pos", "norm"};
constexpr std::array choices = {"pad_mode", "norm", "mel_norm", "window", "ref", "top_db", "fmax", "tuning", "no_such"};
constexpr std::array texts = {"constant", "edge", "reflect", "symmetric", "linear_ramp", "hann", "slaney", "none",
                              "max",      "ortho", "forward", "backward", "",          "no such"};
constexpr std::array edges = {0.0,     1.0,   -1.0,  0.5,     2.0,    11025.0, 1e-320, 1e300, -1e300, 1073741823.0, 2147483648.0, 9.3e18,
                              std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()};

class Request {
  public:
    explicit Request(Bytes& bytes) {
        for (size_t left = 1 + bytes.below(3); left > 0; --left)
            features_ += std::string(features_.empty() ? "" : ",") + bytes.one_of(features);
        for (size_t left = bytes.below(8); left > 0; --left) add(bytes);
    }
    Request(const Request&) = delete;

    const std::string& list() const { return features_; }
    const std::vector<serfast_option>& options() const { return options_; }

  private:
    void add(Bytes& bytes) {
        const auto kind = bytes.take<uint8_t>();
        const bool any = kind >= 224;
        switch (kind % 5) {
            case 0:
            case 1: return number(bytes.one_of(counts), any ? bytes.one_of(edges) : double(1 + bytes.below(2400)));
            case 2: return number(bytes.one_of(numbers), any ? bytes.take<double>() : bytes.take<uint16_t>() / 16.0);
            case 3: return number(bytes.one_of(flags), any ? bytes.one_of(edges) : double(bytes.below(2)));
            default: break;
        }
        const char* name = bytes.one_of(choices);
        if (!any) return options_.push_back(serfast_text(name, bytes.one_of(texts)));
        windows_.emplace_back(bytes.below(600));
        for (double& value : windows_.back()) value = bytes.take<int8_t>() / 64.0;
        options_.push_back(serfast_values("window", windows_.back().data(), windows_.back().size()));
        number("win_length", double(windows_.back().size()));
    }
    void number(const char* name, double value) { options_.push_back(serfast_number(name, value)); }

    std::string features_;
    std::vector<serfast_option> options_;
    std::deque<std::vector<double>> windows_;
};

// Samples: noise of any loudness, with values of any kind in it now and then.
inline std::vector<float> samples(Bytes& bytes, size_t most) {
    std::vector<float> y(bytes.below(most));
    const float loudness = bytes.one_of(std::array{0.1f, 1.0f, 0.0f, 1e-30f, 1e30f});
    uint32_t state = bytes.take<uint32_t>();
    for (float& value : y) {
        state = state * 1664525u + 1013904223u;
        value = loudness * (static_cast<float>(state >> 8) / (1 << 23) - 1);
    }
    if (!y.empty())
        for (size_t left = bytes.below(4); left > 1; --left) y[bytes.below(y.size())] = bytes.take<float>();
    return y;
}

}  // namespace fuzz
