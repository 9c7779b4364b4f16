// RIFF/WAVE files, read straight into floating-point samples by worker threads.
//
// Values are those of libsndfile: integers scaled to [-1, 1), floats as they are. What this reader does not know
// (other containers, big-endian, compressed or odd-width samples) it calls `unsupported`, and the caller turns to
// a general library; what no reader could use it calls `damaged`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace serfast::audio {

enum class Encoding { pcm_u8, pcm_16, pcm_24, pcm_32, float_32, float_64 };

struct WavInfo {
    int sample_rate = 0;       // Hz, at least 1
    int channels = 0;          // 1 to 1024
    std::int64_t frames = 0;   // samples of each channel that the file really holds
    Encoding encoding = Encoding::pcm_16;
};

enum class WavStatus { ok, unsupported, damaged, cannot_open };

struct WavResult {
    WavStatus status = WavStatus::ok;
    std::string message;    // continues a sentence that starts with the path: "has no data chunk"
    int error_number = 0;   // errno, for cannot_open

    explicit operator bool() const { return status == WavStatus::ok; }
};

struct FrameRange {
    std::int64_t first = 0;
    std::int64_t count = 0;
};

constexpr double to_the_end = std::numeric_limits<double>::infinity();

// The frames of `duration` seconds from `offset` seconds on, cut to what the file holds.
FrameRange frames_between(const WavInfo& info, double offset, double duration = to_the_end);

// One file at a time; keeps its block buffer from file to file, so a worker needs one reader and nothing else.
// Not for use by two threads at once. `Sample` is float or double.
class WavReader {
public:
    WavReader() = default;
    ~WavReader() { close(); }
    WavReader(const WavReader&) = delete;
    WavReader& operator=(const WavReader&) = delete;

    // Opens the file and reads its header; a file that was open before is closed.
    WavResult open(const std::filesystem::path& path);
    void close();

    // What the open file holds.
    const WavInfo& info() const { return info_; }

    // The mean of the channels: range.count samples.
    template <class Sample>
    WavResult read_mono(FrameRange range, Sample* out);

    // Channel after channel: info().channels x range.count samples.
    template <class Sample>
    WavResult read_planar(FrameRange range, Sample* out);

    // A whole file in one call: opens, reads into `samples` (resized to fit), closes.
    template <class Sample>
    WavResult read_file(const std::filesystem::path& path, bool mono, std::vector<Sample>& samples);

private:
    struct Bytes {
        const std::uint8_t* begin = nullptr;
        std::int64_t count = 0;
    };

    Bytes bytes_at(std::int64_t position, std::int64_t at_least);
    WavResult parse_header();
    WavResult parse_format(std::int64_t position, std::int64_t chunk_bytes);
    WavResult locate_data(std::int64_t position, std::int64_t chunk_bytes);
    template <class Convert>
    WavResult for_each_block(FrameRange range, Convert convert);

    int descriptor_ = -1;
    std::int64_t file_bytes_ = 0;
    std::unique_ptr<std::uint8_t[]> block_;   // bytes block_begin_ to block_end_ of the file
    std::int64_t block_begin_ = 0;
    std::int64_t block_end_ = 0;
    WavInfo info_;
    std::int64_t frame_bytes_ = 0;
    std::int64_t data_begin_ = 0;
};

}   // namespace serfast::audio
