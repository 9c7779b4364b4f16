#include "batch/batch.hpp"

#include <variant>

#include <pybind11/stl/filesystem.h>

#include "bind/bind.hpp"
#include "plan/error.hpp"
#include "plan/isa.hpp"

namespace serfast::bind {

namespace {


std::unique_ptr<Pool> make_pool(const std::vector<std::tuple<std::string, double, int>>& items,
                                std::vector<double> frames_per_second) {
    static const std::vector<std::pair<const char*, Statistic>> names = {
        {"mean", Statistic::mean}, {"std", Statistic::std}, {"min", Statistic::min},
        {"max", Statistic::max}, {"percentile", Statistic::percentile}, {"slope", Statistic::slope},
        {"skewness", Statistic::skewness}, {"kurtosis", Statistic::kurtosis}, {"cosine", Statistic::cosine},
        {"change", Statistic::change}};
    auto pool = std::make_unique<Pool>();
    pool->frames_per_second = std::move(frames_per_second);
    for (const auto& [name, parameter, order] : items)
        for (const auto& [known, statistic] : names)
            if (name == known) pool->items.push_back({statistic, parameter, order});
    return pool;
}

// Columns of rows that were computed elsewhere: by item, then by row.
py::array_t<float> of_rows(const Pool& pool, const In<float>& rows, double frames_per_second) {
    if (rows.ndim() != 2 || rows.shape(1) == 0) throw ParameterError("rows must have shape (rows, frames)");
    const py::ssize_t n_rows = rows.shape(0), n = rows.shape(1);
    py::array_t<float> columns = new_array<float>({n_rows * static_cast<py::ssize_t>(pool.items.size())});
    const float* in = rows.data();
    float* out = columns.mutable_data();
    const py::gil_scoped_release release;
    std::vector<PooledRow<float>> pooled;
    for (py::ssize_t row = 0; row < n_rows; ++row)
        pooled.push_back({in + row * n, frames_per_second, out + row, n_rows});
    RowPool<float>(active_kernels<float>(), pool).run(pooled, n);
    return columns;
}

// Interrupts are noticed, and progress told, while the workers run.
Tick ticker(const py::object& progress, int64_t total) {
    return [progress = progress.ptr(), total](int64_t done) {
        const py::gil_scoped_acquire acquire;
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        if (progress != Py_None) py::reinterpret_borrow<py::object>(progress)(done, total);
    };
}

py::tuple results(Batch<float>& batch, py::object pooled) {
    py::list framewise, failures;
    for (RowMatrix<float>& matrix : batch.framewise)
        framewise.append(matrix.values ? py::object(array_of(std::move(matrix.values), {matrix.rows, matrix.frames})) : py::none());
    for (const Failure& failure : batch.failures)
        failures.append(py::make_tuple(failure.index, failure.stage, failure.reason));
    const py::object values = batch.pool ? std::move(pooled) : py::object(framewise);
    py::list facts;
    for (const auto& file : batch.facts)
        facts.append(file ? py::object(py::make_tuple(file->content, file->info.sample_rate, file->info.channels,
                                                      file->info.frames, file->seconds))
                          : py::none());
    return py::make_tuple(values, failures, batch.deferred, facts);
}

py::tuple run(Batch<float>& batch, int threads, const py::object& progress) {
    py::object pooled = py::none();
    const auto n = static_cast<py::ssize_t>(batch.items.size());
    if (batch.pool) {
        batch.n_columns = batch.plan.n_rows() * static_cast<int64_t>(batch.pool->items.size());
        py::array_t<float> values = new_array<float>({n, batch.n_columns});
        batch.pooled = values.mutable_data();
        pooled = std::move(values);
    }
    const Tick tick = ticker(progress, n);
    {
        const py::gil_scoped_release release;
        run_batch(batch, threads, tick);
    }
    return results(batch, std::move(pooled));
}

py::tuple batch_of_signals(const Plan<float>& plan, const Pool* pool, const std::vector<In<float>>& signals,
                           int threads, const py::object& progress) {
    Batch<float> batch(plan, pool);
    for (const auto& y : signals) batch.items.push_back({y.data(), y.size(), {}});
    return run(batch, threads, progress);
}

// In this order, since bytes would do as a path, too.
using File = std::variant<py::buffer, std::filesystem::path>;

py::tuple batch_of_files(const Plan<float>& plan, const Pool* pool, const std::vector<File>& files,
                         double sample_rate, int threads, int64_t max_bytes, const py::object& progress) {
    Batch<float> batch(plan, pool);
    batch.sample_rate = sample_rate;
    batch.max_bytes = max_bytes;
    std::vector<py::buffer_info> kept;
    for (const File& file : files) {
        BatchItem<float>& item = batch.items.emplace_back();
        if (const auto* path = std::get_if<std::filesystem::path>(&file)) {
            item.path = *path;
        } else {
            const py::buffer_info& bytes = kept.emplace_back(std::get<py::buffer>(file).request());
            if (!max_bytes || bytes.itemsize != 1) throw ParameterError("a file in memory must be bytes, with max_bytes");
            item.bytes = static_cast<const std::uint8_t*>(bytes.ptr);
            item.size = bytes.size;
        }
    }
    return run(batch, threads, progress);
}

py::array_t<float> one_signal(const Plan<float>& plan, const Pool* pool, Worker<float>& worker, const In<float>& y,
                             int threads) {
    worker.workspaces.resize(static_cast<size_t>(threads));
    const Input<float> input{y.data(), y.size()};
    if (pool) {
        py::array_t<float> columns =
            new_array<float>({plan.n_rows() * static_cast<py::ssize_t>(pool->items.size())});
        float* out = columns.mutable_data();
        const py::gil_scoped_release release;
        extract_pooled(plan, *pool, input, worker, out);
        return columns;
    }
    RowMatrix<float> rows;
    {
        const py::gil_scoped_release release;
        rows = extract_rows(plan, input, worker);
    }
    return array_of(std::move(rows.values), {rows.rows, rows.frames});
}

}  // namespace

void register_batch(py::module_& m) {
    using namespace pybind11::literals;
    py::class_<Pool>(m, "Pool")
        .def(py::init(&make_pool), "items"_a, "frames_per_second"_a)
        .def_property_readonly("needs_whole_rows", &Pool::needs_whole_rows)
        .def("of_rows", &of_rows, "rows"_a.noconvert(), "frames_per_second"_a);
    py::class_<Worker<float>>(m, "Worker", "Scratch of one thread.").def(py::init<>());
    m.def("one_signal", &one_signal, "plan"_a, "pool"_a, "worker"_a, "y"_a, "threads"_a = 1,
          "Columns of one signal when pooled, else its rows.");
    m.def("batch_of_signals", &batch_of_signals, "plan"_a, "pool"_a, "signals"_a, py::kw_only(), "threads"_a,
          "progress"_a, "Values, failures (index, stage, reason), no deferred items and no facts.");
    m.def("batch_of_files", &batch_of_files, "plan"_a, "pool"_a, "files"_a, py::kw_only(), "sample_rate"_a,
          "threads"_a, "max_bytes"_a = 0, "progress"_a,
          "Values, failures (index, stage, reason), and the indices of files, paths or their bytes, that need another "
          "decoder or a resampler. With max_bytes, WAV files are read whole, longer ones are among the latter, and of each that "
          "was read, else None: hash of its content, sampling rate, channels, frames, seconds of work.");
}

}  // namespace serfast::bind
