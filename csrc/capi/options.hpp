// The options of the C interface: what the Python functions check and translate, for callers without
// Python. A test holds names, defaults and values against theirs.
#pragma once

#include <serfast.h>

#include "features/plan.hpp"

namespace serfast {

// The features of a list like "mfcc,rms" with all their options; throws ParameterError.
std::vector<FeatureRequest> requests_of(const std::string& features, const serfast_option* options, size_t n);

}  // namespace serfast
