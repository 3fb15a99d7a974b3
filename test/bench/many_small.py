"""10,000 transfers of 4 KiB from one client over two hubs: transfers per second, memory of each node, sizes of the journals."""
import argparse
import json
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))

from hublink_harness.events import Trace, Watch  # noqa: E402
from hublink_harness.network import Network  # noqa: E402
from hublink_harness.topologies import three_hubs, transfer  # noqa: E402
from hublink_harness.usage import cpu_seconds  # noqa: E402

NODES = ("ServerA", "ServerB", "HOST1", "HOST2")


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def journal_kib(directory):
    return [(directory / f"journal.sqlite{suffix}").stat().st_size // 1024 if (directory / f"journal.sqlite{suffix}").exists() else 0
            for suffix in ("", "-wal")]


def ask(directory, **request):
    """One command over a node's control socket, without a process of its own."""
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(directory / "control.sock"))
        control.sendall(json.dumps(request).encode() + b"\n")
        with control.makefile("rb") as answers:
            return json.loads(answers.readlines()[-1])


def wait_for(net, transfers, limit):
    """The `sent` events of all of them, as states."""
    states, trace, watch = {}, Trace(net.data("HOST1")), Watch()
    watch.add(net.data("HOST1") / "events")

    def all_there():
        trace.read()
        states.update({event["transfer"]: event["receivers"]["HOST2"] for event in trace.events if event["event"] == "sent"})
        trace.events.clear()
        return len(states) >= len(transfers)

    watch.until(all_there, limit)
    watch.close()
    return states


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--transfers", type=int, default=10_000)
    options.add_argument("--at-once", type=int, default=16)
    options.add_argument("--files", type=int, default=1000, help="different file IDs, sent in turn")
    options.add_argument("--seconds", type=float, default=450, help="give up after")
    options = options.parse_args()
    files = [f"FILE{i:05}" for i in range(options.files)]
    topology = three_hubs(**{file: transfer("HOST1", "HOST2") for file in files})
    topology["nodes"]["HOST1"]["limits"] = {"transfers": options.at_once}
    with Network(topology) as net:
        for file in files:
            net.write("HOST1", f"out/{file}", 4096)
        began = time.monotonic()
        net.start(*NODES, within=60)
        print(f"all nodes ready after {time.monotonic() - began:.2f} s, {len(files)} file IDs")
        before = {name: (resident_kib(net.running[name].pid), cpu_seconds(net.running[name].pid)) for name in NODES}
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            send = lambda i: ask(net.data("HOST1"), verb="send", file=files[i % len(files)], wait=False)
            ids = [answer["record"]["transfer"] for answer in pool.map(send, range(options.transfers))]
        queued = time.monotonic() - began
        states = wait_for(net, ids, options.seconds)
        seconds = time.monotonic() - began
        done = sum(state == "done" for state in states.values())
        print(f"{done} of {len(ids)} done in {seconds:.1f} s (all queued after {queued:.1f} s): {done / seconds:.0f} transfers/s")
        print(f"{'node':<9} {'RSS before':>11} {'after':>11} {'CPU ms/transfer':>16} {'journal':>10} {'WAL':>9}")
        for name in NODES:
            pid = net.running[name].pid
            (rss, cpu), journal = before[name], journal_kib(net.data(name))
            print(f"{name:<9} {rss:>7} KiB {resident_kib(pid):>7} KiB {(cpu_seconds(pid) - cpu) * 1000 / len(ids):>16.2f} "
                  f"{journal[0]:>6} KiB {journal[1]:>5} KiB")
        for command in ("history", "transfers"):
            result = net.cli("HOST1", command)
            print(f"hublink {command}: {result.seconds:.3f} s, {len(result.out.splitlines()) - 1} lines")
        return 0 if done == len(ids) else 1


if __name__ == "__main__":
    sys.exit(main())
