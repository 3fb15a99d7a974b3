"""One server as both gateways: what Distances, Datagrams and SOCKS show of two, and what is its own."""
import os
import socket
import struct
import subprocess

from hublink_harness import apps, cli
from hublink_harness.apps import connect, read_all, read_exactly, wait_until

import gateway_datagrams
import gateways
from gateways import address, gateway, network, pair, ports

HERE = "127.2.1.50"
ALLOWED, CLOSED, FORBIDDEN = (ports.take() for _ in range(3))


def own(**more):
    return gateway("Server1", "Server1", **more)


class Streams(gateways.Distances):
    topology = network(1, {"own": own()})
    names = ("own",)
    # These name gateways of the long chain.
    test_what_is_said_before_the_server_is_there_waits_for_it = None

    def test_thousands_of_opens_in_a_row(self):
        self.serve("own", apps.echo)
        for _ in range(3_000):
            with connect(self.of("own", "listen")) as connection:
                connection.sendall(b"x")
                self.assertEqual(b"x", read_exactly(connection, 1))
        wait_until(lambda: not self.streams("Server1"), "all of them ended")

    def test_what_is_listed(self):
        wait_until(lambda: not self.streams("Server1"), "nothing of the tests before is left")
        self.serve("own", apps.echo)
        connection = self.call("own")
        connection.sendall(b"12345")
        read_exactly(connection, 5)
        both = wait_until(lambda: [s for s in self.streams("Server1") if s["bytes_back"] == 5], "it is open")
        self.assertEqual([("own", "Server1", side, "open", 5, 5) for side in ("calling", "called")],
                         [tuple(s[key] for key in ("gateway", "peer", "side", "state", "bytes", "bytes_back")) for s in sorted(both, key=lambda s: s["number"])])
        connection.close()
        wait_until(lambda: [s["result"] for s in self.streams("Server1", "--closed")][:2] == ["done", "done"], "both ends are history")
        report = self.gateways("Server1")
        self.assertEqual({"listening", "serving"}, {g["state"] for g in report["gateways"]})
        self.assertEqual([], report["links"])


class Flows(gateway_datagrams.Datagrams):
    topology = network(1, gateway_datagrams.entries("Server1", "Server1", "Server1"))
    near = "Server1"


class Named(gateways.Gateways):
    """Applications that name their destination, which lies in the server's own segment."""

    topology = network(1, {}, streams=100)
    topology["nodes"]["Server1"]["proxy"].update(socks=address("127.2.1.1"), called="Server1", allow=[
        f"{HERE}:{ALLOWED}", f"{HERE}:{CLOSED}", f"127.0.0.1:{ALLOWED}"])

    def door(self):
        return pair(self.net.topology["nodes"]["Server1"]["proxy"]["socks"])

    def ask(self, kind, host, port, source=None):
        connection = connect(self.door(), source)
        self.addCleanup(connection.close)
        connection.sendall(b"\5\1\0" + struct.pack("BBBB", 5, 1, 0, kind) + host + struct.pack("!H", port))
        self.assertEqual(b"\5\0", read_exactly(connection, 2))
        head = read_exactly(connection, 4)
        read_exactly(connection, 6)
        return head[1], connection

    def at(self, ip, port, how=apps.echo):
        server = apps.TcpServer(how, (ip, port))
        self.servers.append(server)

    def test_an_address_and_a_name(self):
        self.at(HERE, ALLOWED)
        self.at("127.0.0.1", ALLOWED)
        for kind, host in ((1, socket.inet_aton(HERE)), (3, b"\x09localhost")):
            code, connection = self.ask(kind, host, ALLOWED)
            self.assertEqual(0, code)
            content = os.urandom(300_000)
            connection.sendall(content)
            self.assertEqual(content, read_exactly(connection, len(content)))

    def test_a_server_that_speaks_first_is_heard_behind_the_reply(self):
        self.at(HERE, ALLOWED, lambda connection: connection.sendall(b"220 welcome\r\n"))
        for _ in range(100):
            code, connection = self.ask(1, socket.inet_aton(HERE), ALLOWED)
            self.assertEqual((0, b"220 welcome\r\n"), (code, read_all(connection)))
            connection.close()

    def test_policy_and_reasons_are_those_of_a_called_gateway(self):
        for port, code, reason in ((FORBIDDEN, 2, "not-allowed"), (CLOSED, 5, "refused")):
            before = self.gateways("Server1")["refused"].get(reason, 0)
            answer, connection = self.ask(1, socket.inet_aton(HERE), port)
            self.assertEqual((code, b""), (answer, read_all(connection)))
            self.assertEqual(before + 1, self.gateways("Server1")["refused"][reason], "counted once")

    def test_an_application_has_its_share_of_the_streams_and_no_more(self):
        self.at(HERE, ALLOWED)
        codes = [self.ask(1, socket.inet_aton(HERE), ALLOWED)[0] for _ in range(100)]
        self.assertEqual({0, 1}, set(codes))
        self.assertLess(codes.count(0), 100)
        code, connection = self.ask(1, socket.inet_aton(HERE), ALLOWED, source=("127.2.1.77", 0))
        self.assertEqual(0, code, "another one has room")
        connection.sendall(b"x")
        self.assertEqual(b"x", read_exactly(connection, 1))

    def test_under_wrap(self):
        self.at(HERE, ALLOWED)
        answer = subprocess.run([cli.executable(), "wrap", "--gateway", "%s:%d" % self.door(), "--only", f"{HERE}/32", "--", "python3", "-c", f"""
import socket
one = socket.create_connection(("{HERE}", {ALLOWED}))
peer = one.getpeername()
one.sendall(b"hello"); one.shutdown(socket.SHUT_WR)
print(one.recv(100), peer)
late = socket.socket(); late.setblocking(False); late.connect_ex(("{HERE}", {ALLOWED}))
import select; select.select([], [late], [], 20); late.send(b"later"); select.select([late], [], [], 20); print(late.recv(100))
try: socket.create_connection(("{HERE}", {CLOSED}))
except OSError as error: print(error.strerror)
"""], capture_output=True, text=True, timeout=60)
        self.assertEqual(f"b'hello' ('{HERE}', {ALLOWED})\nb'later'\nConnection refused\n", answer.stdout, answer.stderr)


class Circle(gateways.Gateways):
    topology = network(1, {"there": own(), "back": own(), "itself": own()})
    topology["gateways"]["itself"]["deliver"] = topology["gateways"]["itself"]["listen"]
    topology["gateways"]["there"]["deliver"] = topology["gateways"]["back"]["listen"]
    topology["gateways"]["back"]["deliver"] = topology["gateways"]["there"]["listen"]

    def test_a_circle_ends(self):
        for loops, name in enumerate(("there", "itself"), 1):
            self.expect_refused(name)
            wait_until(lambda: self.gateways("Server1")["refused"].get("loop") == loops, "it ended as a loop")
            wait_until(lambda: not self.streams("Server1"), "nothing is left of it")
