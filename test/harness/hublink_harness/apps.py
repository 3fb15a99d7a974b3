"""Applications that know nothing of hublink: servers on threads, and clients with deadlines."""
import socket
import struct
import threading
import time

DEADLINE = 20


def reset(connection):
    """Closes with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_all(connection):
    """To the end of the stream."""
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def read_exactly(connection, size):
    parts = []
    while size:
        part = connection.recv(min(size, 1 << 16))
        if not part:
            raise EOFError(f"{size} bytes are missing")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def connect(address, source=None):
    connection = socket.create_connection(address, DEADLINE, source)
    connection.settimeout(DEADLINE)
    return connection


def socks_connect(door, name, port):
    """Asks the SOCKS5 listener at `door` for a host by its name: the reply's code."""
    with connect(door) as connection:
        connection.sendall(b"\5\1\0")
        assert read_exactly(connection, 2) == b"\5\0"
        connection.sendall(struct.pack("BBBBB", 5, 1, 0, 3, len(name)) + name.encode() + struct.pack("!H", port))
        return read_exactly(connection, 4)[1]


class TcpServer:
    """Calls `serve(connection)` on a thread for each connection. `accepted`: the connections, in order."""

    def __init__(self, serve, address=("127.0.0.1", 0), backlog=1024):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._listener = socket.create_server(address, family=family, backlog=backlog)
        self.address = self._listener.getsockname()[:2]
        self.errors = []
        self.count = 0
        self._serve = serve
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.count += 1
            connection.settimeout(DEADLINE)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        with connection:
            try:
                self._serve(connection)
            except OSError as error:
                self.errors.append(error)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def echo(connection):
    while part := connection.recv(1 << 16):
        connection.sendall(part)


def say_and_close(connection, words):
    """Reads to the end before it closes: what is left unread at a close makes it a reset."""
    connection.sendall(words)
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass


class UdpServer:
    """Calls `answer(data, sender, socket)` for each datagram."""

    def __init__(self, answer, address=("127.0.0.1", 0)):
        self.socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.settimeout(0.05)  # how soon the thread sees that it is over
        self.socket.bind(address)
        self.address = self.socket.getsockname()[:2]
        self.seen = []
        self._answer = answer
        self._over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._over:
            try:
                data, sender = self.socket.recvfrom(1 << 17)
            except TimeoutError:
                continue
            except OSError:
                return
            self.seen.append((data, sender))
            self._answer(data, sender, self.socket)

    def close(self):
        self._over = True
        self._thread.join()
        self.socket.close()


def wait_until(condition, what, within=DEADLINE):
    """Asks again until `condition()` is true, and returns its value."""
    deadline = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {within} s"
        time.sleep(0.01)
    return value
