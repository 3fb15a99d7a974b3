"""A bad line between two hubs: recovered without anybody acting."""
from hublink_harness.survival import HALF, LOST, SIZE, STALL_S, OverALine


class BadLine(OverALine):
    topology = OverALine.topology_with("ServerB")
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def expect_struck(self, fault, within=10):
        self.assertTrue(fault.struck.wait(within), "the line never carried as much")

    def test_no_fault_no_second_attempt(self):
        self.expect_recovery(self.begin_send(), attempts=1)

    def test_a_bit_flips(self):
        """What was on its way behind it is lost; what was before it is not."""
        self.line.will("flip", HALF)
        transfer = self.expect_arrival(self.begin_send())
        self.assertEqual(2, self.row("HOST1", transfer)["attempt"])
        self.expect_resumed(transfer, HALF - LOST)

    def test_a_bit_flips_in_two_attempts(self):
        at = SIZE * 3 // 8
        self.line.will("flip", at, times=2)
        transfer = self.expect_arrival(self.begin_send())
        self.assertEqual(3, self.row("HOST1", transfer)["attempt"])
        self.expect_resumed(transfer, 2 * (at - LOST))

    def test_cut(self):
        fault = self.line.will("cut", HALF)
        self.expect_recovery(self.begin_send())
        self.expect_struck(fault)

    def test_cut_in_the_first_record(self):
        self.line.will("cut", 100)
        self.expect_recovery(self.begin_send())

    def test_stall(self):
        fault = self.line.will("stall", HALF)
        self.expect_recovery(self.begin_send())
        self.expect_struck(fault)

    def test_slow_is_no_stall(self):
        self.line.slow(rate=SIZE // (2 * STALL_S), delay=0.05)
        self.expect_recovery(self.begin_send(), attempts=1)

    def test_away_and_back(self):
        """Links and data: hop by hop everything is gone until the line is back."""
        def refusals():
            return len(self.net.traces.all(node="ServerA", event="refused", by="ServerA"))

        before = refusals()
        self.line.will("off", HALF)
        waiting = self.begin_send()
        self.net.traces.until(lambda: refusals() > before, "an attempt that does not get over the line")
        self.line.on()
        self.expect_little_twice(self.expect_arrival(waiting))
