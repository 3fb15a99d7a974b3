#!/usr/bin/env bash
# On demand: builds Debian's packages of HEAD and looks at them as users' tools do. It is a full build; as root it installs what it needs.
#   ./test/suites/packages.sh [DIR]       DIR: where the packages go (default: a temporary one)
#   HUBLINK_TWICE=1                       builds once more, and compares the digests
#   HUBLINK_INSTALL=1                     installs and purges them here: for a machine that is thrown away
set -euo pipefail
cd "$(dirname "$0")/../.."
source test/install.sh
install_packages "${build_packages[@]}" build-essential debhelper dpkg-dev lintian python3 systemd
out=${1:-$(mktemp -d "${TMPDIR:-/tmp}/hublink-packages.XXXXXX")}
mkdir -p "$out"
out=$(realpath "$out")

# build DIR: the packages of HEAD in there, from a tree of its own at one place, so that two builds are alike.
build() {
  local tree=$out/tree
  rm -rf "$tree"
  mkdir -p "$tree" "$1"
  git archive HEAD | tar -x -C "$tree"
  HUBLINK_COMMIT=$(git rev-parse --short=12 HEAD) SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) \
    bash -c 'cd "$1" && dpkg-buildpackage -b -us -uc' _ "$tree" >"$1/build.log" 2>&1 || { tail -n 40 "$1/build.log" >&2 && exit 1; }
  mv "$out"/hublink*.{deb,buildinfo,changes} "$1"/
  rm -rf "$tree"
}

build "$out/packages"
echo "packages: $(cd "$out/packages" && echo ./*.deb)"
lintian --fail-on error,warning --info "$out"/packages/*.changes
unpacked=$out/unpacked
rm -rf "$unpacked"
dpkg-deb -x "$out"/packages/hublink_*.deb "$unpacked"
systemd-analyze security --offline=true --threshold=15 "$unpacked/lib/systemd/system/hublink@.service" | tail -n 1
systemd-analyze verify --man=no --recursive-errors=no "$unpacked/lib/systemd/system/hublink@.service" || true
for page in "$unpacked"/usr/share/man/man*/*.gz; do
  [ -z "$(man --warnings -E UTF-8 -l -Tutf8 "$page" 2>&1 >/dev/null)" ] || { echo "$page: man warns" >&2 && exit 1; }
done
"$unpacked/usr/bin/hublink" --version
if [ -n "${HUBLINK_TWICE:-}" ]; then
  build "$out/again"
  for package in "$out"/packages/*.deb; do cmp "$package" "$out/again/$(basename "$package")"; done
  echo "a second build is the same"
fi
if [ -n "${HUBLINK_INSTALL:-}" ]; then
  apt-get install -y "$out"/packages/hublink_*.deb "$out"/packages/hublink-wrap_*.deb >/dev/null
  hublink --version
  getent passwd hublink
  mkdir -p /var/lib/hublink/HOST1 && touch /var/lib/hublink/HOST1/journal.sqlite
  apt-get purge -y hublink hublink-wrap >/dev/null
  [ -e /var/lib/hublink/HOST1/journal.sqlite ] && ! [ -e /usr/bin/hublink ]
  echo "installed and purged; data stays"
fi
