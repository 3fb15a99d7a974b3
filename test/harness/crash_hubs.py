"""Each hub on the way is killed at every point, then started again."""
from hublink_harness.survival import HALF, Crash

POINTS = ["told", "next", "opened", "closed", f"carried-bytes:{HALF}"]


class Hub(Crash):
    def expect_survives(self, hub):
        for point in POINTS:
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
