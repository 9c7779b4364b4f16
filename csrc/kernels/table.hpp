// One instruction set's table for one element type. Compiled as kernels_f32.cpp and kernels_f64.cpp,
// once per instruction set, with SERFAST_ISA (a name) and SERFAST_VECTOR_BYTES defined.
#pragma once

#include "autocorrelation.hpp"
#include "contrast.hpp"
#include "peaks.hpp"
#include "samples.hpp"

#define SERFAST_JOIN_(a, b) a##b
#define SERFAST_JOIN(a, b) SERFAST_JOIN_(a, b)

namespace serfast {
namespace {

template <class T> constexpr Kernels<T> make_kernels() {
    return {
        lanes<T>,
        power_spectrum<T>,
        complex_spectrum<T>,
        autocorrelation<T>,
        inverse_frames<T>,
        load_rows<T>,
        store_rows<T>,
        square_root<T>,
        decibels<T>,
        floor_at<T>,
        extrema<T>,
        all_finite<T>,
        filterbank<T>,
        matrix<T>,
        normalize<T>,
        centroid<T>,
        bandwidth<T>,
        rolloff<T>,
        flatness<T>,
        contrast<T>,
        rms<T>,
        piptrack<T>,
        peaks<T>,
        tuning_steps<T>,
        sum_of_squares<T>,
        sign_changes<T>,
        sum<T>,
        central_moments<T>,
        correlate<T>,
        first_order<T>,
    };
}

}  // namespace
}  // namespace serfast
