"""Throughput, latency, connections and memory of gateways, in interleaved rounds. See gateway.sh."""
import argparse
import os
import statistics
import subprocess
from pathlib import Path

from contestants import machine, spawn, stop
from gateway_contestants import ALL, Hublink, Line, OneHublink, ports
from hublink_harness import apps
from hublink_harness.namespaces import ip
from hublink_harness.usage import cpu_seconds

RATE = "100mbit"
IDLE = 10_000
BUSY = (1, 2, 4)  # processes that never wait
FULL_AFTER = 20_000_000  # bytes: its buffers are full, and windows have grown


def load(options, *words, prefix=(), deadline=120):
    done = subprocess.run([*prefix, options.load, *map(str, words)], capture_output=True, text=True, timeout=deadline)
    return [float(word) for word in done.stdout.split()] if done.returncode == 0 else []


def used(pids):
    total = 0
    for pid in pids:
        try:
            total += cpu_seconds(pid)
        except OSError:
            pass
    return total


def resident(pids):
    """KiB"""
    return sum(int(line.split()[1]) for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))


def measure(options, one, results):
    """One round of one contestant."""
    note = lambda key, value: results.setdefault((one.name, key), []).append(value)
    for streams in (1, 16):
        before = used(one.pids)
        if rate := load(options, "bulk", *one.door, streams, options.seconds):
            note(f"{streams} streams, Mbit/s", rate[0])
            # The half second before it counts is work, too.
            if streams == 1 and one.pids and not one.one_way:
                note("CPU s/GiB", (used(one.pids) - before) / (rate[0] * 1e6 / 8 * (options.seconds + 0.5) / 2**30))
    if one.one_way:
        return
    if times := load(options, "ping", *one.door, min(options.seconds, 3)):
        note("idle p50 µs", times[0])
        note("idle p99 µs", times[1])
    for count in BUSY:
        others = [spawn("sh", "-c", "while :; do :; done") for _ in range(count)]
        try:
            if times := load(options, "ping", *one.door, min(options.seconds, 2)):
                note(f"p50 µs beside {count} busy", times[0])
                note(f"p99 µs beside {count} busy", times[1])
        finally:
            stop(others)
    for at_once in (1, 32, 256):
        if rate := load(options, "open", *one.door, at_once, options.seconds):
            note(f"connections/s, {at_once} at once", rate[0])
    if isinstance(one, (Hublink, OneHublink)) and (rate := load(options, "udp", *one.door, options.seconds)):
        note("UDP there and back/s", rate[0])


def memory(options, one, results):
    """KiB of one idle stream, at both ends together."""
    before = resident(one.pids)
    holder = subprocess.Popen([options.load, "idle", one.door[0], str(one.door[1]), str(IDLE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if holder.stdout.readline() == "ready\n":
        results[(one.name, f"KiB an idle stream ({IDLE})")] = [(resident(one.pids) - before) / IDLE]
    holder.stdin.close()
    holder.wait()


class ShapedLine(Line):
    """Two namespaces of this run's own, with RATE and a millisecond between them."""

    def __init__(self):
        self.names = [f"hlgw{side}{os.getpid()}" for side in "lr"]
        self.ends = [f"hl{side}{os.getpid()}" for side in "lr"]
        super().__init__("10.99.0.1", "10.99.0.2", [("ip", "netns", "exec", name) for name in self.names])
        for name in self.names:
            ip("netns", "add", name)
        ip("link", "add", self.ends[0], "type", "veth", "peer", "name", self.ends[1])
        for name, end, address in zip(self.names, self.ends, (self.left, self.right)):
            ip("link", "set", end, "netns", name)
            ip("-n", name, "address", "add", f"{address}/24", "dev", end)
            for device in (end, "lo"):
                ip("-n", name, "link", "set", device, "up")
            subprocess.run(["tc", "-n", name, "qdisc", "add", "dev", end, "root", "tbf", "rate", RATE, "burst", "32k", "latency", "50ms"], check=True)

    def carried(self):
        """Bytes that have come over it, from left to right."""
        counter = f"/sys/class/net/{self.ends[1]}/statistics/rx_bytes"
        return int(subprocess.run([*self.prefixes[1], "cat", counter], capture_output=True, text=True, check=True).stdout)

    def close(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "delete", name], check=False)


def shaped(options, results):
    line = ShapedLine()
    target = (line.right, ports.take())
    server = spawn(*line.prefixes[1], options.load, "serve", *target)
    try:
        for kind in ALL:
            if kind.one_way:
                continue
            one = kind(options.work, line, target)
            near = line.prefixes[0]
            idle = load(options, "ping", *one.door, 5, prefix=near)
            results[(one.name, f"{RATE}: bulk, Mbit/s")] = load(options, "bulk", *one.door, 4, 5, prefix=near)
            before = line.carried()
            bulk = spawn(*near, options.load, "bulk", *one.door, 4, 60, stdout=subprocess.DEVNULL)
            apps.wait_until(lambda: line.carried() - before > FULL_AFTER, "the line is full")
            busy = load(options, "ping", *one.door, 5, prefix=near)
            stop([bulk])
            one.close()
            for key, value in (("idle", idle), ("under bulk", busy)):
                for part, name in zip(value, ("p50", "p99")):
                    results[(one.name, f"{RATE}: {key} {name} ms")] = [part / 1000]
    finally:
        stop([server])
        line.close()


def show(results):
    names = [kind.name for kind in ALL]
    keys = list(dict.fromkeys(key for _, key in results))
    print(machine() + "\n")
    print("| | " + " | ".join(names) + " |\n|---" * 1 + "|---" * len(names) + "|")
    for key in keys:
        cells = []
        for name in names:
            values = results.get((name, key))
            value = statistics.median(values) if values else None
            cells.append("–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.2f}")
        print(f"| {key} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="names of contestants")
    options = parser.parse_args()
    options.load = str(Path(options.work) / "gateway_load")
    line, results = Line(), {}
    target = ("127.1.2.50", ports.take())
    server = spawn(options.load, "serve", *target)
    try:
        everybody = [kind(options.work, line, target) for kind in ALL if not options.only or kind.__name__ in options.only]
        for _ in range(options.rounds):
            for one in everybody:
                measure(options, one, results)
        for one in everybody:
            if isinstance(one, (Hublink, OneHublink)):
                memory(options, one, results)
            one.close()
    finally:
        stop([server])
    if os.getuid() == 0 and not options.only:
        shaped(options, results)
    show(results)


if __name__ == "__main__":
    main()
