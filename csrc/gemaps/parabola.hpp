// The parabola through three neighbouring values, the middle one the highest.
#pragma once

namespace serfast::gemaps {

struct Vertex {
    double shift;  // from the middle
    double height;
};

inline Vertex vertex_of(double before, double here, double after) {
    const double bend = before - 2 * here + after, lean = before - after;
    return {lean / (2 * bend), here - lean * lean / (8 * bend)};
}

}  // namespace serfast::gemaps
