#!/usr/bin/env bash
# Builds hublink, runs the network of examples/three-hubs.json on loopback, sends two files from HOST1 to HOST2 through the hubs, shows
# every hop and checks what arrived. Stops everything at the end.
#   ./examples/quickstart.sh [--keep]      --keep: leaves the directory, and says how to go on by hand
set -euo pipefail
cd "$(dirname "$0")/.."
source test/install.sh
source examples/network.sh
net=examples/three-hubs.json
keep=
[ "${1:-}" != --keep ] || keep=1

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

say "1. Build"
install_packages "${build_packages[@]}" "${show_packages[@]}"
[ -e build/release/CMakeCache.txt ] || cmake --preset release -DHUBLINK_TESTS=OFF >/dev/null
cmake --build --preset release --target hublink -j "$(nproc)" | tail -n 1

dir=$(mktemp -d "${TMPDIR:-/tmp}/hublink-quickstart.XXXXXX")
finish() {
  stop_network
  [ -n "$keep" ] || rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

say "2. Run three hubs, three clients and a manager"
start_network "$net" "$dir"

# send FILE TARGET: sends it, shows the way, compares source and target with what HOST2 wrote down.
send() {
  local file=$1 source=$dir/HOST1/out/report.bin target=$dir/HOST2/$2 began ended id size digest
  began=${EPOCHREALTIME/./}
  id=$("$hublink" send "$file" --wait --data "$dir/HOST1" 2>"$dir/send.log") || { cat "$dir/send.log" >&2; return 1; }
  ended=${EPOCHREALTIME/./}
  id=${id%%[[:space:]]*}
  python3 -B examples/hops.py "$dir" "$id"
  size=$(stat -c %s "$source")
  printf '  %d bytes in %d ms, sealed from HOST1 to HOST2' "$size" $(((ended - began) / 1000))
  [ "$size" -lt 1000000 ] || printf ': %d MB/s' $((size / (ended - began)))
  echo
  cmp "$source" "$target"
  digest=xxh128:$(xxhsum -H2 <"$target" | cut -d ' ' -f 1)
  grep -q "$digest" "$dir/HOST2/events.jsonl"
  echo "  $digest: the same at HOST1, at HOST2 and in HOST2's trace"
}

mkdir -p "$dir/HOST1/out"
say "3. Send FILE01 (64 MiB of random bytes): the system finds the way"
head -c 64M /dev/urandom >"$dir/HOST1/out/report.bin"
send FILE01 in/report.bin

say "4. Send FILE02 (this project's README): its definition leads it through ServerC"
cp README.md "$dir/HOST1/out/report.bin"
send FILE02 in/manual.bin
echo "  it begins: $(head -n 1 "$dir/HOST2/in/manual.bin")"

say "5. Stop"
stop_network
echo "nothing of it runs any more"
if [ -n "$keep" ]; then
  cat <<END

Kept: $dir (each node's data and trace, the keys). To go on by hand:
  ./examples/run-network.sh $net $dir      # all nodes, until Ctrl-C
  $hublink send FILE01 --wait --data $dir/HOST1
  $hublink history --data $dir/HOST1
END
fi
