"""A mistake of the program, on demand (docs/reference/faults.md): the node says so, and goes on, is made whole, or ends in time."""
import signal
import time

from hublink_harness import cli
from hublink_harness.hostile_net import HostileNet


class Falls(HostileNet):
    started = ("ServerA", "ServerB", "HOST1")

    def test_who_serves_a_neighbour_is_made_anew(self):
        self.net.start("HOST2", fault="told=throw")
        self.assertNotEqual(cli.DONE, self.net.cli("HOST1", "ping", "HOST2", deadline=20).code)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "ping", "HOST2", deadline=20))
        status = self.net.ask("HOST2", verb="status")["status"]
        self.assertEqual([("local_hop", 1)], [(row["part"], row["times"]) for row in status["failed"]])
        self.assertIn("local_hop, failed by a mistake of the program: fault at told", self.net.running["HOST2"].logged())
        self.assertIn("local_hop", self.net.cli("HOST2", "status").out)
        self.net.stop("HOST2")

    def test_a_node_without_its_journal_ends(self):
        self.net.start("HOST2", fault="after-admit=throw")
        self.net.write("HOST1", "out/FILE01", 10)
        self.net.cli("HOST1", "send", "FILE01")
        node = self.net.running.pop("HOST2")
        self.assertEqual(2, node.wait_end(15))
        self.assertIn("its journal failed (fault at after-admit); start it again", node.logged())

    def test_a_thread_that_hangs_keeps_no_node_from_its_end(self):
        self.net.start("HOST2", fault="told=hang")
        self.net.cli("HOST1", "ping", "HOST2", "--json", deadline=15)
        node = self.net.running.pop("HOST2")
        began = time.monotonic()
        node.signal(signal.SIGTERM)
        self.assertEqual(1, node.wait_end(10))
        self.assertGreater(time.monotonic() - began, 5)
        self.assertIn("had not ended: it is ended now; its threads: ", node.logged())
        self.assertRegex(node.logged(), r"caf\.\w+ [SR] in \w+")


class Silence(HostileNet):
    """EVIL takes every command and says nothing."""

    def test_a_listing_does_without_who_keeps_silent(self):
        self.evil_client(lambda request: None)
        self.logged_in()
        result = self.expect_exit(cli.PARTIAL, self.net.cli("MGR", "status", "--json", deadline=25))
        self.assertIn("nothing from EVIL: EVIL does not answer", result.err)
        self.assertEqual(["HOST1", "HOST2", "ServerA", "ServerB"], [row["node"] for row in result.json()])
