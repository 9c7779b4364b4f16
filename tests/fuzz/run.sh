#!/usr/bin/env bash
# Builds the fuzz targets with Clang and lets each look for failures:
#
#     tests/fuzz/run.sh [SECONDS [TARGET...]]      # 600 each of wav, signal, batch
#     SERFAST_SANITIZE=thread tests/fuzz/run.sh 600 batch
#
# What they find lies in build/fuzz-.../TARGET-crash-...; the same program, given that file, shows it again.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-600}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(wav signal batch)
sanitizers=${SERFAST_SANITIZE:-address,undefined,float-cast-overflow}
build=build/fuzz-${sanitizers//,/-}

cmake -S . -B "$build" -DCMAKE_CXX_COMPILER="${CXX:-clang++}" -DSERFAST_FUZZ=ON -DSERFAST_SANITIZE="$sanitizers" \
    -Dpybind11_DIR="$(python3 -m pybind11 --cmakedir)" -DPython_EXECUTABLE="$(command -v python3)"
cmake --build "$build" --target "${targets[@]/#/fuzz_}"
for target in "${targets[@]}"; do
    mkdir -p "$build/corpus/$target"
    python3 tests/fuzz/make_corpus.py "$target" "$build/corpus/$target"
    "$build/fuzz_$target" "$build/corpus/$target" -max_total_time="$seconds" -max_len=4096 -timeout=60 \
        -rss_limit_mb=4096 -artifact_prefix="$build/$target-" -print_final_stats=1
done
