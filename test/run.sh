#!/usr/bin/env bash
# Installs what is missing, builds, runs every test, and closes with a line that counts them.
#   ./test/run.sh
#   HUBLINK_SKIP=asan,fuzz,harness ./test/run.sh    leaves suites out
#   HUBLINK_FUZZ_SECONDS=600 ./test/run.sh                fuzzes longer (default: 60 each)
#   HUBLINK_BIG=1 ./test/run.sh                           adds the tests with files over 4 GiB
set -uo pipefail
cd "$(dirname "$0")/.." || exit
source test/install.sh

jobs=$(nproc)
work=$(mktemp -d "${TMPDIR:-/tmp}/hublink-tests.XXXXXX")
export HUBLINK_SKIPS=$work/skips
: >"$HUBLINK_SKIPS"
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

heading() { printf '\n== %s (%d:%02d)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)); }
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED: $1"; }
skip() { skipped=$((skipped + 1)); echo "$1: $2" >>"$HUBLINK_SKIPS"; }
left_out() { [[ ",${HUBLINK_SKIP:-}," == *,"$1",* ]]; }

# build PRESET TARGETS [CMAKE-OPTION...]: configures and builds; prints only warnings and errors.
build() {
  local preset=$1 log=$work/build-$1.log
  local targets
  read -ra targets <<<"$2"
  shift 2
  if cmake --preset "$preset" "$@" >"$log" 2>&1 &&
    cmake --build --preset "$preset" -j "$jobs" --target "${targets[@]}" >>"$log" 2>&1; then
    grep -E 'warning:' "$log" || true
  else
    grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)' "$log" | tail -n 60
    fail "build of $preset"
    return 1
  fi
}

# Sanitizers' targets are built while networks are tested, which wait most of the time. What fails here, fails again when it is needed.
sanitized="protocol_tests actors_tests node_tests simulation fuzz_targets"
ahead=
build_ahead() {
  left_out asan && left_out fuzz && return
  install_packages "${sanitizer_packages[@]}" || return
  local targets
  read -ra targets <<<"$sanitized"
  { cmake --preset asan && nice -n 19 cmake --build --preset asan -j "$jobs" --target "${targets[@]}"; } >"$work/ahead.log" 2>&1 &
  ahead=$!
}
wait_for_build() {
  [ -z "$ahead" ] || wait "$ahead" || true
  ahead=
}

# run_ctest PRESET AT-ONCE [CTEST-OPTION...]: adds ctest's counts to ours.
run_ctest() {
  local preset=$1 at_once=$2 report=$work/ctest-$1.xml
  shift 2
  ctest --test-dir "build/$preset" -j "$at_once" --output-on-failure --output-junit "$report" --no-tests=error "$@"
  if [ ! -s "$report" ]; then
    fail "ctest of $preset"
    return
  fi
  count() { sed -nE "/<testsuite /,/>/s/.*[[:space:]]$1=\"([0-9]+)\".*/\1/p" "$report" | head -n 1; }
  local all bad not_run
  all=$(count tests) bad=$(count failures) not_run=$(($(count skipped) + $(count disabled)))
  passed=$((passed + all - bad - not_run)) failed=$((failed + bad)) skipped=$((skipped + not_run))
}

# The executable as users have it, networks of it, and simulated ones, at full speed; unit tests run under sanitizers, and are not
# built twice.
run_release() {
  heading "release build, networks of real nodes, and simulated ones"
  local targets="hublink simulation" without=none
  if left_out asan; then targets=all; else without=unit; fi
  if left_out harness; then
    skip harness HUBLINK_SKIP
    without="$without|harness"
  fi
  build release "$targets" -DHUBLINK_WERROR=ON -DHUBLINK_TESTS=ON || return
  build_ahead
  run_ctest release $((2 * jobs)) -LE "$without" # networks wait most of the time
}

run_asan() {
  left_out asan && { skip "sanitizers" "HUBLINK_SKIP; unit tests and simulation ran without"; return; }
  heading "unit tests and a part of the simulation under AddressSanitizer, the protocol layer under UndefinedBehaviorSanitizer too"
  install_packages "${sanitizer_packages[@]}" || { skip sanitizers "clang is missing"; return; }
  wait_for_build
  build asan "$sanitized" && run_ctest asan "$jobs" -LE "harness|lint" # lint ran beside the release build
}

# One target for its time, in a scratch corpus; what it prints is shown only if it found something.
fuzz_one() {
  local target=$1 name corpus
  name=$(basename "$target") corpus=$work/corpus-$(basename "$target")
  mkdir -p "$corpus"
  local seeds=()
  [ -d "test/fuzz/corpus/$name" ] && seeds=("test/fuzz/corpus/$name")
  "$target" -max_total_time="${HUBLINK_FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$work/$name-" "$corpus" "${seeds[@]}" >"$work/$name.log" 2>&1
}

run_fuzz() {
  left_out fuzz && { skip fuzz HUBLINK_SKIP; return; }
  install_packages "${sanitizer_packages[@]}" || { skip fuzz "clang is missing"; return; }
  heading "fuzz targets, ${HUBLINK_FUZZ_SECONDS:-60} s each"
  wait_for_build
  build asan fuzz_targets || return
  local targets running=() i target at_once=$((3 * jobs))
  mapfile -t targets < <(find build/asan/test/fuzz -maxdepth 1 -type f -executable | sort)
  [ ${#targets[@]} -gt 0 ] || { fail "fuzz: no target was built"; return; }
  for ((i = 0; i < ${#targets[@]}; i += at_once)); do
    running=()
    for target in "${targets[@]:i:at_once}"; do
      fuzz_one "$target" &
      running+=("$!:$target")
    done
    for target in "${running[@]}"; do
      local name
      name=$(basename "${target#*:}")
      if wait "${target%%:*}"; then
        pass
        echo "$name: $(sed -nE 's/^stat::number_of_executed_units: +//p' "$work/$name.log") inputs, nothing found"
      else
        tail -n 40 "$work/$name.log"
        for input in "$work/$name"-*; do [ -f "$input" ] && echo "input: $(base64 -w0 "$input")"; done
        fail "fuzz: $name"
      fi
    done
  done
}

if ! install_packages "${build_packages[@]}" "${show_packages[@]}" "${test_packages[@]}"; then
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi
[ "$(id -u)" -ne 0 ] || install_packages "${net_packages[@]}" || true

run_release
run_asan
run_fuzz

heading "done"
[ ! -s "$HUBLINK_SKIPS" ] || { echo "skipped:"; sort -u "$HUBLINK_SKIPS" | sed 's/^/  /'; }
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
