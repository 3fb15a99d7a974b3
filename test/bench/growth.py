"""How costs grow: each is measured at three sizes, as CPU seconds or counts, and printed with the exponent between the smallest and the
largest.  growth.py [--scale 0.1] [topology] [journal] [waiting]"""
import argparse
import json
import math
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))

from hublink_harness import cli  # noqa: E402
from hublink_harness.network import Network  # noqa: E402
from hublink_harness.topologies import three_hubs, transfer  # noqa: E402

HOUR_MS = 3_600_000


def show(what, rows, unit):
    """rows: size → cost."""
    sizes, costs = list(rows), list(rows.values())
    steep = math.log(costs[-1] / costs[0]) / math.log(sizes[-1] / sizes[0]) if min(costs[0], costs[-1]) > 0 else 0
    print(f"{what:<44} " + "  ".join(f"{size:>9,}: {cost:9.3f} {unit}" for size, cost in rows.items()) + f"   exponent {steep:.2f}", flush=True)


# -- topologies

def tree(nodes, transfers, clients_each=10):
    """Servers in a binary tree, with so many clients each."""
    servers = max(1, nodes // (clients_each + 1))
    net = {f"S{i}": {"role": "server", "address": f"127.{101 + i // 250}.{i % 250}.1:40000", "segment": f"127.{101 + i // 250}.{i % 250}.0/24",
                     "neighbours": {}} for i in range(servers)}
    for i in range(1, servers):
        net[f"S{(i - 1) // 2}"]["neighbours"][f"S{i}"] = 1
    names = [f"C{i}" for i in range(nodes - servers - 1)]
    for i, name in enumerate(names):
        server = i % servers
        net[name] = {"role": "client", "address": f"127.{101 + server // 250}.{server % 250}.{20 + i // servers}:30000", "home": f"S{server}"}
    net["MGR"] = {"role": "manager", "address": "127.101.0.9:40000", "home": "S0"}
    pairs = ((names[i * 7 % len(names)], names[(i * 13 + 1) % len(names)], names[(i * 13 + 2) % len(names)]) for i in range(transfers))
    return {"network": "growth", "nodes": net,
            "transfers": {f"F{i:06}": {"from": a, "to": [b if b != a else c]} for i, (a, b, c) in enumerate(pairs)}}


def cost_of(*words):
    """CPU seconds and largest resident MiB of a command."""
    process = subprocess.Popen([cli.executable(), *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    error = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{words}: {error[-300:]}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def topologies(scale):
    with tempfile.TemporaryDirectory(prefix="hublink-growth-") as folder:
        check, plan, memory = {}, {}, {}
        for nodes in (2500, 5000, 10_000):
            nodes = max(30, int(nodes * scale))
            file = Path(folder) / "net.json"
            file.write_text(json.dumps(tree(nodes, nodes * 10)))
            check[nodes], _ = cost_of("check", file)
            plan[nodes], memory[nodes] = cost_of("plan", file, "F000001")
        show("check, ten transfers a node; nodes", check, "s")
        show("plan of one transfer; nodes", plan, "s")
        show("plan of one transfer; nodes", memory, "MiB")


# -- journals

def fill(journal, waiting, finished):
    """What waits was begun last."""
    database = sqlite3.connect(journal)
    columns = database.execute("PRAGMA table_info(transfers)").fetchall()
    needed = {name: 0 if kind == "INTEGER" else "" for _, name, kind, must, default, _ in columns if must and default is None}
    begin = int(time.time() * 1000) - 2 * HOUR_MS

    def rows():
        for i in range(finished + waiting):
            over = i < finished
            yield {**needed, "transfer": f"{begin:012x}{i:020x}", "file": "HELD", "sender": "HOST1", "started_ms": begin + i * HOUR_MS // (finished + waiting),
                   "receivers": json.dumps({f"HOST{2 + i % 2}": "done" if over else "queued"}), "finished": int(over), "path": "out/HELD", "attempt": 0,
                   "state": "queued" if not over else "failed" if i % 1000 == 0 else "done", "saved_ms": begin, "ended_ms": begin if over else None}

    names = list(next(iter(rows())))
    with database:
        database.executemany(f"INSERT OR REPLACE INTO transfers ({','.join(names)}) VALUES ({','.join('?' * len(names))})",
                             ([row[name] for name in names] for row in rows()))
    database.close()


def ask(directory, **request):
    """Seconds of one command, and the last line of its answer."""
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(120)
        control.connect(str(directory / "control.sock"))
        control.sendall(json.dumps(request).encode() + b"\n")
        with control.makefile("rb") as answers:
            line = answers.readlines()[-1]
    return time.monotonic() - began, json.loads(line)


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def least_of(directory, times=5, **request):
    return min(ask(directory, **request)[0] for _ in range(times)) * 1000


def longest_send(directory, beside):
    """The longest time until a send is in the journal, ms, while `beside` is asked four times over."""
    over = threading.Event()

    def list_again():
        while not over.is_set():
            ask(directory, **beside)

    threads = [threading.Thread(target=list_again) for _ in range(4)]
    for thread in threads:
        thread.start()
    longest = max(ask(directory, verb="send", file="OK", wait=False)[0] for _ in range(40))
    over.set()
    for thread in threads:
        thread.join()
    return longest * 1000


QUESTIONS = {
    "status": {"verb": "status"},
    "history": {"verb": "history", "limit": 100},
    "history of a host that is none": {"verb": "history", "host": "NOBODY"},
    "history of a host": {"verb": "history", "host": "HOST3", "limit": 100},
    "history of a file": {"verb": "history", "file": "HELD", "limit": 100},
    "history, failed": {"verb": "history", "state": "failed", "limit": 100},
    "history since an hour ago, none": {"verb": "history", "limit": 100},
}


def journals(scale):
    rows, starts, held, kept = {name: {} for name in QUESTIONS}, {}, {}, {}
    for count in (25_000, 50_000, 100_000):
        count = max(100, int(count * scale))
        topology = three_hubs(HELD=transfer("HOST1", "HOST2"), OK=transfer("HOST1", "HOST3"))
        with Network(topology) as net:
            net.start("HOST1")
            net.cli("HOST1", "hold")
            net.stop("HOST1")
            directory = net.data("HOST1")
            fill(directory / "journal.sqlite", count, count)
            began = time.monotonic()
            net.start("HOST1", within=120)
            starts[count] = (time.monotonic() - began) * 1000
            pid = net.running["HOST1"].pid
            for name, question in QUESTIONS.items():
                since = {"since_ms": int(time.time() * 1000) - HOUR_MS} if "since" in name else {}
                rows[name][count] = least_of(directory, **question, **since)
            before = resident_mib(pid)
            held[count] = longest_send(directory, {"verb": "history", "limit": 100_000})
            deadline = time.monotonic() + 15
            while resident_mib(pid) > before + 32 and time.monotonic() < deadline:
                time.sleep(0.5)
            kept[count] = max(0.1, resident_mib(pid) - before)
    for name in QUESTIONS:
        show(f"{name}; waiting and as many finished", rows[name], "ms")
    show("start; waiting", starts, "ms")
    show("longest send beside four long listings", held, "ms")
    show("memory kept after them", kept, "MiB")


# -- what waits for a dead receiver

def used(net, *nodes):
    """CPU seconds of these nodes since their start, together."""
    ticks = 0
    for node in nodes:
        fields = Path(f"/proc/{net.running[node].pid}/stat").read_text().rsplit(") ", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def done(result):
    if result.code != cli.DONE:
        raise SystemExit(str(result))
    return result


def bytes_of_events(net, *nodes):
    return sum(path.stat().st_size for node in nodes for path in (net.data(node) / "events").glob("*.jsonl"))


def waiting(scale):
    nodes, span = ("HOST1", "ServerA", "ServerB"), 20
    core, events, first, healthy, memory, asked = {}, {}, {}, {}, {}, {}
    tenacious = {"retry": {"count": 1000, "every_s": 30}}
    for count in (500, 2_000, 8_000):
        count = max(10, int(count * scale))
        with Network(three_hubs(HELD=transfer("HOST1", "HOST2", **tenacious), OK=transfer("HOST1", "HOST3"))) as net:
            net.start("ServerA", "ServerB", "ServerC", "HOST1", "HOST3")
            net.write("HOST1", "out/HELD", 1000)
            net.write("HOST1", "out/OK", 1000)
            directory = net.data("HOST1")
            for _ in range(count):
                ask(directory, verb="send", file="HELD", wait=False)
            time.sleep(3)  # the first probes, a second apart
            before, written = used(net, *nodes), bytes_of_events(net, *nodes)
            time.sleep(span)
            core[count] = max(0.001, 100 * (used(net, *nodes) - before) / span)
            events[count] = max(0.001, (bytes_of_events(net, *nodes) - written) * 3600 / span / 1e6 / len(nodes))
            memory[count] = resident_mib(net.running["HOST1"].pid)
            asked[count] = least_of(directory, verb="status")
            began = time.monotonic()
            done(net.cli("HOST1", "send", "OK", "--wait"))
            healthy[count] = time.monotonic() - began
            net.start("HOST2")
            began = time.monotonic()
            while not (net.data("HOST2") / "in" / "HELD").exists() and time.monotonic() - began < 60:
                time.sleep(0.005)
            first[count] = time.monotonic() - began
    show("three nodes' CPU; waiting for a dead receiver", core, "% of a core")
    show("events an hour a node; the same", events, "MB")
    show("the sender's memory; the same", memory, "MiB")
    show("status of the sender; the same", asked, "ms")
    show("a send to a healthy receiver; the same", healthy, "s")
    show("the first one, once it is back; the same", first, "s")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scale", type=float, default=1, help="of all sizes")
    options.add_argument("what", nargs="*", choices=[*MEASURED, []], default=["topology", "journal"])
    options = options.parse_args()
    for what, measure in MEASURED.items():
        if what in options.what:
            measure(options.scale)


MEASURED = {"topology": topologies, "journal": journals, "waiting": waiting}


if __name__ == "__main__":
    main()
