"""`hublink wrap` under programs with an event loop: a non-blocking `connect` waits for nobody, the kernel reports the answer."""
import os
import signal
import socket
import subprocess
import sys
import textwrap

from hublink_harness import apps, cli
from hublink_harness.apps import wait_until
from hublink_harness.network import die_with_parent

from gateway_wrap import HERE, Wrapped, wrap_network
from gateways import ports

PORT, CLOSED, FORBIDDEN, BUSY = (ports.take() for _ in range(4))

PRELUDE = """
import errno, fcntl, os, select, socket, struct, sys
there = (sys.argv[1], int(sys.argv[2]))

def fresh(family=socket.AF_INET):
    one = socket.socket(family)
    one.setblocking(False)
    return one

def name(number):
    return errno.errorcode.get(number, number)

def begin(one, to=there):
    result = one.connect_ex(to)
    assert result == errno.EINPROGRESS, name(result)

def ask(one, what, *words):
    try:
        return getattr(one, what)(*words)
    except OSError as error:
        return name(error.errno)

def error_of(one):
    return name(one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

def wait(one, patience=20):
    poll = select.poll()
    poll.register(one, select.POLLOUT)
    assert poll.poll(patience * 1000), "no answer"

def outcome(one, to=there, how=error_of):
    # As of the system's own `connect`, an answer that comes at once is its result.
    result = one.connect_ex(to)
    if result != errno.EINPROGRESS:
        return name(result)
    wait(one)
    return how(one)

def linger(one):
    return struct.unpack("ii", one.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))

def echoed(one, content):
    got = bytearray()
    poll = select.poll()
    poll.register(one, select.POLLIN | select.POLLOUT)
    at, ended = 0, False
    while True:
        event = poll.poll(20_000)[0][1]
        if event & select.POLLOUT and at < len(content):
            at += one.send(content[at:at + 100_000])
        elif at == len(content) and not ended:
            ended = True
            one.shutdown(socket.SHUT_WR)
            poll.modify(one, select.POLLIN)
        if event & select.POLLIN:
            part = one.recv(1 << 17)
            if not part:
                return bytes(got) == content
            got += part
"""


class BusyServer:
    """Its queue of connections is full, so whoever connects hears nothing until `answer()`."""

    def __init__(self, address):
        self.listener = socket.create_server(address, backlog=0)
        self.fillers = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(address)
            self.fillers.append(one)

    def answer(self):
        """The connections that come from elsewhere; the first of them."""
        own = {one.getsockname() for one in self.fillers}
        self.listener.settimeout(apps.DEADLINE)
        while True:
            connection, peer = self.listener.accept()
            if peer not in own:
                connection.settimeout(apps.DEADLINE)
                return connection
            connection.close()

    def close(self):
        for one in (*self.fillers, self.listener):
            one.close()


