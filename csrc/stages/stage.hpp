// A stage turns blocks of earlier stages into one block. Stages of one framing form a group; each
// runs once a block, however many features read it.
#pragma once

#include <memory>
#include <vector>

#include "kernels/kernels.hpp"

namespace serfast {

// What a stage learns from the whole signal before any block that depends on it can be computed.
template <class T> class Facts {
  public:
    virtual ~Facts() = default;
    virtual void merge(const Facts& other) = 0;
    // False: the signal must be gone through once more, with what `again` gives for each worker.
    virtual bool conclude() { return true; }
    virtual std::unique_ptr<Facts> again() const { return nullptr; }
};

template <class T> struct BlockContext {
    const Kernels<T>& kernels;
    const T* input;       // signal: the block's first frame; rows: the block's first column
    ptrdiff_t stride;     // between frames, or between rows
    int count;            // frames of the block that exist
    T* scratch;
    T* const* blocks;     // by stage
    const Facts<T>* const* facts;  // by stage, concluded; null where a stage has none
};

template <class T> class Stage {
  public:
    Stage(int rows, std::vector<int> inputs) : rows(rows), inputs(std::move(inputs)) {}
    virtual ~Stage() = default;

    // Fills out, rows * lanes elements. While facts are gathered, `seen` is this stage's own.
    virtual void run(const BlockContext<T>& context, T* out, Facts<T>* seen) const = 0;
    virtual std::unique_ptr<Facts<T>> new_facts() const { return nullptr; }
    virtual size_t scratch_size(int) const { return 0; }  // elements, by lanes
    virtual bool has_gaps() const { return false; }       // NaN in frames that have no value

    const int rows;
    const std::vector<int> inputs;
    int facts_of = -1;  // the stage whose concluded facts this one needs
};

}  // namespace serfast
