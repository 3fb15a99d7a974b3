"""What one page of the console costs a manager: a large network whose clients are silent but for a few, transfers that make so many events a
second, and a reader who asks as the page does (node/web/console/source/api/watch.js) and hears the events.

HUBLINK names the executable; `python3 test/bench/console.py [--seconds 60] [--nodes 2000] [--events 200]`."""
import argparse
import copy
import json
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "harness"))
from hublink_harness import web  # noqa: E402
from hublink_harness.managed import PASSWORD, managed  # noqa: E402
from hublink_harness.network import Network  # noqa: E402
from hublink_harness.topologies import three_hubs, transfer  # noqa: E402
from hublink_harness.usage import cpu_seconds  # noqa: E402

API = "/api/v1/"
SERVERS = ("ServerA", "ServerB", "ServerC")
ASKED = (("status", 2.5), ("transfers?limit=1000", 1.5), ("history?limit=200", 10), ("topology", 30))  # path and seconds between, at least


def large(topology, nodes):
    topology = copy.deepcopy(topology)
    for number in range(nodes - len(topology["nodes"])):
        home = number % len(SERVERS)
        address = f"127.{10 + home}.{number // 250}.{1 + number % 250}:30000"
        topology["nodes"][f"SILENT{number:04}"] = {"role": "client", "address": address, "home": SERVERS[home]}
    return topology


class Page(threading.Thread):
    """Asks for one thing again and again, at most a tenth of the time."""

    def __init__(self, who, path, every, ended):
        super().__init__(daemon=True)
        self.who, self.path, self.every, self.ended, self.took = who, path, every, ended, []

    def run(self):
        while not self.ended.is_set():
            began = time.monotonic()
            answer = self.who.get(API + self.path)
            assert answer.status == 200, answer
            self.took.append(time.monotonic() - began)
            self.ended.wait(max(self.every, 10 * self.took[-1]))


class Heard(threading.Thread):
    def __init__(self, who, ended):
        super().__init__(daemon=True)
        self.who, self.ended, self.count = who, ended, 0

    def run(self):
        with web.Events(self.who) as events:
            for _ in events:
                self.count += 1
                if self.ended.is_set():
                    return


def pour(net, wanted, heard, ended):
    """Small transfers, as many as it takes."""
    began, before = time.monotonic(), heard.count
    while not ended.wait(0.005):
        if heard.count - before < wanted * (time.monotonic() - began):
            net.ask("HOST1", verb="send", file="FILE01")


def main(seconds, nodes, events):
    small = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))
    with Network(small) as net:
        net.file.write_text(json.dumps(large(small, nodes)))  # who is silent needs no keys
        door = web.serve(net, "MGR")
        net.start("ServerA", "ServerB", "ServerC", "HOST1", "HOST2", "HOST3", "MGR", within=120)
        for server in SERVERS:
            made = net.cli(server, "users", "add", "op", "--rights", "view,transfer,manage", env={"HUBLINK_PASSWORD": PASSWORD})
            assert made.code == 0, made
        net.write("HOST1", "out/FILE01", 100)
        answer, who = door.log_in()
        assert answer.status == 200, answer
        ended = threading.Event()
        heard = Heard(who, ended)
        pages = [Page(who, path, every, ended) for path, every in ASKED]
        for thread in (heard, *pages):
            thread.start()
        pouring = threading.Thread(target=pour, args=(net, events, heard, ended), daemon=True)
        pouring.start()
        time.sleep(5)
        pid = net.running["MGR"].pid
        began, before, count = time.monotonic(), cpu_seconds(pid), heard.count
        time.sleep(seconds)
        passed = time.monotonic() - began
        share, rate = (cpu_seconds(pid) - before) / passed, (heard.count - count) / passed
        ended.set()
        for thread in (pouring, heard, *pages):
            thread.join(30)
        print(f"{nodes} nodes, {rate:.0f} events a second: the manager takes {share:.1%} of a core", flush=True)
        for page in pages:
            print(f"{page.path:<24} asked {len(page.took)} times, {1000 * sum(page.took) / max(1, len(page.took)):.0f} ms each", flush=True)
        return share > 0.1


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    for name, value in (("seconds", 60), ("nodes", 2000), ("events", 200)):
        options.add_argument(f"--{name}", type=int, default=value)
    sys.exit(main(**vars(options.parse_args())))
