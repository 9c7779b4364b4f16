// The features, one row each.
#pragma once

#include "features/plan.hpp"

namespace serfast {

template <class T> struct Built {
    Group<T>* group;
    int stage;
};

template <class T> using Build = Built<T> (*)(Plan<T>&, const Options&);

struct FeatureRow {
    const char* name;   // of the public function
    const char* reads;  // the stage that it reads
    const char* unit;   // of its values
    bool framewise;     // one column of real rows per frame: fit for an Extractor
    Build<float> build_f32;
    Build<double> build_f64;
};

const std::vector<FeatureRow>& feature_table();
const FeatureRow& feature_row(const std::string& name);

template <class T> Built<T> build_feature(Plan<T>& plan, const FeatureRequest& request);

}  // namespace serfast
