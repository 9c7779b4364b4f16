// What the targets share: numbers out of a fuzzer's bytes, and a check that stops it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fuzz {

// Zeros when the bytes are used up.
class Bytes {
  public:
    Bytes(const uint8_t* data, size_t size) : data_(data), left_(size) {}

    size_t left() const { return left_; }
    template <class Number> Number take() {
        Number number{};
        const size_t count = left_ < sizeof number ? left_ : sizeof number;
        std::memcpy(&number, data_, count);
        data_ += count;
        left_ -= count;
        return number;
    }
    // 0 to n - 1.
    size_t below(size_t n) { return take<uint16_t>() % n; }
    template <class Items> const auto& one_of(const Items& items) { return items[below(std::size(items))]; }

  private:
    const uint8_t* data_;
    size_t left_;
};

inline void expect(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

}  // namespace fuzz
