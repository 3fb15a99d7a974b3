"""What an operator does with transfers: cancel at either end, retry, hold, priorities; and the order of one file ID."""
import contextlib
import signal

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

LARGE = 2 << 30  # a hole: its bytes cost little


class Steering(Scenario):
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @contextlib.contextmanager
    def still(self, node):
        """The node stands still inside the block."""
        self.net.running[node].signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.net.running[node].signal(signal.SIGCONT)

    def row(self, node, transfer):
        rows = [row for listing in ("transfers", "history") for row in self.net.cli(node, listing, "--json").json()]
        return next((row for row in rows if row["transfer"] == transfer), None)

    def state(self, node, transfer):
        row = self.row(node, transfer)
        return row and row["state"]

    def expect_state(self, node, transfer, state, within=20):
        self.net.traces.until(lambda: self.state(node, transfer) == state, f"{transfer} {state} at {node}", within)

    def write_large(self, file):
        source = self.net.write("HOST1", f"out/{file}", b"head")
        with source.open("r+b") as content:
            content.truncate(LARGE)
        return source

    def partial_files(self):
        inbox = self.net.data("HOST2") / "in"
        return list(inbox.glob(".*.part")) if inbox.exists() else []

    def begin_large(self, file):
        """Sent until a partial file is there."""
        self.write_large(file)
        inbox = self.net.data("HOST2") / "in"
        inbox.mkdir(exist_ok=True)
        self.net.traces.watch(inbox)
        transfer = self.net.send("HOST1", file)
        self.net.traces.until(self.partial_files, "a partial file")
        return transfer

    def expect_nothing_of(self, transfer):
        self.assertEqual([], self.net.traces.all(node="HOST2", event="received", transfer=transfer))
        self.net.traces.until(lambda: not self.partial_files(), "no partial file")


class Cancel(Steering):
    topology = three_hubs(**{file: transfer("HOST1", "HOST2") for file in ("FIRST", "SECOND", "LARGE", "OTHER")},
                          KEPT=transfer("HOST1", "HOST2", if_exists="refuse"))
    topology["nodes"]["HOST1"]["limits"] = {"transfers": 1}

    def test_one_that_waits(self):
        for file in ("FIRST", "SECOND"):
            self.net.write("HOST1", f"out/{file}", 1000)
        with self.still("HOST2"):
            first, second = (self.net.send("HOST1", file) for file in ("FIRST", "SECOND"))
            self.assertIn("cancelled", self.expect_exit(cli.DONE, self.net.cli("HOST1", "cancel", second)).out)
            self.assertEqual("cancelled", self.state("HOST1", second))
        self.net.traces.expect("HOST2", "received", transfer=first)
        self.expect_nothing_of(second)

    def test_one_that_runs_at_its_sender(self):
        transfer = self.begin_large("LARGE")
        with self.still("HOST2"):
            self.expect_exit(cli.DONE, self.net.cli("HOST1", "cancel", transfer))
        for node in ("HOST1", "HOST2"):
            self.expect_state(node, transfer, "cancelled")
        self.expect_nothing_of(transfer)

    def test_one_that_runs_at_its_receiver(self):
        transfer = self.begin_large("OTHER")
        with self.still("HOST1"):
            self.expect_exit(cli.DONE, self.net.cli("HOST2", "cancel", transfer))
        for node in ("HOST1", "HOST2"):
            self.expect_state(node, transfer, "cancelled")
        self.expect_nothing_of(transfer)

    def test_one_that_is_done_stays_done(self):
        self.net.write("HOST1", "out/FIRST", 1000)
        transfer = self.send_and_wait("HOST1", "FIRST")
        for node in ("HOST1", "HOST2"):
            self.expect_refusal(self.net.cli(node, "cancel", transfer), cli.FAILED, transfer)
            self.assertEqual("done", self.state(node, transfer))

    def test_an_unknown_one(self):
        self.expect_refusal(self.net.cli("HOST1", "cancel", "0" * 32), cli.FAILED, "not under way")
        self.expect_refusal(self.net.cli("HOST1", "retry", "0" * 32), cli.FAILED, "no such transfer")

    def test_retry_is_the_same_transfer(self):
        old = self.net.write("HOST2", "in/KEPT", b"in the way")
        source = self.net.write("HOST1", "out/KEPT", 1000)
        failed = self.expect_exit(cli.FAILED, self.net.cli("HOST1", "send", "KEPT", "--wait")).out.split()[0]
        old.unlink()
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "retry", failed))
        self.expect_received("HOST2", failed, source)
        self.expect_state("HOST1", failed, "done")
        row = self.row("HOST1", failed)
        self.assertEqual((2, [1]), (row["attempt"], [one["attempt"] for one in row["broken"]]))
        self.assertIn("HOST2", row["broken"][0]["reason"])


