"""Store and forward with real processes: receivers that are off, the sender off, retention, order, delivery on command."""
import json

from hublink_harness import cli
from hublink_harness.managed import Managed, managed
from hublink_harness.topologies import three_hubs, transfer


class Store:
    """HOST2 is off when the tests begin; its home server, ServerB, has the store."""
    started = ("ServerA", "ServerB", "ServerC", "HOST1", "HOST3")

    def off(self, *names):
        for name in names:
            if name in self.net.running:
                self.net.stop(name)

    def setUp(self):
        super().setUp()
        # Of the test before: the sender knows the outcome before the store has forgotten the file.
        self.net.traces.until(lambda: not self.stored(), "an empty store", 20)
        self.off("HOST2")

    def tearDown(self):
        if off := [name for name in self.net.topology["nodes"] if name not in self.net.running]:
            self.net.start(*off)

    def store(self, file, size):
        """Sends what has to wait; its id and the source."""
        source = self.net.write("HOST1", f"out/{file}", size)
        transfer = self.send_and_wait("HOST1", file)
        self.assertEqual("spooled", self.row("HOST1", transfer)["state"])
        return transfer, source

    def row(self, node, transfer):
        rows = self.net.cli(node, "history", "--json").json()
        return next((row for row in rows if row["transfer"] == transfer), {"state": "not over"})

    def stored(self, node="ServerB"):
        return {row["transfer"]: row for row in self.net.cli(node, "stored", "--json").json()}

    def expect_outcome(self, transfer, receivers, within=30):
        """The sender's last word on it."""
        return self.net.traces.until(
            lambda: [event for event in self.net.traces.all(node="HOST1", event="sent", transfer=transfer)
                     if event["receivers"] == receivers], f"{receivers} at the sender", within)

    def expect_empty_spool(self):
        spool = self.net.data("ServerB") / "spool"
        self.net.traces.watch(spool)
        self.net.traces.until(lambda: not list(spool.iterdir()), "nothing left in the spool", 20)


class Away(Store, Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2", store="when_unreachable"),
                                  FILE02=transfer("HOST1", "HOST2", store="only"),
                                  FILE03=transfer("HOST1", "HOST2", "HOST3", store="always")))

    started = (*Store.started, "MGR")

    def test_it_gets_the_file_from_the_store_with_the_sender_off(self):
        transfer, source = self.store("FILE01", 2_000_000)
        row = self.row("HOST1", transfer)
        self.assertIn("ServerB", row["reason"])
        self.assertEqual(["HOST2"], self.stored()[transfer]["waiting"])
        self.off("HOST1", "ServerA")
        self.net.kill("ServerB")
        self.net.start("ServerB")
        self.net.start("HOST2")
        self.expect_received("HOST2", transfer, source)
        self.net.start("ServerA", "HOST1")
        self.expect_outcome(transfer, {"HOST2": "done"})
        self.assertEqual("done", self.row("HOST1", transfer)["state"])
        self.expect_empty_spool()
        self.assertEqual({}, self.stored())

    def test_a_receiver_that_is_there_gets_it_at_once(self):
        self.net.start("HOST2")
        source = self.net.write("HOST1", "out/FILE01", 100_000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        self.assertEqual("done", self.row("HOST1", transfer)["state"])
        self.expect_received("HOST2", transfer, source)

    def test_one_of_two_waits(self):
        transfer, source = self.store("FILE03", 100_000)
        self.expect_received("HOST3", transfer, source)
        self.net.start("HOST2")
        self.expect_received("HOST2", transfer, source)
        self.expect_outcome(transfer, {"HOST2": "done", "HOST3": "done"})

    def test_several_of_one_file_arrive_in_order(self):
        sent = [self.store("FILE01", 50_000)[0] for _ in range(3)]
        self.assertEqual(sent, list(self.stored()))
        self.net.start("HOST2")
        self.net.traces.expect("HOST2", "received", within=30, transfer=sent[-1])
        got = [event["transfer"] for event in self.net.traces.all(node="HOST2", event="received") if event["transfer"] in sent]
        self.assertEqual(sent, got)
        self.expect_outcome(sent[-1], {"HOST2": "done"})

    def test_what_is_only_stored_is_delivered_on_command(self):
        self.net.start("HOST2")
        transfer, source = self.store("FILE02", 100_000)
        row = self.stored()[transfer]
        self.assertEqual((True, "only", ["HOST2"], 100_000), (row["held_back"], row["store"], row["waiting"], row["size"]))
        self.assertEqual([], self.net.traces.all(node="HOST2", event="told", transfer=transfer))
        self.expect_refusal(self.net.cli("ServerB", "deliver", "0" * 32), cli.USAGE, "ServerB", "hublink stored")
        self.expect_refusal(self.net.cli("HOST1", "deliver", transfer), cli.REFUSED, "HOST1 is no server")
        self.expect_exit(cli.DONE, self.net.cli("ServerB", "deliver", transfer))
        self.expect_received("HOST2", transfer, source)
        self.expect_outcome(transfer, {"HOST2": "done"})

    def test_a_manager_lists_and_delivers(self):
        self.net.start("HOST2")
        transfer, source = self.store("FILE02", 1000)
        self.logged_in()
        rows = json.loads(self.expect_exit(cli.DONE, self.net.cli("MGR", "stored", "--at", "ServerB", "--json")).out)
        self.assertEqual([transfer], [row["transfer"] for row in rows])
        self.expect_refusal(self.net.cli("MGR", "deliver", transfer), cli.USAGE, "--at")
        self.expect_exit(cli.DONE, self.net.cli("MGR", "deliver", transfer, "--at", "ServerB"))
        self.expect_received("HOST2", transfer, source)

    def test_the_sender_cancels_it(self):
        transfer, _ = self.store("FILE01", 100_000)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "cancel", transfer))
        self.net.traces.until(lambda: transfer not in self.stored(), "the store has dropped it", 20)
        self.expect_empty_spool()


