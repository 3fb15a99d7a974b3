#!/usr/bin/env bash
# On demand: takes the way that README describes, its commands as they stand there and in their order, and says how long each one took.
# For a bare Debian machine that is thrown away: it installs packages. As root, since all of the network's machines are this one.
#   ./test/suites/readme_path.sh
#   HUBLINK=FILE ./test/suites/readme_path.sh     with that executable: nothing is installed or built
set -euo pipefail
cd "$(dirname "$0")/../.."
tree=$PWD
began=${EPOCHREALTIME/./}
pids=()

seconds_since() { local took=$((${EPOCHREALTIME/./} - $1)); printf '%d.%02d' $((took / 1000000)) $((took % 1000000 / 10000)); }

# step TITLE COMMAND: one command of a page, in this shell; its output is shown where it fails.
step() {
  local from=${EPOCHREALTIME/./} log
  log=$(mktemp)
  if ! eval "$2" >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    echo "failed after $(seconds_since "$from") s: $2" >&2
    exit 1
  fi
  printf '%8s s  %s\n' "$(seconds_since "$from")" "$1"
  rm -f "$log"
}

# block LANGUAGE WHICH PAGE: that block of the page.
block() { awk -v kind="$1" -v which="$2" '$0 == "```" { on = 0 } on { print } $0 == "```" kind && ++n == which { on = 1 }' "$3"; }

# The addresses of the file, on this machine's loopback; a bare machine has no program for it.
own_addresses() {
  python3 - "$1" <<'PYTHON'
import fcntl, re, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    def tell(request, name, what): fcntl.ioctl(any_socket, request, struct.pack("16s16s", name.encode(), what))
    def address(text): return struct.pack("HH4s8s", socket.AF_INET, 0, socket.inet_aton(text), b"")
    tell(0x8914, "lo", struct.pack("H14s", 1, b""))  # SIOCSIFFLAGS: up
    for number, text in enumerate(sorted(set(re.findall(r'"(\d+\.\d+\.\d+\.\d+):\d+"', open(sys.argv[1]).read())))):
        tell(0x8916, f"lo:{number}", address(text))  # SIOCSIFADDR
        tell(0x891C, f"lo:{number}", address("255.255.255.255"))  # SIOCSIFNETMASK
PYTHON
}

# run_machines LINE: README's line that runs a node, on each "machine" with its own name and folder; until all of them serve.
run_machines() {
  local folder name
  for folder in keys/*/; do
    name=$(basename "$folder")
    [ "$name" != ca ] || continue
    eval "exec ${1//HOST1/$name}" >"$name.out" 2>"$name.err" &
    pids+=($!)
  done
  local until=$((SECONDS + 20))
  for folder in keys/*/; do
    name=$(basename "$folder")
    until [ "$name" = ca ] || grep -q ^ready "$name.out"; do
      [ "$SECONDS" -lt "$until" ] || { cat "$name.err" >&2; return 1; }
      sleep 0.05
    done
  done
}

finish() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait
  [ -z "${work:-}" ] || rm -rf "$work"
}
trap finish EXIT

if [ "${1:-}" != --own-loopback ]; then
  if [ -z "${HUBLINK:-}" ]; then
    while read -r command; do
      step "$command" "$command"
    done < <(block sh 1 README.md)
  fi
  unshare --net bash "$0" --own-loopback # other networks may run beside this one
  echo "$(seconds_since "$began") s in all"
  exit
fi

work=$(mktemp -d)
block json 1 README.md >"$work/NET.json"
own_addresses "$work/NET.json"
while read -r example; do
  step "$example" "$example"
done < <(awk -F '`' '/^\|/ && /\.\/examples\// { print $2 }' examples/README.md)

built=$(realpath "${HUBLINK:-build/release/hublink}")
PATH=$(dirname "$built"):$PATH
cd "$work"
while read -r line; do
  command=${line%%  #*} # without its remark
  command=${command%"${command##*[! ]}"}
  case $command in
  *" keys "*) step "$command" "HUBLINK_PASSPHRASE=one-of-our-own $command" ;;
  *" run "*) step "$command (all three)" "run_machines '$command'" ;;
  *" send "*)
    mkdir -p HOST1/out
    head -c 1M /dev/urandom >HOST1/out/FILE01
    step "$command" "$command"
    cmp HOST1/out/FILE01 HOST2/in/FILE01
    ;;
  *) step "$command" "$command" ;;
  esac
done < <(block sh 2 "$tree/README.md")
