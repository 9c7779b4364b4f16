#include "wav.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the WAV reader copies little-endian numbers as they are: big-endian machines are not supported"
#endif

namespace serfast::audio {
namespace {

// ---------------------------------------------------------------- numbers

template <class Number>
Number number_at(const std::uint8_t* bytes) {
    Number number;
    std::memcpy(&number, bytes, sizeof number);
    return number;
}

bool is_id(const std::uint8_t* bytes, const char* id) { return std::memcmp(bytes, id, 4) == 0; }

// How one sample is stored: its width, and its value as float or double.
template <class Stored, int scale_bits>
struct Pcm {
    static constexpr int width = sizeof(Stored);

    template <class Sample>
    static Sample value(const std::uint8_t* bytes) {
        return static_cast<Sample>(number_at<Stored>(bytes)) * (Sample(1) / Sample(1LL << scale_bits));
    }
};

using Pcm16 = Pcm<std::int16_t, 15>;
using Pcm32 = Pcm<std::int32_t, 31>;

struct PcmU8 {
    static constexpr int width = 1;

    template <class Sample>
    static Sample value(const std::uint8_t* bytes) {
        return static_cast<Sample>(*bytes - 128) * (Sample(1) / Sample(128));
    }
};

struct Pcm24 {
    static constexpr int width = 3;

    // Reads four bytes, one load, and shifts the neighbour's byte out: there are `bytes_beyond`.
    template <class Sample>
    static Sample value(const std::uint8_t* bytes) {
        const auto high = static_cast<std::int32_t>(number_at<std::uint32_t>(bytes) << 8);
        return static_cast<Sample>(high) * (Sample(1) / Sample(1LL << 31));
    }
};

template <class Stored>
struct Float {
    static constexpr int width = sizeof(Stored);

