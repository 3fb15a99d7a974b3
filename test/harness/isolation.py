"""What the namespaces are for: a client reaches its home server, and nothing beyond."""
import os
import subprocess
import sys
import unittest

from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

CONNECT = "import socket, sys; s = socket.socket(); s.settimeout(5); sys.exit(s.connect_ex((sys.argv[1], int(sys.argv[2]))))"


@unittest.skipUnless(os.environ.get("HUBLINK_NAMESPACES"), "runs in network namespaces only")
class Isolated(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))

    def reaches(self, node, other):
        ip, port = self.net.address(other)
        words = [*self.net.prefix(node), sys.executable, "-c", CONNECT, ip, str(port)]
        return subprocess.run(words, timeout=10).returncode == 0

    def test_the_file_arrives_where_the_sender_can_not(self):
        self.assertTrue(self.reaches("HOST1", "ServerA"))
        for other in ("ServerB", "ServerC", "HOST2"):
            self.assertFalse(self.reaches("HOST1", other), other)
        self.assertFalse(self.reaches("ServerA", "HOST2"))
        source = self.net.write("HOST1", "out/FILE01", 1_000_000)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "FILE01"), source)
