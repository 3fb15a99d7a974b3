"""The sender is killed at every point, then started again."""
from hublink_harness.survival import HALF, PacedCrash

POINTS = ["after-enqueue", "before-attempt", "after-attempt", "after-attempt:2", "after-open", f"sent-bytes:{HALF}", "before-all-sent",
          "after-all-sent", "after-receipt", "before-done", "after-done"]


class Sender(PacedCrash):
    def test(self):
        for point in POINTS:
            with self.subTest(point):
                self.arm("HOST1", point)
                waiting = self.begin_send()
                self.revive("HOST1")
                waiting.result()
                transfer = self.row("HOST1", listing="transfers")["transfer"]
                self.expect_agreement(transfer)
                self.expect_published_once(transfer)
                # A circuit that ends between the last chunk and the end record leaves the last checkpoint, and one may be under way.
                self.expect_little_twice(transfer, checkpoints=2 if point.endswith("all-sent") else 1)
