"""Which congestion control the connections of a line have, and what they measured. Needs root, for namespaces."""
import re
import subprocess
import time
import unittest
from pathlib import Path

from hublink_harness import cli, long_line, namespaces
from hublink_harness.case import Scenario
from hublink_harness.topologies import client, server, transfer


def outcome(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)


def until(true, what, seconds=15):
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"no sign of {what}"
        time.sleep(0.1)
    return found


ALLOWED, KNOWN = (set(Path(f"/proc/sys/net/ipv4/tcp_{kind}_congestion_control").read_text().split()) for kind in ("allowed", "available"))
OWN = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()


class Unprivileged(namespaces.OneNamespace):
    """Without the right to more than the sysctl allows; its own congestion control is Reno."""

    def __init__(self):
        super().__init__()
        outcome("ip", "netns", "exec", self.name, "sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno")

    def prefix(self, node=None):
        return [*super().prefix(node), "setpriv", "--bounding-set=-net_admin"]


def connections(space, one, other):
    """The congestion control of each end of each connection between these two addresses."""
    listed = outcome("ip", "netns", "exec", space, "ss", "-tinH", "state", "established").stdout
    found = []
    for where, how in re.findall(r"^(\S.*)\n\s+(.*)$", listed, re.MULTILINE):
        ends = {word.rsplit(":", 1)[0] for word in where.split()[2:4]}
        if ends == {one, other}:
            found.append(next(word for word in how.split() if word in (OWN, "reno")))
    return found


def topology():
    proxy = {"enabled": True, "allow": ["127.1.2.50:5432"]}
    return {
        "network": "lines",
        "nodes": {
            "ServerA": server("127.1.1.1", "127.1.1.0/24", {"ServerB": {"cost": 1, "congestion": "reno"}}, proxy={"enabled": True}),
            "ServerB": server("127.1.2.1", "127.1.2.0/24", proxy=proxy),
            "HOST1": client("127.1.1.11", "ServerA", home_line={"congestion": "reno"}),
            "HOST2": client("127.1.2.12", "ServerB"),
            "HOST3": client("127.1.2.13", "ServerB", home_line={"congestion": "no-such"}),
        },
        "transfers": {"SLOW": transfer("HOST1", "HOST2", rate="200KB/s"), "FILE01": transfer("HOST1", "HOST3")},
        "gateways": {"db": {"protocol": "tcp", "calling": "ServerA", "listen": "127.1.1.1:15432", "called": "ServerB",
                            "deliver": "127.1.2.50:5432"}},
    }


@unittest.skipIf(OWN == "reno", "the system's own is Reno")
class SetForEachLine(Scenario):
    topology = topology()

    @classmethod
    def isolate(cls):
        cls.space = namespaces.OneNamespace()
        return cls.space

    def line(self, node, peer):
        return next(link for link in self.net.cli(node, "status", "--json").json()["links"] if link["peer"] == peer)

    def test_links_and_data_of_both_ends(self):
        self.net.write("HOST1", "out/SLOW", 2_000_000)
        waiting = self.net.send("HOST1", "SLOW")
        # A link and the data of the transfer, seen from both ends; between the servers the gateway's, too.
        for one, other, least, name in (("127.1.1.11", "127.1.1.1", 4, "reno"), ("127.1.1.1", "127.1.2.1", 6, "reno"),
                                        ("127.1.2.1", "127.1.2.12", 4, OWN)):
            found = until(lambda: len(now := connections(self.space.name, one, other)) >= least and now, f"{one} – {other}")
            self.assertEqual({name}, set(found), f"{one} – {other}")
        self.assertEqual("reno", self.line("ServerA", "ServerB")["congestion"])
        self.assertEqual("reno", self.line("ServerA", "HOST1")["congestion"])
        self.net.cli("HOST1", "cancel", waiting)

    def test_what_the_kernel_refuses_is_said_once(self):
        self.net.write("HOST1", "out/FILE01", 100_000)
        for _ in range(2):
            self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "FILE01", "--wait"))
        for node in ("HOST3", "ServerB"):
            log = (self.net.data(node) / "hublink.log").read_text()
            said = [line for line in log.splitlines() if "refuses the congestion control no-such" in line]
            self.assertEqual(1, len(said), log)
            self.assertIn(f"which stays with {OWN}", said[0])
            self.assertIn("net.ipv4.tcp_available_congestion_control", said[0])

    def test_status_and_metrics_have_what_was_carried(self):
        before = self.line("ServerA", "ServerB")
        self.net.write("HOST1", "out/FILE01", 3_000_000)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "FILE01", "--wait"))
        def carried():
            now = self.line("ServerA", "ServerB")
            return now if now["bytes_out"] - before.get("bytes_out", 0) >= 3_000_000 else None
        now = until(carried, "3 MB")
        self.assertLess(now["bytes_out"] - before.get("bytes_out", 0), 3_300_000)
        self.assertGreater(now["segments_out"], 0)
        self.assertGreater(now["round_trip_micros"], 0)
        there = until(lambda: (row := self.line("ServerB", "ServerA"))["bytes_in"] >= now["bytes_out"] and row, "the other end")
        self.assertEqual("reno", there["congestion"])
        plain = self.expect_exit(cli.DONE, self.net.cli("ServerA", "status")).out
        self.assertRegex(plain, r"link to ServerB \(server\): up, \d+ circuits; [\d.]+ [KM]iB out, .* in, round trip [\d.]+ ms.*, reno")


