# shellcheck shell=bash
# Sourced by quickstart.sh and run-network.sh: all nodes of a topology on this machine, each a process.
#   start_network NET.json DIR     keys in DIR/keys, each node's data in DIR/NODE, its log in DIR/NODE.log; returns when all serve
#   stop_network                   ends what start_network started, and nothing else

hublink=${HUBLINK:-build/release/hublink}
node_pids=()

start_network() {
  local net=$1 dir=$2 node name left=0 ready
  mkdir -p "$dir"
  "$hublink" keys "$net" --out "$dir/keys" >"$dir/keys.log" 2>&1 || { cat "$dir/keys.log" >&2; return 1; }
  ready=$(mktemp -u "$dir/ready.XXXXXX")
  mkfifo "$ready"
  exec {from_nodes}<>"$ready"
  rm "$ready"
  for node in "$dir"/keys/*/; do
    name=$(basename "$node")
    [ "$name" != ca ] || continue
    "$hublink" run "$net" --node "$name" --data "$dir/$name" --keys "$dir/keys/$name" 1>&"$from_nodes" 2>"$dir/$name.log" </dev/null &
    node_pids+=($!)
    left=$((left + 1))
  done
  local word address
  while [ "$left" -gt 0 ]; do
    if ! read -r -t 20 word name address <&"$from_nodes"; then
      echo "not all nodes came up; their logs:" >&2
      tail -n 3 "$dir"/*.log >&2
      return 1
    fi
    left=$((left - 1))
    [ -n "${quiet:-}" ] || echo "$word  $name  $address"
  done
}

stop_network() {
  [ ${#node_pids[@]} -gt 0 ] || return 0
  kill "${node_pids[@]}" 2>/dev/null || true
  wait "${node_pids[@]}" 2>/dev/null || true
  node_pids=()
}
