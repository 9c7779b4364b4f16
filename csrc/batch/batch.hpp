// Many signals, or files, through one plan on worker threads.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audio/wav.hpp"
#include "extract/pool.hpp"

namespace serfast {

// Everything that one thread keeps from signal to signal.
template <class T> struct Worker {
    std::vector<Workspace<T>> workspaces = std::vector<Workspace<T>>(1);
    audio::WavReader reader;
    std::vector<std::uint8_t> bytes;
    std::vector<T> samples;
};

// A file that was read whole, whether or not it could be used.
struct FileFacts {
    uint64_t content = 0;  // its hash
    audio::WavInfo info;   // frames is 0 where the header is damaged
    double seconds = 0;    // of work
};

struct Failure {
    int64_t index;
    std::string stage;  // "read", "extract"
    std::string reason;
};

// Rows by frames of one signal, all features stacked.
template <class T> struct RowMatrix {
    std::unique_ptr<T[]> values;
    int64_t rows = 0;
    int64_t frames = 0;
};

// One signal: its pooled columns, or all its frames. Framewise, features of different frame counts
// are a ParameterError.
template <class T>
void extract_pooled(const Plan<T>& plan, const Pool& pool, const Input<T>& input, Worker<T>& worker, float* out);
template <class T> RowMatrix<T> extract_rows(const Plan<T>& plan, const Input<T>& input, Worker<T>& worker);

template <class T> struct BatchItem {
    const T* samples = nullptr;  // null: a file
    int64_t size = 0;
    std::filesystem::path path;
    const std::uint8_t* bytes = nullptr;  // of a file that is in memory; then `size` is theirs
};

template <class T> struct Batch {
    Batch(const Plan<T>& plan, const Pool* pool) : plan(plan), pool(pool) {}

    const Plan<T>& plan;
    const Pool* pool;        // null: framewise
    double sample_rate = 0;  // of the plan; files of another rate are deferred
    int64_t max_bytes = 0;   // not 0: WAV files are read whole and hashed, longer ones deferred; needed for `bytes`
    std::vector<BatchItem<T>> items;

    // Results, by item.
    float* pooled = nullptr;  // items x columns, NaN where an item failed
    int64_t n_columns = 0;
    std::vector<RowMatrix<T>> framewise;
    std::vector<Failure> failures;   // in the order of the items
    std::vector<int64_t> deferred;   // files that need another decoder or a resampler
    std::vector<std::optional<FileFacts>> facts;  // with max_bytes: of those that were read
};

// Called at least ten times a second, on the calling thread, with the number of items done; what it
// throws stops the workers and passes through.
using Tick = std::function<void(int64_t done)>;

template <class T> void run_batch(Batch<T>& batch, int threads, const Tick& tick);

}  // namespace serfast
