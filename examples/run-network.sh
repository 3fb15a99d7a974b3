#!/usr/bin/env bash
# Runs all nodes of a topology on this machine until Ctrl-C.
#   ./examples/run-network.sh examples/chain-of-five.json [DIR]      DIR: keys, data and logs (default: a temporary one)
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,3p' "$0"; exit 2; }
net=$(realpath "$1") dir=${2:-}
[ -z "$dir" ] || dir=$(realpath -m "$dir")
cd "$(dirname "$0")/.."
source examples/network.sh
[ -x "$hublink" ] || { echo "$hublink is not built yet: run ./examples/quickstart.sh first" >&2; exit 1; }

[ -n "$dir" ] || dir=$(mktemp -d "${TMPDIR:-/tmp}/hublink.XXXXXX")
trap stop_network EXIT
trap 'exit 0' INT TERM
start_network "$net" "$dir"
cat <<END

Every node runs; its data is in $dir/NODE, its trace in $dir/NODE/events. In another terminal, for example:
  $hublink plan $net
  $hublink send FILE --wait --data $dir/NODE
Ctrl-C stops them all.
END
wait
