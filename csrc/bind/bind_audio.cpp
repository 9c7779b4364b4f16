#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <pybind11/stl/filesystem.h>

#include "audio/content.hpp"
#include "audio/wav.hpp"
#include "bind/bind.hpp"

namespace serfast::bind {

namespace {

using serfast::audio::FrameRange;
using serfast::audio::WavReader;
using serfast::audio::ReadResult;
using serfast::audio::ReadStatus;

// An OSError with errno and path where the system refused, with the reason alone where the content is at fault.
[[noreturn]] void raise_os_error(const ReadResult& result, const std::filesystem::path& path) {
    if (result.status == ReadStatus::system_error) {
        const py::object name = py::cast(path);
        errno = result.error_number;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name.ptr());
    } else {
        PyErr_SetString(PyExc_OSError, result.message.c_str());
    }
    throw py::error_already_set();
}

template <class Sample>
py::array_t<Sample> samples_of(WavReader& reader, const std::filesystem::path& path, FrameRange range, bool mono) {
    std::vector<py::ssize_t> shape{static_cast<py::ssize_t>(range.count)};
    if (!mono && reader.info().channels > 1) shape.insert(shape.begin(), reader.info().channels);
    py::array_t<Sample> samples(shape);
    Sample* out = samples.mutable_data();
    ReadResult result;
    {
        const py::gil_scoped_release release;
        result = mono ? reader.read_mono(range, out) : reader.read_planar(range, out);
    }
    if (!result) raise_os_error(result, path);
    return samples;
}

std::optional<std::tuple<py::array, int, std::int64_t, int>> read_wav(const std::filesystem::path& path, bool float64,
                                                                      bool mono, double offset,
                                                                      std::optional<double> duration) {
    WavReader reader;
    ReadResult result;
    {
        const py::gil_scoped_release release;
        result = reader.open(path);
    }
    if (result.status == ReadStatus::unsupported) return std::nullopt;
    if (!result) raise_os_error(result, path);
    const auto& info = reader.info();
    const FrameRange range =
        frames_between(info, offset, duration.value_or(serfast::audio::to_the_end));
    py::array samples = float64 ? py::array(samples_of<double>(reader, path, range, mono))
                                : py::array(samples_of<float>(reader, path, range, mono));
    return std::make_tuple(std::move(samples), info.sample_rate, info.frames, info.channels);
}

std::tuple<std::uint64_t, py::bytes> hash_file(const std::filesystem::path& path) {
    serfast::audio::FileContent content;
    ReadResult result;
    {
        const py::gil_scoped_release release;
        result = serfast::audio::hash_file(path, content);
    }
    if (!result) raise_os_error(result, path);
    return {content.hash, py::bytes(reinterpret_cast<const char*>(content.id), static_cast<size_t>(content.id_size))};
}

void update(serfast::audio::ContentHash& hash, const py::buffer& block) {
    const py::buffer_info bytes = block.request();
    const py::gil_scoped_release release;
    hash.update(static_cast<const std::uint8_t*>(bytes.ptr), bytes.size * bytes.itemsize);
}

}  // namespace

void register_audio(py::module_& m) {
    using serfast::audio::ContentHash;
    py::class_<ContentHash>(m, "ContentHash", "XXH64 of bytes that come in blocks.")
        .def(py::init<>())
        .def("update", &update, py::arg("block"), "Every block but the last is a multiple of 32 bytes.")
        .def("value", &ContentHash::value);
    m.def("hash_file", &hash_file, py::arg("path"),
          "XXH64 of what a regular file holds, and its first four bytes, if it has so many.");
    m.def("read_wav", &read_wav, py::arg("path"), py::kw_only(), py::arg("float64"), py::arg("mono"),
          py::arg("offset"), py::arg("duration"),
          "Samples, sampling rate, total number of frames and number of channels of a WAV file, or None where it is "
          "of a kind that this reader leaves to others. The selection, in seconds, is cut to what the file holds.");
}

}  // namespace serfast::bind
