"""`kill -9` at every point of docs/faults.md, then a restart. A network of three hubs in a row: HOST1 – Server1 – Server2 – Server3 – HOST2."""
import copy

from hublink_harness import cli
from hublink_harness.line import Line
from hublink_harness.survival import CHECKPOINT, SIZE, Survival, with_limits
from hublink_harness.topologies import chain, transfer

HALF = SIZE // 2
# An attempt whose circuit never stood is tried again only where the definition says so.
TOPOLOGY = with_limits(chain(3, FILE01=transfer("HOST1", "HOST2", retry={"count": 60, "every_s": 1})))

# What is at least safe at the receiver when it dies there. A checkpoint is written while the stream goes on, and one commit may hold
# several changes: those before a point of the journal may be lost with it.
RECEIVER = {
    "after-admit": 0,
    "before-checkpoint:1": 0,
    "before-checkpoint:3": CHECKPOINT,
    "after-checkpoint:3": 3 * CHECKPOINT,
    "before-publishing": HALF,
    "after-publishing": SIZE,
    "before-rename": SIZE,
    "after-rename": SIZE,
    "before-commit": SIZE,
    "after-commit": SIZE,
    "received": SIZE,
    "before-receipt": SIZE,
}
SENDER = ["after-enqueue", "before-attempt", "after-attempt", "after-attempt:2", "after-open", f"sent-bytes:{HALF}", "before-all-sent", "after-all-sent",
          "before-done", "after-done"]
HUB = ["told", "next", "opened", "closed", f"carried-bytes:{HALF}"]


class Crash(Survival):
    def arm(self, node, point):
        if node in self.net.running:
            self.net.stop(node)
        self.net.start(node, fault=point)

    def revive(self, node):
        self.net.await_death(node)
        self.net.start(node)

    def expect_done(self, waiting):
        return self.expect_exit(cli.DONE, waiting.result()).out.split()[0]


class Receiver(Crash):
    """The line between Server1 and Server2 is so slow that the disk keeps up."""

    topology = copy.deepcopy(TOPOLOGY)
    topology["nodes"]["Server1"]["hosts"] = {"Server2": "127.2.2.99"}

    @classmethod
    def prepare(cls, net):
        line = Line(("127.2.2.99", net.address("Server2")[1]), net.address("Server2"))
        cls.addClassCleanup(line.close)
        line.slow(rate=SIZE)

    def test_receiver(self):
        for point, durable in RECEIVER.items():
            with self.subTest(point):
                self.arm("HOST2", point)
                waiting = self.begin_send()
                self.revive("HOST2")
                transfer = self.expect_done(waiting)
                self.expect_agreement(transfer)
                # The event follows the commit, so a kill between the two loses it.
                self.expect_published_once(transfer, told=(0,) if point == "after-commit" else (1,))
                self.expect_resumed(transfer, durable)

    def test_after_the_receipt_nothing_is_left_to_do(self):
        self.arm("HOST2", "after-receipt")
        transfer = self.expect_done(self.begin_send())
        self.revive("HOST2")
        self.expect_agreement(transfer)
        self.expect_published_once(transfer)


class Sender(Crash):
    topology = TOPOLOGY

    def test_sender(self):
        for point in ["after-receipt", *SENDER]:
            with self.subTest(point):
                self.arm("HOST1", point)
                waiting = self.begin_send()
                self.revive("HOST1")
                waiting.result()
                transfer = self.row("HOST1", listing="transfers")["transfer"]
                self.expect_agreement(transfer)
                self.expect_published_once(transfer)
                self.expect_little_twice(transfer)
                if point == f"sent-bytes:{HALF}":
                    self.assertGreater(self.received_bytes(transfer)[0], CHECKPOINT)


class Hub(Crash):
    topology = TOPOLOGY

    def expect_survives(self, hub):
        for point in HUB:
            with self.subTest(f"{hub} {point}"):
                self.arm(hub, point)
                waiting = self.begin_send()
                self.revive(hub)
                transfer = self.expect_done(waiting)
                self.expect_agreement(transfer)
                self.expect_published_once(transfer)
                self.expect_little_twice(transfer)

    def test_home_of_the_sender(self):
        self.expect_survives("Server1")

    def test_in_the_middle(self):
        self.expect_survives("Server2")

    def test_home_of_the_receiver(self):
        self.expect_survives("Server3")


class Armed(Crash):
    topology = TOPOLOGY
    started = ("Server1",)

    def test_a_wrong_fault_is_one_line(self):
        result = cli.run(*self.net.run_command("HOST1"), env={"HUBLINK_FAULT": "before-lunch"})
        self.expect_refusal(result, cli.USAGE, "HUBLINK_FAULT=before-lunch", "no such point")
