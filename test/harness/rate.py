"""Limits of the sending rate: of a transfer, of a node, and changed while they hold."""
from datetime import datetime

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

RATE = 2_000_000
SIZE = 2 * RATE  # two seconds' worth
CRAWL = "20KB/s"  # minutes for SIZE: nothing below waits for it


class Rate(Scenario):
    topology = three_hubs(
        SLOW=transfer("HOST1", "HOST2", rate="2MB/s"),
        FREE=transfer("HOST1", "HOST2"),
        CRAWL=transfer("HOST1", "HOST2", rate=CRAWL),
        QUEUED=transfer("HOST1", "HOST2", rate=CRAWL),
        BACK1=transfer("HOST2", "HOST1"),
        BACK2=transfer("HOST2", "HOST1"),
    )
    topology["nodes"]["HOST1"]["limits"] = {"transfers": 1}
    topology["nodes"]["HOST2"]["limits"] = {"rate": RATE}
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        for file, how in cls.topology["transfers"].items():
            net.write(how["from"], f"out/{file}", SIZE if how["from"] == "HOST1" else SIZE // 2)

    def seconds(self, node, file):
        """How long `send --wait` took."""
        return self.expect_exit(cli.DONE, self.net.cli(node, "send", file, "--wait")).seconds

    def state(self, node, transfer):
        listed = self.net.cli(node, "transfers", "--json").json()
        return next(one["state"] for one in listed if one["transfer"] == transfer)

    def change(self, node, *words):
        self.expect_exit(cli.DONE, self.net.cli(node, "rate", *words))

    def expect_done(self, node, receiver, transfer):
        sent = self.net.traces.expect(node, "sent", transfer=transfer, within=30)
        self.assertEqual({receiver: "done"}, sent["receivers"])

    def test_a_transfer_keeps_to_its_rate(self):
        slow, free = self.seconds("HOST1", "SLOW"), self.seconds("HOST1", "FREE")
        self.assertGreaterEqual(slow, 1.6)
        self.assertLess(free, slow)

    def test_a_node_keeps_to_its_rate_in_all_transfers_together(self):
        ids = [self.net.send("HOST2", file) for file in ("BACK1", "BACK2")]
        for transfer in ids:
            self.expect_done("HOST2", "HOST1", transfer)
        listed = [one for one in self.net.cli("HOST2", "history", "--json").json() if one["transfer"] in ids]
        began = min(datetime.fromisoformat(one["started"]) for one in listed)
        ended = max(datetime.fromisoformat(one["ended"]) for one in listed)
        self.assertGreaterEqual((ended - began).total_seconds(), 1.6)

    def test_a_change_is_heard_by_a_transfer_that_waits(self):
        transfer = self.net.send("HOST1", "CRAWL")
        queued = self.net.send("HOST1", "QUEUED")
        self.net.traces.expect("HOST1", "opened", transfer=transfer)
        self.change("HOST1", queued, "off")
        self.assertEqual(["running", "queued"], [self.state("HOST1", one) for one in (transfer, queued)])
        self.change("HOST1", transfer, "off")
        for one in (transfer, queued):
            self.expect_done("HOST1", "HOST2", one)

    def test_a_change_of_the_node_is_heard_too(self):
        self.change("HOST1", CRAWL)
        transfer = self.net.send("HOST1", "FREE")
        self.net.traces.expect("HOST1", "opened", transfer=transfer)
        self.assertEqual("running", self.state("HOST1", transfer))
        self.change("HOST1", "100MB/s")
        self.expect_done("HOST1", "HOST2", transfer)
        self.change("HOST1", "off")

    def test_what_is_no_rate_and_who_is_no_transfer(self):
        for words in (["fast"], ["20MB"], ["0"], ["abc", "20MB"]):
            self.expect_refusal(self.net.cli("HOST1", "rate", *words), cli.USAGE, "is no rate", "20MB/s")
        self.expect_refusal(self.net.cli("HOST1", "rate", "abc", "20MB/s"), cli.USAGE, "abc", "neither queued nor running")
