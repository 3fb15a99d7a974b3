"""A node that may have few files open: who takes many connections leaves room for links and for commands, and no thread spins."""
import json
import shutil
import socket
import time
import unittest

from hublink_harness import apps, cli
from hublink_harness.namespaces import Plain
from hublink_harness.network import Network, Ports
from hublink_harness.topologies import three_hubs, transfer
from hublink_harness.usage import cpu_seconds

ports = Ports()


class FewDescriptors(Plain):
    def __init__(self, nodes, soft, hard):
        self._nodes, self._words = nodes, ["prlimit", f"--nofile={soft}:{hard}"]

    def prefix(self, node=None):
        return self._words if node in self._nodes else []


@unittest.skipUnless(shutil.which("prlimit"), "needs prlimit")
class Descriptors(unittest.TestCase):
    def start(self, **more):
        topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
        topology.update(more)
        for name in ("ServerA", "ServerB"):
            topology["nodes"][name]["proxy"] = {"enabled": True}
        net = Network(topology, FewDescriptors(["ServerA"], 96, 96))
        self.addCleanup(net.close)
        net.start("ServerA", "ServerB", "HOST1", "HOST2")
        return net

    def expect_service(self, net):
        began = time.monotonic()
        status = net.cli("ServerA", "status", "--json")
        self.assertEqual(cli.DONE, status.code, str(status))
        self.assertLess(time.monotonic() - began, 5)
        net.write("HOST1", "out/FILE01", 100_000)
        sent = net.cli("HOST1", "send", "FILE01", "--wait", "--timeout", "30")
        self.assertEqual(cli.DONE, sent.code, str(sent) + net.describe())

    def expect_calm(self, net):
        pid = net.running["ServerA"].pid
        before, began = cpu_seconds(pid), time.monotonic()
        apps.wait_until(lambda: time.monotonic() - began > 2, "two seconds to measure")
        self.assertLess(cpu_seconds(pid) - before, 0.6)

    def test_idle_connections_at_the_control_socket(self):
        net = self.start()
        idle = []
        for _ in range(150):
            one = socket.socket(socket.AF_UNIX)
            one.settimeout(5)
            one.connect(str(net.data("ServerA") / "control.sock"))
            idle.append(one)
            self.addCleanup(one.close)
        self.expect_calm(net)
        self.expect_service(net)

    def test_idle_applications_at_a_gateway(self):
        door, service = ports.take(), apps.TcpServer(apps.echo, ("127.1.2.50", 0))
        self.addCleanup(service.close)
        net = self.start(gateways={"db": {"protocol": "tcp", "calling": "ServerA", "listen": f"127.1.1.1:{door}", "called": "ServerB",
                                          "deliver": f"127.1.2.50:{service.address[1]}"}})
        for _ in range(150):
            one = socket.socket()
            one.settimeout(5)
            self.addCleanup(one.close)
            one.connect(("127.1.1.1", door))
        self.expect_calm(net)
        self.expect_service(net)
        log = (net.data("ServerA") / "hublink.log").read_text()
        self.assertEqual(1, log.count("connections of applications wait or are turned away"), log)

    def test_strangers_at_the_node_s_port(self):
        net = self.start()
        for _ in range(150):
            one = socket.socket()
            one.settimeout(5)
            self.addCleanup(one.close)
            one.connect(net.address("ServerA"))
        self.expect_calm(net)
        self.expect_service(net)


class JobsLimit(unittest.TestCase):
    def test_a_job_has_the_limit_that_the_node_was_started_with(self):
        for confined in (True, False):
            with self.subTest(confined=confined):
                net = Network(three_hubs(FILE01=transfer("HOST1", "HOST2")), FewDescriptors(["HOST2"], 200, 1000))
                self.addCleanup(net.close)
                local = {"confine_jobs": confined,
                         "jobs": {"*": {"post_receive": {"command": ["/bin/sh", "-c", "sleep 0.1; ulimit -Sn > limit; ulimit -Hn >> limit"],
                                                         "wait": True}}}}
                (net.data("HOST2") / "local.json").write_text(json.dumps(local))
                net.start("HOST1", "HOST2", "ServerA", "ServerB")
                net.write("HOST1", "out/FILE01", 10)
                sent = net.cli("HOST1", "send", "FILE01", "--wait")
                self.assertEqual(cli.DONE, sent.code, str(sent) + net.describe())
                self.assertEqual("200\n1000\n", (net.data("HOST2") / "limit").read_text())


if __name__ == "__main__":
    unittest.main()
