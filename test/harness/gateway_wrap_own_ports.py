"""Programs that connect to several servers from one port of their own, directly and under `hublink wrap`."""
import subprocess
import sys

from gateway_wrap import HERE, Wrapped, wrap_network
from gateway_wrap_loops import PRELUDE
from gateways import ports

FIRST, SECOND, CLOSED, OWN = (ports.take() for _ in range(4))

# Each says of both connections what it sees; the second one is made while the first one lives.
FROM_ONE_PORT = PRELUDE + """
FIRST, SECOND, CLOSED, OWN = map(int, sys.argv[2:])

def bound():
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("127.0.0.1", OWN))
    one.settimeout(10)
    return one

def talk(one):
    one.send(b"hello")
    return one.recv(9), one.getsockname()[0], "first" if one.getpeername()[1] == FIRST else "second"

def plain(one):
    one.connect((there[0], SECOND))
    return talk(one)

def non_blocking(one):
    one.setblocking(False)
    edges = select.epoll()
    edges.register(one, select.EPOLLOUT | select.EPOLLET)
    edges.poll(0)
    assert one.connect_ex((there[0], SECOND)) == errno.EINPROGRESS
    seen = edges.poll(10)
    number, error = one.fileno(), error_of(one)
    edges.modify(one, select.EPOLLIN)
    one.send(b"hello")
    return [(fd == number, bits) for fd, bits in seen], error, [bits for _, bits in edges.poll(10)], one.recv(9)

def duplicated(one):
    other = socket.socket(fileno=os.dup(one.fileno()))
    other.settimeout(10)
    one.connect((there[0], SECOND))
    one.close()
    return talk(other)

def with_options(one):
    wishes = ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 77),
              (socket.SOL_SOCKET, socket.SO_SNDBUF, 50_000), (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 4321))
    for wish in wishes: one.setsockopt(*wish)
    os.set_inheritable(one.fileno(), True)
    result = plain(one)
    return result, [one.getsockopt(*wish[:2]) for wish in wishes], linger(one), os.get_inheritable(one.fileno()), one.gettimeout()

def refused(one):
    return name(one.connect_ex((there[0], CLOSED)))

first = bound()
first.connect((there[0], FIRST))
for how in (plain, non_blocking, duplicated, with_options, refused):
    second = bound()
    # A connection of the same two ends can't be made again at once.
    second.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    print(how.__name__, how(second), flush=True)
    second.close()
print(talk(first))
"""


class OwnPorts(Wrapped):
    topology = wrap_network([f"{HERE}:{FIRST}", f"{HERE}:{SECOND}", f"{HERE}:{CLOSED}"])

    def test_several_servers_from_one_port(self):
        for port in (FIRST, SECOND):
            self.at(HERE, port)
        words = [HERE, *map(str, (FIRST, SECOND, CLOSED, OWN))]
        direct = subprocess.run([sys.executable, "-c", FROM_ONE_PORT, *words], capture_output=True, text=True, timeout=60)
        self.assertEqual((0, ""), (direct.returncode, direct.stderr))
        self.assertEqual(direct.stdout, self.python(FROM_ONE_PORT, *words))
