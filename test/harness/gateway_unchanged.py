"""The same program directly and through the gateways, and what it sees compared: datagrams that are sent just before the end,
ports with nobody at them, replies from elsewhere, urgent data."""
import errno
import json
import os
import socket
import subprocess
import sys
import textwrap
import unittest

from hublink_harness import apps, cli
from hublink_harness.apps import wait_until

from gateway_datagrams import udp
from gateways import Gateways, address, gateway, network, ports

HERE, BESIDE = "127.2.3.50", "127.2.3.51"
UDP, NOBODY, URGENT, TFTP, ANY, STRICT = (ports.take() for _ in range(6))


class Unchanged(Gateways):
    """`directly` and `by_listener` and `wrapped` run a Python program with the address of its server, and read what it prints."""

    awaits_links = False  # the first datagrams wait for theirs
    topology = network(3, {
        "nobody": udp("Server1", "Server3", deliver=f"{HERE}:{NOBODY}"),
        "tftp": udp("Server1", "Server3", deliver=f"{HERE}:{TFTP}", replies_from="host"),
        "any": udp("Server1", "Server3", deliver=f"{HERE}:{ANY}", replies_from="any"),
        "strict": udp("Server1", "Server3", deliver=f"{HERE}:{STRICT}"),
        "urgent": gateway("Server1", "Server3", deliver=f"{HERE}:{URGENT}"),
        "own": gateway("Server1", "Server1", deliver=f"{HERE}:{URGENT}"),
    })
    topology["nodes"]["Server1"]["proxy"].update(socks=address("127.2.1.1"), called="Server3")
    topology["nodes"]["Server3"]["proxy"]["allow"] = [f"{HERE}:1-65535", f"{BESIDE}:1-65535"]

    def run_program(self, script, where, *prefix):
        done = subprocess.run([*prefix, sys.executable, "-c", "import sys; there = (sys.argv[1], int(sys.argv[2]))\n" + textwrap.dedent(script), where[0], str(where[1])],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual("", done.stderr)
        return done.stdout

    def directly(self, script, port):
        return self.run_program(script, (HERE, port))

    def by_listener(self, script, name):
        return self.run_program(script, self.of(name, "listen"))

    def wrapped(self, script, port, *options):
        door = self.net.topology["nodes"]["Server1"]["proxy"]["socks"]
        return self.run_program(script, (HERE, port), cli.executable(), "wrap", "--gateway", door, "--only", f"{HERE}/32", *options, "--")

    # -- datagrams

    def test_what_is_sent_just_before_the_end_arrives(self):
        script = """
            import socket
            for i in range(200):
                one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                if i % 2: one.connect(there); one.send(b"%d" % i)
                else: one.sendto(b"%d" % i, there)
                one.close()
        """
        server = apps.UdpServer(lambda data, sender, own: None, (HERE, UDP))
        self.servers.append(server)
        everything = {b"%d" % i for i in range(200)}
        for run in (self.directly, self.wrapped):
            server.seen.clear()
            run(script, UDP)
            wait_until(lambda: {data for data, _ in server.seen} == everything, f"all of 200 came, not only {len(server.seen)}")

    NOBODY_THERE = """
        import errno, socket, time
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.settimeout(3)
        one.connect(there)
        for _ in range(3):
            one.send(b"is there anybody?")
            try: print(one.recv(100))
            except OSError as error: print(errno.errorcode.get(error.errno, "silence"))
    """

    @unittest.skipUnless(os.geteuid() == 0, "a node that may not send ICMP lets the system say so of wrap's ports alone, a datagram later")
    def test_a_port_with_nobody_refuses(self):
        expected = self.directly(self.NOBODY_THERE, NOBODY)
        self.assertEqual("ECONNREFUSED\n" * 3, expected)
        self.assertEqual(expected, self.by_listener(self.NOBODY_THERE, "nobody"))
        self.assertEqual(expected, self.wrapped(self.NOBODY_THERE, NOBODY))
        self.assertLessEqual(3, self.gateways("Server1")["refused"]["refused"])

    def test_a_server_that_comes_back_is_heard(self):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(one.close)
        one.connect(self.of("nobody", "listen"))
        one.settimeout(0.2)
        one.send(b"?")
        server = apps.UdpServer(lambda data, sender, own: own.sendto(b"here", sender), (HERE, NOBODY))
        self.servers.append(server)

        def answered():
            try:
                one.send(b"?")
                return one.recv(100) == b"here"
            except OSError:
                return False

        wait_until(answered, "the same socket reaches it")

    # -- replies from elsewhere

    READ = """
        import socket
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.settimeout(10)
        for name in (b"first", b"second"):  # with one socket, as a session of several files
            one.sendto(b"get " + name, there)
            got = b""
            while True:
                block, server = one.recvfrom(1000)
                assert server != there, "blocks come from a port of their own"
                got += block
                one.sendto(b"ack", server)
                if len(block) < 512: break
            print(got == name * 300, len(got))
    """

    def blocks(self, port, ip=HERE):
        """A server that answers each request from another port, block by block."""
        def answer(data, sender, own):
            content = data.removeprefix(b"get ") * 300
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as fresh:
                fresh.bind((ip, 0))
                fresh.settimeout(5)
                for at in range(0, len(content) + 1, 512):
                    fresh.sendto(content[at:at + 512], sender)
                    assert fresh.recvfrom(100) == (b"ack", sender), "from where the request came"

        server = apps.UdpServer(answer, (HERE, port))
        self.servers.append(server)

    def test_tftp(self):
        self.blocks(TFTP)
        expected = self.directly(self.READ, TFTP)
        self.assertEqual("True 1500\nTrue 1800\n", expected)
        self.assertEqual(expected, self.by_listener(self.READ, "tftp"))
        self.assertEqual(expected, self.wrapped(self.READ, TFTP, "--replies-from", "host"))

    def test_replies_of_another_machine(self):
        self.blocks(ANY, BESIDE)
        expected = self.directly(self.READ, ANY)
        self.assertEqual("True 1500\nTrue 1800\n", expected)
        self.assertEqual(expected, self.by_listener(self.READ, "any"))
        # Also where the other machine's address is none of those that are taken.
        self.assertEqual(expected, self.wrapped(self.READ, ANY, "--replies-from", "any"))

    def test_nobody_is_written_to_who_has_not_replied(self):
        other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(other.close)
        other.bind((BESIDE, 0))
        other.settimeout(0.5)
        senders = []
        server = apps.UdpServer(lambda data, sender, own: (senders.append(sender), own.sendto(b"me", sender)), (HERE, STRICT))
        self.servers.append(server)
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(one.close)
        one.settimeout(apps.DEADLINE)
        one.sendto(b"?", self.of("strict", "listen"))
        self.assertEqual(b"me", one.recv(100))
        before = self.gateways("Server3")["flows"]["called"]["wrong_source"]
        other.sendto(b"not me", senders[0])
        wait_until(lambda: self.gateways("Server3")["flows"]["called"]["wrong_source"] == before + 1, "by default it is dropped")

    # -- urgent data

    TALK = """
        import json, socket
        one = socket.create_connection(there, 10)
        for part, flags in ((b"ab", 0), (b"hello!", socket.MSG_OOB), (b"cd", 0)):
            one.send(part, flags)
            assert one.recv(1) == b"+"
        one.shutdown(socket.SHUT_WR)
        print(one.makefile().read())
    """

    def hear(self, inline):
        """What a server sees of TALK, as it comes, and what it sends back in the same way."""
        def serve(connection):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, inline)
            connection.settimeout(None)  # else Python waits for other data before it asks for the urgent one
            seen = []
            for part in (2, 6 if inline else 5, 2):
                came = b""
                while len(came) < part:
                    came += connection.recv(100)
                seen.append(came.decode())
                if part > 2:
                    try:
                        seen.append("oob " + wait_until(lambda: self.urgent_of(connection, inline), "the urgent byte").decode())
                    except OSError as error:
                        seen.append(error.strerror)
                connection.send(b"+")
            connection.sendall(json.dumps(seen).encode())
            connection.send(b"?", socket.MSG_OOB)
            connection.sendall(b"end")
            connection.close()

        return serve

    @staticmethod
    def urgent_of(connection, inline):
        """None: not there yet. It may come in a segment of its own, and until then the system knows of none (EINVAL, which it always says inline)."""
        try:
            return connection.recv(1, socket.MSG_OOB)
        except OSError as error:
            if error.errno == errno.EAGAIN or error.errno == errno.EINVAL and not inline:
                return None
            raise

    def test_urgent_data(self):
        for inline in (0, 1):
            with self.subTest(inline=inline):
                server = apps.TcpServer(self.hear(inline), (HERE, URGENT))
                try:
                    expected = self.directly(self.TALK, URGENT)
                    self.assertIn('"hello", "oob !"' if not inline else '"hello!"', expected)
                    for name in ("urgent", "own"):
                        self.assertEqual(expected, self.by_listener(self.TALK, name))
                    self.assertEqual(expected, self.wrapped(self.TALK, URGENT))
                finally:
                    server.close()  # the next one has the same port

    def test_urgent_bytes_among_many(self):
        """Each keeps its place, and is urgent to who looks for it in time."""
        def serve(connection):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
            got = b""
            while part := connection.recv(1 << 16):
                got += part
            connection.sendall(str(len(got)).encode() + b" " + (b"." if got == b"x" * 99_999 + b"!" + b"y" * 50_000 + b"!" + b"z" * 7 else b"WRONG"))

        server = apps.TcpServer(serve, (HERE, URGENT))
        self.servers.append(server)
        script = """
            import socket, threading
            one = socket.create_connection(there, 10)
            one.sendall(b"x" * 99_999); one.send(b"!", socket.MSG_OOB); one.sendall(b"y" * 50_000); one.send(b"!", socket.MSG_OOB); one.sendall(b"z" * 7)
            one.shutdown(socket.SHUT_WR)
            print(one.recv(100))
        """
        expected = self.directly(script, URGENT)
        self.assertEqual("b'150008 .'\n", expected)
        for name in ("urgent", "own"):
            self.assertEqual(expected, self.by_listener(script, name))
