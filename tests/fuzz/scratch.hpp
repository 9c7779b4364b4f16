// Files without a name, with a path to open them by.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "bytes.hpp"

namespace fuzz {

class Scratch {
  public:
    static Scratch& one() {
        static Scratch file;
        return file;
    }
    static Scratch& other() {
        static Scratch file;
        return file;
    }

    const std::filesystem::path& holding(const std::vector<uint8_t>& content) {
        std::rewind(file_);
        expect(std::fwrite(content.data(), 1, content.size(), file_) == content.size() && std::fflush(file_) == 0,
               "there is room for the file");
        std::filesystem::resize_file(path_, content.size());
        return path_;
    }

  private:
    std::FILE* file_ = std::tmpfile();
    const std::filesystem::path path_ = "/dev/fd/" + std::to_string(fileno(file_));
};

}  // namespace fuzz
