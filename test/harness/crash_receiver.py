"""The receiver is killed at every point, then started again."""
from hublink_harness import cli
from hublink_harness.survival import CHECKPOINT, HALF, SIZE, Crash

# What is at least safe then. One commit may hold several changes: those before a point of the journal may be lost with it.
DURABLE = {
    "after-admit": 0,
    "before-checkpoint:1": 0,
    "before-checkpoint:3": CHECKPOINT,
    "after-checkpoint:3": 3 * CHECKPOINT // 2,  # one is made at half of the interval
    "before-publishing": HALF,
    "after-publishing": SIZE,
    "before-rename": SIZE,
    "after-rename": SIZE,
    "before-commit": SIZE,
    "after-commit": SIZE,
    "received": SIZE,
    "before-receipt": SIZE,
}


class Receiver(Crash):
    def test_before_the_receipt(self):
        for point, durable in DURABLE.items():
            with self.subTest(point):
                self.arm("HOST2", point)
                waiting = self.begin_send()
                self.revive("HOST2")
                transfer = self.expect_done(waiting)
                self.expect_agreement(transfer)
                # The event follows the commit, so a kill between the two loses it.
                self.expect_published_once(transfer, told=(0,) if point == "after-commit" else (1,))
                self.expect_resumed(transfer, durable)

    def test_after_the_receipt_at_most_the_receipt_is_left_to_fetch(self):
        self.arm("HOST2", "after-receipt")
        waiting = self.begin_send()
        self.revive("HOST2")  # first: the kill may take the receipt with it, then the next attempt fetches it
        transfer = self.expect_done(waiting)
        self.expect_agreement(transfer)
        self.expect_published_once(transfer)

    def test_a_wrong_fault_is_one_line(self):
        result = cli.run(*self.net.run_command("HOST2"), env={"HUBLINK_FAULT": "before-lunch"},
                         program=cli.executable_with_faults())
        self.expect_refusal(result, cli.USAGE, "HUBLINK_FAULT=before-lunch", "no such point")
