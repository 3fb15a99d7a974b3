#!/usr/bin/env bash
# Builds Debian's OpenSSL with AddressSanitizer, links a fuzz target to it, and runs it. On demand; as root it installs what it needs.
#   test/fuzz/openssl_asan.sh [TARGET] [SECONDS]          credentials_fuzz, 3600
# OpenSSL is kept in build/openssl-asan, the target in build/asan-openssl.

set -euo pipefail
cd "$(dirname "$0")/../.."
source test/install.sh
target=${1:-credentials_fuzz} seconds=${2:-3600}
built=$PWD/build/openssl-asan
install_packages "${build_packages[@]}" "${test_packages[@]}" clang libclang-rt-dev dpkg-dev perl

# The source of the version that is installed, or the newest that can be had, from the archives that this system already uses.
fetch_source() {
  local lists parts file version
  lists=$(mktemp -d) parts=$(mktemp -d)
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ ! -f "$file" ] || sed -n 's/^deb /deb-src /p' "$file" >>"$parts/these.list"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -f "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$parts/$(basename "$file")"
  done
  local from=(-o APT::Sandbox::User=root -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$parts" -o "Dir::State::Lists=$lists")
  apt-get "${from[@]}" -qq update
  for version in $(dpkg-query -W -f '${source:Version}' libssl-dev) $(apt-cache "${from[@]}" madison openssl | awk '{ print $3 }' | sort -Vr); do
    (cd "$built" && apt-get "${from[@]}" -qq source "openssl=$version") && break
  done
  rm -rf "$lists" "$parts"
}

if [ ! -e "$built/lib/libcrypto.a" ]; then
  rm -rf "$built"
  mkdir -p "$built"
  fetch_source
  (
    cd "$built"/openssl-*/
    CC=clang ./Configure "linux-$(uname -m)" enable-asan no-shared no-tests --prefix="$built" --libdir=lib -g -O1 -fno-omit-frame-pointer
    make -s -j "$(nproc)" build_libs
    make -s install_dev
  )
fi

cmake --preset asan -B build/asan-openssl -DOPENSSL_ROOT_DIR="$built" -DOPENSSL_USE_STATIC_LIBS=ON
cmake --build build/asan-openssl --target "$target"
words=(-timeout=10 -rss_limit_mb=4096)
[ ! -e "test/fuzz/$target.dict" ] || words+=(-dict="test/fuzz/$target.dict")
mkdir -p build/asan-openssl/corpus
"build/asan-openssl/test/fuzz/$target" "${words[@]}" -runs=0 "test/fuzz/corpus/$target"
"build/asan-openssl/test/fuzz/$target" "${words[@]}" -max_total_time="$seconds" -print_final_stats=1 build/asan-openssl/corpus "test/fuzz/corpus/$target"
