// What a file holds, in one number: XXH64 of its bytes, as `xxhsum` and the package xxhash give it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "audio/file.hpp"

namespace serfast::audio {

class ContentHash {
public:
    // Every call but the last takes a multiple of 32 bytes.
    void update(const std::uint8_t* bytes, std::int64_t count);
    std::uint64_t value() const;

private:
    static constexpr int stripe = 32;

    std::uint64_t lanes_[4] = {0x60EA27EEADC0B5D6ULL, 0xC2B2AE3D27D4EB4FULL, 0, 0x61C8864E7A143579ULL};
    std::uint64_t count_ = 0;
    std::uint8_t tail_[stripe] = {};
    int tail_size_ = 0;
};

std::uint64_t content_hash(const std::uint8_t* bytes, std::int64_t count);

struct FileContent {
    std::uint64_t hash = 0;
    std::uint8_t id[4] = {};   // its first bytes, by which a WAV file is known
    int id_size = 0;
};

// Of a file of any size, block by block.
ReadResult hash_file(const std::filesystem::path& path, FileContent& content);

}   // namespace serfast::audio
