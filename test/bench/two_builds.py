"""Two trees side by side: transfer.sh, gateway.sh and many_small.py of each in turns, and the ratio of what they measure.

  python3 test/bench/two_builds.py OLDER NEWER [--rounds 5] [--only gateway]

Both are checkouts with their own `build/release/hublink`; each is measured by its own benches, since a bench knows its build.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

SMALL = "many_small"
BENCHES = (
    ("transfer", ("./test/bench/transfer.sh", "--mib", "512", "--rounds", "2")),
    ("gateway", ("./test/bench/gateway.sh", "--rounds", "1", "--seconds", "2", "--only", "Hublink")),
    (SMALL, (sys.executable, "-B", "test/bench/many_small.py", "--transfers", "2000", "--files", "500")),
)
NUMBER = re.compile(r"[\d.,]*\d")
SMALL_ROWS = ((re.compile(r"(\d+) transfers/s"), "transfers/s"),
              (re.compile(r"^(\w+) +\d+ KiB +\d+ KiB +([\d.]+) ", re.M), "CPU ms a transfer"))


def number(text):
    return float(text.replace(",", ""))


def row_of_table(line):
    """The name of a row and its first number, which is hublink's: it is the first or the only contestant."""
    name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
    values = [NUMBER.match(cell)[0] for cell in cells if NUMBER.match(cell)]
    return (name, number(values[0])) if line.startswith("| ") and name and values and not NUMBER.fullmatch(name) else None


def figures(bench, text):
    """What a bench printed, as a name for each figure."""
    if bench != SMALL:
        return dict(filter(None, map(row_of_table, text.splitlines())))
    (rate, rate_name), (cpu, cpu_name) = SMALL_ROWS
    return {rate_name: number(rate.search(text)[1]), cpu_name: sum(number(value) for _, value in cpu.findall(text))}


def run(tree, bench, words):
    surroundings = {**os.environ, "HUBLINK": str(tree / "build/release/hublink"), "PYTHONPATH": str(tree / "test/harness")}
    done = subprocess.run(words, cwd=tree, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{tree}: {' '.join(words)} ended with {done.returncode}\n{done.stderr}")
    return figures(bench, done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", type=Path, nargs=2, metavar="TREE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=[name for name, _ in BENCHES], nargs="+", default=[name for name, _ in BENCHES])
    options = parser.parse_args()
    trees = [tree.resolve() for tree in options.trees]
    for tree in trees:
        if not (tree / "build/release/hublink").exists():
            sys.exit(f"{tree}: build/release/hublink is missing; build it there first (cmake --preset release)")
    measured = {}
    for number_of_round in range(options.rounds):
        in_turn = trees if number_of_round % 2 == 0 else trees[::-1]
        for bench, words in BENCHES:
            if bench not in options.only:
                continue
            for tree in in_turn:
                for name, value in run(tree, bench, words).items():
                    measured.setdefault((bench, name), {each: [] for each in trees})[tree].append(value)
        print(f"round {number_of_round + 1} of {options.rounds}", file=sys.stderr)
    print("| | older | newer | newer / older | spread of the older | of the newer |\n|---|---|---|---|---|---|")
    for (bench, name), by_tree in measured.items():
        older, newer = (by_tree[tree] for tree in trees)
        if not older or not newer:
            continue
        middles = [statistics.median(values) for values in (older, newer)]
        ratio = f"{middles[1] / middles[0]:.2f}" if middles[0] else "–"
        spreads = [f"{min(values):g} to {max(values):g}" for values in (older, newer)]
        print(f"| {bench}: {name} | {middles[0]:g} | {middles[1]:g} | {ratio} | {spreads[0]} | {spreads[1]} |")
    for tree in trees:
        print(f"{tree}: executable of {(tree / 'build/release/hublink').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
