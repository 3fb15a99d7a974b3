"""Redirected connections: nftables sends a program's connection to the calling gateway, which asks the kernel where it was going."""
import os
import shutil
import subprocess
import unittest

from hublink_harness.apps import wait_until
from hublink_harness.namespaces import OneNamespace
from hublink_harness.network import Network

from gateways import Gateways, network, ports

THERE, PORT = "10.77.0.1", 8077
REDIRECT = ports.take()
SERVER = f"""
import socket
listener = socket.create_server(("{THERE}", {PORT}))
print("ready", flush=True)
while True:
    connection, _ = listener.accept()
    connection.sendall(b"you came to " + connection.recv(100))
    connection.close()
"""
CLIENT = f"""
import socket
one = socket.create_connection(("{THERE}", {PORT}), 20)
one.sendall(b"the right place")
print(one.recv(100).decode(), one.getpeername())
"""


class WithDestination(OneNamespace):
    def __init__(self):
        super().__init__()
        subprocess.run(["ip", "-n", self.name, "address", "add", f"{THERE}/32", "dev", "lo"], check=True, capture_output=True)


@unittest.skipUnless(os.getuid() == 0 and shutil.which("ip") and shutil.which("nft", path=os.environ["PATH"] + ":/usr/sbin"), "needs root, ip and nft")
class Redirect(Gateways):
    topology = network(2, {})
    topology["nodes"]["Server1"]["proxy"].update(redirect=f"127.0.0.1:{REDIRECT}", called="Server2")
    topology["nodes"]["Server2"]["proxy"]["allow"] = [f"{THERE}:{PORT}"]
    topology["nodes"]["Server2"]["bind"] = "127.2.2.1"

    @classmethod
    def setUpClass(cls):
        try:
            cls.space = WithDestination()
        except subprocess.CalledProcessError as error:
            raise unittest.SkipTest(f"no network namespaces here: {error.stderr}")
        cls.addClassCleanup(cls.space.close)
        cls.net = Network(cls.topology, cls.space)
        cls.addClassCleanup(cls._close)
        cls.net.start()

    def test_a_connection_arrives_where_it_was_going(self):
        # The called gateway's own connection, from its own address, must not come back.
        rules = f"""add table ip hublink
            add chain ip hublink out {{ type nat hook output priority -100; }}
            add rule ip hublink out ip saddr != 127.2.2.1 ip daddr {THERE} tcp dport {PORT} redirect to :{REDIRECT}"""
        done = subprocess.run([*self.space.prefix(), "nft", rules], capture_output=True, text=True, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
        if done.returncode != 0:
            self.skipTest(f"this kernel has no nat: {done.stderr}")
        server = subprocess.Popen([*self.space.prefix(), "python3", "-c", SERVER], stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (server.kill(), server.wait(), server.stdout.close()))
        self.assertEqual("ready\n", server.stdout.readline())
        client = subprocess.run([*self.space.prefix(), "python3", "-c", CLIENT], capture_output=True, text=True, timeout=60)
        self.assertEqual(f"you came to the right place ('{THERE}', {PORT})\n", client.stdout, client.stderr)
        wait_until(lambda: any(s["gateway"] == "redirect" and s["to"] == f"{THERE}:{PORT}" for s in self.streams("Server1", "--closed")), "it is listed")

    def test_a_connection_that_was_not_redirected_is_reset(self):
        code = f"import socket; one = socket.create_connection(('127.0.0.1', {REDIRECT})); one.recv(1)"
        done = subprocess.run([*self.space.prefix(), "python3", "-c", code], capture_output=True, text=True, timeout=60)
        self.assertIn("ConnectionResetError", done.stderr)
