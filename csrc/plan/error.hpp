// The errors that reach the user; csrc/bind turns them into serfast.errors.
#pragma once

#include <stdexcept>
#include <string>

namespace serfast {

struct ParameterError : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

struct AudioError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace serfast
