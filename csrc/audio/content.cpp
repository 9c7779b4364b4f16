#include "audio/content.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace serfast::audio {
namespace {

constexpr std::uint64_t prime1 = 0x9E3779B185EBCA87ULL, prime2 = 0xC2B2AE3D27D4EB4FULL,
                        prime3 = 0x165667B19E3779F9ULL, prime4 = 0x85EBCA77C2B2AE63ULL,
                        prime5 = 0x27D4EB2F165667C5ULL;

std::uint64_t rotated(std::uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

std::uint64_t round(std::uint64_t sum, std::uint64_t word) { return rotated(sum + word * prime2, 31) * prime1; }

template <class Word>
std::uint64_t word_at(const std::uint8_t* bytes) {
    Word word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

}   // namespace

void ContentHash::update(const std::uint8_t* bytes, std::int64_t count) {
    count_ += static_cast<std::uint64_t>(count);
    for (; count >= stripe; bytes += stripe, count -= stripe)
        for (int lane = 0; lane < 4; ++lane) lanes_[lane] = round(lanes_[lane], word_at<std::uint64_t>(bytes + 8 * lane));
    tail_size_ = static_cast<int>(count);
    std::copy_n(bytes, tail_size_, tail_);
}

std::uint64_t ContentHash::value() const {
    std::uint64_t sum = prime5;
    if (count_ >= stripe) {
        sum = rotated(lanes_[0], 1) + rotated(lanes_[1], 7) + rotated(lanes_[2], 12) + rotated(lanes_[3], 18);
        for (const std::uint64_t lane : lanes_) sum = (sum ^ round(0, lane)) * prime1 + prime4;
    }
    sum += count_;
    int at = 0;
    for (; at + 8 <= tail_size_; at += 8)
        sum = rotated(sum ^ round(0, word_at<std::uint64_t>(tail_ + at)), 27) * prime1 + prime4;
    for (; at + 4 <= tail_size_; at += 4)
        sum = rotated(sum ^ word_at<std::uint32_t>(tail_ + at) * prime1, 23) * prime2 + prime3;
    for (; at < tail_size_; ++at) sum = rotated(sum ^ tail_[at] * prime5, 11) * prime1;
    sum = (sum ^ sum >> 33) * prime2;
    sum = (sum ^ sum >> 29) * prime3;
    return sum ^ sum >> 32;
}

std::uint64_t content_hash(const std::uint8_t* bytes, std::int64_t count) {
    ContentHash hash;
    hash.update(bytes, count);
    return hash.value();
}

ReadResult hash_file(const std::filesystem::path& path, FileContent& content) {
    constexpr std::int64_t block_bytes = 64 * 1024;
    File file;
    if (ReadResult result = file.open(path); !result) return result;
    const std::unique_ptr<std::uint8_t[]> block(new std::uint8_t[block_bytes]);
    ContentHash hash;
    for (std::int64_t position = 0, count = block_bytes; count == block_bytes; position += count) {
        count = file.read(block.get(), block_bytes, position);
        hash.update(block.get(), count);
        if (position == 0) {
            content.id_size = static_cast<int>(std::min<std::int64_t>(count, sizeof content.id));
            std::copy_n(block.get(), content.id_size, content.id);
        }
    }
    content.hash = hash.value();
    return file.all_read();
}

}   // namespace serfast::audio
