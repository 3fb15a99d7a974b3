# shellcheck shell=bash disable=SC2034
# Sourced, not run: what test/run.sh, examples/quickstart.sh and test/bench/transfer.sh need from Debian 12.
#   install_packages PACKAGE...   installs those that are missing; one clear line and status 1 if that is not possible

build_packages=(g++ cmake ninja-build ccache libcaf-dev libasio-dev nlohmann-json3-dev libcli11-dev libspdlog-dev
  libsqlite3-dev libsqlitecpp-dev libxxhash-dev libzstd-dev libssl-dev libsodium-dev)
show_packages=(python3 xxhash)
test_packages=(catch2 openssl)
sanitizer_packages=(clang libclang-rt-14-dev)
net_packages=(iproute2)
broadcast_bench_packages=(openssh-client openssh-server rsync uftp iproute2)
gateway_bench_packages=(openssl openssh-client openssh-server haproxy stunnel4 socat iproute2)

export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
# Without it ccache never has a hit on a file that uses the precompiled header.
export CCACHE_SLOPPINESS=pch_defines,time_macros

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "not a Debian system: these must be there already: $*" >&2
    return 0
  fi
  local missing as_root=() log
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
    if ! sudo -n true 2>/dev/null; then
      echo "missing packages; as root: apt-get install ${missing[*]}" >&2
      return 1
    fi
  fi
  echo "installing ${missing[*]}" >&2
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get -q update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    echo "could not install ${missing[*]}: is Debian's archive reachable?" >&2
    return 1
  fi
  rm -f "$log"
}
