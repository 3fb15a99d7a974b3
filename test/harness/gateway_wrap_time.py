"""A program's time is its own under `hublink wrap`: deadlines, signals, gateways that are silent or accept late, many threads."""
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

from hublink_harness import apps, cli
from hublink_harness.network import die_with_parent
from hublink_harness.scripted_gateway import ScriptedGateway

from gateway_wrap import HERE, Wrapped, wrap_network
from gateway_wrap_loops import PRELUDE, BusyServer
from gateways import ports

PORT, BUSY = (ports.take() for _ in range(2))

# What each says, and after how many tenths of a second.
DEADLINES = PRELUDE + """
import ctypes, signal, threading, time
libc = ctypes.CDLL(None, use_errno=True)

def system_connect(one):
    where = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(there[1]), socket.inet_aton(there[0]))
    return name(ctypes.get_errno()) if libc.connect(one.fileno(), where, len(where)) else 0

def limit(one, seconds):
    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000)))

def sndtimeo(one):
    limit(one, 0.4)
    return system_connect(one), system_connect(one), error_of(one), ask(one, "getpeername")

def interrupted(one):
    signal.siginterrupt(signal.SIGALRM, True)
    signal.setitimer(signal.ITIMER_REAL, 0.4)
    result = system_connect(one)
    limit(one, 0.4)
    return result, error_of(one), system_connect(one)

def restarted(one):
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    threading.Timer(0.6, lambda: one.shutdown(socket.SHUT_RDWR)).start()
    return system_connect(one), seen

def both(one):
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    limit(one, 0.6)
    return system_connect(one),

def given_up(one):
    one.settimeout(0.4)
    try: one.connect(there)
    except OSError as error: return type(error).__name__,

def exception(one):
    def stop(*_): raise InterruptedError("stop")
    signal.signal(signal.SIGALRM, stop)
    signal.siginterrupt(signal.SIGALRM, True)
    signal.setitimer(signal.ITIMER_REAL, 0.4)
    try: one.connect(there)
    except OSError as error: return type(error).__name__, error_of(one)

seen = []
signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
for how in (sndtimeo, interrupted, restarted, both, given_up, exception):
    one = socket.socket()
    begun = time.monotonic()
    print(how.__name__, how(one), round((time.monotonic() - begun) * 5) / 5)
"""

# A handler that closes, connects and forks while the program does the same.
HANDLER = r"""
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
static struct sockaddr_in to = {.sin_family = AF_INET};
static volatile long handled;
static void use(int kind) {
  int one = socket(AF_INET, kind, 0);
  if (kind == SOCK_DGRAM) sendto(one, "x", 1, 0, (void*)&to, sizeof to);
  close(one);
}
static void on(int signal) {
  int kept = errno;
  use(++handled % 2 ? SOCK_DGRAM : SOCK_STREAM);
  if (handled % 64 == 0) {
    pid_t child = fork();
    if (child == 0) use(SOCK_DGRAM), _exit(0);
    while (waitpid(child, 0, 0) < 0 && errno == EINTR) {}
  }
  errno = kept;
}
int main(int count, char** words) {
  to.sin_port = htons(atoi(words[2]));
  inet_pton(AF_INET, words[1], &to.sin_addr);
  int kept = socket(AF_INET, SOCK_DGRAM, 0);
  sendto(kept, "x", 1, 0, (void*)&to, sizeof to);
  struct sigaction action = {.sa_handler = on, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, 0);
  struct itimerval often = {{0, 2000}, {0, 2000}};
  setitimer(ITIMER_REAL, &often, 0);
  while (handled < 300) use(handled % 3 ? SOCK_DGRAM : SOCK_STREAM);
  printf("done\n");
}
"""


