"""`hublink.log`: what an operator finds there of a node's start, of its links and of what was lost."""
from hublink_harness.apps import wait_until
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer


class Logs(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def expect_line(self, node, *words):
        lines = lambda: self.net.running[node].logged().splitlines()
        wait_until(lambda: any(all(word in line for word in words) for line in lines()), f"a line of {node} with {words}")

    def test_a_start_says_who_starts_and_by_what(self):
        self.expect_line("ServerA", "ServerA serves at 127.1.1.1", "server of network", "hublink 0.",
                         "definition of the topology file")
        self.expect_line("HOST1", "HOST1 serves at", "client of network")

    def test_a_link_comes_up_and_goes_down_with_the_reason(self):
        self.net.write("HOST1", "out/FILE01", b"over a link")
        self.send_and_wait("HOST1", "FILE01")
        self.expect_line("HOST1", "link is up, dialled from here [peer ServerA]")
        self.expect_line("ServerA", "link is up, dialled there [peer HOST1]")
        self.net.kill("ServerB")
        self.expect_line("ServerA", "link is down", "[peer ServerB]")
