// The door between the engine and the kernels: plain views of a plan's tables, and one table of
// function pointers per element type and instruction set. Only plain data crosses it.
//
// Vocabulary: a *block* is `lanes` consecutive frames. A block of `rows` values is an array of
// rows * lanes elements, aligned to the vector size, in which element [row * lanes + lane] belongs
// to frame `lane` of the block.
#pragma once

#include <cstddef>
#include <cstdint>

namespace serfast {

constexpr int max_lanes = 16;
constexpr int max_passes = 12;

// Largest prime that a pass handles by summing directly; larger factors go through Bluestein.
constexpr int max_direct_prime = 31;

// A complex transform of n points: one pass of `radix` writes `radix` transforms of sub_n points,
// each of which the remaining passes finish inside L1. Output k lies at
// (k % radix) * sub_stride + k / radix; the stride is padded, since the first pass writes all the
// short transforms at once and powers of two would put them into the same cache sets.
template <class T> struct FftView {
    int n;
    int radix;
    int sub_n;
    int sub_stride;
    const T* twiddle;                 // [sub_n][radix - 1] complex
    int n_passes;
    int pass_radix[max_passes];
    const T* pass_twiddle[max_passes];  // [points left][pass_radix - 1] complex
    const T* pass_root[max_passes];     // [pass_radix] complex roots of unity, for direct primes
};

// The real transform of one windowed frame.
template <class T> struct SpectrumView {
    int n_fft;
    bool packed;              // n_fft even: a complex transform of n_fft / 2 packed samples
    const T* window;          // n_fft values (halved when packed), then `lanes` zeros
    const T* inverse_window;  // n_fft values, scaled for the inverse transform
    FftView<T> fft;
    const T* unpack;          // [n_fft / 2] complex, packed only
    bool bluestein;           // fft is a convolution of fft.n >= 2 * chirp_n - 1 points
    int chirp_n;
    const T* chirp;           // [chirp_n] complex
    const T* chirp_spectrum;  // [fft.n] complex, in the order of fft's output, scaled by 1 / fft.n
};

// What Kaldi does to a frame before its transform. The result has n_fft rows of samples, zero from
// `length` on, then a row with the frame's energy before preemphasis and one with that after the window.
template <class T> struct PreparationView {
    int length;
    int n_fft;
    T mean_weight;  // 1 / length where the mean is removed, else 0
    T preemphasis;
    const T* window;  // length values
};

// A filter bank stored as one run of weights per row.
template <class T> struct FilterbankView {
    int rows;
    const int* start;
    const int* length;
    const T* weights;
};

// Complex filters of a frame's spectrum: one run of (real, imaginary) weights per row. All runs lie
// within the n_bins bins from first_bin on.
template <class T> struct ResponseView {
    SpectrumView<T> spectrum;
    int first_bin;
    int n_bins;
    int rows;
    const int* start;
    const int* length;
    const T* weights;
};

// A dense matrix stored in panels of at most max_panel rows: [panel][column][row of the panel].
constexpr int max_panel = 8;
template <class T> struct MatrixView {
    int rows;
    int columns;
    const T* weights;
};

enum class Norm : int { none, max, min, count, sum, euclidean, power };

struct ContrastBand {
    int start;
    int length;
    int quantile;
};

// Sums over a row of n values: powers of the deviation d from the mean, and the deviation times the
// position measured from the row's middle.
struct CentralMoments {
    double square, cube, fourth, slope;
};

// How much of a bin belongs to one of two parts, x and a reference: x^p / (x^p + (margin r)^p).
template <class T> struct SoftMask {
    double power;  // infinite: all or nothing
    T margin;
    T of_nothing;  // where both are zero
};

// y[i] = b0 x[i] + b1 x[i - 1] - a1 y[i - 1].
struct FirstOrder {
    double b0, b1, a1;
};

// Complex numbers as magnitudes and directions, which have length 1. Always in double, since phases
// accumulate.
struct PolarRow {
    const double* real;
    const double* imaginary;
    const double* magnitude;
};

struct PeakRange {
    int n_bins;
    int low;    // first bin that may hold a peak
    int high;   // one past the last
    double threshold;
    bool relative;  // threshold times the frame's maximum, else the threshold itself
};

// The difference function of frames for shifts up to max_period.
template <class T> struct DifferenceView {
    SpectrumView<T> spectrum;  // of the frame, padded with zeros so that no shift wraps around
    SpectrumView<T> cosine;    // half as long: the way back
    const T* sines;            // [cosine.n_fft], scaled by the inverse transform, as the next two
    const T* cosines;          // [cosine.n_fft / 2]
    T half;
    int max_period;
};

template <class T> struct Trough {
    int row;
    T shift;   // of the parabola's vertex, in rows
    T height;  // at the row itself
};

// Pitch bins, each reached from bins at most `reach` away. Values of the voiced states, then
// `stride` elements on of the unvoiced ones; `reach` elements on both sides of them, and those up to
// a whole panel, are minus infinity.
template <class T> struct PitchStepView {
    int n_bins;
    int reach;
    ptrdiff_t stride;
    const T* weights;  // [panel of 2 * lanes bins][offset][stay, change][bin of the panel]
};

// A natural cubic spline's knot: its elimination, and the second difference that stands on the right.
template <class T> struct SplineKnot {
    T before, here, after;  // weights of the values
    T forward, back;        // weights of the neighbours' second derivatives
};

// A point between two knots: weights of their values and of their second derivatives.
template <class T> struct SplinePoint {
    int knot;
    T low, high, low_bend, high_bend;
};

template <class T> struct SubharmonicView {
    int n_bins;
    const SplineKnot<T>* knots;  // [n_bins]
    int n_points;                // of the axis of octaves
    const SplinePoint<T>* points;
    int n_harmonics;
    const int* shifts;  // in points, increasing
    const T* weights;
};

template <class T> struct Kernels {
    int lanes;

    // Frame `lane` of the block starts at samples + lane * stride; `lanes` elements past its end
    // must be readable.
    void (*power_spectrum)(const SpectrumView<T>&, const T* samples, ptrdiff_t stride, T* scratch,
                           T* power);
    void (*prepared_frames)(const PreparationView<T>&, const T* samples, ptrdiff_t stride, T* out);
    // Of n_fft rows of samples, n_fft even; the view's window does not count.
    void (*power_of_rows)(const SpectrumView<T>&, const T* rows, T* scratch, T* power);
    // Row k of out holds interleaved (real, imaginary) pairs; `count` frames of the block are written.
    void (*complex_spectrum)(const SpectrumView<T>&, const T* samples, ptrdiff_t stride, T* scratch,
                             T* out, ptrdiff_t row_stride, int count);
    // The first `lags` autocorrelations of each windowed frame; the view is packed, without Bluestein,
    // and its window ends in at least as many zeros. power: scratch for n_fft / 2 + 1 rows.
    void (*autocorrelation)(const SpectrumView<T>&, const T* samples, ptrdiff_t stride, int lags,
                            T* scratch, T* power, T* out);
    // The windowed inverse transform of `count` frames; frame `lane` goes to
    // frames + lane * frame_stride.
    void (*inverse_frames)(const SpectrumView<T>&, const T* in, ptrdiff_t row_stride, int count,
                           T* scratch, T* frames, ptrdiff_t frame_stride);

    // The filters' responses to `count` frames, as pairs or as magnitudes; bins is scratch for n_bins
    // complex values.
    void (*complex_responses)(const ResponseView<T>&, const T* samples, ptrdiff_t stride, T* scratch,
                              T* bins, T* out, ptrdiff_t row_stride, int count);
    void (*response_magnitudes)(const ResponseView<T>&, const T* samples, ptrdiff_t stride, T* scratch,
                                T* bins, T* out, ptrdiff_t row_stride, int count);

    void (*load_rows)(const T* in, ptrdiff_t row_stride, int rows, int count, T* block);
    void (*store_rows)(const T* block, int rows, int count, T* out, ptrdiff_t row_stride);
    // Frame `lane` of the block goes to out + lane * frame_stride.
    void (*store_frames)(const T* block, int rows, int count, T* out, ptrdiff_t frame_stride);

    void (*square_root)(const T* in, ptrdiff_t n, T* out);
    // 10 log10(max(amin, in)) - reference; the largest result of each lane goes to lane_maximum.
    void (*decibels)(const T* in, ptrdiff_t n, T amin, T reference, T* out, T* lane_maximum);
    // ln(max(floor, in))
    void (*logarithm)(const T* in, ptrdiff_t n, T floor, T* out);
    // in * scale + offset
    void (*scaled)(const T* in, ptrdiff_t n, T scale, T offset, T* out);
    void (*to_double)(const T* in, ptrdiff_t n, double* out);
    void (*floor_at)(const T* in, ptrdiff_t n, T floor, T* out);
    void (*extrema)(const T* in, ptrdiff_t n, T* least, T* largest);
    bool (*all_finite)(const T* in, ptrdiff_t n);

    void (*filterbank)(const FilterbankView<T>&, const T* in, T* out);
    void (*matrix)(const MatrixView<T>&, const T* in, T* out);
    void (*normalize)(const T* in, int rows, Norm, double exponent, T* out);

    void (*centroid)(const T* spectrum, int rows, const T* frequencies, T* out);
    void (*bandwidth)(const T* spectrum, int rows, const T* frequencies, const T* centroid,
                      double exponent, bool normalized, T* out);
    void (*rolloff)(const T* spectrum, int rows, const T* frequencies, T fraction, T* out);
    void (*flatness)(const T* power, int rows, T amin, T* out);
    void (*contrast)(const T* spectrum, const ContrastBand*, int n_bands, T* scratch, T* peaks,
                     T* valleys);
    void (*rms)(const T* spectrum, int rows, int frame_length, T* out);
    // pitches and magnitudes: n_bins rows each, in bins (not Hz).
    void (*piptrack)(const T* spectrum, const PeakRange&, T* bins, T* magnitudes);
    // The peaks of the first `count` frames, at most n_bins / 2 + 1 per frame: bin, distance of the
    // peak from the bin, height. Up to `lanes` elements more are written. Returns how many there are.
    int (*peaks)(const T* spectrum, const PeakRange&, int count, T* bins, T* shifts, T* heights);

    // Row k of out: shift k, from 1 on; one row more than max_period + 1 is written. As many elements
    // past each frame's end as spectrum.n_fft and `lanes` reach must be readable. power is scratch.
    void (*normalized_difference)(const DifferenceView<T>&, const T* samples, ptrdiff_t stride, T* scratch,
                                  T* power, T* out);
    // Those of frame `lane` go to out + lane * most, at most rows / 2 + 1.
    void (*troughs)(const T* curve, int rows, int most, Trough<T>* out, int* counts);
    // Where in rows each frame's first trough below the threshold lies, or else its lowest point, and how
    // high that row is: 1 in a frame without troughs.
    void (*chosen_troughs)(const T* curve, int rows, T threshold, T* out, T* heights);

    // Log-probabilities of the best paths into each state, one frame further; `elsewhere` is that of
    // a jump from the best state. Returns the largest.
    T (*viterbi_step)(const PitchStepView<T>&, const T* before, T elsewhere, const T* voiced_log_prob,
                      T unvoiced_log_prob, T* after);

    // Of n_bins rows of power: n_points rows of the octave axis. Scratch: 2 * n_bins + n_points rows.
    void (*subharmonic_sums)(const SubharmonicView<T>&, const T* power, T* scratch, T* out);
    // Of z^degree + c[0] z^(degree - 1) + ...: from `degree` complex numbers that all lanes start with.
    void (*polynomial_roots)(const T* coefficients, int degree, const T* start, T* real, T* imaginary);

    // For each frequency (bin + shift) * hz, which of `steps` parts of [-1/2, 1/2] its distance from
    // the nearest bin of an equally tempered scale through A440 falls into.
    void (*tuning_steps)(const T* bins, const T* shifts, ptrdiff_t n, double hz, int bins_per_octave,
                         const double* edges, int steps, uint16_t* out);

    // Of n consecutive samples.
    T (*sum_of_squares)(const T* in, ptrdiff_t n);
    // Sign changes between in[-1], in[0], ... in[n - 1]; `signed_zero` counts zero as its own sign.
    int64_t (*sign_changes)(const T* in, ptrdiff_t n, T threshold, bool signed_zero);
    double (*sum)(const T* in, ptrdiff_t n);
    double (*dot)(const T* a, const T* b, ptrdiff_t n);
    void (*central_moments)(const T* in, ptrdiff_t n, double mean, CentralMoments* out);
    // Of (in[i] - offset) * weights[i], and the mean of (in[i + lag] - in[i])^2; NaN does not count.
    double (*weighted_sum)(const T* in, ptrdiff_t n, double offset, const double* weights);
    double (*mean_squared_change)(const T* in, ptrdiff_t n, ptrdiff_t lag);
    // Each of `count` rows of n values (at most `lanes` rows) in ascending order, a row per lane; NaN is
    // taken for infinity.
    void (*sorted_rows)(const T* const* rows, int count, int n, T* out);
    // out[i] = sum_j in[i + j] * weights[j] for i in [0, n).
    void (*correlate)(const T* in, ptrdiff_t n, const T* weights, int width, T* out);

    // Output i of n is the element of rank size / 2 of in[i], ... in[i + size - 1], each a row of
    // `width` elements (a multiple of the lanes). Scratch: size * lanes elements.
    void (*running_median)(const T* const* in, int n, int size, ptrdiff_t width, T* scratch, T* out,
                           ptrdiff_t out_stride);
    // Rows and columns are multiples of the lanes.
    void (*transpose_matrix)(const T* in, ptrdiff_t in_stride, int rows, int columns, T* out,
                             ptrdiff_t out_stride);
    // Of n (a multiple of the lanes) complex numbers, stored as pairs.
    void (*magnitude)(const T* pairs, ptrdiff_t n, T* out);
    void (*soft_mask)(const T* x, const T* reference, ptrdiff_t n, const SoftMask<T>&, T* out);
    void (*scale_pairs)(const T* pairs, const T* factors, ptrdiff_t n, T* out);
    // Along `count` rows of n values, at most `lanes`; state[i] is b1 x - a1 y of row i's last value.
    void (*first_order)(const FirstOrder&, const T* in, ptrdiff_t n, int count, T* state, T* out);

    // n, here too, is a multiple of the lanes. Pairs of real and imaginary parts, split and joined.
    void (*split_pairs)(const T* pairs, ptrdiff_t n, T* real, T* imaginary);
    void (*join_pairs)(const T* real, const T* imaginary, ptrdiff_t n, T* pairs);
    // Takes parts, leaves directions: 1 where the magnitude is 0.
    void (*to_polar)(ptrdiff_t n, T* real, T* imaginary, T* magnitude);
    // Numbers of the present phases and of a magnitude between those of two frames; then turns the
    // phases by as much as they differ between the frames.
    void (*turn_phases)(const PolarRow& from, const PolarRow& to, double share, ptrdiff_t n,
                        double* phase_real, double* phase_imaginary, T* real, T* imaginary);

    // Any n: out[i] += in[i], and out[i] /= in[i].
    void (*add_to)(const T* in, ptrdiff_t n, T* out);
    void (*divide_by)(const T* in, ptrdiff_t n, T* out);
};

}  // namespace serfast
