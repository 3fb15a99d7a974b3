"""How a server chooses among what its own tables say. HOST1 (at ServerA) sends to HOST2 (at ServerB) in the three-hub network;
what ServerA's tables say decides whether the way leads through ServerC."""
import copy

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.managed import Managed, managed
from hublink_harness.namespaces import HostsFile
from hublink_harness.network import Network
from hublink_harness.peer import Forwarder
from hublink_harness.topologies import client, server, three_hubs, transfer


def with_server_a(**more):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    topology["nodes"]["ServerA"].update(more)
    del topology["nodes"]["HOST3"]
    return topology


def route(network, via, priority):
    return {"network": network, "via": via, "priority": priority}


class Way(Scenario):
    """ServerA's part of the story, and that the file arrives."""

    def expect_way(self, *decisions):
        source = self.net.write("HOST1", "out/FILE01", 50_000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        self.assertEqual(list(decisions), [line for line in self.net.story(transfer) if line.startswith("ServerA next")])
        self.expect_received("HOST2", transfer, source)


class ExplicitBeforeDerived(Way):
    topology = with_server_a(routes=[route("127.1.0.0/16", "ServerC", 9)])

    def test(self):
        self.expect_way("ServerA next HOST2 (127.1.2.12): ServerC, by route")


class LowerPriorityNumberBeforeLongerPrefix(Way):
    topology = with_server_a(routes=[route("127.1.2.0/24", "ServerB", 2), route("127.1.0.0/16", "ServerC", 1)])

    def test(self):
        self.expect_way("ServerA next HOST2 (127.1.2.12): ServerC, by route")


class LongerPrefix(Way):
    topology = with_server_a(routes=[route("127.1.0.0/16", "ServerB", 1), route("127.1.2.12/32", "ServerC", 1)])

    def test(self):
        self.expect_way("ServerA next HOST2 (127.1.2.12): ServerC, by route")


class Fallback(Way):
    topology = with_server_a(routes=[route("127.1.2.0/24", "ServerC", 1), route("127.1.2.0/24", "ServerB", 2)])
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def test_the_first_hop_is_down_and_the_second_route_is_tried(self):
        self.expect_way("ServerA next HOST2 (127.1.2.12): ServerC, by route", "ServerA next HOST2 (127.1.2.12): ServerB, by route")


class OwnHosts(Way):
    """ServerA's hosts table says that HOST2 lives where ServerC serves; ServerC knows better."""

    topology = with_server_a(hosts={"HOST2": "127.1.3.99"})

    def test(self):
        source = self.net.write("HOST1", "out/FILE01", 50_000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        self.expect_story(
            transfer,
            "HOST1 next ServerA (127.1.1.1): ServerA, by definition",
            "ServerA told by HOST1: FILE01, destination HOST2",
            "ServerA next HOST2 (127.1.3.99): ServerC, by route",
            "ServerC told by ServerA: FILE01, destination HOST2",
            "ServerC next HOST2 (127.1.2.12): ServerB, by route",
            "ServerB told by ServerC: FILE01, destination HOST2",
            "ServerB next HOST2 (127.1.2.12): HOST2, by registered",
            "HOST2 told by ServerB: FILE01",
        )
        self.expect_received("HOST2", transfer, source)


class OwnAddressOfAServer(Way):
    """ServerA's hosts table has another address for ServerB than everybody else's: that one is dialled."""

    topology = with_server_a(hosts={"ServerB": "127.1.22.1", "HOST2": "127.1.2.12"})

    @classmethod
    def prepare(cls, net):
        port = net.address("ServerB")[1]
        forwarder = Forwarder(("127.1.22.1", port), net.address("ServerB"))
        cls.addClassCleanup(forwarder.close)

    def test(self):
        port = self.net.address("ServerB")[1]
        self.expect_way(f"ServerA next HOST2 (127.1.2.12): ServerB, by route, dialled 127.1.22.1:{port}")


class DefaultRoute(Way):
    """No table of ServerA matches the address that its hosts table has."""

    topology = with_server_a(hosts={"HOST2": "127.9.9.9"}, default_route="ServerC")

    def test(self):
        self.expect_way("ServerA next HOST2 (127.9.9.9): ServerC, by default")


class SystemResolver(Scenario):
    """ServerA asks the system's resolver alone. It knows the one name that every machine knows."""

    topology = {
        "network": "system-resolver",
        "nodes": {
            "ServerA": server("127.1.1.1", "127.1.1.0/24", {"ServerB": 1}, resolver="system"),
            "ServerB": server("127.1.2.1", "127.0.0.0/24"),
            "HOST1": client("127.1.1.11", "ServerA"),
            "localhost": client("127.0.0.1", "ServerB"),
        },
        "transfers": {"FILE01": transfer("HOST1", "localhost")},
    }

    def test(self):
        source = self.net.write("HOST1", "out/FILE01", 50_000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        self.expect_story(
            transfer,
            "HOST1 next ServerA (127.1.1.1): ServerA, by definition",
            "ServerA told by HOST1: FILE01, destination localhost",
            "ServerA next localhost (127.0.0.1): ServerB, by route",
            "ServerB told by ServerA: FILE01, destination localhost",
            "ServerB next localhost (127.0.0.1): localhost, by registered",
            "localhost told by ServerB: FILE01",
        )
        self.expect_received("localhost", transfer, source)


class HostsFileOfTheMachine(Managed):
    """HOST1, HOST2 and MGR ask their machine's hosts file for their home servers. What they know of these by their own topology
    is an address where nobody is. HOST2 can't be dialled."""

    topology = managed(with_server_a())
    asks = ("HOST1", "HOST2", "MGR")
    for name in asks:
        topology["nodes"][name]["resolver"] = "system"
    topology["nodes"]["HOST2"]["dial"] = "out"

    @classmethod
    def setUpClass(cls):
        hosts = HostsFile(cls.asks, {"ServerA": "127.1.1.1", "ServerB": "127.1.2.1"})
        cls.addClassCleanup(hosts.close)
        cls.net = Network(cls.topology, hosts)
        cls.addClassCleanup(cls._close)
        for node in cls.asks:
            cls.net.differs_at(node, cls.mislead)
        cls.net.start()
        cls.add_users()

    @staticmethod
    def mislead(topology):
        for server, nowhere in (("ServerA", "127.1.91.1"), ("ServerB", "127.1.92.1")):
            port = topology["nodes"][server]["address"].rsplit(":", 1)[1]
            topology["nodes"][server]["address"] = f"{nowhere}:{port}"

    def test_a_client_dials_the_address_that_the_file_gives_for_its_home_server(self):
        source = self.net.write("HOST1", "out/FILE01", 50_000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        self.expect_story(
            transfer,
            "HOST1 next ServerA (127.1.1.1): ServerA, by definition",
            "ServerA told by HOST1: FILE01, destination HOST2",
            "ServerA next HOST2 (127.1.2.12): ServerB, by route",
            "ServerB told by ServerA: FILE01, destination HOST2",
            "ServerB next HOST2 (127.1.2.12): HOST2, by registered",
            "HOST2 told by ServerB: FILE01",
        )
        self.expect_received("HOST2", transfer, source)  # over the link that it keeps, dialled back where the file says

    def test_a_manager_does_so_for_its_sessions(self):
        self.logged_in()
        dialled = {event["dialled"] for event in self.net.traces.all(node="MGR", event="next")}
        self.assertEqual({"%s:%d" % self.net.address("ServerA")}, dialled)
        self.assertEqual({"in"}, {row["state"] for row in self.sessions().values()})


class Loop(Scenario):
    """Two servers whose tables point at each other for an address."""

    topology = with_server_a(hosts={"HOST2": "127.9.9.9"}, routes=[route("127.9.9.0/24", "ServerC", 1)])
    topology["nodes"]["ServerC"] = copy.deepcopy(topology["nodes"]["ServerC"])
    topology["nodes"]["ServerC"].update(hosts={"HOST2": "127.9.9.9"}, routes=[route("127.9.9.0/24", "ServerA", 1)])

    def test_the_server_that_is_asked_twice_refuses(self):
        self.net.write("HOST1", "out/FILE01", 10)
        result = self.net.cli("HOST1", "send", "FILE01", "--wait")
        self.expect_refusal(result, cli.UNREACHABLE, "loop", "ServerA")
        transfer = result.out.split()[0]
        for node in ("ServerC", "HOST1"):
            self.net.traces.expect(node, "refused", transfer=transfer, by="ServerA")
        self.net.traces.expect("HOST1", "sent", transfer=transfer, receivers={"HOST2": "failed"})


def with_a_fourth(*via, **more):
    """A ServerD beside ServerA and ServerC as well; FILE02 goes by `via`. ServerA as with_server_a has it."""
    topology = three_hubs(FILE02=transfer("HOST1", "HOST2", placement="manual", via=list(via)))
    topology["nodes"]["ServerD"] = server("127.1.4.1", "127.1.4.0/24", {"ServerA": 1, "ServerC": 1})
    topology["nodes"]["ServerA"].update(more)
    return topology


class NamedServer(Scenario):
    """Scenario 2.2: ServerA's definition names ServerC, and its route information says how that one is reached."""

    def expect_story_of(self, *to_the_named):
        source = self.net.write("HOST1", "out/FILE02", 50_000)
        transfer = self.send_and_wait("HOST1", "FILE02")
        self.expect_story(
            transfer,
            "HOST1 next ServerA (127.1.1.1): ServerA, by definition",
            "ServerA told by HOST1: FILE02",
            *to_the_named,
            "ServerC next HOST2 (127.1.2.12): ServerB, by route",
            "ServerB told by ServerC: FILE02, destination HOST2",
            "ServerB next HOST2 (127.1.2.12): HOST2, by registered",
            "HOST2 told by ServerB: FILE02",
        )
        self.expect_received("HOST2", transfer, source)


class NamedServerByOwnRoute(NamedServer):
    """An own route goes before the neighbour itself."""

    topology = with_a_fourth("ServerC", routes=[route("127.1.3.1/32", "ServerD", 1)])

    def test(self):
        self.expect_story_of(
            "ServerA next ServerC (127.1.3.1): ServerD, by route",
            "ServerD told by ServerA: FILE02, destination ServerC",
            "ServerD next ServerC (127.1.3.1): ServerC, by route",
            "ServerC told by ServerD: FILE02",
        )


class NamedServerBySecondRoute(NamedServer):
    """Of two own routes the first by priority leads to ServerD, which is down."""

    topology = with_a_fourth("ServerC", routes=[route("127.1.3.0/24", "ServerB", 5), route("127.1.0.0/16", "ServerD", 1)])
    started = ("ServerA", "ServerB", "ServerC", "HOST1", "HOST2")

    def test(self):
        self.expect_story_of(
            "ServerA next ServerC (127.1.3.1): ServerD, by route",
            "ServerA next ServerC (127.1.3.1): ServerB, by route",
            "ServerB told by ServerA: FILE02, destination ServerC",
            "ServerB next ServerC (127.1.3.1): ServerC, by route",
            "ServerC told by ServerB: FILE02",
        )
