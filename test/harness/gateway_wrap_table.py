"""Socket calls under `hublink wrap` say what they say directly: before, during and after the answer, for a socket, its `dup`, an inherited
and a passed one."""
import os
import subprocess
import sys
import unittest

from gateway_wrap import HERE, Wrapped, wrap_network
from gateway_wrap_loops import PRELUDE, BusyServer
from gateways import ports


PORT, CLOSED, BUSY = (ports.take() for _ in range(3))

# Each line: stage, who holds the socket, call, what it says.
TABLE = PRELUDE + """
import threading, time
PORT, CLOSED, BUSY = map(int, sys.argv[2:])
HOST = sys.argv[1]
IP_PORTS = {PORT: "PORT", CLOSED: "CLOSED", BUSY: "BUSY"}

def shown(value):
    if isinstance(value, (tuple, list)): return [shown(one) for one in value]
    return "HERE" if value == HOST else IP_PORTS.get(value, value)

def events(one, patience=0):
    # Not POLLPRI: the reason of a refusal is urgent data.
    poll = select.poll(); poll.register(one, select.POLLIN | select.POLLOUT | select.POLLRDHUP)
    return sorted(bit for _, seen in poll.poll(patience) for bit in range(16) if seen >> bit & 1)

def connect(one, to=None):
    # Directly, an answer of the same machine is there at once.
    result = name(one.connect_ex(to or target))
    if result == "EINPROGRESS" and (to or target)[1] != BUSY: wait(one)
    return result

CALLS = {
    "connect": lambda one: [connect(one), connect(one), events(one)],
    "elsewhere": lambda one: [connect(one, (HOST, CLOSED)), connect(one, (HOST, CLOSED))],
    "error": lambda one: [error_of(one), error_of(one), events(one)],
    "error, connect": lambda one: [error_of(one), connect(one), connect(one)],
    "peer": lambda one: [ask(one, "getpeername"), ask(one, "getpeername")],
    "send": lambda one: [ask(one, "send", b"x"), ask(one, "send", b"x", socket.MSG_DONTWAIT)],
    # Who reads in the place of asking is told of a refusal as a reset.
    "recv": lambda one: [ask(one, "recv", 5, socket.MSG_DONTWAIT) if "refused" not in stage else None],
    "shutdown": lambda one: [ask(one, "shutdown", socket.SHUT_WR), error_of(one)],
    "shutdown both": lambda one: [ask(one, "shutdown", socket.SHUT_RDWR), error_of(one)],
    "events": lambda one: [events(one), events(one)],
    "select": lambda one: [list(map(len, select.select([one], [one], [], 0)))],
    "epoll": lambda one: [by_epoll(one)],
    "unspec": lambda one: [undo(one), connect(one)],
    "options": lambda one: [linger(one), one.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE), one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN),
                            one.getsockopt(socket.IPPROTO_TCP, 25) if stage != "during" else None,
                            one.getsockopt(socket.IPPROTO_TCP, 18) if stage != "during" else None],
    "listen": lambda one: [ask(one, "listen")],
}

def by_epoll(one):
    edges = select.epoll()
    edges.register(one, select.EPOLLOUT | select.EPOLLET | select.EPOLLIN)
    return [bit for _, seen in edges.poll(0) for bit in range(16) if seen >> bit & 1]

def undo(one):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    return name(ctypes.get_errno()) if libc.connect(one.fileno(), struct.pack("=H14x", 0), 16) else 0

def before():
    return fresh()

def during():
    one = fresh()
    begin(one, target)
    return one

def after():
    one = during()
    wait(one)
    return one

def blocking():
    one = socket.socket()
    try: one.connect(target)
    except OSError: pass
    one.setblocking(False)
    return one

def original(one, call):
    return call(one)

def duplicate(one, call):
    other = socket.socket(fileno=os.dup(one.fileno()))
    one.close()
    return call(other)

def replaced(one, call):
    other = fresh()
    os.dup2(one.fileno(), other.fileno(), inheritable=False)
    one.close()
    return call(other)

def inherited(one, call):
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, repr(call(one)).encode()); os._exit(0)
    one.close()
    os.close(writing)
    said = b""
    while part := os.read(reading, 4096): said += part
    os.close(reading)
    os.wait()
    return eval(said)

def passed(one, call):
    # To a process that was there before.
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    socket.send_fds(helper, [b"x"], [one.fileno()])
    one.close()
    helper.sendall(repr([call_name, target, stage]).encode().ljust(100))
    return eval(helper.recv(4096))

helper, helped = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
if os.fork() == 0:
    helper.close()
    while True:
        _, descriptors, _, _ = socket.recv_fds(helped, 1, 1)
        if not descriptors: os._exit(0)
        one = socket.socket(fileno=descriptors[0])
        call_name, target, stage = eval(helped.recv(100, socket.MSG_WAITALL))
        helped.sendall(repr(CALLS[call_name](one)).encode())
        one.close()
helped.close()

for stage, make, port in (("before", before, PORT), ("during", during, BUSY), ("after", after, PORT), ("refused", after, CLOSED),
                          ("blocking", blocking, PORT), ("blocking refused", blocking, CLOSED)):
    target = (HOST, port)
    for how in (original, duplicate, replaced, inherited, passed):
        for call_name, call in CALLS.items():
            print(stage, "|", how.__name__, "|", call_name, "|", shown(how(make(), call)), flush=True)
"""


class Table(Wrapped):
    topology = wrap_network([f"{HERE}:{PORT}", f"{HERE}:{CLOSED}", f"{HERE}:{BUSY}"])

    def compare(self, python, prefix=()):
        self.at(HERE, PORT)
        self.servers.append(BusyServer((HERE, BUSY)))
        words = [python, "-c", TABLE, *map(str, (HERE, PORT, CLOSED, BUSY))]
        direct = subprocess.run([*prefix, *words], capture_output=True, text=True, timeout=30)
        self.assertEqual(0, direct.returncode, direct.stderr)
        through = self.wrapped(*words, prefix=prefix)
        self.assertEqual(0, through.returncode, through.stderr)
        differences = [f"directly: {one}\n wrapped: {two}"
                       for one, two in zip(direct.stdout.splitlines(), through.stdout.splitlines(), strict=True) if one != two]
        self.assertEqual([], differences, "\n".join(differences))

    def test_every_call_says_what_it_says_directly(self):
        self.compare(sys.executable)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_who_has_no_rights(self):
        self.compare("/usr/bin/python3", ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--bounding-set=-all"])
