"""Gateways between machines, each a network namespace: one server as both with the application on another machine; a server's machine
that is switched off, and clients that notice."""
import os
import shutil
import subprocess
import sys
import textwrap
import time
import unittest

from hublink_harness import cli
from hublink_harness.apps import wait_until
from hublink_harness.namespaces import Machines
from hublink_harness.topologies import server

import gateways
from gateways import ports

DB, SOCKS, ENTRY, OWN = (ports.take() for _ in range(4))
THERE = "10.77.5.50"
USERS = "me:secret\r\n"  # as an editor of another system saves it

ECHO = """
    import socket, sys, threading
    def serve(one):
        with one:  # who accepts holds on to it until the next one comes
            while part := one.recv(1000): one.sendall(part)
    listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
    print("ready", flush=True)
    while True:
        one, _ = listener.accept()
        threading.Thread(target=serve, args=(one,), daemon=True).start()
"""

# argv: where, port, and perhaps a SOCKS listener that is asked for it, with the application's wishes.
CLIENT = """
    import errno, socket, struct, sys, time
    there, port, *proxy = sys.argv[1:]
    one = socket.socket()
    wishes = (socket.SO_KEEPALIVE, 1), (socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 2), (socket.TCP_KEEPCNT, 3)
    for name, value in wishes: one.setsockopt(socket.SOL_SOCKET if name == socket.SO_KEEPALIVE else socket.IPPROTO_TCP, name, value)
    one.connect((proxy[0], int(proxy[1])) if proxy else (there, int(port)))
    if proxy:
        one.sendall(b"\\5\\1\\2" + b"\\1\\2me\\6secret")
        rules = struct.pack("!BBHHBBIHH", 1, 0, 5, 2, 3, 0, 0, 0, 0)
        one.sendall(b"\\5\\x84\\0\\4" + rules + b"\\0\\0" + b"\\5\\1\\0\\1" + socket.inet_aton(there) + struct.pack("!H", int(port)))
        answer = b""
        while len(answer) < 14: answer += one.recv(14 - len(answer))
        assert answer[5] == 0, answer
    one.sendall(b"hello"); assert one.recv(10) == b"hello"
    print("connected", flush=True)
    began = time.monotonic()
    one.settimeout(60)
    try: print(one.recv(10), flush=True)
    except OSError as error: print(errno.errorcode.get(error.errno, error), round(time.monotonic() - began, 1), flush=True)
"""


