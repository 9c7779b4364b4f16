#!/usr/bin/env bash
# Builds the core with the address and undefined-behaviour sanitizers in an environment of its own and
# runs the tests on it: all that exercise the core, or those given as arguments.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
python3 -m venv "$environment"
. "$environment/bin/activate"
pip install -q -C build-dir="$environment/build" -C cmake.define.SERFAST_SANITIZE=address,undefined \
    -C install.strip=false ".[test]"

# Python itself leaks at exit by design.
export ASAN_OPTIONS=detect_leaks=0
export LD_PRELOAD="$(${CXX:-g++} -print-file-name=libasan.so) $(${CXX:-g++} -print-file-name=libstdc++.so)"
tests=("$@")
[ ${#tests[@]} -gt 0 ] || tests=(tests/test_{audio,batch,constantq,effects,errors,extractor,f0,frontends,onset,process,properties,separation,stream,tuning,wav,whole_features}.py)
# -s: what a sanitizer says before it ends the process must not be captured.
python -m pytest -q -s -p no:cacheprovider "${tests[@]}"
