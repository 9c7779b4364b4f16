// Regular files, read by position.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serfast::audio {

enum class ReadStatus { ok, unsupported, damaged, system_error };

struct ReadResult {
    ReadStatus status = ReadStatus::ok;
    std::string message;    // continues a sentence that starts with the path: "has no data chunk"
    int error_number = 0;   // errno, for system_error

    explicit operator bool() const { return status == ReadStatus::ok; }
};

ReadResult unsupported(std::string message);
ReadResult damaged(std::string message);
ReadResult cannot_open(int error_number);
ReadResult cannot_read(int error_number);

class File {
public:
    File() = default;
    ~File() { close(); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    // A file that was open before is closed. What is not a regular file is `unsupported`.
    ReadResult open(const std::filesystem::path& path);
    void close();
    bool is_open() const { return descriptor_ >= 0; }

    // In bytes, when it was opened.
    std::int64_t size() const { return size_; }

    // How many bytes were read: fewer than `count` only where the file ends or cannot be read.
    std::int64_t read(std::uint8_t* to, std::int64_t count, std::int64_t position);
    // Whether all reads since it was opened went well, and what was the matter with the first that did not.
    ReadResult all_read() const { return error_number_ ? cannot_read(error_number_) : ReadResult{}; }

private:
    int descriptor_ = -1;
    int error_number_ = 0;
    std::int64_t size_ = 0;
};

}   // namespace serfast::audio
