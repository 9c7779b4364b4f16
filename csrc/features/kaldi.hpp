// Kaldi's features: their own framing and preparation of frames, then the common filter banks.
#pragma once

#include "features/table.hpp"

namespace serfast {

template <class T> Built<T> kaldi_fbank(Plan<T>& plan, const Options& o);
template <class T> Built<T> kaldi_mfcc(Plan<T>& plan, const Options& o);

}  // namespace serfast
