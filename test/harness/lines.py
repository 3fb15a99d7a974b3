"""A bad line between two hubs, and a hub that is gone: recovered without anybody acting. ServerA knows ServerB by the line's address."""
from hublink_harness import cli
from hublink_harness.line import Line
from hublink_harness.survival import CHECKPOINT, HALF, SIZE, Survival, with_limits
from hublink_harness.topologies import three_hubs, transfer

STALL_S = 2


def three(**server_a):
    topology = with_limits(three_hubs(FILE01=transfer("HOST1", "HOST2")), stall_s=STALL_S)
    topology["nodes"]["ServerA"].update(server_a)
    del topology["nodes"]["HOST3"]
    return topology


def routes(*servers):
    return [{"network": "127.1.2.0/24", "via": server, "priority": i} for i, server in enumerate(servers, 1)]


class OverALine(Survival):
    @classmethod
    def prepare(cls, net):
        cls.line = Line(("127.1.2.99", net.address("ServerB")[1]), net.address("ServerB"))
        cls.addClassCleanup(cls.line.close)

    def tearDown(self):
        self.line.heal()

    def expect_arrival(self, waiting):
        transfer = self.expect_exit(cli.DONE, waiting.result()).out.split()[0]
        self.expect_agreement(transfer)
        self.expect_published_once(transfer)
        return transfer

    def expect_recovery(self, waiting, attempts=2):
        transfer = self.expect_arrival(waiting)
        self.expect_little_twice(transfer)
        self.assertEqual(attempts, self.row("HOST1", transfer)["attempt"])
        return transfer

    def hops(self, transfer):
        return [event["hop"] for event in self.net.traces.all(node="ServerA", event="next", transfer=transfer)]


class BadLine(OverALine):
    topology = three(hosts={"ServerB": "127.1.2.99"})
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
        self.expect_resumed(transfer, HALF - CHECKPOINT)

    def test_a_bit_flips_in_three_attempts(self):
        self.line.will("flip", SIZE // 4, times=3)
        transfer = self.expect_arrival(self.begin_send())
        self.assertEqual(4, self.row("HOST1", transfer)["attempt"])
        self.expect_resumed(transfer, 3 * (SIZE // 4 - CHECKPOINT))

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
        fault = self.line.will("cut", HALF)
        waiting = self.begin_send()
        self.expect_struck(fault)
        self.line.off()
        self.net.traces.expect("ServerA", "refused", by="ServerA")
        self.line.on()
        self.expect_little_twice(self.expect_arrival(waiting))


class SecondRoute(OverALine):
    """The line is the first way of two."""

    topology = three(hosts={"ServerB": "127.1.2.99"}, routes=routes("ServerB", "ServerC"))

    def test_the_next_hop_is_down(self):
        self.line.off()
        transfer = self.expect_recovery(self.begin_send(), attempts=1)
        self.assertEqual(["ServerB", "ServerC"], self.hops(transfer))

    def test_the_next_hop_goes_down_in_the_middle(self):
        fault = self.line.will("cut", HALF)
        waiting = self.begin_send()
        self.assertTrue(fault.struck.wait(10))
        self.line.off()
        transfer = self.expect_recovery(waiting)
        self.assertEqual(["ServerB", "ServerB", "ServerC"], self.hops(transfer))


class DeadHub(OverALine):
    """ServerC is the first way of two."""

    topology = three(routes=routes("ServerC", "ServerB"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def test_it_dies_in_the_middle_and_stays_down(self):
        self.net.start("ServerC", fault=f"carried-bytes:{HALF}")
        waiting = self.begin_send()
        self.net.await_death("ServerC")
        transfer = self.expect_recovery(waiting)
        self.assertEqual(["ServerC", "ServerC", "ServerB"], self.hops(transfer))
