"""One server as both gateways, between two networks: one network namespace each, and nobody forwards packets. The applications reach the
server's inner address alone, and what they ask for lies beyond its outer one."""
import os
import shutil
import subprocess
import sys
import textwrap
import unittest

from hublink_harness import cli
from hublink_harness.apps import wait_until
from hublink_harness.namespaces import Wired, ip
from hublink_harness.topologies import client, server

import gateways

INNER, OUTER, THERE = "192.168.7.1", "10.1.0.1", "10.1.0.50"
STREAMS, DATAGRAMS, SOCKS, REDIRECT, LISTEN, LISTEN_UDP = 5432, 5353, 1080, 1081, 15432, 15353
PATH = os.environ["PATH"] + ":/usr/sbin"

# Says to each who he is to it.
SERVICE = f"""
    import socket, threading
    datagrams = socket.socket(type=socket.SOCK_DGRAM)
    datagrams.bind(("{THERE}", {DATAGRAMS}))
    def answer():
        while True:
            _, sender = datagrams.recvfrom(100)
            datagrams.sendto(sender[0].encode(), sender)
    threading.Thread(target=answer, daemon=True).start()
    listener = socket.create_server(("{THERE}", {STREAMS}))
    print("ready", flush=True)
    while True:
        connection, peer = listener.accept()
        connection.sendall(peer[0].encode())
        connection.close()
"""
ASK = """
    import socket, sys
    there = (sys.argv[1], int(sys.argv[2]))
    one = socket.create_connection(there, 20)
    print(one.recv(100).decode(), one.getpeername() == there)
"""
ASK_BY_DATAGRAM = """
    import socket, sys
    there = (sys.argv[1], int(sys.argv[2]))
    one = socket.socket(type=socket.SOCK_DGRAM)
    one.settimeout(20)
    one.sendto(b"who am I?", there)
    data, sender = one.recvfrom(100)
    print(data.decode(), sender == there)
"""
SEEN = f"{OUTER} True\n"


@unittest.skipUnless(shutil.which("ip"), "needs ip")
class BetweenNetworks(gateways.Gateways):
    topology = {
        "network": "between",
        "nodes": {
            "Hub": server(OUTER, ["10.1.0.0/24", "192.168.7.0/24"], listen=[f"{OUTER}:40000", f"{INNER}:40000"],
                          proxy={"enabled": True, "called": "Hub", "socks": f"{INNER}:{SOCKS}", "redirect": f"{INNER}:{REDIRECT}",
                                 "allow": [f"{THERE}:{STREAMS}", f"{THERE}:{DATAGRAMS}"]}),
            "Inside": client("192.168.7.11", "Hub", hosts={"Hub": INNER}),
            "Outside": client(THERE, "Hub"),
        },
        "gateways": {
            "db": {"protocol": "tcp", "calling": "Hub", "called": "Hub", "listen": f"{INNER}:{LISTEN}", "deliver": f"{THERE}:{STREAMS}"},
            "ask": {"protocol": "udp", "calling": "Hub", "called": "Hub", "listen": f"{INNER}:{LISTEN_UDP}", "deliver": f"{THERE}:{DATAGRAMS}"}},
    }
    started = ("Hub",)

    @classmethod
    def isolate(cls):
        return Wired(spaces={"hub": ["Hub"], "inner": ["Inside"], "outer": ["Outside"]},
                     wires=[("hub", [f"{INNER}/24"], "inner", ["192.168.7.11/24"]), ("hub", [f"{OUTER}/24"], "outer", [f"{THERE}/24"])])

    @classmethod
    def prepare(cls, net):
        cls.users = net.data("Hub") / "socks.users"
        cls.users.write_text("me:secret\n")
        cls.users.chmod(0o600)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        service = subprocess.Popen([*cls.net.prefix("Outside"), sys.executable, "-c", textwrap.dedent(SERVICE)], stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(lambda: (service.kill(), service.wait(), service.stdout.close()))
        assert service.stdout.readline() == "ready\n"

    def run_inside(self, *words):
        return subprocess.run([*self.net.prefix("Inside"), *map(str, words)], capture_output=True, text=True, timeout=60)

    def ask(self, script, where, port, *prefix):
        done = self.run_inside(*prefix, sys.executable, "-c", textwrap.dedent(script), where, port)
        self.assertEqual("", done.stderr)
        return done.stdout

    def wrapped(self, *options):
        return cli.executable(), "wrap", "--gateway", f"{INNER}:{SOCKS}", "--user-file", self.users, "--only", "10.1.0.0/24", *options, "--"

    def expect_listed(self, *names):
        both = lambda: {(s["gateway"], s["side"]) for s in (*self.streams("Hub"), *self.streams("Hub", "--closed"))}
        wanted = {(names[0], "calling"), (names[-1], "called")}
        wait_until(lambda: wanted <= both(), f"both ends of {names} are listed")

    def test_nobody_inside_reaches_it_by_himself(self):
        done = self.run_inside(sys.executable, "-c", textwrap.dedent(ASK), THERE, STREAMS)
        self.assertIn("Network is unreachable", done.stderr)

    def test_a_listener(self):
        self.assertEqual(SEEN, self.ask(ASK, INNER, LISTEN))
        self.assertEqual(SEEN, self.ask(ASK_BY_DATAGRAM, INNER, LISTEN_UDP))
        self.expect_listed("db")
        self.expect_listed("ask")

    def test_under_wrap(self):
        self.assertEqual(SEEN, self.ask(ASK, THERE, STREAMS, *self.wrapped()))
        self.assertEqual(SEEN, self.ask(ASK_BY_DATAGRAM, THERE, DATAGRAMS, *self.wrapped()))
        self.expect_listed("socks", "address")
        done = self.run_inside(*self.wrapped(), sys.executable, "-c", textwrap.dedent(ASK), OUTER, 40000)
        self.assertIn("PermissionError", done.stderr)  # the server's own address needs a rule of its own

    @unittest.skipUnless(shutil.which("nft", path=PATH), "needs nft")
    def test_a_redirect_of_what_the_server_is_asked_to_route(self):
        rules = f"""add table ip hublink
            add chain ip hublink in {{ type nat hook prerouting priority -100; }}
            add rule ip hublink in ip daddr 10.1.0.0/24 tcp dport {STREAMS} redirect to :{REDIRECT}"""
        done = subprocess.run([*self.net.prefix("Hub"), "nft", rules], capture_output=True, text=True, env={**os.environ, "PATH": PATH})
        if done.returncode != 0:
            self.skipTest(f"this kernel has no nat: {done.stderr}")
        route = ("10.1.0.0/24", "via", INNER)
        inside = self.net.prefix("Inside")[-1]
        ip("-n", inside, "route", "add", *route)
        self.addCleanup(ip, "-n", inside, "route", "del", *route)
        self.assertEqual(SEEN, self.ask(ASK, THERE, STREAMS))
        self.expect_listed("redirect", "address")


if __name__ == "__main__":
    unittest.main()
