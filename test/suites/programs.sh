#!/bin/bash
# Programs of Debian directly and by every way in, with a table of differences: test/suites/programs.sh [PROGRAM...]. On demand, as root.
# HUBLINK: the executable (build/release/hublink).
set -eu
cd "$(dirname "$0")"
# shellcheck source=test/install.sh
. ../install.sh
install_packages curl wget nginx php-cli php-curl nodejs default-jre-headless postgresql redis-server redis-tools openssh-server openssh-client rsync git \
  dnsmasq-base bind9-dnsutils bind9-host snmpd snmp openssl tcl iproute2 nftables \
  ruby erlang-base python3-uvloop python3-aiohttp python3-websockets python3-zmq python3-aiosmtpd lua5.4 lua-socket guile-3.0 gawk zsh \
  netcat-openbsd ncat socat inetutils-telnet httpie aria2 lynx w3m apache2-utils wrk nghttp2-client nghttp2-server mariadb-server slapd ldap-utils \
  memcached libmemcached-tools mosquitto mosquitto-clients swaks chrony iperf iperf3 samba smbclient vsftpd lftp tftp-hpa tftpd-hpa subversion mercurial \
  xvfb x11-utils sipsak chromium nats-server mosh tigervnc-standalone-server vncsnapshot
export HUBLINK=${HUBLINK:-$(realpath ../../build/release/hublink)}
exec python3 -B programs.py "$@"
