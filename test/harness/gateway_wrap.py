"""`hublink wrap`: unchanged applications whose connections and datagrams go through the gateways; one and no hub between."""
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

from hublink_harness import apps, cli
from hublink_harness.apps import wait_until

from gateways import Gateways, address, network, ports

HERE = "127.2.3.50"
PORT, CLOSED, FORBIDDEN, DNS, OWN = (ports.take() for _ in range(5))


def wrap_network(allow):
    topology = network(3, {})
    nodes = topology["nodes"]
    nodes["Server1"]["proxy"]["socks"] = address("127.2.1.1")
    nodes["Server1"]["proxy"]["called"] = "Server3"
    nodes["Server3"]["proxy"]["allow"] = allow
    return topology


class Wrapped(Gateways):
    """Programs under `hublink wrap`, with a server at HERE."""

    def door(self):
        return self.net.topology["nodes"]["Server1"]["proxy"]["socks"]

    def wrapped(self, *command, only=(f"{HERE}/32", "::1/128"), names=(), more=(), deadline=30, gateway=None, prefix=(), **options):
        only = [word for option, patterns in (("--only", only), ("--names", names)) for pattern in patterns for word in (option, pattern)]
        return subprocess.run([*prefix, cli.executable(), "wrap", "--gateway", gateway or self.door(), *only, *more, "--", *map(str, command)],
                              capture_output=True, text=True, timeout=deadline, **options)

    def python(self, script, *words, **options):
        done = self.wrapped(sys.executable, "-c", textwrap.dedent(script), *words, **options)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def at(self, ip, port, how=apps.echo):
        server = apps.TcpServer(how, (ip, port))
        self.servers.append(server)
        return server

    def went_through(self):
        return {(s["gateway"], s["protocol"], s["to"]) for s in self.streams("Server1") + self.streams("Server1", "--closed")}


