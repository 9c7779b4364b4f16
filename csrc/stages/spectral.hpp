// Stages from frames to spectra, filter banks, decibels and cepstra.
#pragma once

#include <limits>

#include "plan/fft_plan.hpp"
#include "plan/filters.hpp"
#include "stages/stage.hpp"

namespace serfast {

template <class T> struct Maximum : Facts<T> {
    void merge(const Facts<T>& other) override {
        const T theirs = static_cast<const Maximum&>(other).value;
        value = theirs > value ? theirs : value;
    }
    void observe(const T* lane_maximum, int count) {
        for (int lane = 0; lane < count; ++lane)
            value = lane_maximum[lane] > value ? lane_maximum[lane] : value;
    }
    T value = -std::numeric_limits<T>::infinity();
};

// Power of each bin of the windowed frames.
template <class T> class PowerStage : public Stage<T> {
  public:
    PowerStage(const std::vector<double>& window, int lanes);
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;
    size_t scratch_size(int lanes) const override { return plan_.scratch_size(lanes); }

  private:
    SpectrumPlan<T> plan_;
};

// Rows that the caller brings.
template <class T> class RowsStage : public Stage<T> {
  public:
    explicit RowsStage(int rows) : Stage<T>(rows, {}) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;
};

// The input, a power, raised to exponent / 2.
template <class T> class MagnitudeStage : public Stage<T> {
  public:
    MagnitudeStage(int input, int rows, double exponent)
        : Stage<T>(rows, {input}), exponent_(exponent) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    double exponent_;
};

template <class T> class FilterbankStage : public Stage<T> {
  public:
    FilterbankStage(int input, const Matrix& bank);
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    std::vector<int> start_, length_;
    std::vector<T> weights_;
};

// 10 log10(max(amin, x)); its facts are the largest value.
template <class T> class DecibelStage : public Stage<T> {
  public:
    DecibelStage(int input, int rows, double amin) : Stage<T>(rows, {input}), amin_(amin) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>* seen) const override;
    std::unique_ptr<Facts<T>> new_facts() const override { return std::make_unique<Maximum<T>>(); }

  private:
    double amin_;
};

// Nothing lower than the whole signal's maximum less top_db.
template <class T> class ClipStage : public Stage<T> {
  public:
    ClipStage(int input, int rows, double top_db) : Stage<T>(rows, {input}), top_db_(top_db) {
        this->facts_of = input;
    }
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    double top_db_;
};

// Less the whole signal's maximum, a fact of the stage `decibels`.
template <class T> class BelowMaximumStage : public Stage<T> {
  public:
    BelowMaximumStage(int input, int rows, int decibels) : Stage<T>(rows, {input}) { this->facts_of = decibels; }
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;
};

template <class T> class ScaleStage : public Stage<T> {
  public:
    ScaleStage(int input, int rows, double scale, double offset)
        : Stage<T>(rows, {input}), scale_(scale), offset_(offset) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    double scale_, offset_;
};

// A dense matrix in the layout that the kernel reads.
template <class T> class PanelMatrix {
  public:
    explicit PanelMatrix(const Matrix& matrix);
    MatrixView<T> view() const { return {rows_, columns_, weights_.data()}; }

  private:
    int rows_, columns_;
    std::vector<T> weights_;
};

template <class T> class MatrixStage : public Stage<T> {
  public:
    MatrixStage(int input, const Matrix& matrix) : Stage<T>(matrix.rows, {input}), matrix_(matrix) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override {
        context.kernels.matrix(matrix_.view(), context.blocks[this->inputs[0]], out);
    }

  private:
    PanelMatrix<T> matrix_;
};

template <class T> class NormalizeStage : public Stage<T> {
  public:
    NormalizeStage(int input, int rows, double p) : Stage<T>(rows, {input}), p_(p) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    double p_;
};

}  // namespace serfast
