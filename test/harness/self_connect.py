"""A gateway's destination on its own machine, at a port that the kernel also gives to outgoing connections, where nobody listens: the
dial may get that port itself. That is refused like a closed port, and the service can start."""
import os
import shutil
import subprocess
import sys
import unittest

from hublink_harness.namespaces import OneNamespace
from hublink_harness.network import Network
from hublink_harness.topologies import three_hubs

PORT = 45_010
TRIES = """
import socket, sys
for _ in range(400):
    one = socket.socket()
    one.settimeout(20)
    try:
        one.connect(("127.1.1.1", 15432))
        one.sendall(b"hello")
        if data := one.recv(100):
            sys.exit(f"answered by itself: {data}")
    except ConnectionError:
        pass
    one.close()
socket.create_server(("127.1.2.1", %d)).close()
""" % PORT


@unittest.skipUnless(os.getuid() == 0 and shutil.which("ip"), "needs root and ip")
class SelfConnect(unittest.TestCase):
    def test_no_application_is_answered_by_itself(self):
        space = OneNamespace()
        self.addCleanup(space.close)
        # Few ports, so that what is rare happens.
        narrowed = subprocess.run([*space.prefix(), "sysctl", "-qw", "net.ipv4.ip_local_port_range=45000 45063"], capture_output=True)
        if narrowed.returncode != 0:
            self.skipTest("the range of ports can't be set here")
        topology = three_hubs()
        for name in ("ServerA", "ServerB"):
            topology["nodes"][name]["proxy"] = {"enabled": True}
        topology["gateways"] = {"db": {"protocol": "tcp", "calling": "ServerA", "listen": "127.1.1.1:15432", "called": "ServerB",
                                       "deliver": f"127.1.2.1:{PORT}"}}
        with Network(topology, space) as net:
            net.start("ServerA", "ServerB")
            tried = subprocess.run([*space.prefix(), sys.executable, "-c", TRIES], capture_output=True, text=True, timeout=90)
            self.assertEqual((0, ""), (tried.returncode, tried.stderr))


if __name__ == "__main__":
    unittest.main()
