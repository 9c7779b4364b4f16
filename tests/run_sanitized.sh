#!/usr/bin/env bash
# Builds the core with sanitizers in an environment of its own and runs tests on it, those given as
# arguments or by default:
#
#     tests/run_sanitized.sh [TEST...]                            # addresses, undefined behaviour: all of the core
#     SERFAST_SANITIZE=thread tests/run_sanitized.sh [TEST...]    # threads: what runs on several of them
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizers=${SERFAST_SANITIZE:-address,undefined}
tests=("$@")
case $sanitizers in
    thread)
        runtime=libtsan.so
        # A race ends the run, as the other sanitizers' findings do; pytest's workers are processes.
        export TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/tests/thread_sanitizer.supp"
        default=(batch extractor process stream)
        ;;
    *)
        runtime=libasan.so
        # Python itself leaks at exit by design.
        export ASAN_OPTIONS=detect_leaks=0
        default=(audio batch constantq effects errors extractor f0 frontends onset process properties separation stream tuning wav whole_features)
        ;;
esac
[ ${#tests[@]} -gt 0 ] || for name in "${default[@]}"; do tests+=("tests/test_$name.py"); done

environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
python3 -m venv "$environment"
. "$environment/bin/activate"
pip install -q -C build-dir="$environment/build" -C cmake.define.SERFAST_SANITIZE="$sanitizers" \
    -C install.strip=false ".[test]"

export LD_PRELOAD="$(${CXX:-g++} -print-file-name=$runtime) $(${CXX:-g++} -print-file-name=libstdc++.so)"
# -s: what a sanitizer says before it ends the process must not be captured.
python -m pytest -q -s -p no:cacheprovider "${tests[@]}"
