"""What HTTP gives and costs: `wrk` on /api/v1/status and a transfer beside it, a Prometheus that scrapes a manager of many nodes, readers of
live events of whom half stall.

HUBLINK names the executable; `python3 test/bench/web.py [status] [scrape] [events] [--seconds 10] [--nodes 50] [--readers 200]`. Needs
Debian's packages wrk and prometheus."""
import argparse
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "harness"))
from hublink_harness import cli, web  # noqa: E402
from hublink_harness.managed import PASSWORD, manager  # noqa: E402
from hublink_harness.network import Network  # noqa: E402
from hublink_harness.topologies import client, server, three_hubs, transfer  # noqa: E402


def resident(pid):
    """MiB"""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def told(what, value):
    print(f"{what:<48} {value}", flush=True)


def token(net, node):
    return net.cli(node, "tokens", "add", "bench", "--rights", "view").out.strip()


def wrk(door, said, seconds):
    """Requests a second, and p99 in ms."""
    words = [word for name, value in said.items() for word in ("-H", f"{name}: {value}")]
    out = subprocess.run(["wrk", "-t2", "-c16", f"-d{seconds}s", "--latency", *words, f"https://{door.authority}/api/v1/status"],
                         capture_output=True, text=True, check=True).stdout
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    assert "Non-2xx" not in out, out
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), float(p99) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def status(seconds):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    with Network(topology) as net:
        door = web.serve(net, "ServerA")
        net.start()
        net.write("HOST1", "out/FILE01", 256 << 20)
        said = {"Authorization": f"Bearer {token(net, 'ServerA')}"}

        def sent():
            began = time.monotonic()
            result = net.cli("HOST1", "send", "FILE01", "--wait", deadline=300)
            assert result.code == cli.DONE, str(result)
            return 256 / (time.monotonic() - began)

        sent()
        told("a transfer alone, MiB/s", f"{sent():.0f}")
        rate, p99 = wrk(door, said, seconds)
        told("/api/v1/status, requests/s (aim: 5,000)", f"{rate:.0f}")
        told("p99, ms (aim: 5)", f"{p99:.2f}")
        beside = threading.Thread(target=lambda: told("the same beside a transfer", "{:.0f}/s, p99 {:.2f} ms".format(*wrk(door, said, seconds))))
        beside.start()
        time.sleep(seconds / 4)
        told("a transfer beside it, MiB/s", f"{sent():.0f}")
        beside.join()


def star(nodes):
    """A manager, servers in a line, and clients at each: `nodes` in all."""
    servers = max(2, nodes // 10)
    found = {f"Server{i}": server(f"127.4.{i}.1", f"127.4.{i}.0/24", {f"Server{i + 1}": 1} if i < servers else {}) for i in range(1, servers + 1)}
    for i in range(nodes - servers - 1):
        at = i % servers + 1
        found[f"HOST{i}"] = client(f"127.4.{at}.{20 + i // servers}", f"Server{at}")
    found["MGR"] = manager("127.4.1.9", "Server1")
    return {"network": f"star-of-{nodes}", "nodes": found, "transfers": {}}


@contextlib.contextmanager
def prometheus(target):
    with tempfile.TemporaryDirectory(prefix="hublink-prometheus.") as place, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        config = Path(place) / "prometheus.yml"
        config.write_text(json.dumps({"global": {"scrape_interval": "5s", "scrape_timeout": "5s"},
                                      "scrape_configs": [{"job_name": "hublink", "metrics_path": "/metrics/network",
                                                          "static_configs": [{"targets": [target]}]}]}))
        process = subprocess.Popen(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={place}/data",
                                    f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield port
        finally:
            process.terminate()
            process.wait()


def asked(port, query, within=30):
    """The values that Prometheus has for it, once it has some."""
    end = time.monotonic() + within
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?query={query}") as answer:
            if found := [float(row["value"][1]) for row in json.load(answer)["data"]["result"]]:
                return found
        assert time.monotonic() < end, f"Prometheus has nothing for {query}"
        time.sleep(0.5)


def scrape(nodes):
    with Network(star(nodes)) as net:
        door = web.measure(net, "MGR")
        net.start(within=300)
        for name, node in net.topology["nodes"].items():
            if node["role"] == "server":
                net.cli(name, "users", "add", "op", "--rights", "view", env={"HUBLINK_PASSWORD": PASSWORD})
        result = net.cli("MGR", "login", "--user", "op", deadline=300, env={"HUBLINK_PASSWORD": PASSWORD})
        assert result.code == cli.DONE, str(result)
        took = []
        for _ in range(6):
            began = time.monotonic()
            answer = door.get("/metrics/network")
            took.append(time.monotonic() - began)
        assert answer.status == 200
        told(f"/metrics/network of {nodes} nodes, median s (aim: 1)", f"{sorted(took)[3]:.3f}, {len(answer.body) / 1024:.0f} KiB")
        with prometheus(door.authority) as port:
            asked(port, "sum(hublink_node_reachable)")
            time.sleep(11)
            told("a Prometheus's scrape, s (aim: 1)", f"{asked(port, 'scrape_duration_seconds')[0]:.3f}")
            told("nodes that it has", f"{asked(port, 'sum(hublink_node_reachable)')[0]:.0f} of {nodes}")


def events(readers, seconds):
    """Half of them read, half stall after the head; the node has events all the time."""
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    with Network(topology) as net:
        door = web.serve(net, "ServerA")
        net.start()
        net.write("HOST1", "out/FILE01", 1000)
        there = web.Door(door.host, door.port, {"Authorization": f"Bearer {token(net, 'ServerA')}"})
        all_of_them = [web.Events(there) for _ in range(readers)]
        assert all(each.status == 200 for each in all_of_them)
        heard = [0] * (readers // 2)

        def listen(at):
            with contextlib.suppress(OSError, ValueError):
                for _ in all_of_them[at]:
                    heard[at] += 1

        for at in range(readers // 2):
            threading.Thread(target=listen, args=(at,), daemon=True).start()
        pid, memory, began = net.running["ServerA"].pid, [], time.monotonic()
        while time.monotonic() - began < seconds:
            for _ in range(20):
                net.send("HOST1", "FILE01")
            memory.append(resident(pid))
        half = len(memory) // 2
        told(f"{readers} readers, of whom {readers - readers // 2} stall: MiB", f"{memory[0]:.1f}, half way {memory[half]:.1f}, at the end {memory[-1]:.1f}")
        told("heard by one who reads, least and most", f"{min(heard)}, {max(heard)}")
        for each in all_of_them:
            each.sock.close()


if __name__ == "__main__":
    os.environ.setdefault("HUBLINK", str(Path(__file__).parent.parent.parent / "build/release/hublink"))
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="*", default=[])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--nodes", type=int, default=50)
    parser.add_argument("--readers", type=int, default=200)
    given = parser.parse_args()
    for name, work in (("status", lambda: status(given.seconds)), ("scrape", lambda: scrape(given.nodes)),
                       ("events", lambda: events(given.readers, given.seconds))):
        if not given.what or name in given.what:
            work()
