#include "stages/spectral.hpp"

#include <cmath>

#include "plan/norm.hpp"

namespace serfast {

template <class T>
PowerStage<T>::PowerStage(const std::vector<double>& window, int lanes)
    : Stage<T>(static_cast<int>(window.size()) / 2 + 1, {}), plan_(window, lanes) {}

template <class T> void PowerStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.power_spectrum(plan_.view(), c.input, c.stride, c.scratch, out);
}

template <class T> void RowsStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.load_rows(c.input, c.stride, this->rows, c.count, out);
}

template <class T> void MagnitudeStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const T* in = c.blocks[this->inputs[0]];
    const ptrdiff_t n = static_cast<ptrdiff_t>(this->rows) * c.kernels.lanes;
    if (exponent_ == 1) {
        c.kernels.square_root(in, n, out);
        return;
    }
    const T half = static_cast<T>(exponent_ / 2);
    for (ptrdiff_t i = 0; i < n; ++i) out[i] = std::pow(in[i], half);
}

template <class T>
FilterbankStage<T>::FilterbankStage(int input, const Matrix& bank) : Stage<T>(bank.rows, {input}) {
    for (int i = 0; i < bank.rows; ++i) {
        const double* row = bank.row(i);
        int first = 0, end = bank.columns;
        while (first < end && row[first] == 0) ++first;
        while (end > first && row[end - 1] == 0) --end;
        start_.push_back(first);
        length_.push_back(end - first);
        for (int k = first; k < end; ++k) weights_.push_back(static_cast<T>(row[k]));
    }
}

template <class T> void FilterbankStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const FilterbankView<T> view{this->rows, start_.data(), length_.data(), weights_.data()};
    c.kernels.filterbank(view, c.blocks[this->inputs[0]], out);
}

template <class T>
void DecibelStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>* seen) const {
    alignas(64) T lane_maximum[max_lanes];
    c.kernels.decibels(c.blocks[this->inputs[0]], static_cast<ptrdiff_t>(this->rows) * c.kernels.lanes,
                       static_cast<T>(amin_), 0, out, lane_maximum);
    if (seen) static_cast<Maximum<T>*>(seen)->observe(lane_maximum, c.count);
}

template <class T> void ClipStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const T top = static_cast<const Maximum<T>*>(c.facts[this->facts_of])->value;
    c.kernels.floor_at(c.blocks[this->inputs[0]], static_cast<ptrdiff_t>(this->rows) * c.kernels.lanes,
                       top - static_cast<T>(top_db_), out);
}

template <class T> void BelowMaximumStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const T top = static_cast<const Maximum<T>*>(c.facts[this->facts_of])->value;
    c.kernels.scaled(c.blocks[this->inputs[0]], static_cast<ptrdiff_t>(this->rows) * c.kernels.lanes, T(1), -top, out);
}

template <class T> void ScaleStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.scaled(c.blocks[this->inputs[0]], static_cast<ptrdiff_t>(this->rows) * c.kernels.lanes,
                     static_cast<T>(scale_), static_cast<T>(offset_), out);
}

template <class T> PanelMatrix<T>::PanelMatrix(const Matrix& m) : rows_(m.rows), columns_(m.columns) {
    const int panels = (m.rows + max_panel - 1) / max_panel;
    for (int p = 0, row = 0; p < panels; ++p) {
        const int rows = (m.rows - row + panels - p - 1) / (panels - p);
        for (int k = 0; k < m.columns; ++k)
            for (int r = row; r < row + rows; ++r) weights_.push_back(static_cast<T>(m.row(r)[k]));
        row += rows;
    }
}

template <class T> void NormalizeStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.normalize(c.blocks[this->inputs[0]], this->rows, norm_of_order(p_), p_, out);
}

template class PowerStage<float>;
template class PowerStage<double>;
template class RowsStage<float>;
template class RowsStage<double>;
template class MagnitudeStage<float>;
template class MagnitudeStage<double>;
template class FilterbankStage<float>;
template class FilterbankStage<double>;
template class DecibelStage<float>;
template class DecibelStage<double>;
template class ClipStage<float>;
template class ClipStage<double>;
template class BelowMaximumStage<float>;
template class BelowMaximumStage<double>;
template class ScaleStage<float>;
template class ScaleStage<double>;
template class PanelMatrix<float>;
template class PanelMatrix<double>;
template class MatrixStage<float>;
template class MatrixStage<double>;
template class NormalizeStage<float>;
template class NormalizeStage<double>;

}  // namespace serfast
