// One instruction set's table for one element type. Compiled as kernels_f32.cpp and kernels_f64.cpp,
// once per instruction set, with SERFAST_ISA (a name) and SERFAST_VECTOR_BYTES defined.
#pragma once

#include "autocorrelation.hpp"
#include "contrast.hpp"
#include "difference.hpp"
#include "frames.hpp"
#include "masks.hpp"
#include "median.hpp"
#include "peaks.hpp"
#include "response.hpp"
#include "roots.hpp"
#include "samples.hpp"
#include "sort.hpp"
#include "spectrum.hpp"
#include "subharmonics.hpp"
#include "viterbi.hpp"
#include "vocoder.hpp"

#define SERFAST_JOIN_(a, b) a##b
#define SERFAST_JOIN(a, b) SERFAST_JOIN_(a, b)

namespace serfast {
namespace {

template <class T> constexpr Kernels<T> make_kernels() {
    return {
        lanes<T>,
        power_spectrum<T>,
        prepared_frames<T>,
        power_of_rows<T>,
        complex_spectrum<T>,
        autocorrelation<T>,
        inverse_frames<T>,
        complex_responses<T>,
        response_magnitudes<T>,
        load_rows<T>,
        store_rows<T>,
        store_frames<T>,
        square_root<T>,
        decibels<T>,
        logarithm<T>,
        scaled<T>,
        to_double<T>,
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
        normalized_difference<T>,
        troughs<T>,
        chosen_troughs<T>,
        viterbi_step<T>,
        subharmonic_sums<T>,
        polynomial_roots<T>,
        tuning_steps<T>,
        sum_of_squares<T>,
        sign_changes<T>,
        sum<T>,
        dot<T>,
        central_moments<T>,
        weighted_sum<T>,
        mean_squared_change<T>,
        sorted_rows<T>,
        correlate<T>,
        running_median<T>,
        transpose_matrix<T>,
        magnitude<T>,
        soft_mask<T>,
        scale_pairs<T>,
        first_order<T>,
        split_pairs<T>,
        join_pairs<T>,
        to_polar<T>,
        turn_phases<T>,
        add_to<T>,
        divide_by<T>,
    };
}

}  // namespace
}  // namespace serfast
