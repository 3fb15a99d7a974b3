"""SOCKS5 at the calling gateway, and the called side's allow-list: what an application may name itself."""
import os
import shutil
import socket
import struct
import subprocess
import unittest

from hublink_harness import apps
from hublink_harness.apps import connect, read_all, read_exactly, wait_until

from gateways import Gateways, address, network, pair, ports

OK, FAILED, NOT_ALLOWED, NET_UNREACHABLE, UNREACHABLE, REFUSED, EXPIRED, NO_COMMAND = range(8)
ALLOWED = ports.take()
FORBIDDEN = ports.take()
CLOSED = ports.take()


class Socks(Gateways):
    topology = network(3, {})
    nodes = topology["nodes"]
    nodes["Server1"]["proxy"]["socks"] = address("127.2.1.1")
    nodes["Server1"]["proxy"]["called"] = "Server3"
    nodes["Server3"]["proxy"]["allow"] = [f"127.2.3.50:{ALLOWED}", f"127.2.3.50:{CLOSED}", "0.0.0.0/0:1-65535", f"127.0.0.1:{ALLOWED}", f"[::1]:{ALLOWED}"]

    def door(self):
        return pair(self.net.topology["nodes"]["Server1"]["proxy"]["socks"])

    def at(self, ip, port, how=apps.echo):
        server = apps.TcpServer(how, (ip, port))
        self.servers.append(server)
        return server

    def ask(self, kind, host, port, command=1):
        """(reply code, connection)"""
        connection = connect(self.door())
        self.addCleanup(connection.close)
        connection.sendall(b"\5\1\0")
        self.assertEqual(b"\5\0", read_exactly(connection, 2))
        connection.sendall(struct.pack("BBBB", 5, command, 0, kind) + host + struct.pack("!H", port))
        head = read_exactly(connection, 4)
        read_exactly(connection, {1: 6, 4: 18}[head[3]])
        return head[1], connection

    def ask_v4(self, ip, port):
        return self.ask(1, socket.inet_aton(ip), port)

    def ask_name(self, name, port):
        return self.ask(3, bytes([len(name)]) + name.encode(), port)

    def expect_echo(self, answer):
        code, connection = answer
        self.assertEqual(OK, code)
        content = os.urandom(200_000)
        connection.sendall(content)
        self.assertEqual(content, read_exactly(connection, len(content)))

    def expect_refusal(self, code, answer):
        self.assertEqual(code, answer[0])
        self.assertEqual(b"", read_all(answer[1]))

    def test_addresses_and_names(self):
        self.at("127.2.3.50", ALLOWED)
        self.expect_echo(self.ask_v4("127.2.3.50", ALLOWED))
        self.at("127.0.0.1", ALLOWED)
        self.expect_echo(self.ask_name("localhost", ALLOWED))
        if socket.has_ipv6:
            self.at("::1", ALLOWED)
            self.expect_echo(self.ask(4, socket.inet_pton(socket.AF_INET6, "::1"), ALLOWED))

    def test_what_is_not_allowed_is_not_connected_to(self):
        server = self.at("127.2.3.50", FORBIDDEN)
        self.expect_refusal(NOT_ALLOWED, self.ask_v4("127.2.3.50", FORBIDDEN))  # a wide rule does not mean loopback
        self.expect_refusal(NOT_ALLOWED, self.ask(4, socket.inet_pton(socket.AF_INET6, "::ffff:127.2.3.50"), FORBIDDEN))
        self.expect_refusal(NOT_ALLOWED, self.ask_v4("169.254.1.1", 80))
        node = pair(self.net.topology["nodes"]["Server3"]["address"])
        self.expect_refusal(NOT_ALLOWED, self.ask_v4(*node))
        self.assertEqual(0, server.count)
        self.assertGreaterEqual(self.gateways("Server3")["refused"]["not-allowed"], 4)
        last = lambda: self.streams("Server1", "--closed")[0]["reason"]
        wait_until(lambda: "is not in proxy.allow of Server3" in last(), "the reason is listed")

    def test_the_reasons_reach_the_application(self):
        self.expect_refusal(REFUSED, self.ask_v4("127.2.3.50", CLOSED))
        self.expect_refusal(UNREACHABLE, self.ask_name("no-such-name.invalid", 80))
        self.expect_refusal(NO_COMMAND, self.ask(1, socket.inet_aton("127.2.3.50"), ALLOWED, command=2))

    def test_further_ports_for_datagrams_of_one_connection(self):
        for port in (ALLOWED, CLOSED):
            self.servers.append(apps.UdpServer(lambda data, sender, own: own.sendto(data[::-1], sender), ("127.2.3.50", port)))
        connection = connect(self.door())
        self.addCleanup(connection.close)
        connection.sendall(b"\5\1\0")
        read_exactly(connection, 2)
        own = socket.socket(type=socket.SOCK_DGRAM)
        own.settimeout(apps.DEADLINE)
        self.addCleanup(own.close)
        doors = []
        for port in (ALLOWED, CLOSED, ALLOWED):
            connection.sendall(struct.pack("!BBBB4sH", 5, 0x83, 5, 1, socket.inet_aton("127.2.3.50"), port))
            answer = read_exactly(connection, 10)
            self.assertEqual((5, OK, 0, 1), tuple(answer[:4]))
            doors.append((socket.inet_ntoa(answer[4:8]), int.from_bytes(answer[8:], "big")))
        self.assertEqual(3, len(set(doors)))
        for door in doors:
            own.sendto(b"abc", door)
            self.assertEqual((b"cba", door), own.recvfrom(10))
        connection.sendall(b"\5\1\0\1")  # a stream has no place there
        self.assertEqual(b"", read_all(connection))
        for door in doors:
            apps.wait_until(lambda door=door: self.is_closed(door), f"the end of {door}")

    @staticmethod
    def is_closed(door):
        with socket.socket(type=socket.SOCK_DGRAM) as probe:
            probe.connect(door)
            try:
                for _ in range(2):
                    probe.send(b"x")
                probe.settimeout(0.05)
                probe.recv(10)
            except TimeoutError:
                return False
            except ConnectionRefusedError:
                return True
        return False

    def test_nonsense_is_hung_up(self):
        for words in (b"hello\r\n", b"\5\0", b"\5\1\2"):
            connection = connect(self.door())
            self.addCleanup(connection.close)
            connection.sendall(words)
            try:
                self.assertIn(read_all(connection), (b"", b"\5\xff"))
            except ConnectionResetError:
                pass

    def test_clients_of_other_protocols_hear_their_own_refusal(self):
        for words, answer in ((b"\4\1\0\x50\x7f\0\0\1me\0", b"\0\x5b\0\0\0\0\0\0"),
                              (b"CONNECT db.example:5432 HTTP/1.1\r\nHost: db.example\r\n\r\n" + b"x" * 100_000, b"HTTP/1.1 501 Not Implemented\r\n"),
                              (b"GET http://db.example/ HTTP/1.0\r\n\r\n", b"HTTP/1.1 501 Not Implemented\r\n"),
                              (b"\x16\x03\1\0\5hello", b"\x15\3\3\0\2\2\x28")):
            connection = connect(self.door())
            self.addCleanup(connection.close)
            connection.sendall(words)
            self.assertTrue(read_all(connection).startswith(answer), words)

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl_says_what_is_wrong(self):
        for option in ("--socks4", "--proxytunnel --proxy"):
            done = subprocess.run(["curl", "-s", "-S", "--max-time", "20", *option.split(), "%s:%d" % self.door(), f"http://127.2.3.50:{ALLOWED}/"],
                                  capture_output=True, text=True, env={**os.environ, "no_proxy": ""})
            self.assertNotEqual(0, done.returncode)
            self.assertRegex(done.stderr, "rejected|501")

    def test_silent_applications_hold_only_so_many_places(self):
        silent = [connect(self.door()) for _ in range(1024)]
        for _ in range(76):
            self.assertTrue(self.is_refused())
        self.assertEqual(76, self.gateways("Server1")["refused"]["busy"])
        for one in silent:
            one.close()
        apps.wait_until(lambda: self.answers(), "there is place again")

    def is_refused(self):
        """Whether the listener hangs up; its reset may come before this side's connect() has returned."""
        try:
            with connect(self.door()) as one:
                return one.recv(1) == b""
        except ConnectionResetError:
            return True

    def answers(self):
        try:
            with connect(self.door()) as one:
                one.settimeout(10)
                one.sendall(b"\5\2\0\2")
                return one.recv(1) == b"\5"
        except ConnectionError:
            return False

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl(self):
        body = os.urandom(1_000_000)

        def http(connection):
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

        self.at("127.2.3.50", ALLOWED, http)
        self.at("127.0.0.1", ALLOWED, http)
        for proxy, host in (("--socks5", "127.2.3.50"), ("--socks5-hostname", "localhost")):
            done = subprocess.run(["curl", "-s", "--max-time", "20", proxy, "%s:%d" % self.door(), f"http://{host}:{ALLOWED}/"],
                                  capture_output=True, check=True, env={**os.environ, "no_proxy": ""})
            self.assertEqual(body, done.stdout)


