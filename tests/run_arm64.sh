#!/usr/bin/env bash
# Cross-compiles the core for arm64, whose baseline is NEON, and runs tests on it in an emulator: the one
# that compares it with the numpy reference, a minute, or those given as arguments. As root on Debian:
#   apt-get install g++-aarch64-linux-gnu qemu-user-static mmdebstrap
# The Python that runs this script must be of the same minor version as the suite's.
set -euo pipefail
cd "$(dirname "$0")/.."

suite=${SUITE:-bookworm}
folder=$PWD/build/arm64-$suite
root=$folder/root site=$folder/site
mkdir -p "$folder"

# A Python for arm64: unpacked, not installed, since the emulator can run it where it lies.
[ -d "$root" ] || mmdebstrap --variant=extract --arch=arm64 --include=python3,libpython3-dev,libstdc++6 "$suite" "$root"
python3 -m venv "$folder/tools"
. "$folder/tools/bin/activate"
pip install -q cmake ninja pybind11
version=$(python -c 'import sys; print("{}.{}".format(*sys.version_info))')
python_arm64=$root/usr/bin/python$version
[ -x "$python_arm64" ] || { echo "$suite has no Python $version for arm64" >&2; exit 1; }

platforms=(manylinux_2_28_aarch64 manylinux_2_27_aarch64 manylinux_2_17_aarch64 manylinux2014_aarch64)
pip install -q --upgrade --target "$site" --only-binary=:all: --implementation cp --python-version "$version" \
    "${platforms[@]/#/--platform=}" numpy scipy soundfile soxr pytest hypothesis

cmake -G Ninja -S . -B "$folder/core" \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
    -DPython_EXECUTABLE="$(command -v python)" -DPython_INCLUDE_DIR="$root/usr/include/python$version" \
    -DCMAKE_CXX_FLAGS="-I$root/usr/include" -DPYTHON_MODULE_EXTENSION=.so -DPYTHON_MODULE_DEBUG_POSTFIX= \
    -Dpybind11_DIR="$(python -m pybind11 --cmakedir)"
cmake --build "$folder/core"
rm -rf "$folder/package"
mkdir "$folder/package"
cp -r python/serfast "$folder/package"
cp "$folder/core/_core.so" "$folder/package/serfast"

tests=("$@")
[ ${#tests[@]} -gt 0 ] || tests=(tests/test_core.py)
export PYTHONPATH=$folder/package:$site PYTHONDONTWRITEBYTECODE=1
arm64=(qemu-aarch64-static -L "$root" "$python_arm64")
"${arm64[@]}" -c 'import serfast; serfast.show_config()'
"${arm64[@]}" -m pytest -o addopts= -q -p no:cacheprovider "${tests[@]}"
