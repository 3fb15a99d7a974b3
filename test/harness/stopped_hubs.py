"""Hubs that are stopped are gone around, as long as the network stays connected without them; broadcasts too."""
from hublink_harness import apps, cli
from hublink_harness.case import Scenario
from hublink_harness.managed import Managed, managed
from hublink_harness.network import Ports
from hublink_harness.topologies import client, server, transfer

ports = Ports()


def network(links, ends, **transfers):
    """Servers S1, S2, … with those links; HOST1 at the first end, HOST2 at the second … `ALL` goes from HOST1 to all others, and the
    gateway DB leads from the first end to the second."""
    count = max(max(link) for link in links)
    nodes = {
        f"S{i}": server(f"127.3.{i}.1", f"127.3.{i}.0/24", {f"S{b}": 1 for a, b in links if a == i},
                        proxy={"enabled": True, "connect_s": 5})
        for i in range(1, count + 1)
    }
    for number, end in enumerate(ends, 1):
        nodes[f"HOST{number}"] = client(f"127.3.{end}.1{number}", f"S{end}")
    transfers["ALL"] = transfer("HOST1", *(f"HOST{number}" for number in range(2, len(ends) + 1)))
    gateways = {"DB": {"protocol": "tcp", "calling": f"S{ends[0]}", "listen": f"127.3.{ends[0]}.1:{ports.take()}",
                       "called": f"S{ends[1]}", "deliver": f"127.3.{ends[1]}.50:{ports.take()}"}}
    return {"network": "detours", "nodes": nodes, "transfers": transfers, "gateways": gateways}


def ring(first, count):
    return [(first + i, first + (i + 1) % count) for i in range(count)]


class Detours(Scenario):
    """Without a base of its own: `stopped` are stopped one after the other, and all kinds of circuits still get through."""

    @classmethod
    def prepare(cls, net):
        ends = [net.topology["gateways"]["DB"][key].rsplit(":", 1) for key in ("listen", "deliver")]
        cls.listen, deliver = ((ip, int(port)) for ip, port in ends)
        destination = apps.TcpServer(apps.echo, deliver)
        cls.addClassCleanup(destination.close)

    def is_echoed(self):
        """An application is refused in time while the gateways have no link, and cut off with one that breaks."""
        try:
            with apps.connect(self.listen) as one:
                one.sendall(b"through")
                return apps.read_exactly(one, 7) == b"through"
        except (ConnectionError, EOFError):
            return False

    def check_all_get_through(self):
        source = self.net.write("HOST1", "out/FILE01", 300_000)
        sent = self.send_and_wait("HOST1", "FILE01", deadline=60)
        self.expect_received("HOST2", sent, source)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "ping", "HOST2", deadline=30))
        self.net.write("HOST2", "out/BACK", 1_000)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "request", "BACK", "--wait", deadline=60))
        source = self.net.write("HOST1", "out/ALL", 300_000)
        sent = self.send_and_wait("HOST1", "ALL", deadline=60)
        for receiver in self.topology["transfers"]["ALL"]["to"]:
            self.expect_received(receiver, sent, source)
        apps.wait_until(self.is_echoed, "an application gets through", within=30)

    def go_around(self, *stopped):
        self.check_all_get_through()
        for each in stopped:
            self.net.stop(each)
            self.check_all_get_through()
        self.net.start(*stopped)


FILES = {"FILE01": transfer("HOST1", "HOST2"), "BACK": transfer("HOST2", "HOST1")}


class Ring(Detours):
    topology = network(ring(1, 5), (1, 3, 4), **FILES)

    def test_either_side(self):
        self.go_around("S2")
        self.go_around("S5")


class Point(Detours):
    """1 at the top, 2 and 3 below it, each beside 4 and 5: S2 is the broadcast point."""

    topology = network([(1, 2), (1, 3), (2, 4), (2, 5), (3, 4), (3, 5)], (1, 4, 5), **FILES)

    def test_its_place_is_taken(self):
        source = self.net.write("HOST1", "out/ALL", 300_000)
        self.net.stop("S2")
        sent = self.send_and_wait("HOST1", "ALL", deadline=30)
        for receiver in ("HOST2", "HOST3"):
            self.expect_received(receiver, sent, source)
        story = self.net.story(sent)
        self.assertIn("S1 told by HOST1: ALL, destination S2", story)
        self.assertIn("S3 told by S1: ALL, destination HOST2 and HOST3", story)
        line = self.net.traces.expect("S1", "closed", transfer=sent, hop="S3")
        self.assertLess(line["bytes"], 1.02 * 300_000)
        self.net.start("S2")

    def test_it_is_killed_while_it_feeds(self):
        source = self.net.write("HOST1", "out/ALL", 64 << 20)
        sent = self.net.send("HOST1", "ALL")
        self.net.traces.expect("S2", "opened", transfer=sent, hop="S4")
        self.net.kill("S2")
        self.net.traces.expect("HOST1", "sent", transfer=sent, receivers={"HOST2": "done", "HOST3": "done"}, within=60)
        for receiver in ("HOST2", "HOST3"):
            self.expect_received(receiver, sent, source)
            self.assertEqual(1, len(self.net.traces.all(node=receiver, event="received", transfer=sent)))
        self.net.start("S2")


class Grid(Detours):
    """1 2 3 / 4 5 6 / 7 8 9."""

    topology = network([(i, i + 1) for i in (1, 2, 4, 5, 7, 8)] + [(i, i + 3) for i in range(1, 7)], (1, 9, 7), **FILES)

    def test_two_of_nine(self):
        self.go_around("S2", "S5")
        self.go_around("S4", "S6")
        self.go_around("S3", "S8")


class TwoRings(Detours):
    """Joined by two links: 1 2 3 4 and 5 6 7 8, 2 – 5 and 4 – 7."""

    topology = network(ring(1, 4) + ring(5, 4) + [(2, 5), (4, 7)], (1, 6, 3, 7), **FILES)

    def test_either_join(self):
        self.go_around("S2", "S5")
        self.go_around("S4", "S8")


class Managers(Managed):
    """Whoever logs in learns which line is down: the shortest way alone is taken, though another one is left."""

    topology = managed(network(ring(1, 5), (1, 4)), "127.3.1.9", "S1")

    def test_a_login_has_no_second_way(self):
        self.net.stop("S2")
        result = self.login()
        self.expect_exit(cli.UNREACHABLE, result)
        self.assertEqual({"S1": "in", "S2": "failed", "S3": "failed", "S4": "in", "S5": "in"}, {row["server"]: row["state"] for row in result.json()})
        self.reason(result, "S3", "hop-down", "S2", "at S1")
        self.expect_exit(cli.DONE, self.net.cli("S1", "ping", "S3"))  # which goes the other way
        self.net.cli("MGR", "logout")
        self.net.start("S2")
