#include "gemaps/gemaps.hpp"

#include "extract/frames.hpp"
#include "gemaps/functionals.hpp"
#include "gemaps/pitch.hpp"
#include "plan/error.hpp"

namespace serfast::gemaps {

template <class T> Contours Gemaps::contours(const T* y, int64_t n) const {
    Contour f0 = pitch(long_, y, n);
    Perturbation changes = perturbation(y, n, f0);
    Formants formants = formants_.find(short_, y, n, f0);
    Harmonics harmonics = harmonics_.find(long_, y, n, f0, formants);
    return {short_.contours(y, n), std::move(f0), std::move(changes), std::move(formants), std::move(harmonics)};
}

template <class T> std::vector<double> Gemaps::functionals(const T* y, int64_t n) const {
    check_finite(active_kernels<T>(), y, n, 0);
    if (n < long_length)
        throw ParameterError("audio of " + std::to_string(n) + " samples is too short: eGeMAPS needs a frame of " +
                             std::to_string(long_length));
    std::vector<double> values;
    for (const Column& column : columns_of(contours(y, n))) values.push_back(column.value);
    return values;
}

const std::vector<std::string>& column_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> result;
        const Contours nothing{ShortContours(1), Contour(1), {Contour(1), Contour(1)}, Formants(1), Harmonics(1)};
        for (const Column& column : columns_of(nothing)) result.push_back(column.name);
        return result;
    }();
    return names;
}

template std::vector<double> Gemaps::functionals(const float*, int64_t) const;
template std::vector<double> Gemaps::functionals(const double*, int64_t) const;

}  // namespace serfast::gemaps
