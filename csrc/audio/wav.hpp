// RIFF/WAVE files, read straight into floating-point samples by worker threads.
//
// Values are those of libsndfile: integers scaled to [-1, 1), floats as they are. What this reader does not know
// (other containers, big-endian, compressed or odd-width samples) it calls `unsupported`, and the caller turns to
// a general library; what no reader could use it calls `damaged`.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "audio/file.hpp"

namespace serfast::audio {

enum class Encoding { pcm_u8, pcm_16, pcm_24, pcm_32, float_32, float_64 };

struct WavInfo {
    int sample_rate = 0;       // Hz, at least 1
    int channels = 0;          // 1 to 1024
    std::int64_t frames = 0;   // samples of each channel that the file really holds
    Encoding encoding = Encoding::pcm_16;
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
    // Opens the file and reads its header; a file that was open before is closed.
    ReadResult open(const std::filesystem::path& path);

    // A file that is in memory, and stays there; `bytes_beyond` more may be read behind its end.
    static constexpr int bytes_beyond = 4;   // for samples of 24 bits
    ReadResult open(const std::uint8_t* bytes, std::int64_t count);
    void close();

    // What the open file holds.
    const WavInfo& info() const { return info_; }

    // The mean of the channels: range.count samples.
    template <class Sample>
    ReadResult read_mono(FrameRange range, Sample* out);

    // Channel after channel: info().channels x range.count samples.
    template <class Sample>
    ReadResult read_planar(FrameRange range, Sample* out);

    // All of the open file, mixed to mono, into `samples`, which is resized to fit; closes it.
    template <class Sample>
    ReadResult read_all(std::vector<Sample>& samples);

private:
    struct Bytes {
        const std::uint8_t* begin = nullptr;
        std::int64_t count = 0;
    };

    Bytes bytes_at(std::int64_t position, std::int64_t at_least);
    ReadResult parse_header();
    ReadResult parse_format(std::int64_t position, std::int64_t chunk_bytes);
    ReadResult locate_data(std::int64_t position, std::int64_t chunk_bytes);
    template <class Convert>
    ReadResult for_each_block(FrameRange range, Convert convert);

    bool is_open() const { return memory_ || file_.is_open(); }

    File file_;
    const std::uint8_t* memory_ = nullptr;
    std::int64_t file_bytes_ = 0;
    std::unique_ptr<std::uint8_t[]> block_;   // bytes block_begin_ to block_end_ of the file
    std::int64_t block_begin_ = 0;
    std::int64_t block_end_ = 0;
    WavInfo info_;
    std::int64_t frame_bytes_ = 0;
    std::int64_t data_begin_ = 0;
};

}   // namespace serfast::audio
