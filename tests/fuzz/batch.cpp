// Any signals and files through a plan: alone, as a batch on threads, cut up among threads, and in
// chunks, with the same bits. Under the thread sanitizer it watches the workers.
#include "batch/batch.hpp"

#include <cmath>
#include <optional>
#include <vector>

#include "bytes.hpp"
#include "capi/options.hpp"
#include "extract/stream.hpp"
#include "memory.hpp"
#include "requests.hpp"
#include "scratch.hpp"

namespace {

using namespace serfast;
using fuzz::Bytes;
using fuzz::expect;

constexpr int64_t most_values = 1 << 18;  // of one signal
constexpr double rate = 16000;

struct Stopped {};

bool same(const float* a, const float* b, int64_t n) {
    return n == 0 || std::memcmp(a, b, static_cast<size_t>(n) * sizeof(float)) == 0;
}

Pool pool_of(Bytes& bytes, const Plan<float>& plan) {
    Pool pool;
    for (size_t left = 1 + bytes.below(4); left > 0; --left) {
        const auto statistic = static_cast<Statistic>(bytes.below(10));
        double parameter = 0;
        if (statistic == Statistic::percentile) parameter = static_cast<double>(bytes.below(101));
        if (statistic == Statistic::cosine) parameter = static_cast<double>(1 + bytes.below(99));
        if (statistic == Statistic::change) parameter = static_cast<double>(1 + bytes.below(9999)) / 1000;
        pool.items.push_back({statistic, parameter, static_cast<int>(bytes.below(3))});
    }
    for (size_t f = 0; f < plan.features().size(); ++f)
        pool.frames_per_second.push_back(rate / plan.group_of(static_cast<int>(f)).framing.hop);
    return pool;
}

// A WAV file of 16 bits, some bytes of which are any.
std::vector<uint8_t> wav_file(Bytes& bytes) {
    const auto n = static_cast<uint32_t>(bytes.below(4000));
    std::vector<uint8_t> file;
    const auto put = [&](const auto&... values) {
        (file.insert(file.end(), reinterpret_cast<const uint8_t*>(&values),
                     reinterpret_cast<const uint8_t*>(&values) + sizeof values),
         ...);
    };
    const auto name = [&](const char* id) { file.insert(file.end(), id, id + 4); };
    name("RIFF"), put(36 + 2 * n), name("WAVE"), name("fmt "), put(uint32_t(16), uint16_t(1), uint16_t(1)),
        put(uint32_t(rate), uint32_t(2 * rate), uint16_t(2), uint16_t(16)), name("data"), put(2 * n);
    for (uint32_t i = 0; i < n; ++i) put(static_cast<int16_t>(3000 * std::sin(0.05 * i)));
    for (size_t left = bytes.below(4); left > 1; --left) file[bytes.below(file.size())] = bytes.take<uint8_t>();
    return file;
}

// Everything of one run of the fuzzer.
class Run {
  public:
    Run(Bytes& bytes, const Plan<float>& plan) : plan_(plan), pool_(pool_of(bytes, plan)) {
        const size_t n = bytes.below(12);
        max_bytes_ = bytes.one_of(std::array{0, 0, 1 << 20, 2000});
        while (signals_.size() < n) signals_.push_back(fuzz::samples(bytes, 5000));
        for (fuzz::Scratch* file : {&fuzz::Scratch::one(), &fuzz::Scratch::other()})
            if (bytes.below(2)) paths_.push_back(file->holding(wav_file(bytes)));
    }

    bool is_too_much() const {
        for (const int64_t size : {int64_t(5000), int64_t(40000)})
            for (size_t f = 0; f < plan_.features().size(); ++f) try {
                    if (plan_.n_frames(static_cast<int>(f), size) > most_values / plan_.n_rows()) return true;
                } catch (const ParameterError&) {
                }
        return false;
    }

    void batches(Bytes& bytes) const {
        std::vector<float> one, several;
        Batch<float> expected = batch(&pool_, one), got = batch(&pool_, several);
        if (bytes.below(4) == 0) in_short_memory(static_cast<int64_t>(bytes.below(400)));
        run_batch(expected, 1, [](int64_t) {});
        run_batch(got, 3, [](int64_t) {});
        expect(same(one.data(), several.data(), static_cast<int64_t>(one.size())), "threads change no bit");
        expect(equal(expected, got), "threads change no record");
        for (size_t i = 0; i < signals_.size(); ++i) alone(i, expected);
        if (bytes.below(16) == 0) stopped();
    }

    void framewise() const {
        std::vector<float> none;
        Batch<float> got = batch(nullptr, none);
        run_batch(got, 2, [](int64_t) {});
        for (size_t i = 0; i < signals_.size(); ++i) {
            const RowMatrix<float>& rows = got.framewise[i];
            if (!rows.values) continue;
            Worker<float> worker;
            worker.workspaces.resize(3);
            const RowMatrix<float> shared = extract_rows(plan_, {signals_[i].data(), size(i)}, worker);
            expect(rows.frames == shared.frames && same(rows.values.get(), shared.values.get(), rows.rows * rows.frames),
                   "a signal that is cut up among threads has the same bits");
        }
    }

