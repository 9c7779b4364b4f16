// Any features, options and samples through the C interface, the door for callers that check nothing.
#include <limits>
#include <memory>
#include <vector>

#include "bytes.hpp"
#include "memory.hpp"
#include "requests.hpp"

extern "C" const serfast_api* serfast_get_api(int abi);

namespace {

using fuzz::expect;

// More work than this in one run is of no use to the fuzzer.
constexpr int64_t most_values = 1 << 18;

void check(int64_t code, const serfast_error& error) {
    expect(code == error.code && error.message[0] != '\0', "what is refused has its code and words");
    expect(code == SERFAST_PARAMETER_ERROR || code == SERFAST_MEMORY_ERROR, "errors are of a known kind");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const serfast_api& api = *serfast_get_api(SERFAST_ABI);
    fuzz::Bytes bytes(data, size);
    const fuzz::Request request(bytes);
    // Memory may end anywhere in the first attempt; then it has come back.
    const int64_t allocations = bytes.take<uint8_t>() ? fuzz::unlimited : bytes.take<uint16_t>();
    serfast_error error{};
    {
        const fuzz::Shortage shortage(allocations);
        api.plan_free(api.plan_create(request.list().c_str(), request.options().data(), request.options().size(), nullptr));
    }
    const std::unique_ptr<serfast_plan, void (*)(serfast_plan*)> plan(
        api.plan_create(request.list().c_str(), request.options().data(), request.options().size(), &error),
        api.plan_free);
    if (!plan) {
        check(error.code, error);
        return 0;
    }
    const int64_t n_rows = api.n_rows(plan.get());
    expect(n_rows >= 1, "a plan has rows");
    const auto any = bytes.take<int64_t>();
    if (const int64_t code = api.n_frames(plan.get(), any, &error); code < 0) check(code, error);

    const std::unique_ptr<serfast_workspace, void (*)(serfast_workspace*)> workspace(api.workspace_create(),
                                                                                     api.workspace_free);
    for (int turn = 0; turn < 2; ++turn) {
        const std::vector<float> y = fuzz::samples(bytes, 6000);
        const auto n = static_cast<int64_t>(y.size());
        const int64_t n_frames = api.n_frames(plan.get(), n, &error);
        if (n_frames < 0) {
            check(n_frames, error);
            continue;
        }
        if (n_frames > most_values / n_rows) continue;
        std::vector<float> out(static_cast<size_t>(n_rows * n_frames)), again(out.size());
        float none = 0;
        const auto run = [&](serfast_workspace* kept, std::vector<float>& to) {
            return api.run(plan.get(), kept, y.data(), n, to.empty() ? &none : to.data(), &error);
        };
        {
            const fuzz::Shortage shortage(allocations);
            run(workspace.get(), out);
        }
        const int code = run(workspace.get(), out);
        if (code < 0) check(code, error);
        expect(code == run(nullptr, again), "a workspace does not matter");
        expect(code < 0 || std::memcmp(out.data(), again.data(), out.size() * sizeof(float)) == 0,
               "the same input has the same bits");
    }
    return 0;
}
