#include "capi/options.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "plan/filters.hpp"

namespace serfast {

namespace {

using Value = Options::Value;

constexpr std::monostate none{};
constexpr double infinity = std::numeric_limits<double>::infinity();

enum class Kind { count, flag, number, nonnegative, positive, fraction, share, norm, text, window };

struct OptionRow {
    const char* name;
    Kind kind;
    Value initial;
    std::vector<const char*> texts = {};  // that it may be, besides numbers; "none" stands for none
};

using OptionRows = std::vector<OptionRow>;

OptionRows operator+(OptionRows rows, const OptionRows& more) {
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
}

Value text(const char* value) { return std::string(value); }

const OptionRows padding = {
    {"center", Kind::flag, true},
    {"pad_mode", Kind::text, text("constant"), {"constant", "edge", "reflect", "symmetric", "linear_ramp"}},
};
const OptionRows of_samples = {
    {"frame_length", Kind::count, int64_t(2048)},
    {"hop_length", Kind::count, int64_t(512)},
};
const OptionRows of_spectrum = OptionRows{
    {"n_fft", Kind::count, int64_t(2048)},
    {"hop_length", Kind::count, int64_t(512), {"none"}},
    {"win_length", Kind::count, none, {"none"}},
    {"window", Kind::window, text("hann"), {"hann"}},
} + padding;
const OptionRows rate = {{"sr", Kind::positive, 22050.0}};
const OptionRows power = {{"power", Kind::positive, 2.0}};
const OptionRows mel = of_spectrum + rate + power + OptionRows{
    {"n_mels", Kind::count, int64_t(128)},
    {"fmin", Kind::nonnegative, 0.0},
    {"fmax", Kind::nonnegative, none, {"none"}},
    {"htk", Kind::flag, false},
};
const OptionRow top_db = {"top_db", Kind::nonnegative, 80.0, {"none"}};

const OptionRow mel_norm = {"norm", Kind::norm, text("slaney"), {"slaney", "none"}};
const OptionRow amin = {"amin", Kind::positive, 1e-10};
const OptionRows voice = of_samples + padding + rate + OptionRows{
    {"fmin", Kind::positive, 60.0},
    {"fmax", Kind::positive, 600.0},
    {"trough_threshold", Kind::number, 0.1},
};

struct FeatureOptions {
    const char* feature;
    OptionRows rows;
};

const std::vector<FeatureOptions> features = {
    {"melspectrogram", mel + OptionRows{mel_norm}},
    {"log_mel", mel + OptionRows{mel_norm, {"ref", Kind::positive, 1.0, {"max"}}, amin, top_db}},
    {"mfcc", mel + OptionRows{
        {"n_mfcc", Kind::count, int64_t(20)},
        {"dct_type", Kind::count, int64_t(2)},
        {"norm", Kind::text, text("ortho"), {"ortho", "forward", "backward", "none"}},
        {"lifter", Kind::nonnegative, 0.0},
        {"mel_norm", Kind::norm, text("slaney"), {"slaney", "none"}},
        top_db,
    }},
    {"chroma_stft", of_spectrum + rate + power + OptionRows{
        {"norm", Kind::norm, infinity, {"none"}},
        {"tuning", Kind::number, none, {"none"}},
        {"n_chroma", Kind::count, int64_t(12)},
        {"ctroct", Kind::number, 5.0},
        {"octwidth", Kind::positive, 2.0, {"none"}},
        {"base_c", Kind::flag, true},
    }},
    {"spectral_centroid", of_spectrum + rate},
    {"spectral_bandwidth", of_spectrum + rate + OptionRows{
        {"norm", Kind::flag, true},
        {"p", Kind::positive, 2.0},
    }},
    {"spectral_rolloff", of_spectrum + rate + OptionRows{{"roll_percent", Kind::fraction, 0.85}}},
    {"spectral_flatness", of_spectrum + power + OptionRows{amin}},
    {"spectral_contrast", of_spectrum + rate + OptionRows{
        {"fmin", Kind::positive, 200.0},
        {"n_bands", Kind::count, int64_t(6)},
        {"quantile", Kind::fraction, 0.02},
        {"linear", Kind::flag, false},
        top_db,
    }},
    {"rms", of_samples + padding},
    {"zero_crossing_rate", of_samples + OptionRows{
        {"center", Kind::flag, true},
        {"threshold", Kind::nonnegative, 1e-10},
        {"pad", Kind::flag, false},
        {"zero_pos", Kind::flag, true},
    }},
    {"voiced_f0", voice + OptionRows{{"min_periodicity", Kind::share, 0.7}}},
    {"periodicity", voice},
};

// ---------------------------------------------------------------- one option

// The fewest digits that tell x from its neighbours.
std::string shown(double x) {
    char digits[32];
    for (int precision = 6; precision <= 17; ++precision) {
        std::snprintf(digits, sizeof digits, "%.*g", precision, x);
        if (std::strtod(digits, nullptr) == x) break;
    }
    return digits;
}

const char* allowed(Kind kind) {
    switch (kind) {
        case Kind::count: return "a positive integer";
        case Kind::flag: return "0 or 1";
        case Kind::number: return "a finite number";
        case Kind::nonnegative: return "a finite number, at least 0";
        case Kind::positive: return "a finite number, greater than 0";
        case Kind::fraction: return "a number in the range (0, 1)";
        case Kind::share: return "a number in the range [0, 1]";
        case Kind::norm: return "inf, -inf, 0, a positive number";
        case Kind::text: return "";
        case Kind::window: return "an array";
    }
    return "";
}

[[noreturn]] void refuse(const OptionRow& row, const std::string& value) {
    std::string words = allowed(row.kind);
    for (const char* known : row.texts) words += std::string(words.empty() ? "'" : " or '") + known + "'";
    throw ParameterError(std::string(row.name) + "=" + value + " must be " + words);
}

Value text_of(const OptionRow& row, const std::string& value) {
    for (const char* known : row.texts)
        if (value == known) return value == "none" && row.kind != Kind::text ? Value(none) : Value(value);
    refuse(row, "'" + value + "'");
}

bool is_allowed(Kind kind, double x) {
    const bool finite = std::isfinite(x);
    switch (kind) {
        case Kind::count: return x >= 1 && x < (1 << 30) && x == std::floor(x);
        case Kind::flag: return x == 0 || x == 1;
        case Kind::number: return finite;
        case Kind::nonnegative: return finite && x >= 0;
        case Kind::positive: return finite && x > 0;
        case Kind::fraction: return x > 0 && x < 1;
        case Kind::share: return x >= 0 && x <= 1;
        case Kind::norm: return x >= 0 || x == -infinity;
        default: return false;
    }
}

Value number_of(const OptionRow& row, double x) {
    if (!is_allowed(row.kind, x)) refuse(row, shown(x));
    if (row.kind == Kind::count) return static_cast<int64_t>(x);
    if (row.kind == Kind::flag) return x != 0;
    return x;
}

Value value_of(const OptionRow& row, const serfast_option& option) {
    if (!option.values) return option.text ? text_of(row, option.text) : number_of(row, option.number);
    if (row.kind != Kind::window) refuse(row, "an array");
    for (size_t i = 0; i < option.n_values; ++i)
        if (!std::isfinite(option.values[i])) throw ParameterError("window must be finite");
    return std::vector<double>(option.values, option.values + option.n_values);
}

// ---------------------------------------------------------------- all options of a feature

int64_t count_of(const Options& o, const char* name, int64_t otherwise) {
    return o.is_none(name) ? otherwise : o.integer(name);
}

// n_fft values: those of the window in the middle.
std::vector<double> padded_window(const Options& o, int64_t n_fft, int64_t win_length) {
    if (win_length > n_fft)
        throw ParameterError("win_length=" + std::to_string(win_length) + " must be at most n_fft=" +
                             std::to_string(n_fft));
    std::vector<double> values =
        o.is_text("window") ? cosine_window({0.5, 0.5}, static_cast<int>(win_length), true) : o.array("window");
    if (values.size() != static_cast<size_t>(win_length))
        throw ParameterError("window has " + std::to_string(values.size()) + " samples where " +
                             std::to_string(win_length) + " are needed");
    std::vector<double> window(static_cast<size_t>(n_fft));
    std::copy(values.begin(), values.end(), window.begin() + (n_fft - win_length) / 2);
    return window;
}

void translate_spectrum(Options& o) {
    const int64_t n_fft = o.integer("n_fft"), win_length = count_of(o, "win_length", n_fft);
    const int64_t hop = count_of(o, "hop_length", win_length / 4);
    if (hop < 1) throw ParameterError("hop_length=" + std::to_string(hop) + " must be a positive integer");
    o.set("window", padded_window(o, n_fft, win_length));
    o.set("hop_length", hop);
    o.set("convention", text("librosa"));
    o.set("freq", none);
    o.set("convention", text("librosa"));
}

void translate_mel(Options& o, const char* norm) {
    if (o.is_none("fmax")) o.set("fmax", o.number("sr") / 2);
    o.set("mel_norm", o.at(norm));
    o.set("single", true);
}

void translate_mfcc(Options& o) {
    const int n_mels = o.integer("n_mels"), n_mfcc = o.integer("n_mfcc"), type = o.integer("dct_type");
    if (type > 3) throw ParameterError("dct_type=" + std::to_string(type) + " must be one of 1, 2, 3");
    if (type == 1 && n_mels < 2) throw ParameterError("dct_type=1 needs at least 2 mel bands, not 1");
    if (o.number("lifter") > 0 && n_mfcc > n_mels)
        throw ParameterError("n_mfcc=" + std::to_string(n_mfcc) + " with a lifter must be at most " +
                             std::to_string(n_mels) + ", the mel bands");
    translate_mel(o, "mel_norm");
    o.set("dct_norm", o.at("norm"));
}

void translate_voice(Options& o) {
    const double sr = o.number("sr"), fmin = o.number("fmin"), fmax = o.number("fmax");
    if (fmax > sr / 2) throw ParameterError("fmax=" + shown(fmax) + " must be at most sr / 2 = " + shown(sr / 2));
    if (fmin >= fmax) throw ParameterError("fmin=" + shown(fmin) + " must be less than fmax=" + shown(fmax));
    if (sr / fmin >= o.integer("frame_length") - 1)
        throw ParameterError("a period of fmin=" + shown(fmin) + " at sr=" + shown(sr) +
                             " is too long for frame_length=" + std::to_string(o.integer("frame_length")));
    o.set("min_period", static_cast<int64_t>(sr / fmax));
    o.set("max_period", static_cast<int64_t>(std::ceil(sr / fmin)));
}

void check_contrast(const Options& o) {
    const double top = o.number("fmin") * std::pow(2.0, o.integer("n_bands") - 1), nyquist = o.number("sr") / 2;
    if (top >= nyquist)
        throw ParameterError("the highest band of spectral_contrast would begin at " + shown(top) +
                             " Hz, which exceeds the Nyquist frequency of " + shown(nyquist) + " Hz");
}

// As the Python functions' translators do.
void translate(const std::string& feature, Options& o) {
    o.set("source", text("signal"));
    if (feature == "zero_crossing_rate") o.set("pad_mode", text("edge"));
    if (feature == "rms" || feature == "zero_crossing_rate") return;
    if (feature == "voiced_f0" || feature == "periodicity") return translate_voice(o);
    translate_spectrum(o);
    if (feature == "melspectrogram" || feature == "log_mel") translate_mel(o, "norm");
    if (feature == "mfcc") translate_mfcc(o);
    if (feature == "spectral_contrast") check_contrast(o);
    if (feature == "chroma_stft") {
        o.set("filter_norm", 2.0);
        o.set("single", true);
    }
}

const FeatureOptions& options_of(const std::string& feature) {
    std::string known;
    for (const FeatureOptions& one : features) {
        if (feature == one.feature) return one;
        known += std::string(known.empty() ? "" : ", ") + one.feature;
    }
    throw ParameterError("unknown feature '" + feature + "'; known: " + known);
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> names(1);
    for (char c : list)
        if (c == ',') names.emplace_back();
        else if (c != ' ') names.back() += c;
    return names;
}

[[noreturn]] void refuse_unknown(const std::string& name, const std::vector<const FeatureOptions*>& chosen) {
    std::vector<std::string> known;
    for (const FeatureOptions* one : chosen)
        for (const OptionRow& row : one->rows) known.emplace_back(row.name);
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    std::string words;
    for (const std::string& one : known) words += (words.empty() ? "" : ", ") + one;
    throw ParameterError("unknown option '" + name + "'; known: " + words);
}

}  // namespace

std::vector<FeatureRequest> requests_of(const std::string& list, const serfast_option* options, size_t n) {
    std::vector<const FeatureOptions*> chosen;
    std::vector<FeatureRequest> requests;
    for (const std::string& name : split(list)) {
        chosen.push_back(&options_of(name));
        requests.push_back({name, {}});
        for (const OptionRow& row : chosen.back()->rows) requests.back().options.set(row.name, row.initial);
    }
    for (size_t i = 0; i < n; ++i) {
        if (!options[i].name) throw ParameterError("an option has no name");
        const std::string name = options[i].name;
        bool known = false;
        for (size_t f = 0; f < chosen.size(); ++f)
            for (const OptionRow& row : chosen[f]->rows)
                if (name == row.name || name == requests[f].name + '.' + row.name) {
                    requests[f].options.set(row.name, value_of(row, options[i]));
                    known = true;
                }
        if (!known) refuse_unknown(name, chosen);
    }
    for (FeatureRequest& request : requests) translate(request.name, request.options);
    return requests;
}

}  // namespace serfast
