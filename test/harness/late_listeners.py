"""Listeners whose address comes to the machine, or whose port comes free, after the node's start: they are opened then, and until then
`status` and `gateways` say what they wait for."""
import os
import shutil
import subprocess
import sys
import unittest

from hublink_harness import apps
from hublink_harness.namespaces import OneNamespace, ip
from hublink_harness.network import Network
from hublink_harness.topologies import three_hubs

LATE = "10.9.0.1"
SERVICE = """
import socket, threading
def answer(udp):
    while True:
        udp.sendto(*udp.recvfrom(100))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.1.2.50", 5001))
threading.Thread(target=answer, args=(udp,), daemon=True).start()
listener = socket.create_server(("127.1.2.50", 5001))
print("ready", flush=True)
while True:
    connection, _ = listener.accept()
    connection.sendall(connection.recv(100))
    connection.close()
"""
HOLD = """
import socket, sys
held = socket.create_server(("127.1.1.1", 15433))
print("ready", flush=True)
sys.stdin.read()
"""
ASK = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 20) as one:
    one.settimeout(20)
    one.sendall(b"hello")
    print(one.recv(100).decode())
"""
ASK_UDP = """
import socket, sys
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.settimeout(1)
one.connect((sys.argv[1], int(sys.argv[2])))
for _ in range(20):
    one.send(b"hello")
    try:
        print(one.recv(100).decode())
        break
    except OSError:
        pass
"""
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 20, ('127.0.0.1', 0)).close()"  # a listener without users serves loopback


@unittest.skipUnless(os.getuid() == 0 and shutil.which("ip"), "needs root and ip")
class LateListeners(unittest.TestCase):
    def run_there(self, code, *words, **options):
        return subprocess.Popen([*self.space.prefix(), sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, text=True,
                                **options)

    def keep(self, code, **options):
        process = self.run_there(code, **options)
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stdout.close()))
        self.assertEqual("ready\n", process.stdout.readline())
        return process

    def waiting(self, net, node="ServerA"):
        status = net.cli(node, "status", "--json").json()
        return {(row["name"], row["listen"]): row["reason"] for row in status.get("not_listening", [])}

    def test_they_are_opened_when_they_can_be(self):
        self.space = OneNamespace()
        self.addCleanup(self.space.close)
        topology = three_hubs()
        topology["nodes"]["ServerA"]["proxy"] = {"enabled": True, "socks": f"{LATE}:1080", "called": "ServerB"}
        topology["nodes"]["ServerB"]["proxy"] = {"enabled": True, "allow": ["127.1.2.50:5001"]}

        def gateway(listen, protocol="tcp"):
            return {"protocol": protocol, "calling": "ServerA", "listen": listen, "called": "ServerB", "deliver": "127.1.2.50:5001"}

        topology["gateways"] = {"late": gateway(f"{LATE}:15432"), "held": gateway("127.1.1.1:15433"),
                                "lateudp": gateway(f"{LATE}:15353", "udp")}
        self.keep(SERVICE)
        holder = self.keep(HOLD, stdin=subprocess.PIPE)
        with Network(topology, self.space) as net:
            net.start("ServerA", "ServerB")
            waits = self.waiting(net)
            self.assertEqual({("gateway late", f"{LATE}:15432"), ("gateway held", "127.1.1.1:15433"), ("gateway socks", f"{LATE}:1080"),
                              ("gateway lateudp", f"{LATE}:15353")}, set(waits))
            waits_for = {name.removeprefix("gateway ") for name, _ in waits}
            self.assertIn("in use", waits["gateway held", "127.1.1.1:15433"])
            self.assertIn("gateway held can't listen at 127.1.1.1:15433", net.cli("ServerA", "status").out)
            rows = {row["name"]: row for row in net.cli("ServerA", "gateways", "--json").json()["gateways"]}
            self.assertEqual("failed", rows["late"]["state"])
            self.assertIn("assign", rows["late"]["reason"])
            ip("-n", self.space.name, "address", "add", f"{LATE}/32", "dev", "lo")
            holder.stdin.close()
            apps.wait_until(lambda: not self.waiting(net), "all are open")
            for where in ((LATE, 15432), ("127.1.1.1", 15433)):
                asked = self.run_there(ASK, *where)
                self.assertEqual("hello\n", asked.communicate(timeout=60)[0], where)
            self.assertEqual(0, subprocess.run([*self.space.prefix(), sys.executable, "-c", CONNECT, LATE, "1080"]).returncode)
            asked = self.run_there(ASK_UDP, LATE, 15353)
            self.assertEqual("hello\n", asked.communicate(timeout=60)[0])
            rows = {row["name"]: row for row in net.cli("ServerA", "gateways", "--json").json()["gateways"]}
            self.assertEqual({"listening"}, {row["state"] for name, row in rows.items() if name in waits_for})
            self.assertEqual(1, (net.data("ServerA") / "hublink.log").read_text().count("gateway held can't listen at"))


if __name__ == "__main__":
    unittest.main()
