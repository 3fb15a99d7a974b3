# shellcheck shell=bash
# Sourced by the networks that explain themselves.
#   begin NAME [LATER...]   examples/NAME.json runs in a temporary directory, which is the current one from then on; all is ended and
#                           removed when the script ends
#   say TEXT                a paragraph
#   show COMMAND...         a command as one types it, and what it prints
#   hops ID                 how a transfer went from node to node
#   says PATTERN ARGUMENT...   whether hublink with these arguments says so
#   until_it WHAT COMMAND...   waits, 15 s at most, until the command succeeds

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source examples/network.sh
here=$PWD
quiet=1

begin() {
  [ -x "$hublink" ] || { echo "$hublink is not built yet: run ./examples/quickstart.sh first" >&2; exit 1; }
  hublink=$(realpath "$hublink")
  local net=$here/examples/$1.json
  dir=$(mktemp -d "${TMPDIR:-/tmp}/hublink-$1.XXXXXX")
  trap 'stop_network; rm -rf "$dir"' EXIT
  trap 'exit 130' INT TERM
  start_network "$net" "$dir" "${@:2}"
  cd "$dir"
  cp "$net" NET.json
}

hublink() { "$hublink" "$@"; }
say() { printf '\n%s\n' "$*"; }
show() {
  printf '\n  $ %s\n' "$*"
  "$@" 2>&1 | sed 's/^/  /'
}
says() { hublink "${@:2}" | grep -Eq "$1"; }
hops() { python3 -B "$here/examples/hops.py" . "$1"; }
until_it() {
  local _
  for _ in $(seq 150); do
    if "${@:2}" >/dev/null 2>&1; then return; fi
    read -r -t 0.1 <> <(:) || true
  done
  echo "still not so: $1" >&2
  exit 1
}
