#include "gemaps/perturbation.hpp"

#include <cmath>
#include <tuple>
#include <utility>

#include "gemaps/parabola.hpp"

namespace serfast::gemaps {

namespace {

constexpr double tolerance = 0.1;        // of the period that F0 says
constexpr double least_similarity = 0.5;  // of neighbouring periods

// Samples with their running sums.
class Window {
  public:
    template <class T> void fill(const T* y, int64_t n) {
        samples_.resize(static_cast<size_t>(n));
        active_kernels<T>().to_double(y, n, samples_.data());
        sums_.assign(1, 0.0);
        squares_.assign(1, 0.0);
        for (double x : samples_) {
            sums_.push_back(sums_.back() + x);
            squares_.push_back(squares_.back() + x * x);
        }
    }
    int64_t size() const { return static_cast<int64_t>(samples_.size()); }

    // The correlation coefficient of the `length` samples from `start` on with those that follow them.
    double similarity(int64_t start, int length) const {
        const double* x = samples_.data() + start;
        const double one = sum(start, length), other = sum(start + length, length);
        const double together = active_kernels<double>().dot(x, x + length, length) - one * other / length;
        const double size = spread(start, length, one) * spread(start + length, length, other);
        return size > 0 ? together / std::sqrt(size) : 0;
    }
    // Without the first and the last sample.
    double height(int64_t start, int length) const {
        double low, high;
        active_kernels<double>().extrema(samples_.data() + start + 1, length - 2, &low, &high);
        return high - low;
    }

  private:
    double sum(int64_t start, int length) const {
        return sums_[static_cast<size_t>(start + length)] - sums_[static_cast<size_t>(start)];
    }
    double spread(int64_t start, int length, double sum) const {
        const double squares = squares_[static_cast<size_t>(start + length)] - squares_[static_cast<size_t>(start)];
        return std::max(0.0, squares - sum * sum / length);
    }

    std::vector<double> samples_, sums_, squares_;
};

struct Period {
    int whole = 0;  // samples; 0: none was found
    double exact = 0, similarity = 0;
};

// The length at which the signal from `start` on is most like what follows.
Period period_at(const Window& window, int64_t start, int shortest, int longest, std::vector<double>& similarity) {
    similarity.clear();
    for (int length = shortest; length <= longest; ++length)
        similarity.push_back(window.similarity(start, length));
    size_t best = 0;
    for (size_t i = 1; i + 2 < similarity.size(); ++i) {
        const bool peak = similarity[i] > similarity[i - 1] && similarity[i] > similarity[i + 1];
        if (peak && (best == 0 || similarity[i] > similarity[best])) best = i;
    }
    if (best == 0) return {};
    const Vertex vertex = vertex_of(similarity[best - 1], similarity[best], similarity[best + 1]);
    const int whole = shortest + static_cast<int>(best);
    return {whole, whole + vertex.shift, vertex.height};
}

// Sums over a frame's periods.
struct Changes {
    int periods = 0, changes = 0;
    double length = 0, change = 0, height = 0, difference = 0;
};

// Follows the periods of voiced stretches; a frame without any repeats the ratios of the one before.
class Walk {
  public:
    void rest(int64_t end) { *this = Walk{end}; }
    int64_t position() const { return position_; }

    Changes through(const Window& window, double f0, int64_t end, std::vector<double>& similarity) {
        const double expected = sample_rate / f0;
        const int shortest = static_cast<int>((1 - tolerance) * expected),
                  longest = static_cast<int>(std::ceil((1 + tolerance) * expected));
        Changes sums;
        int64_t start = 0, boundary = 0;
        while (start < window.size() - 2 * longest - 1) {
            const Period period = period_at(window, start, shortest, longest, similarity);
            if (period.similarity > least_similarity) add(window, start, period, sums);
            start += period.whole ? period.whole : static_cast<int64_t>(std::nearbyint(expected));
            if (position_ + start < end - 1) boundary = start;
        }
        position_ += boundary;
        return sums;
    }

    std::pair<double, double> ratios(const Changes& sums) {
        double jitter = jitter_;
        if (sums.periods > 0) {
            jitter = sums.changes ? sums.change / sums.changes / (sums.length / sums.periods) : 0;
            if (sums.changes) jitter_ = jitter;
            shimmer_ = sums.height > 0 ? std::min(1.0, sums.difference / sums.height) : 0;
        }
        return {std::min(1.0, jitter), 20 * std::log10(1 + shimmer_)};
    }

    explicit Walk(int64_t position) : position_(position) {}

  private:
    void add(const Window& window, int64_t start, const Period& period, Changes& sums) {
        ++sums.periods;
        sums.length += period.exact;
        if (last_ > 0) {
            ++sums.changes;
            sums.change += std::abs(last_ - period.exact);
        }
        last_ = period.exact;
        const double one = window.height(start, period.whole), other = window.height(start + period.whole, period.whole);
        sums.height += (one + other) / 2;
        sums.difference += std::abs(one - other);
    }

    int64_t position_;
    double last_ = 0, jitter_ = 0, shimmer_ = 0;
};

}  // namespace

template <class T> Perturbation perturbation(const T* y, int64_t n, const Contour& f0) {
    Perturbation result{Contour(f0.size()), Contour(f0.size())};
    Window window;
    std::vector<double> similarity;
    Walk walk(0);
    for (size_t t = 0; t < f0.size(); ++t) {
        const int64_t begin = static_cast<int64_t>(t) * hop, end = begin + hop, at = walk.position();
        if (f0[t] == 0) {
            walk.rest(end);
            continue;
        }
        const int64_t two_periods = 2 * static_cast<int64_t>(std::ceil((1 + tolerance) * sample_rate / f0[t])) + 2;
        window.fill(y + at, std::min({std::max(end - at, two_periods), begin + long_length - at, n - at}));
        std::tie(result.jitter[t], result.shimmer[t]) = walk.ratios(walk.through(window, f0[t], end, similarity));
    }
    return result;
}

template Perturbation perturbation(const float*, int64_t, const Contour&);
template Perturbation perturbation(const double*, int64_t, const Contour&);

}  // namespace serfast::gemaps