class Order(Steering):
    topology = three_hubs(LOW=transfer("HOST1", "HOST2"), HIGH=transfer("HOST1", "HOST2", priority=5),
                          URGENT=transfer("HOST1", "HOST2", priority=9, preempt=True))
    topology["nodes"]["HOST1"]["limits"] = {"transfers": 1}
    topology["nodes"]["HOST2"]["limits"] = {"checkpoint": "4MB"}

    def test_held_then_by_priority(self):
        for file in ("LOW", "HIGH"):
            self.net.write("HOST1", f"out/{file}", 1000)
        self.assertEqual("held\n", self.expect_exit(cli.DONE, self.net.cli("HOST1", "hold")).out)
        low, high = (self.net.send("HOST1", file) for file in ("LOW", "HIGH"))
        self.assertEqual(["queued", "queued"], [self.state("HOST1", each) for each in (low, high)])
        self.assertEqual(f"{low} queued: nothing was done for it yet\n", self.expect_exit(cli.DONE, self.net.cli("HOST1", "trace", low)).out)
        self.assertEqual([], self.expect_exit(cli.DONE, self.net.cli("HOST1", "trace", low, "--json")).json())
        self.assertEqual("released\n", self.expect_exit(cli.DONE, self.net.cli("HOST1", "release")).out)
        self.expect_in_order(high, low)

    def test_it_stays_held_over_a_restart(self):
        self.net.write("HOST1", "out/LOW", 1000)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "hold"))
        sent = self.net.send("HOST1", "LOW")
        self.net.stop("HOST1")
        self.net.start("HOST1")
        self.assertTrue(self.net.cli("HOST1", "status", "--json").json()["held"])
        self.assertIn("held", self.net.cli("HOST1", "status").out)
        self.assertEqual("queued", self.state("HOST1", sent))
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "release"))
        self.net.traces.expect("HOST2", "received", transfer=sent)

    def test_an_urgent_one_suspends_what_runs(self):
        low = self.begin_large("LOW")
        self.net.write("HOST1", "out/URGENT", 1000)
        urgent = self.net.send("HOST1", "URGENT")
        self.expect_in_order(urgent, low)
        self.assertGreater(self.row("HOST1", low)["attempt"], 1)
        closed = [event["bytes"] for event in self.net.traces.all(node="HOST2", event="closed", transfer=low)]
        self.assertLess(sum(closed), LARGE * 1.1, closed)  # it went on where it was

    def test_fifty_of_one_file_come_in_order(self):
        self.net.write("HOST1", "out/HIGH", 1000)
        sent = [self.net.send("HOST1", "HIGH") for _ in range(50)]
        self.expect_in_order(*sent)

    def expect_in_order(self, *transfers):
        for each in transfers:
            self.net.traces.expect("HOST2", "received", transfer=each, within=40)
        arrived = [event["transfer"] for event in self.net.traces.all(node="HOST2", event="received")]
        self.assertEqual(list(transfers), [each for each in arrived if each in transfers])


class Crowded(Steering):
    """A hub takes one circuit at a time from its neighbour."""

    topology = three_hubs(LARGE=transfer("HOST1", "HOST2"), SMALL=transfer("HOST1", "HOST2"))
    topology["nodes"]["ServerA"]["limits"] = {"circuits": 1}

    def test_what_exceeds_a_hubs_limit_waits(self):
        large = self.begin_large("LARGE")
        source = self.net.write("HOST1", "out/SMALL", 1000)
        small = self.net.send("HOST1", "SMALL")
        self.net.traces.expect("HOST1", "refused", transfer=small, by="ServerA")
        self.net.traces.until(lambda: "as many circuits" in self.row("HOST1", small).get("reason", ""), "the reason in the listing")
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "cancel", large))
        self.expect_received("HOST2", small, source)
