#!/usr/bin/env bash
# Measures what two gateways carry, side by side in interleaved runs: hublink, `ssh -L`, two HAProxy and two stunnel with TLS between them,
# `socat` without any, a bare C program with nothing but TLS, and nothing at all between. Throughput, CPU, connections, latency; with root also latency under bulk on a
# 100 Mbit/s line between two namespaces.
#   ./test/bench/gateway.sh [--rounds 3] [--seconds 3]
set -euo pipefail
cd "$(dirname "$0")/../.."
source test/install.sh
source test/bench/loopback.sh
install_packages "${build_packages[@]}" "${show_packages[@]}" "${gateway_bench_packages[@]}"

[ -e build/release/CMakeCache.txt ] || cmake --preset release -DHUBLINK_TESTS=OFF >/dev/null
cmake --build --preset release --target hublink -j "$(nproc)" >&2

work=$(mktemp -d /tmp/hublink-gateway-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT
gcc -O2 -Wall -Wextra -o "$work/gateway_load" test/bench/gateway_load.c
gcc -O2 -Wall -Wextra -o "$work/limit_tls" test/bench/limit_tls.c -lssl

export HUBLINK=$PWD/build/release/hublink PYTHONPATH=test/harness PATH=$PATH:/usr/sbin
on_loopback python3 -B test/bench/gateway.py --work "$work" "$@"
