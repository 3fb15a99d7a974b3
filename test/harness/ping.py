"""`hublink ping HOST`: a circuit to HOST and what each hop took to make it; nothing is sent."""
from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import chain, three_hubs, transfer


class Ping(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def ping(self, node, host):
        return self.expect_exit(cli.DONE, self.net.cli(node, "ping", host, "--json")).json()

    def test_each_hop_has_its_part_of_the_time(self):
        report = self.ping("HOST1", "HOST2")
        self.assertEqual("HOST2", report["host"])
        self.assertEqual(["ServerA", "ServerB", "HOST2"], [hop["node"] for hop in report["hops"]])
        times = [report["micros"], *(hop["micros"] for hop in report["hops"])]
        self.assertEqual(sorted(times, reverse=True), times, "a hop's time spans those behind it")
        self.assertGreater(times[-1], 0)

    def test_from_a_server_and_to_a_server(self):
        self.assertEqual(["ServerB", "HOST2"], [hop["node"] for hop in self.ping("ServerA", "HOST2")["hops"]])
        self.assertEqual(["ServerB"], [hop["node"] for hop in self.ping("ServerA", "ServerB")["hops"]])
        self.assertEqual(["ServerA", "ServerB"], [hop["node"] for hop in self.ping("HOST1", "ServerB")["hops"]])

    def test_plain_output_names_each_hop(self):
        result = self.expect_exit(cli.DONE, self.net.cli("HOST1", "ping", "HOST2"))
        places = [result.out.index(name) for name in ("ServerA", "ServerB", "HOST2")]
        self.assertEqual(3, len(set(places)))

    def test_its_trace_is_that_of_a_ping(self):
        self.ping("HOST1", "HOST2")
        told = self.net.traces.expect("HOST2", "told", kind="ping", **{"from": "ServerB"})
        self.expect_story(
            told["transfer"],
            "HOST1 next ServerA (127.1.1.1): ServerA, by definition",
            "ServerA told by HOST1: ping, destination HOST2",
            "ServerA next HOST2 (127.1.2.12): ServerB, by route",
            "ServerB told by ServerA: ping, destination HOST2",
            "ServerB next HOST2 (127.1.2.12): HOST2, by registered",
            "HOST2 told by ServerB: ping",
        )

    def test_a_host_that_is_down(self):
        self.expect_refusal(self.net.cli("HOST1", "ping", "HOST3"), cli.UNREACHABLE, "ServerC")

    def test_a_host_that_nobody_knows(self):
        self.expect_refusal(self.net.cli("HOST1", "ping", "HOST9"), cli.UNREACHABLE, "HOST9", "ServerA")


class Far(Scenario):
    topology = chain(9)

    def test_nine_servers(self):
        report = self.expect_exit(cli.DONE, self.net.cli("HOST1", "ping", "HOST2", "--json")).json()
        self.assertEqual([*(f"Server{i}" for i in range(1, 10)), "HOST2"], [hop["node"] for hop in report["hops"]])
