#include "plan/isa.hpp"

#include <cstdlib>

#ifdef SERFAST_X86
#include <cpuid.h>
#endif

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
// Asked of the CPU rather than by __builtin_cpu_supports, which on Windows needs a library of Clang's
// that clang-cl does not link.
struct Cpuid {
    unsigned a = 0, b = 0, c = 0, d = 0;    // stay 0 where the CPU lacks the leaf
    explicit Cpuid(unsigned leaf) { __get_cpuid_count(leaf, 0, &a, &b, &c, &d); }
};

bool has_all(unsigned bits, unsigned wanted) { return (bits & wanted) == wanted; }

// Whether the system keeps these registers when it switches threads.
bool keeps_registers(unsigned wanted) {
    if (!has_all(Cpuid(1).c, bit_OSXSAVE)) return false;
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return has_all(low, wanted);
}

constexpr unsigned state_avx = 0x06;
#ifdef __APPLE__    // which starts to keep the rest when a thread first uses it
constexpr unsigned state_avx512 = state_avx;
#else
constexpr unsigned state_avx512 = 0xe6;
#endif

bool has_v3() {
    return keeps_registers(state_avx) && has_all(Cpuid(1).c, bit_AVX | bit_FMA) &&
           has_all(Cpuid(7).b, bit_AVX2 | bit_BMI | bit_BMI2);
}
bool has_v4() {
    return has_v3() && keeps_registers(state_avx512) &&
           has_all(Cpuid(7).b, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL);
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
