// Features of WAV files by the core alone, for systems whose Python is not at hand:
//
//     core_features OUT FEATURES RATE THREADS FILE...
//
// FEATURES is a list as the C interface takes it. OUT gets for each file its rows and frames (int64)
// and their values (float32, row after row). What cannot be read or extracted is told and has no row.
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "batch/batch.hpp"
#include "capi/options.hpp"

int main(int argc, char** argv) {
    using namespace serfast;
    if (argc < 6) return 2;
    const Plan<float> plan(requests_of(argv[2], nullptr, 0));
    Batch<float> batch(plan, nullptr);
    batch.sample_rate = std::atof(argv[3]);
    for (int i = 5; i < argc; ++i) batch.items.push_back({nullptr, 0, argv[i]});
    run_batch(batch, std::atoi(argv[4]), [](int64_t) {});
    std::ofstream out(argv[1], std::ios::binary);
    const auto put = [&](const auto* values, int64_t n) {
        out.write(reinterpret_cast<const char*>(values), n * static_cast<int64_t>(sizeof *values));
    };
    for (const RowMatrix<float>& matrix : batch.framewise) {
        put(&matrix.rows, 1);
        put(&matrix.frames, 1);
        put(matrix.values.get(), matrix.rows * matrix.frames);
    }
    for (const Failure& failure : batch.failures)
        std::printf("%lld %s: %s\n", static_cast<long long>(failure.index), failure.stage.c_str(), failure.reason.c_str());
    return out.flush() && batch.deferred.empty() ? 0 : 1;
}
