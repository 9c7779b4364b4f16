#include "batch/batch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

#include "audio/content.hpp"
#include "extract/trim.hpp"
#include "plan/error.hpp"

namespace serfast {

namespace {

// Runs work(worker, item) for every item while the calling thread ticks with the number of those
// that came back true. What work or tick throws stops all workers and passes through.
void for_each_item(int64_t n, int threads, const std::function<bool(int, int64_t)>& work, const Tick& tick) {
    if (n == 0) return;
    std::atomic<int64_t> next{0}, done{0};
    std::atomic<bool> stop{false};
    int running = 0;
    std::mutex mutex;
    std::condition_variable finished;
    std::exception_ptr failure;
    std::vector<std::thread> workers;
    const int n_workers = static_cast<int>(std::min<int64_t>(threads, n));
    workers.reserve(static_cast<size_t>(n_workers));
    const auto drain = [&](int worker) {
        std::exception_ptr thrown;
        try {
            for (int64_t item; !stop && (item = next++) < n;) done += work(worker, item);
        } catch (...) {
            thrown = std::current_exception();
            stop = true;
        }
        const std::lock_guard<std::mutex> lock(mutex);
        if (thrown && !failure) failure = thrown;
        --running;
        finished.notify_one();
    };
    for (int worker = 0; worker < n_workers; ++worker) {
        {
            const std::lock_guard<std::mutex> lock(mutex);
            ++running;
        }
        try {
            workers.emplace_back(drain, worker);
        } catch (const std::exception&) {
            // No more threads to be had: those that run do all the work, or this one does.
            if (workers.empty()) drain(worker);
            else {
                const std::lock_guard<std::mutex> lock(mutex);
                --running;
            }
            break;
        }
    }
    const auto join = [&] {
        for (std::thread& worker : workers) worker.join();
    };
    try {
        std::unique_lock<std::mutex> lock(mutex);
        bool finished_all;
        do {
            finished_all = finished.wait_for(lock, std::chrono::milliseconds(50), [&] { return running == 0; });
            lock.unlock();
            tick(done);
            lock.lock();
        } while (!finished_all);
    } catch (...) {
        stop = true;
        join();
        throw;
    }
    join();
    if (failure) std::rethrow_exception(failure);
}

template <class T> class BatchRun {
  public:
    BatchRun(Batch<T>& batch, int threads) : batch_(batch), workers_(static_cast<size_t>(threads)) {}

    // False for a deferred item.
    bool item(int worker, int64_t index) {
        Worker<T>& tools = workers_[static_cast<size_t>(worker)];
        const auto started = std::chrono::steady_clock::now();
        std::string stage = "read";
        try {
            Input<T> input{};
            if (!read(tools, index, input)) return defer(index);
            stage = "extract";
            extract_item(tools, index, input);
        } catch (const std::bad_alloc&) {
            fail(index, stage, "out of memory");
            if (batch_.max_bytes) facts(index).reset();  // not the file's fault: worth another try
        } catch (const std::exception& error) {
            fail(index, stage, error.what());
        }
        if (batch_.max_bytes && facts(index))
            facts(index)->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        return true;
    }

  private:
    bool defer(int64_t index) {
        const std::lock_guard<std::mutex> lock(mutex_);
        batch_.deferred.push_back(index);
        return false;
    }

    // False where the file needs another decoder or a resampler.
    bool read(Worker<T>& worker, int64_t index, Input<T>& input) {
        const BatchItem<T>& item = batch_.items[static_cast<size_t>(index)];
        input = {item.samples, item.size};
        if (item.samples) return true;
        audio::ReadResult result = open_file(worker, index);
        if (result.status == audio::ReadStatus::unsupported) return false;
        if (result && worker.reader.info().sample_rate != batch_.sample_rate) return false;
        if (result) result = worker.reader.read_all(worker.samples);
        if (result && worker.samples.empty()) result = audio::damaged("holds no samples");
        if (!result) throw AudioError(result.message);
        input = {worker.samples.data(), static_cast<int64_t>(worker.samples.size())};
        return true;
    }

    std::optional<FileFacts>& facts(int64_t index) { return batch_.facts[static_cast<size_t>(index)]; }

    audio::ReadResult open_file(Worker<T>& worker, int64_t index) {
        const BatchItem<T>& item = batch_.items[static_cast<size_t>(index)];
        if (!batch_.max_bytes) return worker.reader.open(item.path);
        audio::File file;
        if (!item.bytes)
            if (audio::ReadResult result = file.open(item.path); !result) return result;
        const int64_t size = item.bytes ? item.size : file.size();
        const auto read = [&](std::uint8_t* to, int64_t count) {
            if (!item.bytes) return file.read(to, count, 0);
            std::copy_n(item.bytes, std::min(count, size), to);
            return std::min(count, size);
        };
        // What is no WAV file is not read in vain.
        std::uint8_t id[4] = {};
        read(id, sizeof id);
        if (size > batch_.max_bytes || id[0] != 'R') return audio::unsupported("is for another reader");
        worker.bytes.resize(static_cast<size_t>(size + audio::WavReader::bytes_beyond));
        const int64_t count = read(worker.bytes.data(), size);
        if (!item.bytes)
            if (audio::ReadResult result = file.all_read(); !result) return result;
        facts(index).emplace().content = audio::content_hash(worker.bytes.data(), count);
        const audio::ReadResult result = worker.reader.open(worker.bytes.data(), count);
        if (result) facts(index)->info = worker.reader.info();
        return result;
    }

    void extract_item(Worker<T>& worker, int64_t index, const Input<T>& input) {
        if (batch_.pool)
            extract_pooled(batch_.plan, *batch_.pool, input, worker, batch_.pooled + index * batch_.n_columns);
        else
            batch_.framewise[static_cast<size_t>(index)] = extract_rows(batch_.plan, input, worker);
    }

    void fail(int64_t index, const std::string& stage, const std::string& reason) {
        if (batch_.pool)
            std::fill_n(batch_.pooled + index * batch_.n_columns, batch_.n_columns,
                        std::numeric_limits<float>::quiet_NaN());
        const std::lock_guard<std::mutex> lock(mutex_);
        batch_.failures.push_back({index, stage, reason});
    }

    Batch<T>& batch_;
    std::vector<Worker<T>> workers_;
    std::mutex mutex_;
};

}  // namespace

template <class T>
void extract_pooled(const Plan<T>& plan, const Pool& pool, const Input<T>& signal, Worker<T>& worker, float* out) {
    const Input<T> input = trimmed(plan, signal);
    PoolSink<T> sink(plan, pool, plan.frame_counts(input.size), worker.workspaces);
    extract(plan, input, worker.workspaces, sink);
    sink.finish(out);
}

template <class T> RowMatrix<T> extract_rows(const Plan<T>& plan, const Input<T>& signal, Worker<T>& worker) {
    const Input<T> input = trimmed(plan, signal);
    RowMatrix<T> rows;
    rows.rows = plan.n_rows();
    rows.frames = common_frames(plan, input.size);
    rows.values.reset(new T[static_cast<size_t>(rows.rows * rows.frames)]);
    extract_stacked(plan, input, worker.workspaces, rows.values.get());
    return rows;
}

template <class T> void run_batch(Batch<T>& batch, int threads, const Tick& tick) {
    batch.framewise.resize(batch.pool ? 0 : batch.items.size());
    batch.facts.resize(batch.max_bytes ? batch.items.size() : 0);
    BatchRun<T> run(batch, threads);
    for_each_item(
        static_cast<int64_t>(batch.items.size()), threads,
        [&](int worker, int64_t item) { return run.item(worker, item); }, tick);
    std::sort(batch.failures.begin(), batch.failures.end(),
              [](const Failure& a, const Failure& b) { return a.index < b.index; });
    std::sort(batch.deferred.begin(), batch.deferred.end());
}

template void extract_pooled(const Plan<float>&, const Pool&, const Input<float>&, Worker<float>&, float*);
template RowMatrix<float> extract_rows(const Plan<float>&, const Input<float>&, Worker<float>&);
template void run_batch(Batch<float>&, int, const Tick&);

}  // namespace serfast
