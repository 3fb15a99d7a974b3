# shellcheck shell=bash disable=SC2034
# Sourced, not run: what test/run.sh, examples/quickstart.sh and test/bench/*.sh need from Debian 12 or 13.
#   install_packages PACKAGE...   installs those that are missing; one clear line and status 1 if that is not possible

# Boost of Debian 12 by its number: the one without is 1.74 there, of 2020. Headers of Beast alone are used, nothing is linked.
boost=libboost-dev
[ "$(. /etc/os-release 2>/dev/null && echo "${VERSION_ID:-}")" != 12 ] || boost=libboost1.81-dev
build_packages=(g++ cmake ninja-build ccache libcaf-dev libasio-dev nlohmann-json3-dev libcli11-dev libspdlog-dev
  libsqlite3-dev libsqlitecpp-dev libxxhash-dev libssl-dev libsodium-dev zlib1g-dev "$boost" prometheus-cpp-dev
  libcurl4-openssl-dev esbuild)
show_packages=(python3 xxhash)
test_packages=(catch2 openssl python3-cryptography binutils)
broadcast_bench_packages=(openssh-client openssh-server rsync uftp iproute2)
gateway_bench_packages=(openssl openssh-client openssh-server haproxy stunnel4 socat iproute2)

# What a part of the tests drives or needs, and the tests that are left out without it.
programs=harness.gateway_programs
declare -A tests_of=(
  [clang]="asan fuzz"
  [libclang-rt-dev]="asan fuzz" # of the clang that is this Debian's
  [iproute2]="harness.*.namespaces harness.broadcast_bytes harness.gateway_redirect harness.documented_commands harness.examples harness.line_congestion"
  [nftables]="harness.broadcast_bytes harness.gateway_redirect harness.wrap_strict harness.documented_commands:nft"
  [sqlite3]="harness.documented_commands:sqlite3"
  [acl]="harness.arrivals"
  [e2fsprogs]="harness.disks"
  [exfat-fuse]="harness.disks"
  [exfatprogs]="harness.disks"
  [dosfstools]="harness.disks"
  [musl-tools]="harness.wrap_children:musl harness.wrap_strict:musl"
  [libcap2-bin]="harness.wrap_children:capabilities harness.wrap_strict:capabilities"
  [php-curl]="harness.wrap_children:php harness.wrap_strict:php"
  [php-cli]="harness.wrap_children:php harness.wrap_strict:php"
  [curl]="harness.documented_commands:curl harness.gateway_socks:curl harness.gateway_wrap:curl $programs:nginx"
  [nginx]="$programs:nginx"
  [wrk]="$programs:nginx"
  [proxychains4]="$programs:nginx"
  [postgresql]="$programs:postgresql"
  [redis-server]="$programs:redis"
  [redis-tools]="$programs:redis"
  [openssh-server]="$programs:openssh"
  [openssh-client]="$programs:openssh"
  [rsync]="$programs:rsync"
  [dnsmasq-base]="$programs:dns"
  [bind9-dnsutils]="$programs:dns"
  [snmpd]="$programs:snmp"
  [snmp]="$programs:snmp"
  [iperf3]="$programs:iperf3"
  [python3-jsonschema]="harness.schema"
  [prometheus]="harness.alerts harness.alert_causes harness.dashboards:promtool harness.web_metrics:promtool" # for promtool
  [chromium]="console.console console.editing console.every_view harness.console"
  [chromium-driver]="console.console console.editing console.every_view harness.console"
  [python3-selenium]="console.console console.editing console.every_view harness.console"
  [nodejs]="console.modules"
  [faketime]="harness.clocks harness.own_files:days"
)

export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
# Without it ccache never has a hit on a file that uses the precompiled header.
export CCACHE_SLOPPINESS=pch_defines,time_macros

on_debian() { command -v dpkg-query >/dev/null; }

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# left_out_without PACKAGE...: the tests of `tests_of` that are not run without them.
left_out_without() {
  local package
  for package in "$@"; do tr ' ' '\n' <<<"${tests_of[$package]:-}"; done | sort -u | xargs
}

install_packages() {
  if ! on_debian; then
    echo "not a Debian system: these must be there already: $*" >&2
    return 0
  fi
  local missing as_root=() log left_out
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  left_out=$(left_out_without "${missing[@]}")
  left_out=${left_out:+ (without them not run: $left_out)}
  if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
    if ! sudo -n true 2>/dev/null; then
      echo "missing packages; as root: apt-get install ${missing[*]}$left_out" >&2
      return 1
    fi
  fi
  echo "installing ${missing[*]}" >&2
  log=$(mktemp)
  if ! "${as_root[@]}" bash "$(dirname "${BASH_SOURCE[0]}")/support/install_without_services.sh" "${missing[@]}" >"$log" 2>&1 </dev/null; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    echo "could not install ${missing[*]}: is Debian's archive reachable?$left_out" >&2
    return 1
  fi
  rm -f "$log"
}
