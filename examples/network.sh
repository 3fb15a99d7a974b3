# shellcheck shell=bash
# Sourced by the scripts of this folder: all nodes of a topology on this machine, each a process.
#   start_network NET.json DIR [LATER...]   keys in DIR/keys, each node's data in DIR/NODE, its log in DIR/NODE.log; returns when all
#                                           serve but those that come LATER
#   start_node NAME, stop_node NAME         one of them; start_node returns when it serves
#   stop_network                            ends what was started here, and nothing else

hublink=${HUBLINK:-build/release/hublink}
if [ -z "${HUBLINK:-}" ] && [ ! -x "$hublink" ]; then hublink=$(command -v hublink || echo "$hublink"); fi
declare -A node_pids=()
network_file='' network_dir=''

start_network() {
  local net=$1 dir=$2 node name left=0 ready
  local later="${*:3} "
  network_file=$net network_dir=$dir
  mkdir -p "$dir"
  "$hublink" keys "$net" --out "$dir/keys" >"$dir/keys.log" 2>&1 || { cat "$dir/keys.log" >&2; return 1; }
  ready=$(mktemp -u "$dir/ready.XXXXXX")
  mkfifo "$ready"
  exec {from_nodes}<>"$ready"
  rm "$ready"
  for node in "$dir"/keys/*/; do
    name=$(basename "$node")
    case " ca $later" in *" $name "*) continue ;; esac
    begin_node "$name"
    left=$((left + 1))
  done
  await_ready "$left"
}

begin_node() {
  "$hublink" run "$network_file" --node "$1" --data "$network_dir/$1" --keys "$network_dir/keys/$1" \
    1>&"$from_nodes" 2>>"$network_dir/$1.log" </dev/null &
  node_pids[$1]=$!
}

# Waits until so many nodes more say that they serve.
await_ready() {
  local left=$1 word name address
  while [ "$left" -gt 0 ]; do
    if ! read -r -t 20 word name address <&"$from_nodes"; then
      echo "not all nodes came up; their logs:" >&2
      tail -n 3 "$network_dir"/*.log >&2
      return 1
    fi
    left=$((left - 1))
    [ -n "${quiet:-}" ] || echo "$word  $name  $address"
  done
}

start_node() {
  begin_node "$1"
  await_ready 1
}

stop_node() {
  kill "${node_pids[$1]}"
  wait "${node_pids[$1]}" 2>/dev/null || true
  unset "node_pids[$1]"
}

stop_network() {
  [ ${#node_pids[@]} -gt 0 ] || return 0
  kill "${node_pids[@]}" 2>/dev/null || true
  wait "${node_pids[@]}" 2>/dev/null || true
  node_pids=()
}
