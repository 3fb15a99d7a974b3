"""A machine that was copied with its keys: two processes of one name."""
import json
import time

from hublink_harness.apps import wait_until
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer


def dialling_out():
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    topology["nodes"]["HOST2"]["dial"] = "out"
    topology["nodes"]["HOST2x"] = {**topology["nodes"]["HOST2"], "address": "127.1.2.99:30000"}  # a port for the copy
    return topology


class Twins(Scenario):
    topology = dialling_out()
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        def is_a_copy(own):
            one, other = own["nodes"]["HOST2"], own["nodes"]["HOST2x"]
            one["address"], other["address"] = other["address"], one["address"]
        net.differs_at("HOST2x", is_a_copy)

        def command(node, keys=None, more=()):
            words = type(net).run_command(net, node, keys, more)
            if node != "HOST2x":
                return words
            return ["HOST2" if word == "HOST2x" else net.keys / "HOST2" if word == net.keys / "HOST2x" else word for word in words]
        net.run_command = command

    def begin_twin(self):
        twin = self.net.begin("HOST2x")
        twin.name = "HOST2"
        twin.wait_ready(time.monotonic() + 20)
        return twin

    def received(self, directory):
        trace = [json.loads(line) for file in (self.net.data(directory) / "events").glob("*.jsonl") for line in file.open()]
        return len([event for event in trace if event["event"] == "received"])

    def links(self, node="ServerB"):
        status = self.net.cli(node, "status", "--json").json()
        return {link["peer"]: link for link in status["links"]}

    def test_the_later_one_is_refused_and_shown_until_the_first_one_is_gone(self):
        self.net.write("HOST1", "out/FILE01", 1000)
        self.send_and_wait("HOST1", "FILE01")
        before = self.received("HOST2")
        twin = self.begin_twin()
        wait_until(lambda: "twin" in self.links()["HOST2"], "ServerB shows that there are two")
        self.assertIn("two processes are called HOST2", self.links()["HOST2"]["twin"])
        self.assertIn("two processes are called HOST2", self.net.cli("ServerB", "status").out)
        for _ in range(5):
            self.send_and_wait("HOST1", "FILE01")
        self.assertEqual((before + 5, 0), (self.received("HOST2"), self.received("HOST2x")))
        self.assertIn("two processes are called HOST2", self.net.running["ServerB"].logged())
        wait_until(lambda: "another HOST2 is here and lives" in twin.logged(), "the later one says why it is refused")
        self.net.kill("HOST2")
        wait_until(lambda: self.links("HOST2x")["ServerB"]["up"] and self.links()["HOST2"]["up"], "the later one is let in", 40)
        self.send_and_wait("HOST1", "FILE01")
        self.assertEqual(1, self.received("HOST2x"))
        self.net.stop("HOST2x")
        self.net.start("HOST2")

    def test_a_restart_is_no_second_one(self):
        for stop in (self.net.stop, self.net.kill):
            stop("HOST2")
            self.net.start("HOST2")
            wait_until(lambda: self.links().get("HOST2", {}).get("up"), "HOST2 is back", 5)
            self.net.write("HOST1", "out/FILE01", 1000)
            self.send_and_wait("HOST1", "FILE01")
        self.assertNotIn("turned away", self.net.running["HOST2"].logged())
