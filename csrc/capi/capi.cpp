// The functions of serfast.h. No exception passes them.
#include <cstdint>
#include <cstring>

#include "capi/options.hpp"
#include "extract/extract.hpp"

struct serfast_plan {
    serfast::Plan<float> plan;
};

struct serfast_workspace {
    std::vector<serfast::Workspace<float>> workspaces = std::vector<serfast::Workspace<float>>(1);
};

namespace serfast {

namespace {

int failed(serfast_error* error, int code, const char* message) {
    if (error) {
        error->code = code;
        std::strncpy(error->message, message, sizeof error->message - 1);
        error->message[sizeof error->message - 1] = '\0';
    }
    return code;
}

// What f returns, or a negative code.
template <class F> int64_t guarded(serfast_error* error, const F& f) {
    try {
        return f();
    } catch (const ParameterError& e) {
        return failed(error, SERFAST_PARAMETER_ERROR, e.what());
    } catch (const std::bad_alloc&) {
        return failed(error, SERFAST_MEMORY_ERROR, "out of memory");
    } catch (const std::exception& e) {
        return failed(error, SERFAST_INTERNAL_ERROR, e.what());
    } catch (...) {
        return failed(error, SERFAST_INTERNAL_ERROR, "unknown error");
    }
}

serfast_plan* plan_create(const char* features, const serfast_option* options, size_t n_options,
                          serfast_error* error) {
    serfast_plan* plan = nullptr;
    guarded(error, [&] {
        if (!features) throw ParameterError("features is NULL");
        if (!options && n_options > 0) throw ParameterError("options is NULL");
        plan = new serfast_plan{Plan<float>(requests_of(features, options, n_options))};
        return SERFAST_OK;
    });
    return plan;
}

void plan_free(serfast_plan* plan) { delete plan; }

int64_t n_rows(const serfast_plan* plan) { return plan ? plan->plan.n_rows() : 0; }

// No array in memory has more samples.
constexpr int64_t most_samples = PTRDIFF_MAX / sizeof(float);

void check(const serfast_plan* plan, int64_t n) {
    if (!plan) throw ParameterError("plan is NULL");
    if (n < 0 || n > most_samples)
        throw ParameterError("n=" + std::to_string(n) + " must be from 0 to " + std::to_string(most_samples));
}

int64_t n_frames(const serfast_plan* plan, int64_t n, serfast_error* error) {
    return guarded(error, [&] {
        check(plan, n);
        return common_frames(plan->plan, n);
    });
}

serfast_workspace* workspace_create() {
    try {
        return new serfast_workspace;
    } catch (...) {
        return nullptr;
    }
}

void workspace_free(serfast_workspace* workspace) { delete workspace; }

int run(const serfast_plan* plan, serfast_workspace* workspace, const float* y, int64_t n, float* out,
        serfast_error* error) {
    return static_cast<int>(guarded(error, [&] {
        check(plan, n);
        if (!y && n > 0) throw ParameterError("y is NULL");
        if (!out) throw ParameterError("out is NULL");
        serfast_workspace own;
        extract_stacked(plan->plan, {y, n}, (workspace ? workspace : &own)->workspaces, out);
        return SERFAST_OK;
    }));
}

constexpr serfast_api api = {SERFAST_ABI, sizeof(serfast_api), SERFAST_VERSION, plan_create, plan_free, n_rows,
                             n_frames, workspace_create, workspace_free, run};

}  // namespace

}  // namespace serfast

#ifdef _WIN32
#define SERFAST_EXPORT __declspec(dllexport)
#else
#define SERFAST_EXPORT __attribute__((visibility("default")))
#endif

extern "C" SERFAST_EXPORT const serfast_api* serfast_get_api(int abi) {
    return abi == SERFAST_ABI ? &serfast::api : nullptr;
}
