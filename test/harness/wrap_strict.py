"""`hublink wrap --strict`: every program, static ones too, in a network namespace with the gateway as the only way out; as root, and as an
ordinary user by user namespaces. A packet socket sees to it that nothing goes out directly."""
import os
import pty
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest
from pathlib import Path

from hublink_harness import apps, cli, programs
from hublink_harness.apps import wait_until

from gateway_wrap import CLOSED, DNS, FORBIDDEN, HERE, PORT, Wrapped, ports, wrap_network

GATEWAY = "127.2.3.1"  # of the called side: from there it dials
DIRECT = ports.take()
ETH_P_IP = 0x0800
PYTHON = shutil.which("python3", path="/usr/bin") or sys.executable  # that every user can run


class Watch:
    """Who sends TCP and UDP to HERE in this namespace."""

    def __init__(self):
        self.senders = set()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self._socket.settimeout(0.05)
        self._over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        here = socket.inet_aton(HERE)
        while not self._over:
            try:
                packet = self._socket.recv(64)
            except TimeoutError:
                continue
            to = struct.unpack("!H", packet[(packet[0] & 15) * 4 + 2:][:2])[0] if packet[9] in (socket.IPPROTO_TCP, socket.IPPROTO_UDP) else 0
            if packet[16:20] == here and to in (PORT, CLOSED, FORBIDDEN, DNS, DIRECT):
                self.senders.add(socket.inet_ntoa(packet[12:16]))

    def close(self):
        self._over = True
        self._thread.join()
        self._socket.close()


