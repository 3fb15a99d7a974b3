"""A node that is drained takes nothing new, finishes what it has begun, and ends."""
import subprocess

from hublink_harness import cli
from hublink_harness.apps import connect, read_exactly, wait_until
from hublink_harness.case import Scenario
from hublink_harness.topologies import transfer

import gateways
import stopped_hubs

SLOW = 30 << 20  # bytes, at 10 MB/s
HUBS = ("S2", "S4")


class Drain(Scenario):
    def begin_drain(self, node, *words):
        """Beside the test: what `hublink drain` says is read by `expect_drained`."""
        process = subprocess.Popen([cli.executable(), "drain", "--data", self.net.data(node), *words], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        wait_until(lambda: self.net.ask(node, verb="status")["status"].get("drained"), f"{node} is being drained")
        return process

    def expect_drained(self, process, node, code=cli.DONE, within=30):
        out, err = process.communicate(timeout=within)
        self.assertEqual((code, ""), (process.returncode, err), out)
        self.assertEqual(0, self.net.running.pop(node).wait_end())
        return out

    def tearDown(self):
        if gone := [name for name in self.net.topology["nodes"] if name not in self.net.running]:
            self.net.start(*gone)


class Hubs(Drain):
    """Two ways from HOST1 to HOST2."""

    topology = stopped_hubs.network([(1, 2), (2, 3), (1, 4), (4, 3)], (1, 3), SLOW=transfer("HOST1", "HOST2", rate="10MB/s"),
                                    FILE01=transfer("HOST1", "HOST2"))
    del topology["gateways"]  # whose link would be under way at a hub for as long as it stands

    def begin_slow(self):
        """Its id and source, the hub that relays it, and the one that does not: who was away lately is not asked first."""
        source = self.net.write("HOST1", "out/SLOW", SLOW)
        sent = self.net.send("HOST1", "SLOW")
        opened = self.net.traces.until(lambda: [each for each in self.net.traces.all(event="opened", transfer=sent) if each["node"] in HUBS],
                                       "a hub relays it")
        hub = opened[0]["node"]
        return sent, source, hub, HUBS[1 - HUBS.index(hub)]

    def test_a_hub_finishes_what_it_relays_and_others_go_around_it(self):
        slow, slow_source, hub, other = self.begin_slow()
        draining = self.begin_drain(hub)
        self.assertIn("is being drained", self.net.cli(hub, "status").out)
        source = self.net.write("HOST1", "out/FILE01", 1000)
        sent = self.send_and_wait("HOST1", "FILE01")
        self.expect_received("HOST2", sent, source)
        self.assertIn(f"{other} told by S1: FILE01, destination HOST2", self.net.story(sent))
        refused = [each["reason"] for each in self.net.traces.all(node="S1", event="refused", transfer=sent)]
        self.assertIn(f"{hub} is being drained", refused[0])
        self.assertEqual("nothing is under way any more; the node ends\n", self.expect_drained(draining, hub))
        self.expect_received("HOST2", slow, slow_source)
        self.assertEqual(1, self.row("HOST1", slow)["attempt"])

    def row(self, node, sent):
        wait_until(lambda: any(row["transfer"] == sent for row in self.net.cli(node, "history", "--json").json()), "it is over")
        return next(row for row in self.net.cli(node, "history", "--json").json() if row["transfer"] == sent)

    def test_an_idle_node_ends_at_once(self):
        result = self.expect_exit(cli.DONE, self.net.cli("S4", "drain", "--json"))
        self.assertEqual(0, result.json()["left"])
        self.assertEqual(0, self.net.running.pop("S4").wait_end())

    def test_the_time_counts(self):
        slow, slow_source, hub, _ = self.begin_slow()
        result = self.expect_exit(3, self.net.cli(hub, "drain", "--for", "1s"))
        self.assertIn("1 still under way; the node ends all the same", result.out)
        self.assertEqual(0, self.net.running.pop(hub).wait_end())
        self.expect_received("HOST2", slow, slow_source, within=40)  # the other way, or that hub's next start

    def test_a_sender_finishes_what_it_sends_and_keeps_the_rest(self):
        slow, slow_source, _, _ = self.begin_slow()
        draining = self.begin_drain("HOST1")
        source = self.net.write("HOST1", "out/FILE01", 1000)
        waits = self.net.send("HOST1", "FILE01")
        self.expect_drained(draining, "HOST1")
        self.expect_received("HOST2", slow, slow_source)
        self.assertEqual([], self.net.traces.all(event="told", transfer=waits))
        self.net.start("HOST1")
        self.expect_received("HOST2", waits, source)

    def test_bad_spans_are_refused(self):
        self.expect_refusal(self.net.cli("S4", "drain", "--for", "soon"), cli.USAGE, "soon")
        self.expect_refusal(self.net.cli("S4", "drain", "--for", "2000h"), cli.USAGE, "S4", "a day")


class Applications(gateways.Gateways, Drain):
    topology = gateways.network(2, {"echo": gateways.gateway("Server1", "Server2")})

    def test_streams_go_on_and_new_ones_are_refused(self):
        for node in ("Server2", "Server1"):
            with self.subTest(node=node):
                self.serve("echo", gateways.apps.echo) if not self.servers else None
                held = self.call("echo")
                held.sendall(b"one")
                self.assertEqual(b"one", read_exactly(held, 3))
                draining = self.begin_drain(node)
                self.assertTrue(self.is_refused("echo"))
                held.sendall(b"two")
                self.assertEqual(b"two", read_exactly(held, 3))
                held.close()
                self.expect_drained(draining, node)
                self.net.start(node)
                self.await_link("Server1", "Server2")

    def is_refused(self, name):
        """Whether a connection ends at once; its reset may come before `connect` has returned."""
        try:
            with connect(self.of(name, "listen")) as fresh:
                return fresh.recv(1) == b""
        except ConnectionResetError:
            return True
