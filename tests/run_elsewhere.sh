#!/usr/bin/env bash
# Cross-compiles the core for systems that are not at hand, links it, and compares what it gives for WAV
# files with the installed serfast where it can run: x86-64 musl on this Linux, arm64 musl under
# qemu-aarch64-static, Windows under wine64; macOS is compiled and linked only.
#
#     tests/run_elsewhere.sh [TARGET...]
#
# The compiler, Clang with the systems' headers and libraries, comes from PyPI (ziglang).
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$PWD/build/elsewhere
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(x86_64-linux-musl aarch64-linux-musl x86_64-windows-gnu aarch64-macos x86_64-macos)
[ -d "$folder/tools" ] || python3 -m venv "$folder/tools"
"$folder/tools/bin/pip" install -q ziglang cmake ninja pybind11
export WINEDEBUG=-all WINEPREFIX=$folder/wine

for target in "${targets[@]}"; do
    build=$folder/$target
    mkdir -p "$build"
    # It has names of its own for the levels of x86-64.
    cat > "$build/c++" <<END
#!/usr/bin/env bash
exec "$folder/tools/bin/python" -m ziglang c++ -target $target "\${@/#-march=x86-64-v/-march=x86_64_v}"
END
    printf '#!/bin/sh\nexec "%s" -m ziglang ar "$@"\n' "$folder/tools/bin/python" > "$build/ar"
    chmod +x "$build/c++" "$build/ar"
    case $target in
        *-windows-*) system=Windows suffix=.exe run=("$(command -v wine64 || echo /usr/lib/wine/wine64)") ;;
        *-macos) system=Darwin suffix= run=() ;;
        aarch64-*) system=Linux suffix= run=(qemu-aarch64-static) ;;
        *) system=Linux suffix= run=(env) ;;
    esac
    "$folder/tools/bin/cmake" -G Ninja -S . -B "$build" -DCMAKE_MAKE_PROGRAM="$folder/tools/bin/ninja" \
        -DCMAKE_SYSTEM_NAME=$system -DCMAKE_SYSTEM_PROCESSOR="${target%%-*}" -DCMAKE_CXX_COMPILER="$build/c++" \
        -DCMAKE_AR="$build/ar" -DSERFAST_ELSEWHERE=ON -DPython_EXECUTABLE="$folder/tools/bin/python" \
        -DPython_INCLUDE_DIR="$("$folder/tools/bin/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')" \
        -DPython_LIBRARY=unused -Dpybind11_DIR="$("$folder/tools/bin/python" -m pybind11 --cmakedir)" > "$build/log"
    "$folder/tools/bin/ninja" -C "$build" core_features >> "$build/log"
    echo "$target: compiled and linked"
    if [ ${#run[@]} -gt 0 ]; then
        python3 tests/compare_core.py "${run[@]}" "$build/core_features$suffix"
    fi
done