    void streams(Bytes& bytes) const {
        for (size_t i = 0; i < signals_.size() && i < 2; ++i) try {
                Worker<float> worker;
                stream(bytes, signals_[i], extract_rows(plan_, {signals_[i].data(), size(i)}, worker));
            } catch (const ParameterError&) {
            }
    }

  private:
    int64_t size(size_t i) const { return static_cast<int64_t>(signals_[i].size()); }

    Batch<float> batch(const Pool* pool, std::vector<float>& values) const {
        Batch<float> batch(plan_, pool);
        batch.sample_rate = rate;
        batch.max_bytes = max_bytes_;
        const float empty = 0;
        for (const auto& y : signals_)
            batch.items.push_back({y.empty() ? &empty : y.data(), static_cast<int64_t>(y.size()), {}});
        for (const auto& path : paths_) batch.items.push_back({nullptr, 0, path});
        batch.n_columns = plan_.n_rows() * static_cast<int64_t>(pool_.items.size());
        values.resize(pool ? batch.items.size() * static_cast<size_t>(batch.n_columns) : 0);
        batch.pooled = values.data();
        return batch;
    }

    static bool equal(const Batch<float>& a, const Batch<float>& b) {
        bool equal = a.deferred == b.deferred && a.failures.size() == b.failures.size();
        for (size_t i = 0; equal && i < a.failures.size(); ++i)
            equal = a.failures[i].index == b.failures[i].index && a.failures[i].stage == b.failures[i].stage &&
                    a.failures[i].reason == b.failures[i].reason;
        for (size_t i = 0; equal && i < a.facts.size(); ++i)
            equal = bool(a.facts[i]) == bool(b.facts[i]) && (!a.facts[i] || a.facts[i]->content == b.facts[i]->content);
        return equal;
    }

    void alone(size_t i, const Batch<float>& batch) const {
        std::vector<float> columns(static_cast<size_t>(batch.n_columns));
        Worker<float> worker;
        try {
            extract_pooled(plan_, pool_, {signals_[i].data(), size(i)}, worker, columns.data());
        } catch (const std::exception&) {
            return;
        }
        expect(same(columns.data(), batch.pooled + static_cast<int64_t>(i) * batch.n_columns, batch.n_columns),
               "a batch changes no bit");
    }

    void in_short_memory(int64_t allocations) const {
        std::vector<float> values;
        Batch<float> some = batch(&pool_, values);
        try {
            const fuzz::Shortage shortage(allocations);
            run_batch(some, 3, [](int64_t) {});
        } catch (const std::bad_alloc&) {
        }
    }

    void stopped() const {
        std::vector<float> values;
        Batch<float> some = batch(&pool_, values);
        try {
            run_batch(some, 3, [](int64_t) { throw Stopped(); });
            expect(some.items.empty(), "what a tick throws passes through");
        } catch (const Stopped&) {
        }
    }

    void stream(Bytes& bytes, const std::vector<float>& y, const RowMatrix<float>& whole) const {
        Stream<float> stream(plan_);
        std::vector<float> got(static_cast<size_t>(whole.rows * whole.frames));
        std::vector<RowSink<float>::Target> targets;
        for (const Feature<float>& feature : plan_.features()) {
            float* rows = targets.empty() ? got.data() : targets.back().data + last_rows_ * whole.frames;
            targets.push_back({rows, whole.frames});
            last_rows_ = feature.rows;
        }
        RowSink<float> sink(plan_, targets);
        WindowSink<float> window(plan_, pool_, static_cast<int64_t>(1 + bytes.below(100)));
        Stream<float> beside(plan_);
        for (size_t at = 0; at < y.size();) {
            const size_t n = bytes.left() ? std::min(y.size() - at, bytes.below(1000)) : y.size() - at;
            const std::vector<float> chunk(y.begin() + static_cast<ptrdiff_t>(at), y.begin() + static_cast<ptrdiff_t>(at + n));
            stream.push(chunk.data(), static_cast<int64_t>(n), sink);
            beside.push(chunk.data(), static_cast<int64_t>(n), window);
            at += n;
        }
        expect(stream.n_frames() + stream.n_frames_at_end() == whole.frames, "chunks have the frames of the whole");
        stream.flush(sink);
        expect(same(got.data(), whole.values.get(), whole.rows * whole.frames), "chunks have the bits of the whole");
        std::vector<float> columns(static_cast<size_t>(plan_.n_rows()) * pool_.items.size());
        window.pooled(columns.data());
    }

    const Plan<float>& plan_;
    const Pool pool_;
    int64_t max_bytes_ = 0;
    std::vector<std::vector<float>> signals_;
    std::vector<std::filesystem::path> paths_;
    mutable int last_rows_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Bytes bytes(data, size);
    const fuzz::Request request(bytes);
    const auto trim_db = bytes.below(3) == 0 ? std::optional<double>(bytes.take<uint16_t>() / 256.0 + 1e-9) : std::nullopt;
    std::optional<Plan<float>> plan;
    try {
        plan.emplace(requests_of(request.list(), request.options().data(), request.options().size()), trim_db);
    } catch (const ParameterError&) {
        return 0;
    } catch (const std::bad_alloc&) {
        return 0;
    }
    const Run run(bytes, *plan);
    if (run.is_too_much()) return 0;
    run.batches(bytes);
    run.framewise();
    if (!trim_db) run.streams(bytes);
    return 0;
}