class Passwords(Socks):
    """The same listener, with users."""

    @classmethod
    def prepare(cls, net):
        users = net.data("Server1") / "socks.users"
        users.write_text("anna:geheim:doppelt\nbert:x\n")
        users.chmod(0o600)

    def login(self, user, password):
        connection = connect(self.door())
        self.addCleanup(connection.close)
        connection.sendall(b"\5\2\0\2")
        self.assertEqual(b"\5\2", read_exactly(connection, 2))
        connection.sendall(b"\1" + bytes([len(user)]) + user + bytes([len(password)]) + password)
        return read_exactly(connection, 2), connection

    def ask(self, kind, host, port, command=1):
        answer, connection = self.login(b"anna", b"geheim:doppelt")
        self.assertEqual(b"\1\0", answer)
        connection.sendall(struct.pack("BBBB", 5, command, 0, kind) + host + struct.pack("!H", port))
        head = read_exactly(connection, 4)
        read_exactly(connection, {1: 6, 4: 18}[head[3]])
        return head[1], connection

    def test_a_wrong_password_and_no_password(self):
        for user, password in ((b"anna", b"x"), (b"nobody", b"x")):
            answer, connection = self.login(user, password)
            self.assertEqual(b"\1\1", answer)
            self.assertEqual(b"", read_all(connection))
        connection = connect(self.door())
        self.addCleanup(connection.close)
        connection.sendall(b"\5\1\0")
        self.assertEqual(b"\5\xff", read_all(connection))

    def test_many_who_show_the_same_password_at_once(self):
        asked = [connect(self.door()) for _ in range(60)]
        for connection in asked:
            self.addCleanup(connection.close)
            connection.sendall(b"\5\1\2\1\4bert\1x")
        self.assertEqual({b"\5\2\1\0"}, {read_exactly(connection, 4) for connection in asked})

    test_further_ports_for_datagrams_of_one_connection = None
    test_curl = test_curl_says_what_is_wrong = test_nonsense_is_hung_up = test_clients_of_other_protocols_hear_their_own_refusal = None
