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
BEGIN = f"""
import select, socket, struct, sys, time
PORT = {PORT}
def ask(connection, words):
    connection.sendall(words)
    if data := connection.recv(100):
        sys.exit(f"answered by itself: {{data}}")
"""
STREAMS = BEGIN + """
for _ in range(400):
    with socket.socket() as one:
        one.settimeout(20)
        try:
            one.connect(("127.1.1.1", 15432))
            ask(one, b"hello")
        except ConnectionError:
            pass
socket.create_server(("127.1.2.1", PORT)).close()
"""
SOCKS = BEGIN + """
for number in range(400):
    with socket.socket() as one:
        one.settimeout(20)
        one.bind(("127.1.1.1", 50000 + number))
        one.connect(("127.1.1.1", 11080))
        one.sendall(bytes([5, 1, 0]))
        assert one.recv(2) == bytes([5, 0])
        one.sendall(bytes([5, 1, 0, 1]) + socket.inet_aton("127.1.2.1") + struct.pack("!H", PORT))
        if one.recv(100)[1] == 0:
            sys.exit("connected to where nobody is")
socket.create_server(("127.1.2.1", PORT)).close()
"""
# Each flow has a socket, of which there are few, for a second.
DATAGRAMS = BEGIN + """
for round in range(8):
    flows = []
    for number in range(40):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(("127.1.1.1", 50000 + number))
        one.sendto(b"hello", ("127.1.1.1", 15433))
        flows.append(one)
    over = time.monotonic() + 1.3
    while (left := over - time.monotonic()) > 0:
        for one in select.select(flows, [], [], left)[0]:
            sys.exit(f"answered by itself: {one.recv(100)}")
    for one in flows:
        one.close()
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("127.1.2.1", PORT))
"""


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
        topology["nodes"]["ServerA"]["proxy"].update(socks="127.1.1.1:11080", called="ServerB")
        topology["nodes"]["ServerB"]["proxy"]["allow"] = [f"127.1.2.1:{PORT}"]
        way = {"calling": "ServerA", "called": "ServerB", "deliver": f"127.1.2.1:{PORT}"}
        topology["gateways"] = {"db": {"protocol": "tcp", "listen": "127.1.1.1:15432", **way},
                                "dns": {"protocol": "udp", "listen": "127.1.1.1:15433", "reply_timeout_s": 1, **way}}
        with Network(topology, space) as net:
            net.start("ServerA", "ServerB")
            for kind, tries in (("streams", STREAMS), ("SOCKS", SOCKS), ("datagrams", DATAGRAMS)):
                with self.subTest(kind):
                    tried = subprocess.run([*space.prefix(), sys.executable, "-c", tries], capture_output=True, text=True, timeout=90)
                    self.assertEqual((0, ""), (tried.returncode, tried.stderr))


if __name__ == "__main__":
    unittest.main()