class Time(Wrapped):
    topology = wrap_network([f"{HERE}:{PORT}", f"{HERE}:{BUSY}"])

    def directly(self, script, *words):
        done = subprocess.run([sys.executable, "-c", script, *map(str, words)], capture_output=True, text=True, timeout=apps.DEADLINE)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def test_deadlines_and_signals_of_a_blocking_connect(self):
        self.servers.append(BusyServer((HERE, BUSY)))
        for _ in range(3):  # what the kernel says of a full backlog varies by itself on a busy machine
            directly, wrapped = self.directly(DEADLINES, HERE, BUSY), self.python(DEADLINES, HERE, BUSY)
            if directly == wrapped:
                break
        self.assertEqual(directly, wrapped)

    def test_another_thread_ends_a_blocking_connect(self):
        self.servers.append(BusyServer((HERE, BUSY)))
        for end in ("one.shutdown(socket.SHUT_RDWR)", "libc.connect(one.fileno(), bytes(16), 16)"):  # the second to AF_UNSPEC
            script = DEADLINES[:DEADLINES.index("def interrupted")] + textwrap.dedent(f"""
                for _ in range(12):
                    one = socket.socket()
                    threading.Timer(0.3, lambda: {end}).start()
                    print(system_connect(one))
            """)
            with self.subTest(end=end):
                answers = set(self.python(script, HERE, BUSY).splitlines())
                self.assertNotIn("0", answers)
                if "shutdown" in end:  # what the other one says differs from kernel to kernel
                    self.assertLessEqual(answers, set(self.directly(script, HERE, BUSY).splitlines()))

    SILENT = PRELUDE + textwrap.dedent("""
        import asyncio, time
        async def main():
            longest, last, ended = 0, time.monotonic(), False
            async def one():
                try: await asyncio.wait_for(asyncio.open_connection(*there), 0.5)
                except TimeoutError: return "no answer"
            tasks = [asyncio.create_task(one()) for _ in range(20)]
            while not all(task.done() for task in tasks):
                await asyncio.sleep(0.01)
                longest, last = max(longest, time.monotonic() - last), time.monotonic()
            print({task.result() for task in tasks}, longest < 0.3 or longest)
        asyncio.run(main())
    """)

    def test_a_silent_gateway_stops_no_event_loop(self):
        for silent in (ScriptedGateway(("127.2.1.9", 0)), BusyServer(("127.2.1.9", BUSY))):
            self.servers.append(silent)
            listener = silent.address if isinstance(silent, ScriptedGateway) else silent.listener.getsockname()
            with socket.create_server(("127.2.1.9", 0)) as stranger:
                for where in (listener, stranger.getsockname()):
                    self.assertEqual("{'no answer'} True\n", self.python(self.SILENT, HERE, PORT, gateway="{}:{}".format(*where)))

    def test_a_gateway_that_accepts_late(self):
        gateway = ScriptedGateway(("127.2.1.9", 0), backlog=0)
        self.servers.append(gateway)
        gateway.fill_queue()
        script = """
            import threading
            def threads(): return len(os.listdir("/proc/self/task"))
            early, late = select.epoll(), select.epoll()
            one = fresh()
            early.register(one, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
            early.poll(0)
            begin(one)
            late.register(one, select.EPOLLIN | select.EPOLLOUT | select.EPOLLONESHOT)
            poll = select.poll()
            poll.register(one, select.POLLOUT)
            print(threads(), early.poll(0), late.poll(0), poll.poll(0), select.select([], [one], [], 0)[1], error_of(one), name(one.connect_ex(there)), flush=True)
            input()  # the gateway's kernel has accepted; the destination is silent
            print(early.poll(0.2), late.poll(0.2), poll.poll(200), select.select([], [one], [], 0.2)[1], error_of(one), name(one.connect_ex(there)), flush=True)
            number = one.fileno()
            print([(fd == number, seen) for fd, seen in early.poll(20)], [(fd == number, seen) for fd, seen in late.poll(20)], len(poll.poll(20_000)),
                  error_of(one), one.getpeername() == there, flush=True)
            one.send(b"hello")
            input()
            print(threads())
        """
        program = subprocess.Popen([cli.executable(), "wrap", "--gateway", "{}:{}".format(*gateway.address), "--only", f"{HERE}/32", "--", sys.executable,
                                    "-c", PRELUDE + textwrap.dedent(script), HERE, str(PORT)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        self.addCleanup(lambda: (program.kill(), program.communicate()))
        self.assertEqual("2 [] [] [] [] 0 EALREADY\n", program.stdout.readline())
        connection, asked = gateway.accept()
        self.assertEqual((HERE, PORT), asked)

        def go_on():
            program.stdin.write("\n")
            program.stdin.flush()

        go_on()
        self.assertEqual("[] [] [] [] 0 EALREADY\n", program.stdout.readline())
        gateway.answer(connection)
        self.assertEqual("[(True, 4)] [(True, 4)] 1 0 True\n", program.stdout.readline())
        self.assertEqual(b"hello", apps.read_exactly(connection, 5))
        apps.wait_until(lambda: len(list(Path(f"/proc/{program.pid}/task").iterdir())) == 1, "the library's thread ends")
        go_on()
        self.assertEqual("1\n", program.stdout.readline())

    def test_a_thousand_threads(self):
        self.at(HERE, PORT)
        self.assertEqual("1000\n", self.python("""
            import socket, sys, threading
            answers = []
            def talk(i):
                one = socket.create_connection((sys.argv[1], int(sys.argv[2])))
                one.sendall(b"%d" % i); one.shutdown(socket.SHUT_WR)
                answers.append(int(one.recv(100)) == i)
            threads = [threading.Thread(target=talk, args=(i,)) for i in range(1000)]
            [t.start() for t in threads]; [t.join() for t in threads]
            print(sum(answers))
            """, HERE, PORT, deadline=60))

    @unittest.skipUnless(shutil.which("cc"), "no C compiler")
    def test_close_and_fork_in_a_signal_handler(self):
        server = apps.UdpServer(lambda *_: None, (HERE, PORT))
        self.servers.append(server)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        program = Path(folder.name, "handler")
        subprocess.run(["cc", "-w", "-o", program, "-xc", "-"], input=HANDLER, text=True, check=True)
        done = self.wrapped(program, HERE, PORT)
        self.assertEqual("done\n", done.stdout, done.stderr)
