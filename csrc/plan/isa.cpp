#include "plan/isa.hpp"

#include <cstdlib>

#include "plan/error.hpp"

namespace serfast {

#define SERFAST_DECLARE(isa)                   \
    extern const Kernels<float> kernels_f32_##isa; \
    extern const Kernels<double> kernels_f64_##isa;
SERFAST_DECLARE(baseline)
#ifdef SERFAST_X86
SERFAST_DECLARE(v3)
SERFAST_DECLARE(v4)
#endif
#undef SERFAST_DECLARE

namespace {

struct Isa {
    const char* name;
    const Kernels<float>* f32;
    const Kernels<double>* f64;
    bool (*supported)();
};

bool always() { return true; }

#ifdef SERFAST_X86
bool has_v3() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}
bool has_v4() {
    return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

const Isa isas[] = {
    {"baseline", &kernels_f32_baseline, &kernels_f64_baseline, always},
#ifdef SERFAST_X86
    {"v3", &kernels_f32_v3, &kernels_f64_v3, has_v3},
    {"v4", &kernels_f32_v4, &kernels_f64_v4, has_v4},
#endif
};

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

const Isa& choose() {
    const char* wanted = std::getenv("SERFAST_ISA");
    const Isa* best = nullptr;
    for (const Isa& isa : isas)
        if (isa.supported() && (!wanted || !*wanted || std::string(wanted) == isa.name)) best = &isa;
    if (!best)
        throw ParameterError("SERFAST_ISA=" + std::string(wanted) + " is not one of those that this CPU runs: " +
                             joined(supported_isas()));
    return *best;
}

const Isa& active() {
    static const Isa& chosen = choose();
    return chosen;
}

}  // namespace

template <> const Kernels<float>& active_kernels<float>() { return *active().f32; }
template <> const Kernels<double>& active_kernels<double>() { return *active().f64; }

std::string active_isa() { return active().name; }

std::vector<std::string> built_isas() {
    std::vector<std::string> names;
    for (const Isa& isa : isas) names.emplace_back(isa.name);
    return names;
}

std::vector<std::string> supported_isas() {
    std::vector<std::string> names;
    for (const Isa& isa : isas)
        if (isa.supported()) names.emplace_back(isa.name);
    return names;
}

}  // namespace serfast
