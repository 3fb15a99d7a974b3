"""A hub is gone, and there is a second way: the transfer takes it without anybody acting."""
from hublink_harness.survival import HALF, OverALine


def routes(*servers):
    return [{"network": "127.1.2.0/24", "via": server, "priority": i} for i, server in enumerate(servers, 1)]


class SecondRoute(OverALine):
    """The line is the first way of two."""

    topology = OverALine.topology_with("ServerB", routes=routes("ServerB", "ServerC"))

    def test_the_next_hop_is_down(self):
        self.line.off()
        transfer = self.expect_recovery(self.begin_send(), attempts=1)
        self.assertEqual(["ServerB", "ServerC"], self.hops(transfer))

    def test_the_next_hop_goes_down_in_the_middle(self):
        self.line.will("off", HALF)
        transfer = self.expect_recovery(self.begin_send())
        self.assertEqual(["ServerB", "ServerB", "ServerC"], self.hops(transfer))


class DeadHub(OverALine):
    """ServerC, behind the line, is the first way of two."""

    behind = "ServerC"
    topology = OverALine.topology_with(behind, routes=routes("ServerC", "ServerB"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def test_it_dies_in_the_middle_and_stays_down(self):
        self.net.start("ServerC", fault=f"carried-bytes:{HALF}")
        waiting = self.begin_send()
        self.net.await_death("ServerC")
        transfer = self.expect_recovery(waiting)
        self.assertEqual(["ServerC", "ServerC", "ServerB"], self.hops(transfer))

    def test_it_hangs_in_the_middle(self):
        """Its sockets and its link stay open: the ends notice that nothing moves, and then its neighbours that it is silent."""
        hanging = self.net.start("ServerC", fault=f"carried-bytes:{HALF}=stop").running["ServerC"]
        self.addCleanup(self.net.kill, "ServerC")
        transfer = self.expect_arrival(self.begin_send())
        self.expect_little_twice(transfer)
        self.assertIsNone(hanging.process.poll())
        self.assertEqual("ServerB", self.hops(transfer)[-1])
