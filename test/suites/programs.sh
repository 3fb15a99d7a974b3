#!/bin/bash
# Programs of Debian directly and by every way in, with a table of differences: test/suites/programs.sh [PROGRAM...]. On demand, as root.
# HUBLINK: the executable (build/release/hublink).
set -eu
cd "$(dirname "$0")"
# shellcheck source=test/install.sh
. ../install.sh
install_packages curl wget nginx php-cli php-curl nodejs default-jre-headless postgresql redis-server redis-tools openssh-server openssh-client rsync git \
  dnsmasq-base bind9-dnsutils snmpd snmp openssl tcl iproute2 nftables
export HUBLINK=${HUBLINK:-$(realpath ../../build/release/hublink)}
exec python3 -B programs.py "$@"
