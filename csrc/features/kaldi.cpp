#include "features/kaldi.hpp"

#include <cmath>
#include <limits>

#include "stages/kaldi.hpp"

namespace serfast {

namespace {

// Kaldi's floor of energies before the logarithm, whatever the precision.
constexpr double epsilon = std::numeric_limits<float>::epsilon();

Framing framing_of(const Options& o) {
    const int length = o.integer("frame_length"), hop = o.integer("hop_length");
    if (o.flag("snip_edges")) return {length, hop, false, Pad::constant, false};
    // A frame around the middle of each hop, as many as hops, rounded.
    const int spared = hop - hop / 2 - length % 2;
    return {length, hop, true, Pad::symmetric, false, hop / 2, spared};
}

template <class T> Built<T> prepared_frames(Plan<T>& plan, const Options& o) {
    Group<T>& group = plan.group("kaldi " + o.key({"frame_length", "hop_length", "snip_edges"}), framing_of(o));
    const std::string key = o.key({"n_fft", "remove_dc_offset", "preemphasis", "window"});
    return {&group, group.stage("prepared frames " + key, [&] {
                return std::make_unique<PreparedFramesStage<T>>(
                    Preparation{o.integer("frame_length"), o.integer("n_fft"), o.flag("remove_dc_offset"),
                                o.number("preemphasis"), o.array("window")});
            })};
}

template <class T> int mel_bands(Plan<T>& plan, const Options& o, const Built<T>& frames, bool use_power) {
    Group<T>& group = *frames.group;
    const int n_fft = o.integer("n_fft");
    const std::string from = std::to_string(frames.stage) + '>';
    int spectrum = group.stage(from + "power", [&] {
        return std::make_unique<PowerOfFramesStage<T>>(frames.stage, n_fft, plan.kernels().lanes);
    });
    if (!use_power) {
        const int power = spectrum;
        spectrum = group.stage(from + "magnitude", [&] {
            return std::make_unique<MagnitudeStage<T>>(power, group.rows(power), 1);
        });
    }
    const std::string key = o.key({"sr", "n_mels", "fmin", "fmax"});
    return group.stage(std::to_string(spectrum) + ">mel " + key, [&] {
        MelSpec spec{o.number("sr"), n_fft, o.integer("n_mels"), o.number("fmin"), o.number("fmax"), true, false,
                     std::nullopt, false};
        spec.straight_in_mel = true;
        return std::make_unique<FilterbankStage<T>>(spectrum, mel_filters(spec));
    });
}

template <class T> int logarithm(Group<T>& group, int input, int first, int rows, double floor) {
    const std::string key = std::to_string(input) + ">ln " + std::to_string(first) + ' ' + std::to_string(floor);
    return group.stage(key, [&] { return std::make_unique<LogarithmStage<T>>(input, first, rows, floor); });
}

// The rows with the frame's log energy before or, as in HTK, after them.
template <class T> Built<T> with_energy(const Options& o, const Built<T>& frames, int rows) {
    Group<T>& group = *frames.group;
    const int row = o.integer("n_fft") + (o.flag("raw_energy") ? 0 : 1);
    const int energy = logarithm(group, frames.stage, row, 1, std::max(epsilon, o.number("energy_floor")));
    const bool last = o.flag("htk_compat");
    const int first = last ? rows : energy, second = last ? energy : rows;
    const std::string key = std::to_string(first) + '+' + std::to_string(second);
    return {&group, group.stage(key, [&] {
                return std::make_unique<JoinStage<T>>(first, group.rows(first), second, group.rows(second));
            })};
}

// The cosine transform, liftered, in the order of the result and without the row of the energy.
Matrix cepstrum(const Options& o) {
    const int n_mels = o.integer("n_mels"), n_ceps = o.integer("n_ceps");
    const double lifter = o.number("lifter");
    const bool use_energy = o.flag("use_energy"), htk = o.flag("htk_compat");
    const Matrix dct = dct_matrix(2, DctNorm::ortho, n_mels, n_ceps);
    Matrix result{use_energy ? n_ceps - 1 : n_ceps, n_mels, {}};
    const auto append = [&](int k, double scale) {
        if (lifter > 0) scale *= 1 + lifter / 2 * std::sin(std::acos(-1.0) * k / lifter);
        for (int j = 0; j < n_mels; ++j) result.values.push_back(dct.row(k)[j] * scale);
    };
    if (!use_energy && !htk) append(0, 1);
    for (int k = 1; k < n_ceps; ++k) append(k, 1);
    if (!use_energy && htk) append(0, std::sqrt(2.0));
    return result;
}

}  // namespace

template <class T> Built<T> kaldi_fbank(Plan<T>& plan, const Options& o) {
    const Built<T> frames = prepared_frames(plan, o);
    Group<T>& group = *frames.group;
    int rows = mel_bands(plan, o, frames, o.flag("use_power"));
    if (o.flag("use_log_fbank")) rows = logarithm(group, rows, 0, group.rows(rows), epsilon);
    if (!o.flag("use_energy")) return {&group, rows};
    return with_energy(o, frames, rows);
}

template <class T> Built<T> kaldi_mfcc(Plan<T>& plan, const Options& o) {
    const Built<T> frames = prepared_frames(plan, o);
    Group<T>& group = *frames.group;
    const int mel = mel_bands(plan, o, frames, true);
    const int log_mel = logarithm(group, mel, 0, group.rows(mel), epsilon);
    const std::string key = o.key({"n_ceps", "lifter", "use_energy", "htk_compat"});
    const int rows = group.stage(std::to_string(log_mel) + ">dct " + key, [&] {
        return std::make_unique<MatrixStage<T>>(log_mel, cepstrum(o));
    });
    if (!o.flag("use_energy")) return {&group, rows};
    return with_energy(o, frames, rows);
}

template Built<float> kaldi_fbank(Plan<float>&, const Options&);
template Built<double> kaldi_fbank(Plan<double>&, const Options&);
template Built<float> kaldi_mfcc(Plan<float>&, const Options&);
template Built<double> kaldi_mfcc(Plan<double>&, const Options&);

}  // namespace serfast