class Loops(Wrapped):
    topology = wrap_network([f"{HERE}:{PORT}", f"{HERE}:{CLOSED}", f"{HERE}:{BUSY}", f"[::1]:{PORT}"])
    topology["nodes"]["Server3"]["proxy"]["connect_s"] = 5

    def loop(self, script, *words, **options):
        return self.python(PRELUDE + textwrap.dedent(script), *words, **options)

    def begin(self, script, *words):
        """The same in the background, with pipes."""
        program = subprocess.Popen([cli.executable(), "wrap", "--gateway", self.door(), "--only", f"{HERE}/32", "--", sys.executable, "-c",
                                    PRELUDE + textwrap.dedent(script), *map(str, words)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        self.addCleanup(lambda: (program.kill(), program.communicate()))
        return program

    def busy(self):
        server = BusyServer((HERE, BUSY))
        self.servers.append(server)
        return server

    def test_the_loop_goes_on_while_the_destination_is_silent(self):
        self.busy()
        self.assertEqual("0 EALREADY ENOTCONN EAGAIN EAGAIN True ETIMEDOUT 0\n", self.loop("""
            one = fresh()
            begin(one)
            seen = [error_of(one), name(one.connect_ex(there)), ask(one, "getpeername"), ask(one, "send", b"x"), ask(one, "recv", 1)]
            poll = select.poll()
            poll.register(one, select.POLLIN | select.POLLOUT | select.POLLPRI)
            turns = 0
            while not poll.poll(20): turns += 1
            print(*seen, turns > 20, error_of(one), error_of(one))
            """, HERE, BUSY))

    def test_a_refusal_is_the_sockets_error_and_the_socket_can_be_used_again(self):
        self.at(HERE, PORT)
        self.assertEqual("ECONNREFUSED ECONNABORTED EACCES ECONNABORTED " * 50 + "ECONNREFUSED EACCES " * 50 + "ENOTCONN True\n", self.loop("""
            one = fresh()
            ports = [int(port) for port in sys.argv[3:5]]
            for _ in range(50):
                for port in ports:
                    print(outcome(one, (there[0], port)), end=" ")
                    print(name(one.connect_ex(there)), end=" ")  # as directly, once SO_ERROR was asked for
            for _ in range(50):
                for port in ports:
                    print(outcome(one, (there[0], port), lambda one: name(one.connect_ex(there))), end=" ")
            print(ask(one, "getpeername"), end=" ")
            print(outcome(one) == 0 and echoed(one, b"after all"))
            """, HERE, PORT, CLOSED, FORBIDDEN))

    def test_a_refusal_is_nothing_that_can_be_read(self):
        self.busy()
        self.assertEqual("ECONNRESET b''\n", self.loop("""
            one = fresh()
            begin(one); wait(one)
            print(ask(one, "recv", 100), ask(one, "recv", 100))
            """, HERE, BUSY))

    def test_bytes_are_unchanged(self):
        for ip in (HERE, "::1"):
            self.at(ip, PORT)
            self.assertEqual(f"0 ('{ip}', {PORT}) 0 0 EISCONN True\n" * 2, self.loop("""
                family = socket.AF_INET6 if ":" in there[0] else socket.AF_INET
                def by_fcntl():
                    one = socket.socket(family)
                    fcntl.fcntl(one, fcntl.F_SETFL, os.O_NONBLOCK)
                    return one
                for make in (by_fcntl, lambda: socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)):
                    one = make()
                    begin(one); wait(one)
                    print(error_of(one), one.getpeername()[:2], error_of(one), name(one.connect_ex(there)), name(one.connect_ex(there)), echoed(one, os.urandom(3_000_000)))
                """, ip, PORT))

    def test_what_the_server_says_first_comes_first(self):
        def greet(connection):
            connection.sendall(b"220 welcome\r\n")
            apps.echo(connection)

        self.at(HERE, PORT, greet)
        self.assertEqual("b'220 welcome\\r\\n'\n" * 50, self.loop("""
            for _ in range(50):
                one = fresh()
                begin(one)
                poll = select.poll()
                poll.register(one, select.POLLIN)
                poll.poll(20_000)
                print(one.recv(100))
            """, HERE, PORT))

    def test_the_first_words_are_not_held_back(self):
        self.at(HERE, PORT)
        self.assertEqual("True\n", self.loop("""
            import time
            took = []
            for _ in range(20):
                one = fresh()
                begin(one); wait(one)
                begun = time.monotonic()
                one.send(b"x")
                select.select([one], [], [])
                took.append(time.monotonic() - begun)
            print(min(took) < 0.03 or took)  # an acknowledgement that is waited for takes 0.04 s
            """, HERE, PORT))

    def test_who_never_asks_loses_nothing(self):
        got = []
        self.at(HERE, PORT, lambda connection: got.append(len(apps.read_all(connection))))
        for end in ("one.close()", "os._exit(0)"):
            self.assertEqual("", self.loop(f"""
                one = fresh()
                one.connect_ex(there); wait(one)
                left = 3_000_000
                while left:
                    wait(one)
                    left -= one.send(bytes(left))
                {end}
                """, HERE, PORT))
        wait_until(lambda: len(got) == 2, "both came to their end")
        self.assertEqual([3_000_000] * 2, got)

    def test_edges_are_reported_to_who_looked_before(self):
        self.at(HERE, PORT)
        self.assertEqual("0\n" * 20, self.loop("""
            for _ in range(20):
                one = fresh()
                edges = select.epoll()
                edges.register(one, select.EPOLLOUT | select.EPOLLET)
                edges.poll(0)
                begin(one)
                assert edges.poll(20), "no edge"
                print(error_of(one))
            """, HERE, PORT))

    def test_the_sockets_options_are_as_they_were(self):
        self.at(HERE, PORT)
        self.assertEqual("0 5000 (1, 3) True\n0 0 (1, 0) True\nECONNREFUSED 5000 (0, 0)\n", self.loop("""
            LOW_WATER = 25
            def begun(low_water, at_close, port):
                one = fresh()
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", *at_close))
                one.setsockopt(socket.IPPROTO_TCP, LOW_WATER, low_water)
                return outcome(one, (there[0], port)), one.getsockopt(socket.IPPROTO_TCP, LOW_WATER), linger(one), one
            for low_water, at_close in ((5000, (1, 3)), (0, (1, 0))):
                *seen, one = begun(low_water, at_close, there[1])
                print(*seen, echoed(one, b"x" * 300_000))
            print(*begun(5000, (0, 0), int(sys.argv[3]))[:3])
            """, HERE, PORT, CLOSED))

    def test_a_send_buffer_without_room_for_the_padding(self):
        self.at(HERE, PORT)
        self.assertEqual("0 True 8192\nECONNREFUSED\n", self.loop("""
            one = fresh()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            begin(one); wait(one)
            print(error_of(one), echoed(one, os.urandom(300_000)), one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF))
            one = fresh()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            print(outcome(one, (there[0], int(sys.argv[3]))))
            """, HERE, PORT, CLOSED))

    def test_data_with_the_connection_waits_for_it(self):
        self.at(HERE, PORT)
        self.assertEqual("EINPROGRESS 0 True\n", self.loop("""
            one = fresh()
            print(ask(one, "sendto", b"early", socket.MSG_FASTOPEN, there), end=" ")
            wait(one)
            print(error_of(one), echoed(one, b"hello"))
            """, HERE, PORT))

    def test_a_thousand_at_once(self):
        self.at(HERE, PORT)
        self.assertEqual("1000\n", self.python("""
            import asyncio, sys
            ready = 0
            async def talk(i, all_connected):
                global ready
                reader, writer = await asyncio.open_connection(sys.argv[1], int(sys.argv[2]))
                ready += 1
                if ready == 1000: all_connected.set()
                await all_connected.wait()
                writer.write(b"%d" % i); writer.write_eof()
                answer = await reader.read()
                writer.close()
                return int(answer) == i
            async def main():
                all_connected = asyncio.Event()
                return sum(await asyncio.gather(*(talk(i, all_connected) for i in range(1000))))
            print(asyncio.run(main()))
            """, HERE, PORT, deadline=60))

    def opening(self):
        """The number of the stream to BUSY that is not answered yet."""
        return wait_until(lambda: [s["number"] for s in self.streams("Server1") if s["to"] == f"{HERE}:{BUSY}"], "the stream is listed")[0]

    def end_of(self, number):
        one = wait_until(lambda: [s for s in self.streams("Server1", "--closed") if s["number"] == number], "the stream ended")[0]
        return one["result"], one["reason"]

    def test_given_up_before_the_answer(self):
        self.busy()
        program = self.begin("one = fresh(); begin(one); input(); one.close(); input()", HERE, BUSY)
        stream = self.opening()
        program.stdin.write("\n")
        program.stdin.flush()
        self.assertEqual(("reset", "by the application"), self.end_of(stream))

    def test_killed_before_the_answer(self):
        self.busy()
        program = self.begin("one = fresh(); begin(one); input()", HERE, BUSY)
        stream = self.opening()
        program.send_signal(signal.SIGKILL)
        self.assertEqual("refused", self.end_of(stream)[0])

    def test_others_that_have_the_same_socket(self):
        server = self.busy()
        program = self.begin("""
            one = fresh()
            begin(one)
            os.close(os.dup(one.fileno()))
            if os.fork() == 0:
                one.close(); os._exit(0)
            os.wait()
            child = os.fork()
            if child == 0:
                wait(one)
                print(error_of(one), one.getpeername() == there, linger(one), flush=True)
                os._exit(0)
            os.waitpid(child, 0)
            wait(one)
            print(error_of(one), one.getpeername() == there, linger(one), flush=True)
            one.send(b"whole"); one.close()
            """, HERE, BUSY)
        self.opening()
        with server.answer() as connection:
            self.assertEqual("0 True (0, 0)\n" * 2, program.stdout.readline() + program.stdout.readline())
            self.assertEqual(b"whole", apps.read_all(connection))
