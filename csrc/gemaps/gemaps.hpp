// The 88 numbers of eGeMAPS: Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice
// Research and Affective Computing" (IEEE Transactions on Affective Computing, 2016).
#pragma once

#include <string>

#include "gemaps/harmonics.hpp"
#include "gemaps/perturbation.hpp"

namespace serfast::gemaps {

struct Contours {
    ShortContours shorts;
    Contour f0;  // Hz
    Perturbation perturbation;
    Formants formants;
    Harmonics harmonics;
};

// Of signals at sample_rate. Constant after construction, shared by threads.
class Gemaps {
  public:
    // The columns of a signal; throws ParameterError where it is not finite or too short for a frame.
    template <class T> std::vector<double> functionals(const T* y, int64_t n) const;

  private:
    template <class T> Contours contours(const T* y, int64_t n) const;

    const ShortSpectra short_;
    const LongSpectra long_;
    const FormantFinder formants_;
    const HarmonicFinder harmonics_;
};

// openSMILE's names of the columns.
const std::vector<std::string>& column_names();

}  // namespace serfast::gemaps
