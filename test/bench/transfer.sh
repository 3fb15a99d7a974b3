#!/usr/bin/env bash
# Measures one transfer of a large file in memory, side by side in interleaved runs: hublink through two hubs, the same bytes through a
# bare C splice chain (plain and sealed), and `scp -J` through as many hops. Prints medians, ratios, CPU per node and a table.
#   ./test/bench/transfer.sh [--mib 1024] [--rounds 5]
set -euo pipefail
cd "$(dirname "$0")/../.."
source test/install.sh
source test/bench/loopback.sh
install_packages "${build_packages[@]}" "${show_packages[@]}"

[ -e build/release/CMakeCache.txt ] || cmake --preset release -DHUBLINK_TESTS=OFF >/dev/null
cmake --build --preset release --target hublink -j "$(nproc)" >&2

work=$(mktemp -d /dev/shm/hublink-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT
gcc -O2 -Wall -Wextra -o "$work/limit_plain" test/bench/limit_plain.c
gcc -O2 -Wall -Wextra -o "$work/limit_sealed" test/bench/limit_sealed.c -lcrypto

export HUBLINK=$PWD/build/release/hublink TMPDIR=$work PYTHONPATH=test/harness PATH=$PATH:/usr/sbin
on_loopback python3 -B test/bench/transfer.py --work "$work" "$@"
