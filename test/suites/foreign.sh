#!/bin/bash
# Test suites of others through the gateways, and what differs: CPython's, Redis', PostgreSQL's, as Debian has them: test/suites/foreign.sh [SUITE...]
# On demand, as root; some 20 minutes. HUBLINK: the executable (build/release/hublink). HUBLINK_SUITE_SOURCES: a directory to keep the sources in.
set -eu
cd "$(dirname "$0")"
# shellcheck source=test/install.sh
. ../install.sh
python=$(/usr/bin/python3 -c 'import sys; print("libpython%d.%d-testsuite" % sys.version_info[:2])')
install_packages "$python" postgresql redis-server redis-tools tcl iproute2 nftables dpkg-dev

kept=${HUBLINK_SUITE_SOURCES:-$(mktemp -d)}
[ -n "${HUBLINK_SUITE_SOURCES:-}" ] || trap 'rm -rf "$kept"' EXIT
mkdir -p "$kept/lists/partial" "$kept/cache/archives/partial"
# Sources of the archive that packages come from, without a change of the system's lists.
sed 's/^Types: deb$/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >"$kept/from.sources"
apt=(apt-get -qq -o "Dir::Etc::sourcelist=$kept/from.sources" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$kept/lists" -o "Dir::Cache=$kept/cache")
unpack() {
  local package=$1 version
  version=$(dpkg-query -W -f '${source:Version}' "$2")
  compgen -G "$kept/$package"*.orig.tar.* >/dev/null || (cd "$kept" && "${apt[@]}" update && "${apt[@]}" --download-only source "$package=$version")
  compgen -G "$kept/${package%-*}-[0-9]*/" >/dev/null || tar -C "$kept" -xf "$kept/$package"*.orig.tar.*
}
unpack redis redis-server
postgres=$(dpkg-query -W -f '${Depends}' postgresql | grep -o 'postgresql-[0-9]*' | head -n 1)
unpack "$postgres" "$postgres"

export HUBLINK=${HUBLINK:-$(realpath ../../build/release/hublink)}
python3 -B foreign.py "$kept" "$@"