@unittest.skipUnless(KNOWN - ALLOWED, "this kernel allows all that it has")
class NotAllowed(Scenario):
    """A node without the right to more than the sysctl allows."""

    topology = {"network": "lines", "nodes": {"ServerA": server("127.1.1.1", "127.1.1.0/24"),
                                              "HOST1": client("127.1.1.11", "ServerA"), "HOST2": client("127.1.1.12", "ServerA")},
                "transfers": {"FILE01": transfer("HOST1", "HOST2")}}

    @classmethod
    def isolate(cls):
        cls.name = min(KNOWN - ALLOWED)
        cls.topology["nodes"]["HOST1"]["home_line"] = {"congestion": cls.name}
        return Unprivileged()

    def test_the_sysctl_is_named(self):
        self.net.write("HOST1", "out/FILE01", 100_000)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "FILE01", "--wait"))
        log = (self.net.data("HOST1") / "hublink.log").read_text()
        said = [line for line in log.splitlines() if f"refuses the congestion control {self.name}" in line]
        self.assertEqual(1, len(said), log)
        self.assertIn("Operation not permitted", said[0])
        self.assertRegex(said[0], rf'net\.ipv4\.tcp_allowed_congestion_control="[a-z ]*\b{self.name}"')


@unittest.skipUnless("bbr" in KNOWN, "this kernel has no BBR")
class LossyLine(Scenario):
    """Two hubs and a line of 40 Mbit/s and 40 ms between them, as `loss` says."""

    loss = 1
    topology = {"network": "lines", "nodes": {"ServerA": server("10.77.1.1", "10.77.1.0/24", {"ServerB": 1}),
                                              "ServerB": server("10.77.2.1", "10.77.2.0/24"),
                                              "HOST1": client("10.77.1.11", "ServerA"), "HOST2": client("10.77.2.12", "ServerB")},
                "transfers": {"FILE01": transfer("HOST1", "HOST2")}}

    @classmethod
    def isolate(cls):
        return long_line.LongLine((("ServerA", "HOST1"), ("ServerB", "HOST2")), 40, 20, cls.loss)

    def line(self):
        """Empty before there is a link."""
        return next((link for link in self.net.cli("ServerA", "status", "--json").json()["links"] if link["peer"] == "ServerB"), {})

    def test_it_gets_bbr(self):
        self.net.write("HOST1", "out/FILE01", 12_000_000)
        self.net.send("HOST1", "FILE01")
        now = until(lambda: (row := self.line()).get("congestion") == "bbr" and row, "BBR", 40)
        self.assertGreater(now["retransmitted"], 0)
        self.assertGreaterEqual(now["least_round_trip_micros"], 40_000)


@unittest.skipUnless("bbr" in KNOWN, "this kernel has no BBR")
class CleanLine(LossyLine):
    loss = 0

    def test_it_gets_bbr(self):
        """Not this one: what CUBIC loses there it makes itself."""
        for _ in range(2):
            self.net.write("HOST1", "out/FILE01", 12_000_000)
            self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "FILE01", "--wait"))
        now = self.line()
        self.assertGreater(now["bytes_out"], 20_000_000)
        self.assertEqual("cubic", now["congestion"])
