// Which instruction sets were built, which one runs.
#pragma once

#include <string>
#include <vector>

#include "kernels/kernels.hpp"

namespace serfast {

template <class T> const Kernels<T>& active_kernels();

std::string active_isa();
std::vector<std::string> built_isas();      // weakest first
std::vector<std::string> supported_isas();  // of those, what this CPU runs

}  // namespace serfast
