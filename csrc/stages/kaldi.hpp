// Stages of Kaldi's front end: frames prepared before the transform, natural logarithms, energy.
#pragma once

#include "stages/spectral.hpp"

namespace serfast {

struct Preparation {
    int length, n_fft;
    bool remove_mean;
    double preemphasis;
    std::vector<double> window;  // length values
};

// n_fft rows of samples, then the energies: see PreparationView.
template <class T> class PreparedFramesStage : public Stage<T> {
  public:
    explicit PreparedFramesStage(const Preparation& preparation);
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    std::vector<T> window_;
    PreparationView<T> view_;
};

// Power of each bin of frames that another stage prepared.
template <class T> class PowerOfFramesStage : public Stage<T> {
  public:
    PowerOfFramesStage(int input, int n_fft, int lanes)
        : Stage<T>(n_fft / 2 + 1, {input}), plan_(std::vector<double>(static_cast<size_t>(n_fft)), lanes) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;
    size_t scratch_size(int lanes) const override { return plan_.scratch_size(lanes); }

  private:
    SpectrumPlan<T> plan_;
};

// ln(max(floor, x)) of the input's rows from `first` on.
template <class T> class LogarithmStage : public Stage<T> {
  public:
    LogarithmStage(int input, int first, int rows, double floor)
        : Stage<T>(rows, {input}), first_(first), floor_(floor) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    int first_;
    double floor_;
};

// The rows of one input, then those of the other.
template <class T> class JoinStage : public Stage<T> {
  public:
    JoinStage(int first, int first_rows, int second, int second_rows)
        : Stage<T>(first_rows + second_rows, {first, second}), first_rows_(first_rows) {}
    void run(const BlockContext<T>& context, T* out, Facts<T>*) const override;

  private:
    int first_rows_;
};

}  // namespace serfast
