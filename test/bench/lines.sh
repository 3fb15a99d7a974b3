#!/usr/bin/env bash
# Measures long, lossy lines between two hubs, made by test/bench/line/line.c in namespaces: hublink with each congestion control, scp -J,
# rsync and iperf3 in turns, over rate × delay × loss. Prints medians with their spread. Needs root.
#   ./test/bench/lines.sh [--mbit 200] [--round-trip 100] [--loss 0 0.1 1] [--seconds 10] [--rounds 5]
set -euo pipefail
cd "$(dirname "$0")/../.."
source test/install.sh
install_packages "${build_packages[@]}" "${show_packages[@]}" openssh-client openssh-server rsync iperf3 iproute2
if [ -z "${HUBLINK:-}" ]; then
  [ -e build/release/CMakeCache.txt ] || cmake --preset release -DHUBLINK_TESTS=OFF >/dev/null
  cmake --build --preset release --target hublink -j "$(nproc)" >&2
fi
work=$(mktemp -d /dev/shm/hublink-lines.XXXXXX)
trap 'rm -rf "$work"' EXIT
export HUBLINK=${HUBLINK:-$PWD/build/release/hublink} TMPDIR=$work PYTHONPATH=test/harness PATH=$PATH:/usr/sbin
python3 -B test/bench/lines.py --work "$work" "$@"