class Wrap(Wrapped):
    topology = wrap_network([f"{HERE}:{PORT}", f"{HERE}:{CLOSED}", f"{HERE}:{DNS}", f"[::1]:{PORT}", f"127.0.0.1:{PORT}"])

    TALK = """
        import socket, sys
        family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
        one = socket.socket(family)
        one.connect((sys.argv[1], int(sys.argv[2])))
        peer = one.getpeername()[:2]
        one.sendall(b"hello"); one.shutdown(socket.SHUT_WR)
        print(one.recv(100), peer)
    """

    def test_connections_and_the_original_destination(self):
        for ip in (HERE, "::1"):
            self.at(ip, PORT)
            self.assertEqual(f"b'hello' ('{ip}', {PORT})\n", self.python(self.TALK, ip, PORT))
        self.assertIn(("socks", "tcp", f"{HERE}:{PORT}"), self.went_through())

    def test_a_socket_for_ipv6_alone_behind_an_ipv4_gateway(self):
        self.at("::1", PORT)
        self.assertEqual(f"b'hello' ('::1', {PORT})\n", self.python("""
            import socket, sys
            one = socket.socket(socket.AF_INET6)
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.connect((sys.argv[1], int(sys.argv[2])))
            one.sendall(b"hello")
            print(one.recv(100), one.getpeername()[:2])
            """, "::1", PORT))

    def test_names_that_the_called_side_looks_up(self):
        self.at("127.0.0.1", PORT)
        talk = """
            import socket, sys
            one = socket.create_connection((sys.argv[1], int(sys.argv[2])))
            peer = one.getpeername()[0]
            one.sendall(b"hello"); one.shutdown(socket.SHUT_WR)
            print(one.recv(100), peer, socket.gethostbyname(sys.argv[1]), socket.gethostbyname(sys.argv[2] + ".invalid"))
        """
        self.assertEqual("b'hello' 198.18.0.1 198.18.0.1 198.18.0.2\n", self.python(talk, "localhost", PORT, names=("localhost", "*.invalid")))
        self.assertIn(("socks", "tcp", f"localhost:{PORT}"), self.went_through())

    def test_a_name_that_the_called_side_does_not_know(self):
        script = """
            import errno, socket, sys
            for port in map(int, sys.argv[2:]):
                print(errno.errorcode[socket.socket().connect_ex((sys.argv[1], port))])
        """
        # Where no rule has the port, it is not asked for.
        self.assertEqual("EHOSTUNREACH\nEACCES\n", self.python(script, "nobody.invalid", PORT, FORBIDDEN, names=("*",)))

    def test_what_no_pattern_takes_goes_out_directly(self):
        own = ports.take()
        self.at("127.0.0.1", own)
        self.assertEqual(f"b'hello' ('127.0.0.1', {own})\n", self.python(self.TALK, "127.0.0.1", own))
        self.assertNotIn(("socks", "tcp", f"127.0.0.1:{own}"), self.went_through())

    def test_a_refusal_is_a_refused_connection_and_the_socket_can_be_used_again(self):
        self.at(HERE, PORT)
        self.assertEqual("ConnectionRefusedError PermissionError b'hello'\n", self.python("""
            import socket, sys
            one = socket.socket()
            for port in map(int, sys.argv[2:4]):
                try:
                    one.connect((sys.argv[1], port))
                except OSError as error:
                    print(type(error).__name__, end=" ")
            one.connect((sys.argv[1], int(sys.argv[4])))
            one.sendall(b"hello")
            print(one.recv(5))
            """, HERE, CLOSED, FORBIDDEN, PORT))

    def test_non_blocking_sockets_with_epoll(self):
        self.at(HERE, PORT)
        self.assertEqual("50\n", self.python("""
            import asyncio, sys
            async def talk(i):
                reader, writer = await asyncio.open_connection(sys.argv[1], int(sys.argv[2]))
                writer.write(b"%d" % i); writer.write_eof()
                answer = await reader.read()
                writer.close()
                return int(answer) == i
            async def main():
                return sum(await asyncio.gather(*map(talk, range(50))))
            print(asyncio.run(main()))
            """, HERE, PORT))

    def test_children_and_threads(self):
        self.at(HERE, PORT)
        self.assertEqual("ok " * 28, self.python("""
            import os, socket, subprocess, sys, threading
            def talk():
                one = socket.create_connection((sys.argv[1], int(sys.argv[2])))
                one.sendall(b"ok "); one.shutdown(socket.SHUT_WR)
                os.write(1, one.recv(10))
            threads = [threading.Thread(target=talk) for _ in range(20)]
            [t.start() for t in threads]; [t.join() for t in threads]
            for _ in range(4):
                if os.fork() == 0:
                    talk(); os._exit(0)
            for _ in range(4): os.wait()
            program = "import os, socket, sys; one = socket.create_connection((sys.argv[1], int(sys.argv[2]))); one.sendall(b'ok '); os.write(1, one.recv(10))"
            for _ in range(4): subprocess.run([sys.executable, "-c", program, *sys.argv[1:]], check=True)
            """, HERE, PORT))

    MULTIPATH = """
        import errno, os, select, socket, sys
        there, closed = (sys.argv[1], int(sys.argv[2])), (sys.argv[1], int(sys.argv[3]))

        def plain(one):
            one.connect(there)
            return one

        def bound(one):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", int(sys.argv[4])))
            one.connect(there)
            assert one.getsockname() == ("127.0.0.1", int(sys.argv[4])), one.getsockname()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")  # so that the port is free at once
            return one

        def duplicated(one):
            other = socket.socket(fileno=os.dup(one.fileno()))
            other.settimeout(10)
            one.connect(there)
            one.close()
            return other

        def non_blocking(one):
            one.setblocking(False)
            edges = select.epoll()
            edges.register(one, select.EPOLLOUT | select.EPOLLET)
            edges.poll(0)
            one.connect_ex(there)
            assert [fd for fd, _ in edges.poll(10)] == [one.fileno()]
            one.settimeout(10)
            return one

        def with_data(one):
            try: one.sendto(b"", socket.MSG_FASTOPEN, there)
            except BlockingIOError: assert select.select([], [one], [], 10)[1]
            return one

        for how in (plain, bound, duplicated, non_blocking, with_data):
            try: one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
            except OSError: print(how.__name__, "no such protocol"); continue
            one.settimeout(10)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one = how(one)
            one.send(b"hello")
            print(how.__name__, one.recv(9), one.getpeername() == there, one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0)
            one.close()
            one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
            print(errno.errorcode[one.connect_ex(closed)])
    """

    def test_what_is_for_multipath_tcp_goes_on_by_tcp(self):
        peers = []
        self.at(HERE, PORT, lambda connection: (peers.append(connection.getpeername()[0]), apps.echo(connection)))
        words = (HERE, PORT, CLOSED, OWN)
        direct = subprocess.run([sys.executable, "-c", textwrap.dedent(self.MULTIPATH), *map(str, words)], capture_output=True, text=True, timeout=60)
        self.assertEqual("", direct.stderr)
        peers.clear()
        self.assertEqual(direct.stdout, self.python(self.MULTIPATH, *words))
        self.assertLessEqual(set(peers), {"127.2.3.1"}, "the called gateway alone dials")

    def test_datagrams_connected_and_not(self):
        server = apps.UdpServer(lambda data, sender, own: own.sendto(data[::-1], sender), (HERE, DNS))
        self.servers.append(server)
        self.assertEqual(f"b'cba' ('{HERE}', {DNS})\nb'fed' ('{HERE}', {DNS})\nb'ihg' True\n", self.python("""
            import socket, sys
            there = (sys.argv[1], int(sys.argv[2]))
            one = socket.socket(type=socket.SOCK_DGRAM)
            one.settimeout(20)
            one.sendto(b"abc", there); print(*one.recvfrom(100))
            one.sendmsg([b"d", b"ef"], [], 0, there)
            data, _, _, sender = one.recvmsg(100); print(data, sender)
            two = socket.socket(type=socket.SOCK_DGRAM)
            two.settimeout(20)
            two.connect(there)
            two.send(b"ghi"); print(two.recv(100), two.getpeername() == there)
            """, HERE, DNS))
        self.assertIn(("socks", "udp", f"{HERE}:{DNS}"), self.went_through())
        wait_until(lambda: not self.streams("Server1"), "the ports end with their application")

    def test_a_gateway_that_is_not_there(self):
        self.assertEqual("ENETUNREACH\n", self.python("""
            import errno, socket, sys
            try: socket.create_connection((sys.argv[1], 80))
            except OSError as error: print(errno.errorcode[error.errno])
            """, HERE, gateway=f"127.2.1.1:{CLOSED}"))

    def test_a_static_program_is_refused(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        source, program = Path(folder.name, "static.c"), Path(folder.name, "static")
        source.write_text("int main(void) { return 0; }\n")
        if subprocess.run(["cc", "-static", source, "-o", program], capture_output=True).returncode != 0:
            self.skipTest("no static C library")
        script = Path(folder.name, "script")
        script.write_text(f"#!{program}\n")
        script.chmod(0o755)
        for command in (program, script):
            done = self.wrapped(command)
            self.assertEqual(cli.USAGE, done.returncode)
            self.assertIn("linked statically", done.stderr)
        self.assertEqual(cli.USAGE, self.wrapped("no-such-program").returncode)
        self.assertEqual(cli.USAGE, self.wrapped("true", only=("example",)).returncode)

    def test_the_exit_code_is_the_programs(self):
        self.assertEqual(7, self.wrapped("sh", "-c", "exit 7").returncode)

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl(self):
        body = os.urandom(100_000).hex()

        def http(connection):
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body.encode()))

        self.at(HERE, PORT, http)
        done = self.wrapped("curl", "-s", "--noproxy", "*", "--max-time", "20", f"http://{HERE}:{PORT}/")
        self.assertEqual((0, body), (done.returncode, done.stdout), done.stderr)
