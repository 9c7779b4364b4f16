// Memory that ends: single pieces have a limit, and any allocation can be made the last one.
// To be included by one file of a program, whose `new` this replaces.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>

namespace fuzz {

constexpr size_t largest_piece = size_t(64) << 20;
constexpr int64_t unlimited = std::numeric_limits<int64_t>::max();
inline std::atomic<int64_t> allocations_left{unlimited};

// While it lives, only so many allocations succeed.
class Shortage {
  public:
    explicit Shortage(int64_t allocations) { allocations_left = allocations; }
    ~Shortage() { allocations_left = unlimited; }
    Shortage(const Shortage&) = delete;
};

inline void* piece_or_null(size_t size, size_t alignment) {
    void* p = nullptr;
    if (size > largest_piece || allocations_left.fetch_sub(1) <= 0) return p;
    return posix_memalign(&p, alignment, size) == 0 ? p : nullptr;
}
inline void* piece(size_t size, size_t alignment) {
    if (void* p = piece_or_null(size, alignment)) return p;
    throw std::bad_alloc();
}

}  // namespace fuzz

void* operator new(size_t size) { return fuzz::piece(size, alignof(std::max_align_t)); }
void* operator new[](size_t size) { return fuzz::piece(size, alignof(std::max_align_t)); }
void* operator new(size_t size, const std::nothrow_t&) noexcept {
    return fuzz::piece_or_null(size, alignof(std::max_align_t));
}
void* operator new(size_t size, std::align_val_t alignment) { return fuzz::piece(size, size_t(alignment)); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
