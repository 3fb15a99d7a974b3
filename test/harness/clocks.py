"""Wall clocks that jump: nothing is deleted, given up or put off because of that, and who judges by one says so."""
import unittest

from hublink_harness import cli
from hublink_harness.apps import wait_until
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer
from hublink_harness.wall_clock import LIBRARY, WallClock

HOUR, DAY = 3600, 86400


@unittest.skipUnless(LIBRARY, "no libfaketime")
class Clocks(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2", store="when_unreachable"), FILE02=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        cls.clocks = {node: WallClock(net, node) for node in cls.started}

    def tearDown(self):
        for clock in self.clocks.values():
            clock.set(0)
        if "HOST2" not in self.net.running:
            self.net.start("HOST2")

    def log(self, node):
        return self.net.running[node].logged()

    def expect_noticed(self, node, words):
        wait_until(lambda: words in self.log(node), f"{node} says that its clock was {words}", 10)

    def stored(self):
        return self.net.cli("ServerB", "stored", "--json").json()

    def store_one(self):
        self.net.stop("HOST2")
        self.net.write("HOST1", "out/FILE01", 100_000)
        id = self.send_and_wait("HOST1", "FILE01")
        self.assertEqual(1, len(self.stored()))
        return id

    def expect_delivered(self, id):
        self.net.start("HOST2")
        self.net.traces.expect("HOST2", "received", transfer=id, within=8)
        wait_until(lambda: not self.stored(), "the store has the receipt", 8)  # or the next test finds two

    def test_a_store_whose_clock_is_days_ahead_for_a_while_keeps_its_files(self):
        id = self.store_one()
        self.clocks["ServerB"].set(8 * DAY)
        self.expect_noticed("ServerB", "set forward by 8 days")
        self.assertEqual([id], [row["transfer"] for row in self.stored()])
        self.clocks["ServerB"].set(0)
        self.expect_delivered(id)
        self.expect_noticed("ServerB", "set back by 8 days")

    def test_a_store_whose_clock_is_set_back_delivers_as_soon_as_ever(self):
        id = self.store_one()
        self.clocks["ServerB"].set(-HOUR // 2)
        self.expect_noticed("ServerB", "set back by 30 min")
        self.expect_delivered(id)

    def test_a_store_that_starts_with_a_clock_years_ahead_keeps_its_files(self):
        id = self.store_one()
        self.net.stop("ServerB")
        self.clocks["ServerB"].set(300 * DAY)
        self.net.start("ServerB")
        self.expect_noticed("ServerB", "set forward by 300 days")
        self.assertEqual([id], [row["transfer"] for row in self.stored()])
        self.net.stop("ServerB")
        self.clocks["ServerB"].set(0)
        self.net.start("ServerB")
        self.assertEqual([id], [row["transfer"] for row in self.stored()])
        self.expect_delivered(id)

    def test_the_history_and_the_trace_of_a_node_outlive_a_clock_that_is_years_ahead(self):
        self.net.write("HOST1", "out/FILE02", 1000)
        first, second = self.send_and_wait("HOST1", "FILE02"), self.send_and_wait("HOST1", "FILE02")
        self.net.stop("HOST1")
        self.clocks["HOST1"].set(300 * DAY)
        self.net.start("HOST1")
        self.expect_noticed("HOST1", "set forward by 300 days")
        self.net.stop("HOST1")
        self.clocks["HOST1"].set(0)
        self.net.start("HOST1")
        kept = {row["transfer"] for row in self.net.cli("HOST1", "history", "--json").json()}
        self.assertLessEqual({first, second}, kept)
        self.assertTrue(self.net.cli("HOST1", "trace", first, "--json").json())

    def test_what_was_sent_with_a_clock_ahead_does_not_shut_out_what_comes_after_it(self):
        self.net.write("HOST1", "out/FILE02", 1000)
        self.clocks["HOST1"].set(8 * DAY)
        refused = self.net.cli("HOST1", "send", "FILE02", "--wait")
        self.assertNotEqual(cli.DONE, refused.code, str(refused))
        self.assertIn("this machine's clock says", refused.err + refused.out)
        self.clocks["HOST1"].set(0)
        self.send_and_wait("HOST1", "FILE02")

    def test_who_judges_a_certificate_by_its_clock_says_so(self):
        self.net.stop("HOST2")
        self.clocks["HOST2"].set(20_000 * DAY)
        node = self.net.begin("HOST2")
        self.assertNotEqual(0, node.wait_end())
        self.net.running.pop("HOST2")
        self.assertIn("this machine's clock says 20", node.logged())
