#include <mutex>

#include "bind/bind.hpp"
#include "extract/stream.hpp"

namespace serfast::bind {

namespace {

// One thread at a time: to wait for another needs no GIL, nor does to compute.
class FrameStream {
  public:
    explicit FrameStream(const Plan<float>& plan) : plan_(plan), stream_(plan) {}

    int64_t latency() const { return stream_.latency(); }
    py::array_t<float> push(const In<float>& chunk) {
        const float* samples = chunk.data();
        const int64_t n = chunk.size();
        return frames([&] { return stream_.n_frames_after(n); },
                      [&](Sink<float>& sink) { stream_.push(samples, n, sink); });
    }
    py::array_t<float> flush() {
        return frames([&] { return stream_.n_frames_at_end(); }, [&](Sink<float>& sink) { stream_.flush(sink); });
    }

  private:
    template <class Count, class Give> py::array_t<float> frames(const Count& count, const Give& give) {
        int64_t n = 0;
        std::unique_ptr<float[]> values;
        {
            const py::gil_scoped_release release;
            const std::lock_guard<std::mutex> lock(mutex_);
            n = count();
            values.reset(new float[static_cast<size_t>(n * plan_.n_rows())]);
            FrameSink<float> sink(plan_, stream_.n_frames(), values.get());
            give(sink);
        }
        return array_of(std::move(values), {n, plan_.n_rows()});
    }

    const Plan<float>& plan_;
    std::mutex mutex_;
    Stream<float> stream_;
};

class PoolStream {
  public:
    PoolStream(const Plan<float>& plan, const Pool& pool, int64_t n_frames)
        : n_columns_(plan.n_rows() * static_cast<int64_t>(pool.items.size())), stream_(plan),
          window_(plan, pool, n_frames) {}

    int64_t latency() const { return stream_.latency(); }
    py::array_t<float> push(const In<float>& chunk) {
        const float* samples = chunk.data();
        const int64_t n = chunk.size();
        return pooled([&] { stream_.push(samples, n, window_); });
    }
    py::array_t<float> flush() {
        return pooled([&] { stream_.flush(window_); });
    }

  private:
    template <class Give> py::array_t<float> pooled(const Give& give) {
        py::array_t<float> columns = new_array<float>({n_columns_});
        float* out = columns.mutable_data();
        const py::gil_scoped_release release;
        const std::lock_guard<std::mutex> lock(mutex_);
        give();
        window_.pooled(out);
        return columns;
    }

    const int64_t n_columns_;
    std::mutex mutex_;
    Stream<float> stream_;
    WindowSink<float> window_;
};

template <class S> void register_methods(py::class_<S>& stream) {
    using namespace pybind11::literals;
    stream.def_property_readonly("latency", &S::latency)
        .def("push", &S::push, "y"_a)
        .def("flush", &S::flush);
}

}  // namespace

void register_stream(py::module_& m) {
    using namespace pybind11::literals;
    py::class_<FrameStream> frames(m, "FrameStream", "Frames of a signal in chunks: (frames, rows).");
    frames.def(py::init<const Plan<float>&>(), "plan"_a, py::keep_alive<1, 2>());
    register_methods(frames);
    py::class_<PoolStream> pool(m, "PoolStream", "Columns of the last frames of a signal in chunks.");
    pool.def(py::init<const Plan<float>&, const Pool&, int64_t>(), "plan"_a, "pool"_a, "n_frames"_a,
             py::keep_alive<1, 2>(), py::keep_alive<1, 3>());
    register_methods(pool);
}

}  // namespace serfast::bind
