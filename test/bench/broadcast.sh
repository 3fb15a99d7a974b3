#!/usr/bin/env bash
# Measures one file to eight receivers behind one hub, in memory, side by side in interleaved runs: a broadcast, eight times `scp -J`, `rsync`
# to the hub with eight copies from there, and UFTP's multicast (with root: it needs network namespaces). Also the hub's CPU, and what one receiver at 1 MB/s and a dead one cost the other six.
#   ./test/bench/broadcast.sh [--mib 256] [--rounds 5]
set -euo pipefail
cd "$(dirname "$0")/../.."
source test/install.sh
source test/bench/loopback.sh
install_packages "${build_packages[@]}" "${show_packages[@]}" "${broadcast_bench_packages[@]}"

[ -e build/release/CMakeCache.txt ] || cmake --preset release -DHUBLINK_TESTS=OFF >/dev/null
cmake --build --preset release --target hublink -j "$(nproc)" >&2

work=$(mktemp -d /dev/shm/hublink-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT
export HUBLINK=$PWD/build/release/hublink TMPDIR=$work PYTHONPATH=test/harness PATH=$PATH:/usr/sbin
on_loopback python3 -B test/bench/broadcast.py --work "$work" "$@"
