"""`kill -9` at every point of docs/faults.md, then a restart. A network of three hubs in a row: HOST1 – Server1 – Server2 – Server3 – HOST2."""
from hublink_harness import cli
from hublink_harness.survival import CHECKPOINT, CHUNK, SIZE, Survival, patient
from hublink_harness.topologies import chain, transfer

HALF = SIZE // 2

# What is safe at the receiver when it dies there: bytes in its last checkpoint, or all.
RECEIVER = {
    "after-admit": 0,
    "before-checkpoint:1": 0,
    "before-checkpoint:3": 2 * CHECKPOINT,
    "after-checkpoint:3": 3 * CHECKPOINT,
    "before-publishing": SIZE - CHECKPOINT - CHUNK,
    "after-publishing": SIZE,
    "before-rename": SIZE,
    "after-rename": SIZE,
    "before-commit": SIZE,
    "after-commit": SIZE,
    "received": SIZE,
    "before-receipt": SIZE,
}
SENDER = ["after-enqueue", "before-attempt", "after-attempt", "after-open", f"sent-bytes:{HALF}", "before-all-sent", "after-all-sent",
          "before-done", "after-done"]
HUB = ["told", "next", "opened", "closed", f"carried-bytes:{HALF}"]


class Crash(Survival):
    def arm(self, node, point):
        self.net.stop(node)
        self.net.start(node, fault=point)

    def revive(self, node):
        self.net.await_death(node)
        self.net.start(node)

    def expect_done(self, waiting):
        return self.expect_exit(cli.DONE, waiting.result()).out.split()[0]


class Receiver(Crash):
    topology = patient(chain(3, FILE01=transfer("HOST1", "HOST2")), "HOST2")

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
    topology = patient(chain(3, FILE01=transfer("HOST1", "HOST2")), "HOST2")

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
    topology = patient(chain(3, FILE01=transfer("HOST1", "HOST2")), "HOST2")

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
    topology = patient(chain(1, FILE01=transfer("HOST1", "HOST2")))
    started = ("Server1",)

    def test_a_wrong_fault_is_one_line(self):
        result = cli.run(*self.net.run_command("HOST1"), env={"HUBLINK_FAULT": "before-lunch"})
        self.expect_refusal(result, cli.USAGE, "HUBLINK_FAULT=before-lunch", "no such point")
