#!/usr/bin/env bash
# Times every call of a program, directly and under `hublink wrap`, in interleaved rounds: 1,000 threads beside the gateway, and an event loop
# with 10,000 connects to a gateway and a destination that are 200 ms away. As root. Fails where a call's p99 is more than 1 ms above the direct one.
#   ./test/bench/wrap.sh [--rounds 3]
set -euo pipefail
cd "$(dirname "$0")/../.."
source test/install.sh
install_packages "${build_packages[@]}" "${show_packages[@]}" iproute2

if [ -z "${HUBLINK:-}" ]; then
  [ -e build/release/CMakeCache.txt ] || cmake --preset release -DHUBLINK_TESTS=OFF >/dev/null
  cmake --build --preset release --target hublink -j "$(nproc)" >&2
fi

work=$(mktemp -d /tmp/hublink-wrap-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT
for program in gateway_load wrap_load; do gcc -O2 -Wall -Wextra -pthread -o "$work/$program" "test/bench/$program.c"; done

export HUBLINK=${HUBLINK:-$PWD/build/release/hublink} PYTHONPATH=test/harness PATH=$PATH:/usr/sbin
# What else the machine does is not to be measured.
chrt -r 1 python3 -B test/bench/wrap.py --work "$work" "$@"
