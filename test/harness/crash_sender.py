"""The sender is killed at every point, then started again."""
from hublink_harness.survival import HALF, Crash

POINTS = ["after-enqueue", "before-attempt", "after-attempt", "after-attempt:2", "after-open", f"sent-bytes:{HALF}", "before-all-sent",
          "after-all-sent", "after-receipt", "before-done", "after-done"]


class Sender(Crash):
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
                self.expect_little_twice(transfer)
