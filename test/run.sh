#!/usr/bin/env bash
# Installs what is missing, builds, runs every test, and closes with a line that counts them.
#   ./test/run.sh
#   ./test/run.sh --list                                  names all tests
#   ./test/run.sh --only NAME...                          these alone: harness.store, harness, asan.unit, fuzz.socks
#   HUBLINK_SKIP=asan,fuzz,harness ./test/run.sh          leaves parts out
#   HUBLINK_FUZZ_SECONDS=600 ./test/run.sh                fuzzes longer (default: 60 each)
#   HUBLINK_BIG=1 ./test/run.sh                           adds the tests with files over 4 GiB
# A test that was skipped is named at the end with its reason. With CI=true, and for root on Debian, it is a failure, unless
# test/allowed_skips.txt has it. build/tests.xml has all results (junit).

set -uo pipefail
cd "$(dirname "$0")/.." || exit
source test/install.sh

usage() { sed -n '2,/^$/s/^# \{0,1\}//p' test/run.sh; }
only=() list=
while [ $# -gt 0 ]; do
  case $1 in
  --help | -h) usage && exit ;;
  --list) list=1 ;;
  --only)
    while [ $# -gt 1 ] && [[ $2 != -* ]]; do only+=("$2") && shift; done
    [ ${#only[@]} -gt 0 ] || { usage >&2 && exit 2; }
    ;;
  *) usage >&2 && exit 2 ;;
  esac
  shift
done

jobs=$(nproc)
work=$(mktemp -d "${TMPDIR:-/tmp}/hublink-tests.XXXXXX")
export HUBLINK_SKIPS=$work/skips
: >"$HUBLINK_SKIPS"
: >"$work/results"
trap 'rm -rf "$work"' EXIT

heading() { printf '\n== %s (%d:%02d)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)); }
# record STATE NAME SECONDS [FILE]: one result; the file in $work has what it printed.
record() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4:-}" >>"$work/results"; }
fail() { record failed "$@" && echo "FAILED: $1"; }
skip() { echo "$1: $2" >>"$HUBLINK_SKIPS"; }
left_out() { [[ ",${HUBLINK_SKIP:-}," == *,"$1",* ]]; }

# build PRESET TARGETS [CMAKE-OPTION...]: configures and builds; prints only warnings and errors.
build() {
  local preset=$1 log=build-$1.log began=$SECONDS
  local targets
  read -ra targets <<<"$2"
  shift 2
  if cmake --preset "$preset" "$@" >"$work/$log" 2>&1 &&
    { [ ${#targets[@]} -eq 0 ] || cmake --build --preset "$preset" -j "$jobs" --target "${targets[@]}" >>"$work/$log" 2>&1; }; then
    grep -E 'warning:' "$work/$log" || true
  else
    grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)' "$work/$log" | tail -n 60
    fail "build.$preset" $((SECONDS - began)) "$log"
    return 1
  fi
}

# chosen PART: what `--only` names of it, without the part's own prefix, a line each; `.` is all of it. Status 1: nothing.
chosen() {
  [ ${#only[@]} -gt 0 ] || { echo . && return; }
  local name found=
  for name in "${only[@]}"; do
    case $name in
    "$1") echo . && found=1 ;;
    asan | asan.* | fuzz | fuzz.*) [[ $name != "$1".* ]] || { echo "${name#*.}" && found=1; } ;;
    *) [ "$1" != release ] || { echo "$name" && found=1; } ;;
    esac
  done
  [ -n "$found" ]
}

# Those names as a regular expression of ctest's.
expression() { chosen "$1" | sed -e 's/[.]/\\./g' -e 's/^\\[.]$/.*/' -e 's/.*/^(&)([.]|$)/' | paste -sd '|'; }

# Sanitizers' targets are built while networks are tested, which wait most of the time. What fails here, fails again when it is needed.
sanitized="protocol_tests actors_tests node_tests simulation fuzz_targets"
ahead=
build_ahead() {
  [ ${#only[@]} -eq 0 ] || return
  left_out asan && left_out fuzz && return
  have_clang || return
  local targets
  read -ra targets <<<"$sanitized"
  { cmake --preset asan -DHUBLINK_WERROR=ON && nice -n 19 cmake --build --preset asan -j "$jobs" --target "${targets[@]}"; } >"$work/ahead.log" 2>&1 &
  ahead=$!
}
wait_for_build() {
  [ -z "$ahead" ] || wait "$ahead" || true
  ahead=
}
have_clang() { ! on_debian || [ -z "$(missing_packages clang libclang-rt-dev)" ]; }

# run_ctest PART AT-ONCE [CTEST-OPTION...]
run_ctest() {
  local part=$1 at_once=$2 report=$work/ctest-$1.xml
  shift 2
  ctest --test-dir "build/$part" -j "$at_once" -R "$(expression "$part")" --output-on-failure --output-junit "$report" "$@"
  [ -s "$report" ] || fail "ctest.$part" 0
}

# The executable as users have it, networks of it, and simulated ones, at full speed; unit tests run under sanitizers, and are not
# built twice.
run_release() {
  chosen release >/dev/null || return
  heading "release build, networks of real nodes, and simulated ones"
  local wanted="hublink hublink-faults simulation" without=none name
  if [ ${#only[@]} -gt 0 ]; then
    wanted=
    for name in $(chosen release); do
      case $name in
      unit) wanted+=" protocol_tests actors_tests node_tests" ;;
      unit.*) wanted+=" ${name#unit.}_tests" ;;
      simulation*) wanted+=" simulation" ;;
      harness*) wanted+=" hublink hublink-faults" ;;
      console*) wanted+=" hublink" ;; # with its bundle
      esac
    done
  elif left_out asan; then wanted=all; else without=unit; fi
  if left_out harness; then
    skip harness HUBLINK_SKIP
    without="$without|harness"
  fi
  build release "$wanted" -DHUBLINK_WERROR=ON -DHUBLINK_TESTS=ON || return
  build_ahead
  run_ctest release $((2 * jobs)) -LE "$without" # networks wait most of the time
}

run_asan() {
  chosen asan >/dev/null || return
  left_out asan && { skip asan "HUBLINK_SKIP; unit tests and simulation ran without"; return; }
  have_clang || { skip asan "clang is missing"; return; }
  heading "unit tests and a part of the simulation under AddressSanitizer, the protocol layer under UndefinedBehaviorSanitizer too"
  wait_for_build
  build asan "$sanitized" -DHUBLINK_WERROR=ON && run_ctest asan "$jobs" -LE "harness|lint|console" # lint ran beside the release build
}

# One target: its seeds, then for its time in a scratch corpus; what it prints is shown only if it found something.
fuzz_one() {
  local target=$1 name corpus
  name=$(basename "$target") corpus=$work/corpus-$(basename "$target")
  mkdir -p "$corpus"
  local seeds=test/fuzz/corpus/$name words=(-timeout=10 -rss_limit_mb=2048 -artifact_prefix="$work/$name-")
  "$target" "${words[@]}" -runs=0 "$seeds" >"$work/$name.log" 2>&1 || return
  [ ! -e "test/fuzz/$name.dict" ] || words+=(-dict="test/fuzz/$name.dict")
  "$target" "${words[@]}" -max_total_time="${HUBLINK_FUZZ_SECONDS:-60}" -print_final_stats=1 "$corpus" "$seeds" \
    >>"$work/$name.log" 2>&1
}

fuzz_names() { find test/fuzz -maxdepth 1 -name '*_fuzz.cpp' -printf '%f\n' | sed 's/_fuzz[.]cpp$//' | sort; }

run_fuzz() {
  chosen fuzz >/dev/null || return
  left_out fuzz && { skip fuzz HUBLINK_SKIP; return; }
  have_clang || { skip fuzz "clang is missing"; return; }
  heading "fuzz targets, ${HUBLINK_FUZZ_SECONDS:-60} s each"
  wait_for_build
  local names running=() i name at_once=$((3 * jobs)) began
  mapfile -t names < <(fuzz_names | grep -E "$(expression fuzz)")
  [ ${#names[@]} -gt 0 ] || return
  build asan "$(printf '%s_fuzz ' "${names[@]}")" -DHUBLINK_WERROR=ON || return
  for ((i = 0; i < ${#names[@]}; i += at_once)); do
    running=() began=$SECONDS
    for name in "${names[@]:i:at_once}"; do
      fuzz_one "build/asan/test/fuzz/${name}_fuzz" &
      running+=("$!:$name")
    done
    for name in "${running[@]}"; do
      local log=${name#*:}_fuzz.log
      if wait "${name%%:*}"; then
        record passed "fuzz.${name#*:}" $((SECONDS - began))
        echo "${name#*:}: $(sed -nE 's/^stat::number_of_executed_units: +//p' "$work/$log") inputs, nothing found"
      else
        tail -n 40 "$work/$log"
        for input in "$work/${name#*:}_fuzz"-*; do [ -f "$input" ] && echo "input: $(base64 -w0 "$input")"; done
        fail "fuzz.${name#*:}" $((SECONDS - began)) "$log"
      fi
    done
  done
}

list_tests() {
  cmake --preset release -DHUBLINK_TESTS=ON >"$work/list.log" 2>&1 || { tail -n 20 "$work/list.log" >&2 && return 1; }
  ctest --test-dir build/release -N | sed -nE 's/^ *Test +#[0-9]+: //p' | sort
  ctest --test-dir build/release -N -LE "harness|lint|console" | sed -nE 's/^ *Test +#[0-9]+: /asan./p' | sort
  fuzz_names | sed 's/^/fuzz./'
}

needed=("${build_packages[@]}" "${show_packages[@]}" "${test_packages[@]}")
[ -z "$list" ] || { list_tests && exit; exit 1; }
if ! install_packages "${needed[@]}" "${!tests_of[@]}" && on_debian && [ -n "$(missing_packages "${needed[@]}")" ]; then
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

# A bare chroot has no terminals: ours last as long as this mount namespace.
if [ "$(id -u)" -eq 0 ] && [ -z "${HUBLINK_OWN_TERMINALS:-}" ] && ! python3 -c 'import os; os.openpty()' 2>/dev/null; then
  export HUBLINK_OWN_TERMINALS=1
  rm -rf "$work"
  exec unshare --mount sh -c 'mkdir -p /dev/pts && mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts; exec "$@"' \
    sh test/run.sh ${only[@]:+--only "${only[@]}"}
fi

run_release
run_asan
run_fuzz

heading "done"
allowed=() strict=()
if [ "${CI:-}" = true ]; then
  strict=(--strict)
elif [ "$(id -u)" -eq 0 ] && on_debian; then
  strict=(--strict)
  for part in asan fuzz harness; do ! left_out "$part" || allowed+=(--without "$part"); done
fi
python3 -B test/support/results.py "$work" --junit build/tests.xml "${only[@]/#/--only=}" "${strict[@]}" "${allowed[@]}"
