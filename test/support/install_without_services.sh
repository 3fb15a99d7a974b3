#!/usr/bin/env bash
# As root: apt-get install PACKAGE..., and none of the services that come with them starts, neither now nor with the machine.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d # asked before a service starts
kept=$policy.before-hublink
before=$(mktemp) after=$(mktemp)

finish() {
  rm -f "$policy" "$before" "$after"
  [ ! -e "$kept" ] || mv "$kept" "$policy"
}
trap finish EXIT
trap 'exit 130' INT TERM

installed() { dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^ii *//p' | sort -u; }

[ -e "$kept" ] || [ ! -e "$policy" ] || mv "$policy" "$kept"
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod +x "$policy"
installed >"$before"
apt-get -q update
apt-get -q -y --no-install-recommends install "$@"
installed >"$after"

command -v systemctl >/dev/null || exit 0
comm -13 "$before" "$after" | xargs -r dpkg-query -L | sed -nE 's:^(/usr)?/lib/systemd/system/([^@/]+\.(service|socket|timer))$:\2:p' |
  sort -u | xargs -r systemctl disable
