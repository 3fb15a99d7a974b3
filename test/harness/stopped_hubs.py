"""Hubs that are stopped are gone around, as long as the network stays connected without them."""
from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import client, server, transfer


def network(links, ends, **transfers):
    """Servers S1, S2, … with those links; HOST1 at the first end, HOST2 at the second."""
    count = max(max(link) for link in links)
    nodes = {
        f"S{i}": server(f"127.3.{i}.1", f"127.3.{i}.0/24", {f"S{b}": 1 for a, b in links if a == i},
                        proxy={"enabled": True, "connect_s": 5})
        for i in range(1, count + 1)
    }
    for number, end in enumerate(ends, 1):
        nodes[f"HOST{number}"] = client(f"127.3.{end}.1{number}", f"S{end}")
    return {"network": "detours", "nodes": nodes, "transfers": transfers}


def ring(first, count):
    return [(first + i, first + (i + 1) % count) for i in range(count)]


class Detours(Scenario):
    """Without a base of its own: `stopped` are stopped one after the other, and all kinds of circuits still get through."""

    def check_all_get_through(self):
        source = self.net.write("HOST1", "out/FILE01", 300_000)
        sent = self.send_and_wait("HOST1", "FILE01", deadline=60)
        self.expect_received("HOST2", sent, source)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "ping", "HOST2", deadline=30))
        self.net.write("HOST2", "out/BACK", 1_000)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "request", "BACK", "--wait", deadline=60))

    def go_around(self, *stopped):
        self.check_all_get_through()
        for each in stopped:
            self.net.stop(each)
            self.check_all_get_through()
        self.net.start(*stopped)


FILES = {"FILE01": transfer("HOST1", "HOST2"), "BACK": transfer("HOST2", "HOST1")}


class Ring(Detours):
    topology = network(ring(1, 4), (1, 3), **FILES)

    def test_either_side(self):
        self.go_around("S2")
        self.go_around("S4")


class Grid(Detours):
    """1 2 3 / 4 5 6 / 7 8 9."""

    topology = network([(i, i + 1) for i in (1, 2, 4, 5, 7, 8)] + [(i, i + 3) for i in range(1, 7)], (1, 9), **FILES)

    def test_two_of_nine(self):
        self.go_around("S2", "S5")
        self.go_around("S4", "S6")
        self.go_around("S3", "S8")


class TwoRings(Detours):
    """Joined by two links: 1 2 3 4 and 5 6 7 8, 2 – 5 and 4 – 7."""

    topology = network(ring(1, 4) + ring(5, 4) + [(2, 5), (4, 7)], (1, 6), **FILES)

    def test_either_join(self):
        self.go_around("S2", "S5")
        self.go_around("S4", "S8")
