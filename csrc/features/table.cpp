#include "features/table.hpp"

#include <cmath>

#include "features/kaldi.hpp"
#include "features/voice.hpp"
#include "stages/chroma.hpp"
#include "stages/shape.hpp"
#include "stages/spectral.hpp"

namespace serfast {

namespace {

#define FRAMING_OPTIONS "source", "n_fft", "hop_length", "center", "pad_mode", "window", "convention"

template <class T> std::string on(const std::string& key, int input) {
    return std::to_string(input) + '>' + key;
}

// Features of a spectrum read either the signal's own (source "signal", any power) or rows that the
// caller brings (source "rows": n_bins of them, already of the kind that the feature reads).
template <class T> Built<T> spectrum(Plan<T>& plan, const Options& o, double power) {
    if (o.text("source") == "rows") {
        const int n_bins = o.integer("n_bins");
        Group<T>& group = plan.group("rows", Framing{1, 1, false, Pad::constant, false}, true);
        return {&group, group.stage("rows", [&] { return std::make_unique<RowsStage<T>>(n_bins); })};
    }
    Framing framing{o.integer("n_fft"), o.integer("hop_length"), o.flag("center"), pad_of(o.text("pad_mode")),
                    o.text("convention") == "librosa"};
    // Whisper computes the last frame and drops it.
    if (o.text("convention") == "whisper") framing.spared = framing.hop;
    Group<T>& group = plan.group(o.key({FRAMING_OPTIONS}), framing);
    const int squared = group.stage("power", [&] {
        return std::make_unique<PowerStage<T>>(o.array("window"), plan.kernels().lanes);
    });
    if (power == 2) return {&group, squared};
    return {&group, group.stage("magnitude " + std::to_string(power), [&] {
                return std::make_unique<MagnitudeStage<T>>(squared, group.rows(squared), power);
            })};
}

template <class T> Built<T> spectrogram(Plan<T>& plan, const Options& o) {
    return spectrum(plan, o, o.number("power"));
}

int fft_size(const Options& o) { return o.integer("n_fft"); }

std::optional<double> optional_number(const Options& o, const char* name) {
    if (o.is_none(name) || o.is_text(name)) return std::nullopt;
    return o.number(name);
}

template <class T> Built<T> melspectrogram(Plan<T>& plan, const Options& o) {
    const Built<T> in = spectrum(plan, o, o.number("power"));
    const std::string key = o.key({"sr", "n_fft", "n_mels", "fmin", "fmax", "htk", "mel_norm", "single"});
    return {in.group, in.group->stage(on<T>("mel " + key, in.stage), [&] {
                const MelSpec spec{o.number("sr"), fft_size(o), o.integer("n_mels"), o.number("fmin"),
                                   o.number("fmax"), o.flag("htk"), o.is_text("mel_norm"),
                                   optional_number(o, "mel_norm"), o.flag("single")};
                return std::make_unique<FilterbankStage<T>>(in.stage, mel_filters(spec));
            })};
}

template <class T> int decibels(Group<T>& group, int input, const Options& o) {
    return group.stage(on<T>("decibels " + o.key({"amin"}), input), [&] {
        return std::make_unique<DecibelStage<T>>(input, group.rows(input), o.number("amin"));
    });
}

template <class T> Built<T> clipped(const Options& o, const Built<T>& in) {
    if (o.is_none("top_db")) return in;
    return {in.group, in.group->stage(on<T>("clip " + o.key({"top_db"}), in.stage), [&] {
                return std::make_unique<ClipStage<T>>(in.stage, in.group->rows(in.stage), o.number("top_db"));
            })};
}

template <class T> Built<T> mel_decibels(Plan<T>& plan, const Options& o) {
    const Built<T> mel = melspectrogram(plan, o);
    Options floor;
    floor.set("amin", 1e-10);
    return clipped(o, Built<T>{mel.group, decibels(*mel.group, mel.stage, floor)});
}

template <class T> Built<T> log_mel(Plan<T>& plan, const Options& o) {
    const Built<T> mel = melspectrogram(plan, o);
    Group<T>& group = *mel.group;
    const int absolute = decibels(group, mel.stage, o);
    const Built<T> loud = clipped(o, Built<T>{&group, absolute});
    if (o.is_text("ref"))
        return {&group, group.stage(on<T>("below maximum", loud.stage), [&] {
                    return std::make_unique<BelowMaximumStage<T>>(loud.stage, group.rows(loud.stage), absolute);
                })};
    const double reference = 10 * std::log10(std::max(o.number("amin"), o.number("ref")));
    if (reference == 0) return loud;
    return {&group, group.stage(on<T>("less " + o.key({"amin", "ref"}), loud.stage), [&] {
                return std::make_unique<ScaleStage<T>>(loud.stage, group.rows(loud.stage), 1, -reference);
            })};
}

template <class T> Built<T> mfcc(Plan<T>& plan, const Options& o) {
    const Built<T> in = o.text("source") == "rows" ? spectrum(plan, o, 2) : mel_decibels(plan, o);
    const std::string key = o.key({"n_mfcc", "dct_type", "dct_norm", "lifter"});
    return {in.group, in.group->stage(on<T>("dct " + key, in.stage), [&] {
                const int n_in = in.group->rows(in.stage), n_out = std::min(o.integer("n_mfcc"), n_in);
                const std::string& norm = o.text("dct_norm");
                Matrix dct = dct_matrix(o.integer("dct_type"),
                                        norm == "ortho" ? DctNorm::ortho
                                        : norm == "forward" ? DctNorm::forward : DctNorm::none,
                                        n_in, n_out);
                const double lifter = o.number("lifter");
                for (int i = 0; lifter > 0 && i < n_out; ++i) {
                    const double weight = 1 + lifter / 2 * std::sin(std::acos(-1.0) * (i + 1) / lifter);
                    for (int j = 0; j < n_in; ++j) dct.row(i)[j] *= weight;
                }
                return std::make_unique<MatrixStage<T>>(in.stage, dct);
            })};
}

// log10 of the bands, 8 below the maximum at least, brought to about -1 to 1: dB / 40 + 1.
template <class T> Built<T> whisper_log_mel(Plan<T>& plan, const Options& o) {
    const Built<T> in = mel_decibels(plan, o);
    return {in.group, in.group->stage(on<T>("whisper", in.stage), [&] {
                return std::make_unique<ScaleStage<T>>(in.stage, in.group->rows(in.stage), 1.0 / 40, 1.0);
            })};
}

// Bins from fmin up to fmax that may hold a peak; bin 0 never does.
PeakRange peak_range(const Options& o, int n_bins) {
    const std::vector<double> frequencies = fft_frequencies(o.number("sr"), fft_size(o));
    int low = 1, high = n_bins;
    while (low < n_bins && frequencies[static_cast<size_t>(low)] < o.number("peak_fmin")) ++low;
    while (high > low && frequencies[static_cast<size_t>(high) - 1] >= o.number("peak_fmax")) --high;
    const bool relative = o.is_none("ref");
    return {n_bins, low, high, relative ? o.number("threshold") : std::abs(o.number("ref")), relative};
}

double hz_per_bin(const Options& o) { return o.number("sr") / fft_size(o); }

template <class T> Built<T> piptrack(Plan<T>& plan, const Options& o) {
    const Built<T> in = spectrum(plan, o, 1);
    return {in.group, in.group->stage("piptrack", [&] {
                return std::make_unique<PiptrackStage<T>>(
                    in.stage, peak_range(o, in.group->rows(in.stage)), hz_per_bin(o));
            })};
}

template <class T> int tuning_of(Group<T>& group, int input, const Options& o) {
    const std::string key = o.key({"sr", "n_fft", "peak_fmin", "peak_fmax", "threshold", "ref", "resolution",
                                   "bins_per_octave"});
    return group.stage(on<T>("tuning " + key, input), [&] {
        return std::make_unique<TuningStage<T>>(input, peak_range(o, group.rows(input)), hz_per_bin(o),
                                                TuningScale(o.number("resolution"), o.integer("bins_per_octave")));
    });
}

template <class T> Built<T> tuning(Plan<T>& plan, const Options& o) {
    const Built<T> in = spectrum(plan, o, o.number("power"));
    return {in.group, tuning_of(*in.group, in.stage, o)};
}

template <class T>
int chroma_of_estimated_tuning(Group<T>& group, int input, const Options& o, const ChromaSpec& spec) {
    Options peaks = o;
    // As librosa does, whose tuning estimate knows the spectrogram only: odd sizes are taken for even.
    peaks.set("n_fft", static_cast<int64_t>(2 * (group.rows(input) - 1)));
    peaks.set("peak_fmin", 150.0);
    peaks.set("peak_fmax", std::min(4000.0, o.number("sr") / 2));
    peaks.set("threshold", 0.1);
    peaks.set("ref", std::monostate{});
    peaks.set("resolution", 0.01);
    peaks.set("bins_per_octave", static_cast<int64_t>(spec.n_chroma));
    const int tuned = tuning_of(group, input, peaks);
    const auto& stage = static_cast<const TuningStage<T>&>(*group.stages[static_cast<size_t>(tuned)]);
    const std::string key = o.key({"n_fft", "ctroct", "octwidth", "filter_norm", "base_c", "single"});
    return group.stage(on<T>("chroma " + key, tuned), [&] {
        return std::make_unique<ChromaStage<T>>(input, spec, tuned, stage.scale().steps());
    });
}

template <class T> Built<T> chroma_stft(Plan<T>& plan, const Options& o) {
    const Built<T> in = spectrum(plan, o, o.number("power"));
    Group<T>& group = *in.group;
    const ChromaSpec spec{o.number("sr"), fft_size(o), o.integer("n_chroma"), o.number("ctroct"),
                          optional_number(o, "octwidth"), optional_number(o, "filter_norm"),
                          o.flag("base_c"), o.flag("single")};
    int chroma;
    if (o.is_none("tuning")) {
        chroma = chroma_of_estimated_tuning(group, in.stage, o, spec);
    } else {
        const std::string key = o.key({"sr", "n_fft", "n_chroma", "tuning", "ctroct", "octwidth",
                                       "filter_norm", "base_c", "single"});
        chroma = group.stage(on<T>("tuned chroma " + key, in.stage), [&] {
            return std::make_unique<MatrixStage<T>>(in.stage, chroma_filters(spec, o.number("tuning")));
        });
    }
    if (o.is_none("norm")) return {&group, chroma};
    return {&group, group.stage(on<T>("normalize " + o.key({"norm"}), chroma), [&] {
                return std::make_unique<NormalizeStage<T>>(chroma, spec.n_chroma, o.number("norm"));
            })};
}

template <class T> std::vector<T> frequencies(const Options& o) {
    const std::vector<double> hz =
        o.is_none("freq") ? fft_frequencies(o.number("sr"), fft_size(o)) : o.array("freq");
    return std::vector<T>(hz.begin(), hz.end());
}

template <class T> Built<T> spectral_centroid(Plan<T>& plan, const Options& o) {
    const Built<T> in = spectrum(plan, o, 1);
    return {in.group, in.group->stage(on<T>("centroid " + o.key({"sr", "n_fft", "freq"}), in.stage), [&] {
                return std::make_unique<CentroidStage<T>>(in.stage, frequencies<T>(o));
            })};
}

template <class T> Built<T> spectral_bandwidth(Plan<T>& plan, const Options& o) {
    const Built<T> centroid = spectral_centroid(plan, o);
    const int in = spectrum(plan, o, 1).stage;
    return {centroid.group,
            centroid.group->stage(on<T>("bandwidth " + o.key({"norm", "p"}), centroid.stage), [&] {
                return std::make_unique<BandwidthStage<T>>(in, centroid.stage, frequencies<T>(o),
                                                           o.number("p"), o.flag("norm"));
            })};
}

template <class T> Built<T> spectral_rolloff(Plan<T>& plan, const Options& o) {
    const Built<T> in = spectrum(plan, o, 1);
    const std::string key = o.key({"sr", "n_fft", "freq", "roll_percent"});
    return {in.group, in.group->stage(on<T>("rolloff " + key, in.stage), [&] {
                return std::make_unique<RolloffStage<T>>(in.stage, frequencies<T>(o),
                                                         o.number("roll_percent"));
            })};
}

template <class T> Built<T> spectral_flatness(Plan<T>& plan, const Options& o) {
    // Rows that the caller brings were raised to the power at the door.
    const Built<T> in = spectrum(plan, o, o.number("power"));
    return {in.group, in.group->stage(on<T>("flatness " + o.key({"amin"}), in.stage), [&] {
                return std::make_unique<FlatnessStage<T>>(in.stage, in.group->rows(in.stage),
                                                          o.number("amin"));
            })};
}

// Octave bands above fmin; each also takes the last bin of the band below and, but for the topmost,
// gives up its own last one.
std::vector<ContrastBand> contrast_bands(const Options& o) {
    const std::vector<double> hz = frequencies<double>(o);
    const int n_bands = o.integer("n_bands"), n = static_cast<int>(hz.size());
    std::vector<ContrastBand> bands;
    for (int i = 0; i <= n_bands; ++i) {
        const double low = i == 0 ? 0 : o.number("fmin") * std::pow(2.0, i - 1);
        const double high = o.number("fmin") * std::pow(2.0, i);
        int first = 0;
        while (first < n && hz[static_cast<size_t>(first)] < low) ++first;
        int end = first;
        while (end < n && hz[static_cast<size_t>(end)] <= high) ++end;
        const bool empty = first == end;
        if (i > 0 && first > 0) --first;
        if (i == n_bands) end = n;
        const int length = end - first - (i < n_bands ? 1 : 0);
        if (empty || length < 1)
            throw ParameterError("spectral_contrast: the band from " + std::to_string(static_cast<int>(low)) + " to " +
                                 std::to_string(static_cast<int>(high)) + " Hz holds too few of the " +
                                 std::to_string(n) + " frequency bins; take a larger fmin or n_fft");
        const int quantile = std::max(1, static_cast<int>(std::nearbyint(o.number("quantile") * (end - first))));
        bands.push_back({first, length, quantile});
    }
    return bands;
}

template <class T> Built<T> spectral_contrast(Plan<T>& plan, const Options& o) {
    const Built<T> in = spectrum(plan, o, 1);
    Group<T>& group = *in.group;
    const bool linear = o.flag("linear");
    const double top_db = linear || o.is_none("top_db") ? -1.0 : o.number("top_db");
    const std::string key = o.key({"sr", "n_fft", "freq", "fmin", "n_bands", "quantile", "linear"});
    const int extremes = group.stage(on<T>("extremes " + key, in.stage), [&] {
        return std::make_unique<ContrastStage<T>>(in.stage, contrast_bands(o), !linear);
    });
    return {&group, group.stage(on<T>("contrast " + o.key({"top_db"}), extremes), [&] {
                return std::make_unique<ContrastDifferenceStage<T>>(extremes, group.rows(extremes) / 2, top_db);
            })};
}

template <class T> Built<T> of_samples(Plan<T>& plan, const Options& o, const std::string& key,
                                       const std::function<std::unique_ptr<Stage<T>>()>& make) {
    const Framing framing{o.integer("frame_length"), o.integer("hop_length"), o.flag("center"),
                          pad_of(o.text("pad_mode")), false};
    Group<T>& group =
        plan.group("samples " + o.key({"frame_length", "hop_length", "center", "pad_mode"}), framing);
    return {&group, group.stage(key, make)};
}

template <class T> Built<T> rms(Plan<T>& plan, const Options& o) {
    const int frame_length = o.integer("frame_length");
    if (o.text("source") != "rows")
        return of_samples<T>(plan, o, "rms", [&] { return std::make_unique<RmsOfSamplesStage<T>>(frame_length); });
    const Built<T> in = spectrum(plan, o, 1);
    return {in.group, in.group->stage("rms", [&] {
                return std::make_unique<RmsOfSpectrumStage<T>>(in.stage, in.group->rows(in.stage), frame_length);
            })};
}

template <class T> Built<T> zero_crossing_rate(Plan<T>& plan, const Options& o) {
    return of_samples<T>(plan, o, "zero crossings " + o.key({"threshold", "zero_pos", "pad"}), [&] {
        return std::make_unique<ZeroCrossingStage<T>>(o.integer("frame_length"), o.number("threshold"),
                                                      o.flag("zero_pos"), o.flag("pad"));
    });
}

#define ROW(name, reads, unit, framewise) {#name, reads, unit, framewise, name<float>, name<double>}

const std::vector<FeatureRow> table = {
    ROW(melspectrogram, "spectrum", "power", true),
    ROW(log_mel, "mel decibels", "dB", true),
    ROW(mfcc, "mel decibels", "dB", true),
    ROW(chroma_stft, "spectrum", "1", true),
    ROW(spectral_centroid, "spectrum", "Hz", true),
    ROW(spectral_bandwidth, "spectrum", "Hz", true),
    ROW(spectral_rolloff, "spectrum", "Hz", true),
    ROW(spectral_flatness, "spectrum", "1", true),
    ROW(spectral_contrast, "spectrum", "dB", true),
    ROW(rms, "samples", "amplitude", true),
    ROW(zero_crossing_rate, "samples", "1/sample", true),
    ROW(voiced_f0, "periods", "Hz", true),
    ROW(periodicity, "periods", "1", true),
    ROW(piptrack, "spectrum", "Hz and amplitude", false),
    ROW(tuning, "spectrum", "bins", false),
    ROW(spectrogram, "spectrum", "power", false),
    ROW(whisper_log_mel, "mel decibels", "1", false),
    ROW(kaldi_fbank, "prepared frames", "1", false),
    ROW(kaldi_mfcc, "prepared frames", "1", false),
};

}  // namespace

const std::vector<FeatureRow>& feature_table() { return table; }

const FeatureRow& feature_row(const std::string& name) {
    std::string known;
    for (const FeatureRow& row : table) {
        if (name == row.name) return row;
        known += std::string(known.empty() ? "" : ", ") + row.name;
    }
    throw ParameterError("unknown feature '" + name + "'; known: " + known);
}

template <> Built<float> build_feature(Plan<float>& plan, const FeatureRequest& request) {
    return feature_row(request.name).build_f32(plan, request.options);
}
template <> Built<double> build_feature(Plan<double>& plan, const FeatureRequest& request) {
    return feature_row(request.name).build_f64(plan, request.options);
}

}  // namespace serfast
