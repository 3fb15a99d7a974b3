"""Contestants over one long line, in turns: what arrives within some seconds, new connections and new nodes each time. Called by lines.sh."""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from contestants import spawn, stop
from hublink_harness import cli
from hublink_harness.long_line import LongLine
from hublink_harness.network import Network
from hublink_harness.topologies import client, server, transfer

NODES = (("ServerA", "HOST1"), ("ServerB", "HOST2"))
# As the packages set it.
BUFFERS = ("net.ipv4.tcp_rmem=4096 131072 67108864", "net.ipv4.tcp_wmem=4096 65536 67108864")


def largest(folder):
    """Bytes of the largest file in there: what has arrived, complete or not."""
    sizes = [0]
    for file in folder.rglob("*"):
        try:
            sizes.append(file.stat().st_size if file.is_file() else 0)
        except FileNotFoundError:
            continue  # it got its final name
    return max(sizes)


class Arrival:
    """How much of a file arrives within `seconds`, or how fast all of it does."""

    def __init__(self, folder, size, seconds):
        self._folder, self._size, self._seconds = folder, size, seconds
        folder.mkdir(parents=True, exist_ok=True)

    def mbit(self, is_over):
        began = time.perf_counter()
        while True:
            over, here, passed = is_over(), largest(self._folder), time.perf_counter() - began
            if over or here >= self._size or passed >= self._seconds:
                return here * 8 / passed / 1e6
            time.sleep(0.02)


class Hublink:
    def __init__(self, congestion):
        self.name = f"hublink, {congestion}"
        self._congestion = congestion

    def run(self, line, work, source, seconds):
        nodes = {"ServerA": server("10.77.1.1", "10.77.1.0/24", {"ServerB": {"cost": 1, "congestion": self._congestion}}),
                 "ServerB": server("10.77.2.1", "10.77.2.0/24"),
                 "HOST1": client("10.77.1.11", "ServerA"), "HOST2": client("10.77.2.12", "ServerB")}
        files = {"FILE01": transfer("HOST1", "HOST2", send={"path": str(source)})}
        net = Network({"network": "lines", "nodes": nodes, "transfers": files}, line).start()
        try:
            ready = net.cli("HOST1", "ping", "HOST2")  # links are there for days
            assert ready.code == cli.DONE, str(ready)
            arrival = Arrival(net.data("HOST2") / "in", source.stat().st_size, seconds)
            net.send("HOST1", "FILE01")
            return arrival.mbit(lambda: False)
        finally:
            for node in list(net.running):
                net.kill(node)
            net.close()


class Scp:
    name = "scp -J, 2 jump hosts"

    def run(self, line, work, source, seconds):
        target = work / "scp"
        running = [self._server(line, work, node, host) for node, host in (("ServerA", "10.77.1.1"), ("ServerB", "10.77.2.1"),
                                                                           ("HOST2", "10.77.2.12"))]
        (work / "ssh_config").write_text(
            f"User root\nPort 2222\nIdentityFile {work}/user_key\nIdentitiesOnly yes\nStrictHostKeyChecking no\n"
            "UserKnownHostsFile /dev/null\nLogLevel ERROR\nCompression no\n")
        try:
            arrival = Arrival(target, source.stat().st_size, seconds)
            sending = spawn(*line.prefix("HOST1"), "scp", "-q", "-F", work / "ssh_config", "-J", "10.77.1.1,10.77.2.1", source,
                            f"10.77.2.12:{target}/file")
            running.append(sending)
            while largest(target) == 0 and sending.poll() is None:  # logging in is not counted
                time.sleep(0.01)
            return arrival.mbit(lambda: sending.poll() is not None)
        finally:
            stop(running)
            shutil.rmtree(target)

    @staticmethod
    def _server(line, work, node, host):
        for key in ("host_key", "user_key"):
            if not (work / key).exists():
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", work / key], check=True)
        Path("/run/sshd").mkdir(exist_ok=True)
        config = work / f"sshd-{node}.conf"
        config.write_text(f"ListenAddress {host}:2222\nHostKey {work}/host_key\nAuthorizedKeysFile {work}/user_key.pub\nPidFile none\n"
                          "UsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n")
        process = spawn(*line.prefix(node), shutil.which("sshd"), "-D", "-e", "-f", config, stderr=subprocess.PIPE, text=True)
        for said in process.stderr:
            if "listening on" in said:
                return process
        raise RuntimeError(f"sshd did not start with {config}")