@unittest.skipUnless(os.getuid() == 0, "a packet socket needs root")
class Strict(Wrapped):
    topology = wrap_network([f"{HERE}:{PORT}", f"{HERE}:{CLOSED}", f"{HERE}:{DNS}", f"127.0.0.1:{PORT}"])
    as_user = ()
    directly = ()  # from where a test expects something directly

    @classmethod
    def prepare(cls, net):
        folder = tempfile.TemporaryDirectory(prefix="hublink-strict.", dir="/dev/shm")  # where files may have capabilities
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.folder.chmod(0o755)
        cls.hublink = cls.folder / "hublink"  # where every user can run it
        shutil.copy(cli.executable(), cls.hublink)
        cls.hublink.chmod(0o755)
        tried = subprocess.run([*map(str, cls.as_user), cls.hublink, "wrap", "--gateway", "127.0.0.1:9", "--strict", "true"], capture_output=True, text=True)
        if tried.returncode != 0:
            raise unittest.SkipTest(tried.stderr.strip())

    def setUp(self):
        super().setUp()
        self.seen = []

        def serve(connection):
            self.seen.append(connection.getpeername()[0])
            apps.say_and_close(connection, b"served")

        self.serve_one = serve
        self.servers.append(apps.TcpServer(serve, (HERE, PORT)))
        self.watch = Watch()
        self.addCleanup(self.expect_nothing_direct)

    def expect_nothing_direct(self):
        self.watch.close()
        self.assertLessEqual(self.watch.senders, {GATEWAY, *self.directly})

    def line(self, *command, options=(), only=(f"{HERE}/32",), gateway=None, user=None):
        only = [word for pattern in only for word in ("--only", pattern)]
        return [str(word) for word in (*(self.as_user if user is None else user), self.hublink, "wrap", "--strict", "--gateway", gateway or self.door(), *only, *options, "--", *command)]

    def run_it(self, *command, env=None, **options):
        return subprocess.run(self.line(*command, **options), capture_output=True, text=True, timeout=30, env=env)

    def expect_served(self, done):
        self.assertEqual((0, "served"), (done.returncode, done.stdout), f"{done.args}: {done.stderr}")
        self.assertEqual([GATEWAY], self.seen)
        self.seen.clear()
        wait_until(lambda: GATEWAY in self.watch.senders, "the packet socket sees who sends there")

    def python(self, script, *words, **options):
        done = self.run_it(PYTHON, "-c", textwrap.dedent(script), *words, **options)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    # -- programs ------------------------------------------------------------------------------------------------

    def test_programs_that_take_no_library(self):
        for name, options in (("static", ("-static",)), ("static-pie", ("-static-pie",)), ("asan", ("-fsanitize=address",))):
            with self.subTest(name):
                self.expect_served(self.run_it(programs.build(self.folder, "dial", *options, name=name), HERE, PORT))

    def test_a_program_of_musl(self):
        self.expect_served(self.run_it(programs.build(self.folder, "dial", "-static", name="musl", compiler="musl-gcc"), HERE, PORT))

    def test_a_program_with_its_own_system_calls(self):
        self.expect_served(self.run_it(programs.build(self.folder, "raw_dial", "-DRAW", "-static", name="raw"), HERE, PORT))

    @unittest.skipUnless(shutil.which("go"), "a large package for one test: golang-go")
    def test_a_go_program(self):
        source = self.folder / "dial.go"
        source.write_text('package main\nimport ("fmt"; "io"; "net"; "os")\nfunc main() { c, err := net.Dial("tcp", os.Args[1]+":"+os.Args[2]); '
                          'if err != nil { fmt.Println(err); os.Exit(1) }; b, _ := io.ReadAll(c); fmt.Print(string(b)) }\n')
        env = {**os.environ, "CGO_ENABLED": "0", "GOCACHE": str(self.folder / "go-cache"), "GOPATH": str(self.folder / "go"), "GO111MODULE": "off"}
        subprocess.run(["go", "build", "-o", self.folder / "go-dial", source], check=True, env=env, capture_output=True)
        self.expect_served(self.run_it(self.folder / "go-dial", HERE, PORT))

    def test_programs_with_file_capabilities(self):
        lines = [(programs.build(self.folder, "dial", name="capable"), HERE, PORT)]
        if curl := shutil.which("curl"):
            lines.append((shutil.copy(curl, self.folder / "capable-curl"), "-sS", "--http0.9", "--noproxy", "*", f"http://{HERE}:{PORT}/"))
        setcap = shutil.which("setcap", path=os.environ["PATH"] + ":/usr/sbin")
        for line in lines:
            if not setcap or subprocess.run([setcap, "cap_net_bind_service+ep", line[0]], capture_output=True).returncode != 0:
                self.skipTest("no setcap, or a file system without capabilities")
            with self.subTest(line[0]):
                self.expect_served(self.run_it(*line))

    def test_a_cleared_environment(self):
        dial = programs.build(self.folder, "dial", "-static", name="static")
        self.expect_served(self.run_it("env", "-i", "/bin/sh", "-c", f"{dial} {HERE} {PORT}"))

    def test_php_curl(self):
        if not shutil.which("php"):
            self.skipTest("php is not installed")
        script = f"$c = curl_init('http://{HERE}:{PORT}/'); curl_setopt_array($c, [CURLOPT_HTTP09_ALLOWED => true, CURLOPT_PROXY => '']); curl_exec($c);"
        self.expect_served(self.run_it("php", "-r", script))

    # -- what connect and send say -------------------------------------------------------------------------------

    def test_connect_says_what_the_destination_says(self):
        started = time.monotonic()
        self.assertEqual("ECONNREFUSED\nEHOSTUNREACH\nEHOSTUNREACH\nECONNREFUSED\n", self.python("""
            import asyncio, errno, socket, sys
            here, closed, forbidden = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
            for to in ((here, closed), (here, forbidden), ("10.99.99.99", 80)):
                print(errno.errorcode[socket.socket().connect_ex(to)])
            async def later():
                try: await asyncio.open_connection(here, closed)
                except OSError as error: print(errno.errorcode[error.errno])
            asyncio.run(later())
            """, HERE, CLOSED, FORBIDDEN))
        self.assertLess(time.monotonic() - started, 5)

    def test_a_gateway_that_is_not_there(self):
        script = "import errno, socket, sys; print(errno.errorcode[socket.socket().connect_ex((sys.argv[1], 80))])"
        self.assertEqual("ENETUNREACH\n", self.python(script, HERE, gateway=f"127.2.1.1:{CLOSED}"))

    def test_all_but_the_nearest_is_taken_without_rules(self):
        script = """
            import errno, socket
            own = socket.create_server(("127.0.0.1", 0))
            socket.create_connection(own.getsockname()).sendall(b"inside")
            print(own.accept()[0].recv(10))
            print(errno.errorcode[socket.socket().connect_ex(("10.99.99.99", 80))])
        """
        self.assertEqual("b'inside'\nEHOSTUNREACH\n", self.python(script, only=()))
        self.assertEqual("b'inside'\nENETUNREACH\n", self.python(script, only=(), gateway=f"127.2.1.1:{CLOSED}"))

    def test_a_connection_each_way_with_a_half_close(self):
        self.servers.append(apps.TcpServer(lambda c: c.sendall(apps.read_all(c)[::-1]), (HERE, DIRECT)))
        self.directly = ("127.0.0.1",)
        self.assertEqual(f"3000000 True ('{HERE}', {DIRECT})\n", self.python("""
            import os, socket, sys
            one = socket.create_connection((sys.argv[1], int(sys.argv[2])))
            data, peer = os.urandom(3_000_000), one.getpeername()
            one.sendall(data); one.shutdown(socket.SHUT_WR)
            got = b""
            while part := one.recv(1 << 16): got += part
            print(len(got), got == data[::-1], peer)
            """, HERE, DIRECT, options=("--direct", f"{HERE}:{DIRECT}")))

    def test_many_connections_at_once(self):
        self.assertEqual("200\n", self.python("""
            import asyncio, sys
            async def talk():
                reader, writer = await asyncio.open_connection(sys.argv[1], int(sys.argv[2]))
                got = await reader.read(); writer.close()
                return got == b"served"
            async def main(): return sum(await asyncio.gather(*(talk() for _ in range(200))))
            print(asyncio.run(main()))
            """, HERE, PORT))
        self.assertEqual({GATEWAY}, set(self.seen))

    def test_datagrams(self):
        self.servers.append(apps.UdpServer(lambda data, sender, own: own.sendto(data[::-1], sender), (HERE, DNS)))
        self.assertEqual(f"b'cba' ('{HERE}', {DNS})\nb'fed'\n", self.python("""
            import socket, sys
            there = (sys.argv[1], int(sys.argv[2]))
            one = socket.socket(type=socket.SOCK_DGRAM); one.settimeout(20)
            one.sendto(b"abc", there); print(*one.recvfrom(100))
            two = socket.socket(type=socket.SOCK_DGRAM); two.settimeout(20)
            two.connect(there); two.send(b"def"); print(two.recv(100))
            """, HERE, DNS))

    def test_datagrams_that_are_refused(self):
        # `--only` has them not, IPv4 and IPv6; a stand-in; and one that the gateway was to take.
        script = """
            import errno, socket, sys
            for to in sys.argv[1:]:
                one = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM)
                one.settimeout(20); one.connect((to, 53)); one.send(b"x")
                try: print(one.recv(10))
                except OSError as error: print(errno.errorcode.get(error.errno, error))
        """
        self.assertEqual("ECONNREFUSED\n" * 3, self.python(script, "10.99.99.99", "2001:db8::7", "198.18.0.1"))
        self.assertEqual("ECONNREFUSED\n", self.python(script, HERE, gateway=f"127.2.1.1:{CLOSED}"))

    def test_datagrams_that_find_nobody_or_may_not_go_there(self):
        script = """
            import errno, socket, sys
            for port in map(int, sys.argv[2:]):
                one = socket.socket(type=socket.SOCK_DGRAM)
                one.settimeout(20); one.connect((sys.argv[1], port))
                for _ in range(3):
                    one.send(b"x")
                    try: print(one.recv(10))
                    except OSError as error: print(errno.errorcode.get(error.errno, error))
        """
        self.assertEqual("ECONNREFUSED\n" * 6, self.python(script, HERE, CLOSED, FORBIDDEN))

    # -- names ---------------------------------------------------------------------------------------------------

    ASK = """
        import errno, socket, struct, sys
        server = next((l.split()[1] for l in open("/etc/resolv.conf") if l.startswith("nameserver")), "127.0.0.1")
        def ask(name, kind=1, stream=False):
            words = struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\\0" + struct.pack("!2H", kind, 1)
            one = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
            one.settimeout(20); one.connect((server, 53))
            one.sendall(struct.pack("!H", len(words)) * stream + words)
            got = one.recv(500)[2 * stream:]
            return got[3] & 15, got[len(words) + 12:]
    """

    def test_names_are_looked_up_at_the_called_side(self):
        self.servers.append(apps.TcpServer(self.serve_one, ("127.0.0.1", PORT)))
        self.assertEqual("0 198.18.0.1 b'served' True\n0 b''\n0 b'\\tlocalhost\\x00'\n5\nEHOSTUNREACH\n", self.python(self.ASK + """
        code, address = ask("localhost")
        one = socket.create_connection((socket.inet_ntoa(address), int(sys.argv[1])))
        print(code, socket.inet_ntoa(address), one.recv(100), ask("LOCALHOST", stream=True) == (code, address))
        print(*ask("localhost", 28))
        print(*ask("1.0.18.198.in-addr.arpa", 12))
        print(ask("elsewhere.example")[0])
        print(errno.errorcode[socket.socket().connect_ex((socket.inet_ntoa(ask("nobody.invalid")[1]), int(sys.argv[1])))])
        """, PORT, options=("--names", "localhost", "--names", "*.invalid")))
        self.assertEqual([GATEWAY], self.seen)

    def test_without_names_all_are_taken(self):
        self.assertEqual("0 0\n", self.python(self.ASK + """
        print(ask("a.example")[0], ask("single")[0])
        """, PORT))

    # -- the program is what it is without hublink ---------------------------------------------------------------

    def test_the_exit_code_and_the_ids_are_the_programs(self):
        self.assertEqual(7, self.run_it("sh", "-c", "exit 7").returncode)
        outside = subprocess.run([*self.as_user, "sh", "-c", "id -u; id -g"], capture_output=True, text=True).stdout
        self.assertEqual(outside, self.run_it("sh", "-c", "id -u; id -g").stdout)
        self.assertEqual("", self.run_it("sh", "-c", "env | grep -E 'HUBLINK_WRAP|LD_PRELOAD'").stdout)
        self.assertEqual("", self.run_it("sh", "-c", "yes | head -n 1 > /dev/null").stderr)  # SIGPIPE as usual

    def test_signals_and_the_process(self):
        with subprocess.Popen(self.line("sh", "-c", "echo $$; exec sleep 100"), stdout=subprocess.PIPE, text=True) as program:
            self.assertEqual(str(program.pid), program.stdout.readline().strip())
            program.send_signal(signal.SIGTERM)
            self.assertEqual(-signal.SIGTERM, program.wait(20))
        with subprocess.Popen(self.line("sh", "-c", "echo to; exec sleep 100"), stdout=subprocess.PIPE, text=True) as program:
            program.stdout.readline()
            program.kill()
            self.assertEqual("", program.stdout.read())  # nobody else holds it open
            self.assertEqual(-signal.SIGKILL, program.wait(20))

    def test_the_terminal_is_the_programs(self):
        pid, terminal = pty.fork()
        if pid == 0:
            words = self.line("sh", "-c", "stty -echo; tty; exec cat")
            os.execvp(words[0], words)
        said = b""
        while b"/dev/pts/" not in said:
            said += os.read(terminal, 1000)
        os.write(terminal, b"ready\n")
        while b"ready" not in said:  # by the last program
            said += os.read(terminal, 1000)
        os.write(terminal, b"\x03")
        _, status = os.waitpid(pid, 0)
        self.assertTrue(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, status)
        os.close(terminal)

    def test_no_child_that_the_program_does_not_know(self):
        script = "import os\ntry: print(os.waitpid(-1, os.WNOHANG))\nexcept ChildProcessError: print('none')"
        self.assertEqual("none\n", self.python(script))

    def carriers(self, mark):
        """The processes outside that carry for a command line with that word."""
        found = []
        for process in Path("/proc").iterdir():
            try:
                if (process / "comm").read_text() == "hublink-strict\n" and mark in (process / "cmdline").read_text().split("\0"):
                    found.append(process.name)
            except OSError:
                continue
        return found

    def test_children_that_outlive_the_program(self):
        dial, go = programs.build(self.folder, "dial", "-static", name="static"), self.folder / "go-on"
        go.unlink(missing_ok=True)
        mark = f"mark{time.monotonic_ns()}"
        done = self.run_it("sh", "-c", f"(while [ ! -e {go} ]; do sleep 0.05; done; {dial} {HERE} {PORT}) >/dev/null 2>&1 &", mark)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertEqual(1, len(self.carriers(mark)))
        go.touch()
        wait_until(lambda: self.seen == [GATEWAY], "the child is served")
        wait_until(lambda: not self.carriers(mark), "the carrier ends with the last one inside")

    def test_the_password_of_a_user_file(self):
        user_file = self.folder / "user.txt"
        user_file.write_text("anna:geheim\n")
        self.addCleanup(user_file.unlink)
        user_file.chmod(0o644)
        done = self.run_it("sh", "-c", "cat /proc/self/environ", options=("--user-file", user_file))
        self.assertEqual((0, False), (done.returncode, "geheim" in done.stdout), done.stderr)

    def test_bad_input_is_refused(self):
        for options in (("--only", "nonsense"), ("--names", "10.2.0.7"), ("--direct", "x")):
            done = self.run_it("true", options=options)
            self.assertEqual((cli.USAGE, 1), (done.returncode, len(done.stderr.splitlines())), done.stderr)
        self.assertEqual(cli.USAGE, self.run_it("no-such-program").returncode)


