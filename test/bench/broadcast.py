"""One file to 8 receivers behind one hub, in interleaved runs, with medians. Called by broadcast.sh."""
import argparse
import getpass
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from contestants import Scp, cpu_seconds
from hublink_harness import cli
from hublink_harness.network import Network
from hublink_harness.topologies import client, server, transfer
from transfer import write_source

COUNT = 8
UNHURT = COUNT - 2


class Broadcast:
    """HOST1 → Hub → R0 … R7, by `hublink send --wait`."""

    name = "hublink broadcast"
    copies_on_source_link = None  # measured

    def __init__(self, source):
        self.receivers = [f"R{n}" for n in range(COUNT)]
        nodes = {"Hub": server("127.4.1.1", "127.4.1.0/24"), "HOST1": client("127.4.1.11", "Hub")}
        nodes.update({name: client(f"127.4.1.{20 + n}", "Hub") for n, name in enumerate(self.receivers)})
        definition = transfer("HOST1", *self.receivers, send={"path": str(source)})
        self.net = Network({"network": "bench", "nodes": nodes, "transfers": {"FILE": definition}}).start()

    def send(self):
        result = self.net.cli("HOST1", "send", "FILE", "--wait", deadline=600)
        assert result.code == cli.DONE, str(result)
        self.last = result.out.split()[0]

    def source_bytes(self):
        return self.net.traces.expect("HOST1", "closed", transfer=self.last)["bytes"]

    def hub_cpu(self):
        return cpu_seconds(self.net.running["Hub"].pid)

    def seconds_of_six(self):
        """Until the first six have it."""
        began = time.perf_counter()
        sent = self.net.send("HOST1", "FILE")
        for name in self.receivers[:UNHURT]:
            self.net.traces.expect(name, "received", within=600, transfer=sent)
        taken = time.perf_counter() - began
        return sent, taken

    def with_two_hurt(self):
        """One receiver stopped, which is slower than any throttle, and one killed."""
        stopped, killed = self.receivers[UNHURT:]
        self.net.running[stopped].signal(signal.SIGSTOP)
        self.net.kill(killed)
        sent, taken = self.seconds_of_six()
        self.net.running[stopped].signal(signal.SIGCONT)
        self.net.traces.expect("HOST1", "sent", within=600, transfer=sent)
        self.net.start(killed)
        return taken

    def close(self):
        self.net.close()


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


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--mib", type=int, default=256)
    options.add_argument("--rounds", type=int, default=5)
    options = options.parse_args()
    source = options.work / "source"
    write_source(source, options.mib)
    size = source.stat().st_size

    hublink = Broadcast(source)
    contestants = [hublink, *others(options.work, source)]
    times, cpu, whole, hurt = {contestant: [] for contestant in contestants}, [], [], []
    try:
        for contestant in contestants:  # links, page cache
            contestant.send()
        for number in range(options.rounds):
            for contestant in contestants:
                before, began = hublink.hub_cpu(), time.perf_counter()
                contestant.send()
                times[contestant].append(time.perf_counter() - began)
                if contestant is hublink:
                    cpu.append((hublink.hub_cpu() - before) / (COUNT * options.mib / 1024))
            whole.append(hublink.seconds_of_six()[1])
            hurt.append(hublink.with_two_hurt())
            print(f"round {number + 1}: " + ", ".join(f"{c.name} {times[c][-1]:.2f} s" for c in contestants), file=sys.stderr)
        source_link = {c: hublink.source_bytes() / size if c is hublink else c.copies_on_source_link for c in contestants}
    finally:
        for contestant in contestants:
            contestant.close()

    print(f"{options.mib} MiB to {COUNT} receivers behind one hub, median of {options.rounds} interleaved runs\n")
    print("| | seconds | × hublink's time | source link, × the file (hublink: counted; others: by what they do) |\n|---|---|---|---|")
    for contestant in contestants:
        seconds = median(times[contestant])
        print(f"| {contestant.name} | {seconds:.2f} | {seconds / median(times[hublink]):.2f} | {source_link[contestant]:.3f} |")
    print(f"\nCPU at the hub: {median(cpu):.2f} s per GiB delivered")
    print(f"six receivers, with one stopped and one killed beside them: {median(hurt) / median(whole):.2f}× the time without "
          f"({median(hurt):.2f} s, {median(whole):.2f} s)")


if __name__ == "__main__":
    main()
