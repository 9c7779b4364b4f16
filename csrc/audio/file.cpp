#include "file.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#if defined(_WIN32)
#include <io.h>
#include <share.h>
#else
#include <unistd.h>
#endif

namespace serfast::audio {
namespace {

using std::filesystem::path;

#if defined(_WIN32)
using FileStatus = struct _stat64;

int status_of(const path& file, FileStatus* status) { return ::_wstat64(file.c_str(), status); }
bool is_directory(const FileStatus& status) { return (status.st_mode & _S_IFMT) == _S_IFDIR; }
bool is_regular(const FileStatus& status) { return (status.st_mode & _S_IFMT) == _S_IFREG; }

int open_for_reading(const path& file) {
    int descriptor = -1;
    ::_wsopen_s(&descriptor, file.c_str(), _O_RDONLY | _O_BINARY | _O_NOINHERIT, _SH_DENYNO, 0);
    return descriptor;
}

std::int64_t read_some(int descriptor, std::uint8_t* to, std::int64_t count, std::int64_t position) {
    constexpr std::int64_t most = 1 << 30;
    if (::_lseeki64(descriptor, position, SEEK_SET) < 0) return -1;
    return ::_read(descriptor, to, static_cast<unsigned>(std::min(count, most)));
}

void close_descriptor(int descriptor) { ::_close(descriptor); }
#else
using FileStatus = struct stat;

int status_of(const path& file, FileStatus* status) { return ::stat(file.c_str(), status); }
bool is_directory(const FileStatus& status) { return S_ISDIR(status.st_mode); }
bool is_regular(const FileStatus& status) { return S_ISREG(status.st_mode); }
int open_for_reading(const path& file) { return ::open(file.c_str(), O_RDONLY | O_CLOEXEC); }

std::int64_t read_some(int descriptor, std::uint8_t* to, std::int64_t count, std::int64_t position) {
    return ::pread(descriptor, to, static_cast<std::size_t>(count), static_cast<off_t>(position));
}

void close_descriptor(int descriptor) { ::close(descriptor); }
#endif

}   // namespace

ReadResult unsupported(std::string message) { return {ReadStatus::unsupported, std::move(message), 0}; }
ReadResult damaged(std::string message) { return {ReadStatus::damaged, std::move(message), 0}; }

ReadResult cannot_open(int error_number) {
    return {ReadStatus::system_error, "cannot be opened: " + std::generic_category().message(error_number),
            error_number};
}

ReadResult cannot_read(int error_number) {
    return {ReadStatus::system_error, "cannot be read: " + std::generic_category().message(error_number),
            error_number};
}

ReadResult File::open(const path& file) {
    close();
    error_number_ = 0;
    // Asked before opening, since opening a named pipe would wait for its writer.
    FileStatus status;
    if (status_of(file, &status) != 0) return cannot_open(errno);
    if (is_directory(status)) return cannot_open(EISDIR);
    if (!is_regular(status)) return unsupported("is not a regular file");
    descriptor_ = open_for_reading(file);
    if (descriptor_ < 0) return cannot_open(errno);
    size_ = status.st_size;
    return {};
}

void File::close() {
    if (is_open()) close_descriptor(descriptor_);
    descriptor_ = -1;
}

std::int64_t File::read(std::uint8_t* to, std::int64_t count, std::int64_t position) {
    std::int64_t done = 0;
    while (done < count) {
        const std::int64_t more = read_some(descriptor_, to + done, count - done, position + done);
        if (more < 0 && errno == EINTR) continue;
        if (more < 0 && !error_number_) error_number_ = errno;
        if (more <= 0) break;
        done += more;
    }
    return done;
}

}   // namespace serfast::audio
