"""Interleaved runs of all contestants, their medians and ratios. Called by transfer.sh."""
import argparse
import os
import sys
import time
from pathlib import Path
from statistics import median

from contestants import Chain, Hublink, Scp, machine

MIB = 1 << 20


def write_source(path, mib):
    block = os.urandom(MIB)
    with path.open("wb") as file:
        for i in range(mib):
            file.write(i.to_bytes(8, "big") + block[8:])


def timed(contestant, target, expected_size):
    target.unlink(missing_ok=True)
    began = time.perf_counter()
    contestant.send()
    seconds = time.perf_counter() - began
    assert target.stat().st_size == expected_size, contestant.name
    return seconds


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--mib", type=int, default=1024)
    options.add_argument("--rounds", type=int, default=5)
    options = options.parse_args()
    source, target = options.work / "source", options.work / "target"
    write_source(source, options.mib)
    gib = options.mib / 1024

    plain = options.work / "limit_plain"
    hublink = Hublink(source, target)
    sealed_chain = Chain("bare C chain, sealed", options.work / "limit_sealed", plain, source, target)
    plain_chain = Chain("bare C chain, plain", plain, plain, source, target)
    contestants = [hublink, sealed_chain, plain_chain]
    scp = None
    if why := Scp.missing():
        print(f"skipped scp: {why}", file=sys.stderr)
    else:
        scp = Scp(options.work, source, target)
        contestants.append(scp)

    times = {contestant: [] for contestant in contestants}
    cpu = {}  # who -> seconds per GiB, one a round
    try:
        for contestant in contestants:  # once to warm up: links, page cache
            timed(contestant, target, source.stat().st_size)
        for number in range(options.rounds):
            for contestant in contestants:
                watched = contestant if contestant in (hublink, sealed_chain) else None
                before = watched.cpu_seconds() if watched else {}
                times[contestant].append(timed(contestant, target, source.stat().st_size))
                for name, used in before.items():
                    cpu.setdefault(name, []).append((watched.cpu_seconds()[name] - used) / gib)
            print(f"round {number + 1}: " + ", ".join(f"{c.name} {times[c][-1]:.2f} s" for c in contestants), file=sys.stderr)
        setups = [hublink.ping() for _ in range(50)]
    finally:
        for contestant in contestants:
            contestant.close()
    report(options, times, cpu, setups, hublink, sealed_chain, scp)


def report(options, times, cpu, setups, hublink, sealed_chain, scp):
    middle = {contestant: median(values) for contestant, values in times.items()}
    fast = middle[hublink]
    print(f"\n{options.mib} MiB in memory, median of {options.rounds} interleaved runs, {machine()}\n")
    print("| | seconds | MB/s | × hublink's time |\n|---|---|---|---|")
    for contestant, seconds in middle.items():
        print(f"| {contestant.name} | {seconds:.2f} | {options.mib * MIB / seconds / 1e6:,.0f} | {seconds / fast:.2f} |")
    print("\n| measured | value | wanted |\n|---|---|---|")
    print(f"| hublink / bare sealed chain | {fast / middle[sealed_chain]:.2f}× the time | ≤ 1.25× |")
    if scp:
        print(f"| scp -J / hublink | {middle[scp] / fast:.1f}× the time | ≥ 5× |")
    for name, values in cpu.items():
        wanted = "≤ 0.15" if name.startswith("Server") else "–"
        print(f"| CPU of {name} | {median(values):.2f} s/GiB | {wanted} |")
    print(f"| circuit set-up through two hubs | {median(setups):.2f} ms | ≤ 5 ms |")


if __name__ == "__main__":
    main()
