#include "stages/kaldi.hpp"

#include <algorithm>

namespace serfast {

template <class T>
PreparedFramesStage<T>::PreparedFramesStage(const Preparation& p)
    : Stage<T>(p.n_fft + 2, {}), window_(p.window.begin(), p.window.end()),
      view_{p.length, p.n_fft, p.remove_mean ? T(1) / static_cast<T>(p.length) : T(0),
            static_cast<T>(p.preemphasis), window_.data()} {}

template <class T> void PreparedFramesStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.prepared_frames(view_, c.input, c.stride, out);
}

template <class T> void PowerOfFramesStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.power_of_rows(plan_.view(), c.blocks[this->inputs[0]], c.scratch, out);
}

template <class T> void LogarithmStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const ptrdiff_t lanes = c.kernels.lanes;
    c.kernels.logarithm(c.blocks[this->inputs[0]] + first_ * lanes, this->rows * lanes,
                        static_cast<T>(floor_), out);
}

template <class T> void JoinStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const ptrdiff_t lanes = c.kernels.lanes;
    T* middle = std::copy_n(c.blocks[this->inputs[0]], first_rows_ * lanes, out);
    std::copy_n(c.blocks[this->inputs[1]], (this->rows - first_rows_) * lanes, middle);
}

template class PreparedFramesStage<float>;
template class PreparedFramesStage<double>;
template class PowerOfFramesStage<float>;
template class PowerOfFramesStage<double>;
template class LogarithmStage<float>;
template class LogarithmStage<double>;
template class JoinStage<float>;
template class JoinStage<double>;

}  // namespace serfast
