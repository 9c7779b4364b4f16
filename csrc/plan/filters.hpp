// Windows; filter banks and transforms as dense matrices, row by row, computed in double. `single` rounds
// where librosa's default dtype=float32 rounds, so that double input gives librosa's values too.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace serfast {

struct Matrix {
    int rows;
    int columns;
    std::vector<double> values;
    double* row(int i) { return values.data() + static_cast<size_t>(i) * static_cast<size_t>(columns); }
    const double* row(int i) const {
        return values.data() + static_cast<size_t>(i) * static_cast<size_t>(columns);
    }
};

struct MelSpec {
    double sr;
    int n_fft;
    int n_mels;
    double fmin;
    double fmax;
    bool htk;
    bool slaney;                 // each band to unit area
    std::optional<double> norm;  // otherwise, the norm of each row, if any
    bool single;
    bool straight_in_mel = false;  // the triangles' sides; else they are straight over Hz
};

struct ChromaSpec {
    double sr;
    int n_fft;
    int n_chroma;
    double ctroct;
    std::optional<double> octwidth;
    std::optional<double> norm;
    bool base_c;
    bool single;
};

enum class DctNorm { none, ortho, forward };

// Windows that are sums of cosines, hann for one: weights[k] * cos(k * phase).
std::vector<double> cosine_window(const std::vector<double>& weights, int n, bool periodic);
std::vector<double> fft_frequencies(double sr, int n_fft);
Matrix mel_filters(const MelSpec& spec);
Matrix chroma_filters(const ChromaSpec& spec, double tuning);
Matrix dct_matrix(int type, DctNorm norm, int n_in, int n_out);

// The p-norm of n values at the given stride; p = inf, -inf and 0 as in librosa.util.normalize.
double norm_of(const double* x, int n, int stride, double p);

}  // namespace serfast
