// Microseconds per frame of window, real transform and squared magnitude, for the lengths given as
// arguments. The squares are part of the kernel: no caller needs a spectrum that is not reduced.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "plan/buffer.hpp"
#include "plan/fft_plan.hpp"
#include "plan/isa.hpp"

namespace {

constexpr int n_blocks = 64, repeats = 301;

double microseconds_per_frame(int n_fft) {
    using Clock = std::chrono::steady_clock;
    const auto& kernels = serfast::active_kernels<float>();
    const int lanes = kernels.lanes, hop = n_fft / 4;
    std::vector<double> window(static_cast<size_t>(n_fft));
    for (int i = 0; i < n_fft; ++i) window[static_cast<size_t>(i)] = 0.5 - 0.5 * std::cos(2 * M_PI * i / n_fft);
    const serfast::SpectrumPlan<float> plan(window, lanes);
    std::vector<float> signal(static_cast<size_t>((n_blocks * lanes + 4) * hop + lanes));
    for (float& sample : signal) sample = static_cast<float>(std::rand()) / static_cast<float>(RAND_MAX) - 0.5f;
    serfast::Buffer<float> scratch(plan.scratch_size(lanes)), power(static_cast<size_t>(plan.n_bins() * lanes));

    std::vector<double> times;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const auto start = Clock::now();
        for (int block = 0; block < n_blocks; ++block)
            kernels.power_spectrum(plan.view(), signal.data() + static_cast<ptrdiff_t>(block) * lanes * hop, hop,
                                   scratch.data(), power.data());
        times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
    std::nth_element(times.begin(), times.begin() + repeats / 2, times.end());
    return times[repeats / 2] / (n_blocks * lanes);
}

}  // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) std::printf("%f\n", microseconds_per_frame(std::atoi(argv[i])));
}
