// Memory for blocks: aligned to the widest vector, never initialized, grown but not shrunk.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace serfast {

template <class T> class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(size_t size) { reserve(size); }

    // Old contents are lost when the buffer grows.
    T* reserve(size_t size) {
        if (size > size_) {
            data_.reset();
            size_ = 0;  // where there is no memory to be had
            data_.reset(static_cast<T*>(::operator new(size * sizeof(T), alignment)));
            size_ = size;
        }
        return data_.get();
    }
    T* data() { return data_.get(); }
    const T* data() const { return data_.get(); }
    size_t size() const { return size_; }

  private:
    static constexpr std::align_val_t alignment{64};
    struct Free {
        void operator()(T* p) const { ::operator delete(p, alignment); }
    };
    std::unique_ptr<T, Free> data_;
    size_t size_ = 0;
};

}  // namespace serfast
