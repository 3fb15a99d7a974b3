"""One file to 8 receivers behind one hub, in interleaved runs, with medians. Called by broadcast.sh."""
import argparse
import getpass
import shutil
import subprocess
import sys
import time
import unittest
from pathlib import Path
from statistics import median

from contestants import Scp, machine
from hublink_harness import cli
from hublink_harness.line import Line
from hublink_harness.network import Network
from hublink_harness.topologies import client, server, transfer
from hublink_harness.usage import cpu_seconds
from transfer import write_source
from uftp import Uftp

COUNT = 8
UNHURT = COUNT - 2
THROTTLE = 1_000_000  # bytes a second


def network(source, **hub):
    """HOST1 → Hub → R0 … R7; FILE is for all, SIX for the first six."""
    receivers = [f"R{n}" for n in range(COUNT)]
    nodes = {"Hub": {**server("127.4.1.1", "127.4.1.0/24"), **hub}, "HOST1": client("127.4.1.11", "Hub")}
    nodes.update({name: client(f"127.4.1.{20 + n}", "Hub") for n, name in enumerate(receivers)})
    transfers = {file: transfer("HOST1", *names, send={"path": str(source)})
                 for file, names in (("FILE", receivers), ("SIX", receivers[:UNHURT]))}
    return receivers, Network({"network": "bench", "nodes": nodes, "transfers": transfers})


class Broadcast:
    """To all, by `hublink send --wait`."""

    name = "hublink broadcast"
    copies_on_source_link = None  # measured

    def __init__(self, source):
        _, self.net = network(source)
        self.net.start()

    def send(self):
        result = self.net.cli("HOST1", "send", "FILE", "--wait", deadline=600)
        assert result.code == cli.DONE, str(result)
        self.last = result.out.split()[0]

    def source_bytes(self):
        return self.net.traces.expect("HOST1", "closed", transfer=self.last)["bytes"]

    def hub_cpu(self):
        return cpu_seconds(self.net.running["Hub"].pid)

    def close(self):
        self.net.close()


class TwoHurt:
    """Six receivers alone, and with two more: one behind a line of 1 MB/s, one dead."""

    def __init__(self, source):
        self._size = source.stat().st_size
        self._receivers, self.net = network(source, hosts={f"R{UNHURT}": "127.4.1.99"})
        there = self.net.address(f"R{UNHURT}")
        self._line = Line(("127.4.1.99", there[1]), there)
        self._line.slow(THROTTLE)
        self.net.start(*(node for node in self.net.topology["nodes"] if node != f"R{UNHURT + 1}"))

    def seconds_of_six(self, file):
        """Until the first six have it; what is not over then is cancelled."""
        began = time.perf_counter()
        sent = self.net.send("HOST1", file)
        for name in self._receivers[:UNHURT]:
            self.net.traces.expect(name, "received", within=600, transfer=sent)
        taken = time.perf_counter() - began
        assert self._line.carried() < self._size, "the throttled one was as fast"
        if file == "FILE":
            self.net.cli("HOST1", "cancel", sent)
        self.net.traces.expect("HOST1", "sent", within=600, transfer=sent)
        return taken

    def close(self):
        self.net.close()
        self._line.close()


class EightScp(Scp):
    """`scp -J` through the hub to each receiver, all at once."""

    name = f"{COUNT} × scp -J"
    copies_on_source_link = COUNT

    def __init__(self, work, source):
        super().__init__(work, source, work / "copy")

    def _together(self, command):
        running = [subprocess.Popen([*map(str, command(n))], stdin=subprocess.DEVNULL) for n in range(COUNT)]
        assert not any([process.wait() for process in running]), self.name

    def _copy(self, source, number, *jump):
        host, port = self._hops[2].rsplit(":", 1)
        return ["scp", "-q", "-F", self._work / "ssh_config", *jump, "-P", port, source, f"{host}:{self._work}/copy{number}"]

    def send(self):
        self._together(lambda n: self._copy(self._source, n, "-J", self._hops[0]))


class RsyncAndCopies(EightScp):
    """`rsync` to the hub, then from there `scp` to each receiver, all at once."""

    name = f"rsync to the hub + {COUNT} × scp"
    copies_on_source_link = 1

    def send(self):
        at_hub = self._work / "at_hub"
        at_hub.unlink(missing_ok=True)
        port = self._hops[0].rsplit(":", 1)[1]
        subprocess.run(["rsync", "--whole-file", "--inplace", "-e", f"ssh -F {self._work}/ssh_config -p {port}", self._source,
                        f"{getpass.getuser()}@127.3.0.1:{at_hub}"], check=True, stdin=subprocess.DEVNULL)
        self._together(lambda n: self._copy(at_hub, n))


def others(work, source):
    if why := Scp.missing() or (None if shutil.which("rsync") else "rsync not found; apt-get install rsync"):
        print(f"skipped scp and rsync: {why}", file=sys.stderr)
        return []
    made = []
    for kind in (EightScp, RsyncAndCopies):
        own = work / kind.__name__
        own.mkdir()
        made.append(kind(own, source))
    return made


def uftp(work, source):
    why = Uftp.missing()
    if not why:
        (work / "uftp").mkdir()
        try:
            return [Uftp(work / "uftp", source, COUNT)]
        except unittest.SkipTest as error:
            why = error
    print(f"skipped uftp: {why}", file=sys.stderr)
    return []


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--mib", type=int, default=256)
    options.add_argument("--rounds", type=int, default=5)
    options = options.parse_args()
    source = options.work / "source"
    write_source(source, options.mib)
    size = source.stat().st_size

    hublink, two_hurt = Broadcast(source), TwoHurt(source)
    contestants = [hublink, *others(options.work, source), *uftp(options.work, source)]
    times, cpu, whole, hurt = {contestant: [] for contestant in contestants}, [], [], []
    try:
        for contestant in contestants:  # links, page cache
            contestant.send()
        two_hurt.seconds_of_six("SIX")
        for number in range(options.rounds):
            for contestant in contestants:
                before, began = hublink.hub_cpu(), time.perf_counter()
                contestant.send()
                times[contestant].append(time.perf_counter() - began)
                if contestant is hublink:
                    cpu.append((hublink.hub_cpu() - before) / (COUNT * options.mib / 1024))
            pair = [("SIX", whole), ("FILE", hurt)]
            for file, taken in pair if number % 2 else reversed(pair):  # whoever is first finds the machine busier
                taken.append(two_hurt.seconds_of_six(file))
            print(f"round {number + 1}: " + ", ".join(f"{c.name} {times[c][-1]:.2f} s" for c in contestants), file=sys.stderr)
        source_link = {c: hublink.source_bytes() / size if c is hublink else c.copies_on_source_link for c in contestants}
    finally:
        for contestant in (*contestants, two_hurt):
            contestant.close()

    print(f"{options.mib} MiB to {COUNT} receivers behind one hub, median of {options.rounds} interleaved runs, {machine()}\n")
    print("| | seconds | × hublink's time | source link, × the file (hublink: counted; others: by what they do) |\n|---|---|---|---|")
    for contestant in contestants:
        seconds = median(times[contestant])
        print(f"| {contestant.name} | {seconds:.2f} | {seconds / median(times[hublink]):.2f} | {source_link[contestant]:.3f} |")
    print(f"\nCPU at the hub: {median(cpu):.2f} s per GiB delivered")
    print(f"six receivers, with one at 1 MB/s and one dead beside them: {median(hurt) / median(whole):.2f}× the time without "
          f"({median(hurt):.2f} s, {median(whole):.2f} s)")


if __name__ == "__main__":
    main()