def in_a_chroot():
    """The kernel makes no user namespace there, not for root either, whatever their limit is (user_namespaces(7))."""
    allowed = int(Path("/proc/sys/user/max_user_namespaces").read_text()) > 0
    return allowed and os.getuid() == 0 and subprocess.run(["unshare", "-U", "true"], capture_output=True).returncode != 0


@unittest.skipIf(in_a_chroot(), "a chroot has no user namespaces")
class StrictAsUser(Strict):
    """By user namespaces."""

    as_user = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@unittest.skipUnless(os.getuid() == 0, "needs root")
@unittest.skipIf(in_a_chroot(), "a chroot has no user namespaces")
class WhereItMayNotRun(unittest.TestCase):
    def refused(self, *prefix):
        done = subprocess.run([*prefix, cli.executable(), "wrap", "--strict", "--gateway", "127.0.0.1:9", "true"], capture_output=True, text=True, timeout=30)
        self.assertEqual((cli.USAGE, 1), (done.returncode, len(done.stderr.splitlines())), done.stderr)
        return done.stderr

    def test_another_way_out_is_named_for_what_is_refused(self):
        folder = tempfile.TemporaryDirectory(prefix="hublink-strict.")
        self.addCleanup(folder.cleanup)
        Path(folder.name).chmod(0o755)
        static = programs.build(folder.name, "dial", "-static", name="static")
        done = subprocess.run(["unshare", "-Ur", "sh", "-c", 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all "$@"', "sh",
                               cli.executable(), "wrap", "--gateway", "127.0.0.1:9", static], capture_output=True, text=True, timeout=30)
        self.assertEqual((cli.USAGE, 1), (done.returncode, len(done.stderr.splitlines())), done.stderr)
        self.assertIn("let it use SOCKS, or see to it that hublink wrap --strict may run", done.stderr)

    def test_no_network_namespaces(self):
        self.assertIn("no network namespace can be made here", self.refused("unshare", "-Ur", "sh", "-c", 'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"', "sh"))

    def test_no_user_namespaces(self):
        said = self.refused("unshare", "-Ur", "sh", "-c", 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all "$@"', "sh")
        self.assertIn("start it as root, or allow user namespaces", said)