class OnMachines(gateways.Gateways):
    machines = None
    users_at = ()

    @classmethod
    def isolate(cls):
        return Machines(cls.machines)

    @classmethod
    def prepare(cls, net):
        for node in cls.users_at:
            file = net.data(node) / "socks.users"
            file.write_text(USERS)
            file.chmod(0o600)

    def start(self, machine, script, *words, wrap=()):
        one = subprocess.Popen([*self.net.isolation.prefix(machine), *wrap, sys.executable, "-c", textwrap.dedent(script), *map(str, words)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (one.kill(), one.communicate()))
        return one

    def await_line(self, one, line):
        self.assertEqual(line + "\n", one.stdout.readline())


@unittest.skipUnless(shutil.which("ip"), "needs ip")
class OneServer(OnMachines):
    """The server stands between; the application and its server are on other machines of its segment."""

    machines = {"Hub": "10.77.5.1", "user": "10.77.5.60", "db": THERE}
    users_at = ("Hub",)
    topology = {"network": "one", "nodes": {"Hub": server("10.77.5.1", "10.77.5.0/24", proxy={"enabled": True, "socks": f"10.77.5.1:{SOCKS}", "allow": [f"{THERE}:{DB}"]})},
                "gateways": {"db": {"protocol": "tcp", "calling": "Hub", "called": "Hub", "listen": f"10.77.5.1:{OWN}", "deliver": f"{THERE}:{DB}"}}}
    ASK = "import socket, sys\none = socket.create_connection((sys.argv[1], int(sys.argv[2])), 20)\none.sendall(b'hello')\nprint(one.recv(10), one.getpeername())"

    def test_the_application_on_another_machine(self):
        self.await_line(self.start("db", ECHO, THERE, DB), "ready")
        user_file = self.net.directory / "user"
        user_file.write_text(USERS)
        near = self.net.isolation.prefix("user")
        direct = subprocess.run([*near, sys.executable, "-c", self.ASK, THERE, str(DB)], capture_output=True, text=True, timeout=60)
        wrapped = subprocess.run([*near, cli.executable(), "wrap", "--gateway", f"10.77.5.1:{SOCKS}", "--user-file", str(user_file), "--", sys.executable, "-c", self.ASK, THERE, str(DB)],
                                 capture_output=True, text=True, timeout=60)
        self.assertEqual(f"b'hello' ('{THERE}', {DB})\n", direct.stdout, direct.stderr)
        self.assertEqual(direct.stdout, wrapped.stdout, wrapped.stderr)
        listened = subprocess.run([*near, sys.executable, "-c", self.ASK, "10.77.5.1", str(OWN)], capture_output=True, text=True, timeout=60)
        self.assertEqual(f"b'hello' ('10.77.5.1', {OWN})\n", listened.stdout, listened.stderr)
        closed = lambda: {(s["gateway"], s["peer"]) for s in self.streams("Hub", "--closed")} - {("redirect", "Hub")}
        wait_until(lambda: closed() == {("socks", "Hub"), ("address", "Hub"), ("db", "Hub")}, "all three ways are listed")

    @unittest.skipUnless(shutil.which("nft", path=os.environ["PATH"] + ":/usr/sbin"), "needs nft")
    def test_a_rule_that_takes_the_gateways_own_connections_is_a_circle(self):
        redirect = ports.take()
        self.net.kill("Hub")
        self.net.differs_at("Hub", lambda net: net["nodes"]["Hub"]["proxy"].update(redirect=f"10.77.5.1:{redirect}"))
        self.net.start("Hub")
        rules = f"""add table ip hublink
            add chain ip hublink out {{ type nat hook output priority -100; }}
            add rule ip hublink out ip daddr {THERE} tcp dport {DB} dnat to 10.77.5.1:{redirect}"""
        done = subprocess.run([*self.net.isolation.prefix("Hub"), "nft", rules], capture_output=True, text=True, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
        if done.returncode != 0:
            self.skipTest(f"this kernel has no nat: {done.stderr}")
        self.addCleanup(lambda: subprocess.run([*self.net.isolation.prefix("Hub"), "nft", "flush", "ruleset"], env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}))
        near = subprocess.run([*self.net.isolation.prefix("user"), sys.executable, "-c", self.ASK, "10.77.5.1", str(OWN)], capture_output=True, text=True, timeout=60)
        self.assertIn("ConnectionResetError", near.stderr)
        self.assertEqual(1, wait_until(lambda: self.gateways("Hub")["refused"].get("loop"), "it ended as a loop"))


@unittest.skipUnless(shutil.which("ip"), "needs ip")
class Dead(OnMachines):
    machines = {"Near": "10.77.5.1", "Far": "10.77.5.2", "user": "10.77.5.60", "db": THERE}
    users_at = ("Near",)
    topology = {"network": "two",
                "nodes": {"Near": server("10.77.5.1", "10.77.5.0/24", {"Far": 1}, proxy={"enabled": True, "socks": f"10.77.5.1:{SOCKS}", "called": "Far"}),
                          "Far": server("10.77.5.2", "10.77.6.0/24", proxy={"enabled": True, "allow": [f"{THERE}:{DB}"]})},
                "gateways": {"db": {"protocol": "tcp", "calling": "Near", "called": "Far", "listen": f"10.77.5.1:{ENTRY}", "deliver": f"{THERE}:{DB}", "keep_alive_s": 6}}}
    topology["nodes"]["Near"]["segment"] = "10.77.7.0/24"  # the destination lies in nobody's

    def wrapped(self):
        user_file = self.net.directory / "user"
        user_file.write_text(USERS)
        return cli.executable(), "wrap", "--gateway", f"10.77.5.1:{SOCKS}", "--user-file", str(user_file), "--"

    def test_a_server_without_power_is_noticed(self):
        self.await_line(self.start("db", ECHO, THERE, DB), "ready")
        clients = {"directly": self.start("user", CLIENT, THERE, DB), "by a listener": self.start("user", CLIENT, "10.77.5.1", ENTRY),
                   "by SOCKS, with its own wishes": self.start("user", CLIENT, THERE, DB, "10.77.5.1", SOCKS),
                   "under wrap": self.start("user", CLIENT, THERE, DB, wrap=self.wrapped())}
        for one in clients.values():
            self.await_line(one, "connected")
        self.net.isolation.unplug("db")
        began = time.monotonic()
        ended = {how: one.stdout.readline().split() for how, one in clients.items()}
        self.assertLess(time.monotonic() - began, 15)
        self.assertEqual("ETIMEDOUT", ended["directly"][0])
        for how in ("by a listener", "by SOCKS, with its own wishes", "under wrap"):
            self.assertEqual("ECONNRESET", ended[how][0])  # no socket can be made to say ETIMEDOUT
        for how in ("by SOCKS, with its own wishes", "under wrap"):
            self.assertGreater(float(ended[how][1]), 8, "its own time, not a shorter one")
        for node in ("Near", "Far"):
            reasons = lambda: [s["reason"] for s in self.streams(node, "--closed")]
            wait_until(lambda: len(reasons()) == 3, f"{node} lists them")
            for reason in reasons():
                self.assertIn("no sign of life", reason)