class Rsync:
    name = "rsync, its own daemon"

    def run(self, line, work, source, seconds):
        target = work / "rsync"
        target.mkdir(exist_ok=True)
        config = work / "rsyncd.conf"
        config.write_text(f"use chroot = no\nuid = root\ngid = root\nport = 8730\npid file = {work}/rsyncd.pid\naddress = 10.77.2.12\n[in]\npath = {target}\nread only = no\n")
        (work / "rsyncd.pid").unlink(missing_ok=True)
        subprocess.run([*line.prefix("HOST2"), "rsync", "--daemon", f"--config={config}"], check=True, stdin=subprocess.DEVNULL)
        running = []
        try:
            arrival = Arrival(target, source.stat().st_size, seconds)
            while True:
                sending = spawn(*line.prefix("HOST1"), "rsync", "--whole-file", source, "rsync://10.77.2.12:8730/in/file",
                                stderr=subprocess.DEVNULL)
                while largest(target) == 0 and sending.poll() is None:
                    time.sleep(0.01)
                if sending.poll() in (None, 0):
                    break
                time.sleep(0.1)  # the daemon does not listen yet
            running.append(sending)
            return arrival.mbit(lambda: sending.poll() is not None)
        finally:
            stop(running)
            os.killpg(int((work / "rsyncd.pid").read_text()), signal.SIGKILL)
            shutil.rmtree(target)


class Iperf:
    def __init__(self, streams):
        self.name = f"iperf3 × {streams}"
        self._streams = streams

    def run(self, line, work, source, seconds):
        listening = spawn(*line.prefix("HOST2"), "iperf3", "-s", "-1", "-B", "10.77.2.12", "--forceflush", stdout=subprocess.PIPE, text=True)
        try:
            for said in listening.stdout:
                if "listening" in said:
                    break
            done = subprocess.run([*line.prefix("HOST1"), "iperf3", "-J", "-c", "10.77.2.12", "-t", str(round(seconds)), "-P", str(self._streams)],
                                  capture_output=True, text=True, check=False)
            return json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e6
        finally:
            stop([listening])
            listening.stdout.close()


def measured(options, loss, source):
    contestants = [*(Hublink(name) for name in ("auto", "cubic", "bbr")), Scp(), Rsync(), Iperf(1), Iperf(8)]
    found = {each.name: [] for each in contestants}
    for number in range(options.rounds):
        for each in contestants:
            line = LongLine(NODES, options.mbit, options.round_trip / 2, loss, options.queue, seed=number + 1)
            try:
                for space in line.spaces:
                    for setting in BUFFERS:
                        subprocess.run(["ip", "netns", "exec", space, "sysctl", "-qw", setting], check=True)
                found[each.name].append(each.run(line, options.work, source, options.seconds))
            finally:
                line.close()
            print(f"{loss} %, round {number + 1}: {each.name} {found[each.name][-1]:.1f} Mbit/s", file=sys.stderr, flush=True)
    return found


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--mbit", type=float, default=200)
    options.add_argument("--round-trip", type=float, default=100, help="ms")
    options.add_argument("--queue", type=float, default=50, help="ms")
    options.add_argument("--loss", type=float, nargs="+", default=[0, 0.1, 1], help="%%")
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--rounds", type=int, default=5)
    options = options.parse_args()
    source = options.work / "source"
    source.write_bytes(os.urandom(int(options.mbit / 8 * 1e6 * options.seconds)))
    columns = {loss: measured(options, loss, source) for loss in options.loss}
    print(f"\n{options.mbit:g} Mbit/s, {options.round_trip:g} ms, a queue of {options.queue:g} ms; Mbit/s in {options.seconds:g} s: median "
          f"(least to most) of {options.rounds} rounds in turns\n")
    print("| | " + " | ".join(f"loss {loss:g} %" for loss in columns) + " |\n|---|" + "---|" * len(columns))
    for name in next(iter(columns.values())):
        cells = [f"{median(found[name]):.1f} ({min(found[name]):.1f} to {max(found[name]):.1f})" for found in columns.values()]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
