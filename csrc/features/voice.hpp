// Features of the voice: fundamental frequency and periodicity.
#pragma once

#include "features/table.hpp"

namespace serfast {

template <class T> Built<T> voiced_f0(Plan<T>& plan, const Options& o);
template <class T> Built<T> periodicity(Plan<T>& plan, const Options& o);

}  // namespace serfast
