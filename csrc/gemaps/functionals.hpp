// From contours to columns.
#pragma once

#include "gemaps/gemaps.hpp"

namespace serfast::gemaps {

struct Column {
    std::string name;
    double value;
};

std::vector<Column> columns_of(const Contours& contours);

}  // namespace serfast::gemaps