    template <class Sample>
    static Sample value(const std::uint8_t* bytes) {
        return static_cast<Sample>(number_at<Stored>(bytes));
    }
};

template <class Visitor>
auto with_codec(Encoding encoding, Visitor visit) {
    switch (encoding) {
        case Encoding::pcm_u8: return visit(PcmU8{});
        case Encoding::pcm_16: return visit(Pcm16{});
        case Encoding::pcm_24: return visit(Pcm24{});
        case Encoding::pcm_32: return visit(Pcm32{});
        case Encoding::float_32: return visit(Float<float>{});
        default: return visit(Float<double>{});
    }
}

// The branches on the channel count give the compiler fixed strides, which it can vectorise.
template <class Codec, class Sample>
void convert_mono(const std::uint8_t* __restrict bytes, std::int64_t n_frames, int channels,
                  Sample* __restrict out) {
    constexpr int width = Codec::width;
    if (channels == 1) {
        for (std::int64_t i = 0; i < n_frames; ++i) out[i] = Codec::template value<Sample>(bytes + i * width);
        return;
    }
    if (channels == 2) {
        for (std::int64_t i = 0; i < n_frames; ++i) {
            const std::uint8_t* frame = bytes + i * (2 * width);
            out[i] = (Codec::template value<Sample>(frame) + Codec::template value<Sample>(frame + width)) *
                     Sample(0.5);
        }
        return;
    }
    for (std::int64_t i = 0; i < n_frames; ++i) {
        Sample sum = 0;
        for (int c = 0; c < channels; ++c, bytes += width) sum += Codec::template value<Sample>(bytes);
        out[i] = sum / static_cast<Sample>(channels);
    }
}

template <class Codec, class Sample>
void convert_planar(const std::uint8_t* __restrict bytes, std::int64_t n_frames, int channels,
                    Sample* __restrict out, std::int64_t channel_stride) {
    const std::int64_t frame_bytes = std::int64_t{channels} * Codec::width;
    for (int c = 0; c < channels; ++c) {
        const std::uint8_t* channel = bytes + c * Codec::width;
        Sample* row = out + c * channel_stride;
        for (std::int64_t i = 0; i < n_frames; ++i) {
            row[i] = Codec::template value<Sample>(channel + i * frame_bytes);
        }
    }
}

// Large enough that a clip costs two or three system calls, small enough to stay in the L2 cache.
constexpr std::int64_t block_bytes = 64 * 1024;
constexpr int max_channels = 1024;        // libsndfile's limit; keeps a frame well inside a block
constexpr std::uint32_t max_sample_rate = std::numeric_limits<int>::max();

constexpr std::uint16_t format_pcm = 1;
constexpr std::uint16_t format_float = 3;
constexpr std::uint16_t format_extensible = 0xFFFE;
constexpr std::int64_t unknown_size = 0xFFFFFFFF;   // written by streams, and by RF64, which has the size in ds64
constexpr std::int64_t the_rest = std::numeric_limits<std::int64_t>::max();

// An extensible header names the format in the first two bytes of a GUID; these are the others.
constexpr std::uint8_t guid_tail[14] = {0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
                                        0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};

bool encoding_of(std::uint16_t format, int bits, Encoding* encoding) {
    if (format == format_pcm) {
        switch (bits) {
            case 8: *encoding = Encoding::pcm_u8; return true;
            case 16: *encoding = Encoding::pcm_16; return true;
            case 24: *encoding = Encoding::pcm_24; return true;
            case 32: *encoding = Encoding::pcm_32; return true;
            default: return false;
        }
    }
    *encoding = bits == 32 ? Encoding::float_32 : Encoding::float_64;
    return format == format_float && (bits == 32 || bits == 64);
}

bool is_printable(const std::uint8_t* id) {
    return std::all_of(id, id + 4, [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7F; });
}

std::int64_t whole_frames(const WavInfo& info, double seconds) {
    const double frames = seconds * info.sample_rate;
    if (!(frames > 0)) return 0;   // NaN too
    return frames < static_cast<double>(info.frames) ? static_cast<std::int64_t>(frames) : info.frames;
}

}   // namespace

FrameRange frames_between(const WavInfo& info, double offset, double duration) {
    const std::int64_t first = whole_frames(info, offset);
    return {first, std::min(whole_frames(info, duration), info.frames - first)};
}

void WavReader::close() {
    file_.close();
    memory_ = nullptr;
}

ReadResult WavReader::open(const std::filesystem::path& path) {
    close();
    block_begin_ = block_end_ = 0;
    if (ReadResult result = file_.open(path); !result) return result;
    file_bytes_ = file_.size();
    if (!block_) block_.reset(new std::uint8_t[block_bytes + bytes_beyond]);
    const ReadResult parsed = parse_header(), read = file_.all_read();
    return read ? parsed : read;
}

ReadResult WavReader::open(const std::uint8_t* bytes, std::int64_t count) {
    close();
    memory_ = bytes;
    file_bytes_ = count;
    return parse_header();
}

// The bytes from `position` on, as many as one block has of them; none if there are fewer than `at_least`.
WavReader::Bytes WavReader::bytes_at(std::int64_t position, std::int64_t at_least) {
    if (memory_) {
        if (file_bytes_ - position < at_least) return {};
        return {memory_ + position, file_bytes_ - position};
    }
    if (position < block_begin_ || block_end_ - position < at_least) {
        block_begin_ = position;
        block_end_ = position + file_.read(block_.get(), std::min(block_bytes, file_bytes_ - position), position);
        if (block_end_ - position < at_least) return {};
    }
    return {block_.get() + (position - block_begin_), block_end_ - position};
}

ReadResult WavReader::parse_header() {
    info_ = {};
    frame_bytes_ = 0;
    if (file_bytes_ == 0) return damaged("is empty (0 bytes)");
    const std::uint8_t* riff = bytes_at(0, 12).begin;
    const bool is_rf64 = riff && is_id(riff, "RF64");
    if (!riff || !(is_rf64 || is_id(riff, "RIFF")) || !is_id(riff + 8, "WAVE")) {
        return unsupported("is not a little-endian RIFF/WAVE file");
    }
    const std::int64_t riff_bytes = number_at<std::uint32_t>(riff + 4);
    // What a program leaves that writes the sizes when it closes the file, and never came to that.
    const bool unfinished = !is_rf64 && (riff_bytes <= 8 || riff_bytes == unknown_size);
    std::int64_t long_data_bytes = the_rest;
    std::int64_t position = 12;
    while (const std::uint8_t* chunk = bytes_at(position, 8).begin) {
        const std::int64_t chunk_bytes = number_at<std::uint32_t>(chunk + 4);
        if (!is_printable(chunk)) return unsupported("has something other than chunks in its header");
        position += 8;
        if (is_id(chunk, "data")) {
            if (chunk_bytes == unknown_size) return locate_data(position, long_data_bytes);
            return locate_data(position, chunk_bytes == 0 && unfinished ? the_rest : chunk_bytes);
        }
        if (is_id(chunk, "fmt ")) {
            if (ReadResult result = parse_format(position, chunk_bytes); !result) return result;
        }
        if (is_rf64 && is_id(chunk, "ds64")) {
            const std::uint8_t* sizes = bytes_at(position, 16).begin;
            if (!sizes) return damaged("ends inside its ds64 chunk");
            long_data_bytes = number_at<std::int64_t>(sizes + 8);
        }
        position += chunk_bytes + chunk_bytes % 2;
    }
    return damaged(frame_bytes_ ? "has no data chunk" : "ends before its fmt chunk");
}

ReadResult WavReader::parse_format(std::int64_t position, std::int64_t chunk_bytes) {
    const std::uint8_t* fields = bytes_at(position, 16).begin;
    if (chunk_bytes < 16 || !fields) return damaged("has a fmt chunk of less than 16 bytes");
    auto format = number_at<std::uint16_t>(fields);
    const int channels = number_at<std::uint16_t>(fields + 2);
    const auto sample_rate = number_at<std::uint32_t>(fields + 4);
    const int bytes_per_frame = number_at<std::uint16_t>(fields + 12);
    const int bits = number_at<std::uint16_t>(fields + 14);
    if (channels == 0) return damaged("says that it has 0 channels");
    if (sample_rate == 0) return damaged("says that its sampling rate is 0 Hz");
    if (format == format_extensible && chunk_bytes >= 40) {
        fields = bytes_at(position, 40).begin;
        if (!fields) return damaged("ends inside its fmt chunk");
        const bool all_bits_valid = number_at<std::uint16_t>(fields + 18) == bits;
        if (!all_bits_valid || std::memcmp(fields + 26, guid_tail, sizeof guid_tail) != 0) {
            return unsupported("has samples of an uncommon kind");
        }
        format = number_at<std::uint16_t>(fields + 24);
    }
    if (!encoding_of(format, bits, &info_.encoding)) {
        return unsupported("has samples of format " + std::to_string(format) + " with " + std::to_string(bits) +
                           " bits");
    }
    if (channels > max_channels || sample_rate > max_sample_rate || bytes_per_frame != channels * (bits / 8)) {
        return unsupported("has a fmt chunk that contradicts itself");
    }
    info_.channels = channels;
    info_.sample_rate = static_cast<int>(sample_rate);
    frame_bytes_ = bytes_per_frame;
    return {};
}

ReadResult WavReader::locate_data(std::int64_t position, std::int64_t chunk_bytes) {
    if (!frame_bytes_) return damaged("has no fmt chunk before its data");
    const std::int64_t held = file_bytes_ - position;
    info_.frames = (chunk_bytes >= 0 && chunk_bytes <= held ? chunk_bytes : held) / frame_bytes_;
    data_begin_ = position;
    return {};
}

// Calls convert(bytes, n_done, n_frames) for one run of whole frames after the other.
template <class Convert>
ReadResult WavReader::for_each_block(FrameRange range, Convert convert) {
    if (!is_open()) return cannot_open(EBADF);
    for (std::int64_t done = 0; done < range.count;) {
        const Bytes bytes = bytes_at(data_begin_ + (range.first + done) * frame_bytes_, frame_bytes_);
        const std::int64_t n_frames = std::min(bytes.count / frame_bytes_, range.count - done);
        if (n_frames == 0) {
            const ReadResult read = file_.all_read();
            return read ? damaged("ended early while it was read") : read;
        }
        convert(bytes.begin, done, n_frames);
        done += n_frames;
    }
    return {};
}

template <class Sample>
ReadResult WavReader::read_mono(FrameRange range, Sample* out) {
    return with_codec(info_.encoding, [&](auto codec) {
        return for_each_block(range, [&](const std::uint8_t* bytes, std::int64_t done, std::int64_t n_frames) {
            convert_mono<decltype(codec)>(bytes, n_frames, info_.channels, out + done);
        });
    });
}

template <class Sample>
ReadResult WavReader::read_planar(FrameRange range, Sample* out) {
    if (info_.channels == 1) return read_mono(range, out);
    return with_codec(info_.encoding, [&](auto codec) {
        return for_each_block(range, [&](const std::uint8_t* bytes, std::int64_t done, std::int64_t n_frames) {
            convert_planar<decltype(codec)>(bytes, n_frames, info_.channels, out + done, range.count);
        });
    });
}

template <class Sample>
ReadResult WavReader::read_all(std::vector<Sample>& samples) {
    samples.resize(static_cast<std::size_t>(info_.frames));
    const ReadResult result = read_mono(FrameRange{0, info_.frames}, samples.data());
    close();
    return result;
}

template ReadResult WavReader::read_mono(FrameRange, float*);
template ReadResult WavReader::read_mono(FrameRange, double*);
template ReadResult WavReader::read_planar(FrameRange, float*);
template ReadResult WavReader::read_planar(FrameRange, double*);
template ReadResult WavReader::read_all(std::vector<float>&);

}   // namespace serfast::audio