class Retention(Store, Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2", store="when_unreachable", store_s=2)))

    def test_who_does_not_come_in_time_has_failed(self):
        transfer, _ = self.store("FILE01", 100_000)
        self.expect_outcome(transfer, {"HOST2": "failed"})
        row = self.row("HOST1", transfer)
        self.assertEqual("failed", row["state"])
        self.assertIn("as long as it may", row["reason"])
        self.assertIn("ServerB", row["reason"])
        self.expect_empty_spool()


class FullStore(Store, Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2", store="when_unreachable")))
    topology["nodes"]["ServerB"]["limits"] = {"spool": "1MiB"}

    def test_what_does_not_fit_is_refused_at_once_in_the_servers_name(self):
        first, source = self.store("FILE01", 700_000)
        self.net.write("HOST1", "out/FILE01", 700_000)
        self.expect_refusal(self.net.cli("HOST1", "send", "FILE01", "--wait"), cli.NO_SPACE, "ServerB")
        self.net.start("HOST2")
        self.net.traces.expect("HOST2", "received", within=20, transfer=first, bytes=700_000)
        self.expect_outcome(first, {"HOST2": "done"})
        self.expect_empty_spool()
        self.off("HOST2")
        self.store("FILE01", 700_000)


class AnotherReceiver(Store, Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2", store="when_unreachable", placement="manual", via=["ServerB"])))

    def test_it_takes_the_senders_next_attempt(self):
        transfer, source = self.store("FILE01", 100_000)

        def exchange(net):
            net["transfers"]["FILE01"]["to"] = ["HOST3"]

        # The hub alone can't: the sender's attempt is refused before anything is sent.
        for name in ("ServerB", "HOST3"):
            self.net.stop(name)
            self.net.differs_at(name, exchange)
            self.net.start(name)
        self.net.cli("HOST1", "retry", transfer)
        # What it had sent before may be there, whatever the hub says by now.
        self.net.traces.until(lambda: self.row("HOST1", transfer)["state"] == "unconfirmed", "no way for it", 20)
        self.assertEqual([], self.net.traces.all(node="HOST3", event="received"))
        # With the sender's consent.
        self.net.stop("HOST1")
        self.net.differs_at("HOST1", exchange)
        self.net.own_keys()
        self.expect_exit(cli.DONE, cli.run("keys", self.net.directory / "HOST1.json", "--out", self.net.keys))
        self.net.start("HOST1")
        self.net.cli("HOST1", "retry", transfer)  # if it does not go on by itself already
        self.expect_received("HOST3", transfer, source)
        self.expect_outcome(transfer, {"HOST3": "done"})
        self.assertEqual({"HOST3": "done"}, self.row("HOST1", transfer)["to"])
