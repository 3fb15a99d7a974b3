"""Each call of a program directly and under `hublink wrap`, near and far. See wrap.sh."""
import argparse
import ctypes
import statistics
import subprocess
import sys
from pathlib import Path

from contestants import machine, spawn, stop
from hublink_harness import apps, cli
from hublink_harness.long_line import LongLine
from hublink_harness.namespaces import ip
from hublink_harness.network import Network

FAR = "10.77.2.1"
SOCKS, PORT = f"{FAR}:1080", 7000
ONE_WAY_MS = 100
ALLOWED_US = 1_000
AT_ONCE = 1_000  # a SOCKS listener has room for so many that it has not heard yet
USER = "bench:password"


class Ends(LongLine):
    """The far end is this process's own: the gateway and the destination stand there."""

    def __init__(self):
        super().__init__((["near"], ["far"]), 1000, ONE_WAY_MS, 0, 500)
        for local, source in (("127.0.0.0/8", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), (FAR, FAR)):
            ip("-n", self.spaces[1], "route", "replace", "local", local, "dev", "lo", "proto", "kernel", "scope", "host", "src", source, "table", "local", "congctl", "cubic")
        with open(f"/run/netns/{self.spaces[1]}") as own:
            if ctypes.CDLL(None).setns(own.fileno(), 0) != 0:
                raise OSError("setns")


def network():
    topology = {"network": "wrap-bench", "nodes": {"Server1": {
        "role": "server", "address": "127.2.1.1:40000", "segment": "10.77.2.0/24", "neighbours": {},
        "proxy": {"enabled": True, "socks": SOCKS, "called": "Server1", "allow": [f"{FAR}:{PORT}"]}}}}
    net = Network(topology)
    users = net.data("Server1") / "socks.users"
    users.write_text(USER + "\n")
    users.chmod(0o600)
    return net


def calls(options, prefix, wrapped, *words):
    """{call: (times, p50, p99, longest)}"""
    wrap = [cli.executable(), "wrap", "--gateway", SOCKS, "--user-file", options.user, "--only", f"{FAR}/32", "--"] if wrapped else []
    done = subprocess.run([*prefix, *wrap, options.work / "wrap_load", *map(str, words)], capture_output=True, text=True, timeout=180)
    if done.returncode != 0:
        sys.exit(f"{'wrapped' if wrapped else 'directly'}: {done.stderr}")
    return {line.split()[0]: tuple(map(float, line.split()[1:])) for line in done.stdout.splitlines()}


def compare(options, title, prefix, *words, apart=()):
    """`apart`: what is shown, and not held to the limit. True: no call is slower."""
    rounds = {False: [], True: []}
    for _ in range(options.rounds):
        for wrapped in rounds:
            rounds[wrapped].append(calls(options, prefix, wrapped, *words))
    print(f"\n{title}, µs, median of {options.rounds} rounds\n\n| call | times | directly p50 | p99 | longest | wrapped p50 | p99 | longest |\n|---|---|---|---|---|---|---|---|")
    fine = True
    for call in rounds[False][0]:
        middle = {wrapped: [statistics.median(one[call][part] for one in of) for part in range(4)] for wrapped, of in rounds.items()}
        slower = call not in apart and middle[True][2] > middle[False][2] + ALLOWED_US
        fine &= not slower
        cells = [f"{value:,.0f}" for value in (middle[False][0], *middle[False][1:], *middle[True][1:])]
        print(f"| {call}{' (slower)' if slower else ''} | " + " | ".join(cells) + " |", flush=True)
    return fine


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.user = options.work / "user"
    options.user.write_text(USER + "\n")
    ends, server, net = Ends(), None, None
    fine = True
    try:
        net = network().start()
        server = spawn(options.work / "gateway_load", "serve", FAR, PORT)
        apps.wait_until(lambda: subprocess.run([options.work / "wrap_load", "loop", FAR, str(PORT), "1", "1"], capture_output=True).returncode == 0, "the destination serves")
        print(machine())
        calls(options, ends.prefix("far"), True, "loop", FAR, PORT, 1, 1)  # the gateway knows the password from then on
        fine &= compare(options, "1,000 threads beside the gateway", ends.prefix("far"), "threads", FAR, PORT, 1_000, 5, 2_000, apart=("ended",))
        fine &= compare(options, f"10,000 connects of an event loop, {AT_ONCE} at once, {2 * ONE_WAY_MS} ms away", ends.prefix("near"), "loop", FAR, PORT, 10_000, AT_ONCE, apart=("ended",))
    finally:
        if server:
            stop([server])
        if net:
            net.close()
        ends.close()
    sys.exit(not fine)


if __name__ == "__main__":
    main()
