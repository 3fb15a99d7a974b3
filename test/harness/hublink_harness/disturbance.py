"""A line that alters what it carries: a second address of a node, whose connections go through a script byte by byte."""
import random
import socket
import struct
import threading

DATA, LINK = "data", "link"
FORTH, BACK = "forth", "back"
PREAMBLE = 36  # bytes before a data socket's records, and one byte that answers them


class Proxy:
    """Carries connections from `address` to `target`. `meddle(kind, way)` makes the function that changes the parts of one direction
    of one connection (see peer.pump); at first nothing is changed."""

    def __init__(self, address, target):
        self.meddle = carry
        self._target, self._sockets = target, []
        self._listener = socket.create_server(address, backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near):
        try:
            kind = LINK if near.recv(1, socket.MSG_PEEK) == b"\x16" else DATA
            far = socket.create_connection(self._target, 10)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        self._sockets += [near, far]
        for source, target, way in ((near, far, FORTH), (far, near, BACK)):
            threading.Thread(target=_carry, args=(source, target, self.meddle(kind, way)), daemon=True).start()

    def close(self):
        self._listener.close()
        for sock in self._sockets:
            sock.close()


def carry(_kind, _way):
    return lambda part: part


def _carry(source, target, meddle):
    """As peer.pump, but a break on one side is a reset on the other, never an end."""
    try:
        while part := source.recv(65536):
            target.sendall(meddle(part))
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for sock in (source, target):
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.close()
            except OSError:
                pass


class Flips:
    """A bit of one byte in about `mean[kind]`, on all connections, in both directions. `struck`: how many there were."""

    def __init__(self, mean, seed):
        self.mean, self.struck, self.on = mean, 0, True
        self._random, self._lock = random.Random(seed), threading.Lock()

    def __call__(self, kind, _way):
        left = self._draw(kind)

        def meddle(part):
            nonlocal left
            if not self.on or left >= len(part):
                left -= len(part)
                return part
            changed = bytearray(part)
            while left < len(changed):
                changed[left] ^= 1 << self._random.randrange(8)
                left += 1 + self._draw(kind)
                with self._lock:
                    self.struck += 1
            left -= len(changed)
            return bytes(changed)

        return meddle

    def _draw(self, kind):
        with self._lock:
            return int(self._random.expovariate(1 / self.mean[kind]))


class OneRecord:
    """Flips a bit in the body of a record of that type on a data socket, `share` of the way through it: of the first `times` of them
    (None: of all). `way`: of the direction in which it goes."""

    def __init__(self, type, way, share, times=1):
        self.type, self.way, self.share, self.times = type, way, share, times
        self.struck = 0

    def __call__(self, kind, way):
        if kind != DATA or way != self.way:
            return lambda part: part
        held, ahead = b"", PREAMBLE if way == FORTH else 1

        def meddle(part):
            nonlocal held, ahead
            out, part = part[:ahead], part[ahead:]
            ahead -= len(out)
            held += part
            while len(held) >= 5 and len(held) >= (size := 5 + int.from_bytes(held[:4], "big")):
                record, held = held[:size], held[size:]
                out += self._strike(record)
            return out

        return meddle

    def _strike(self, record):
        if record[4] != self.type or self.times == 0 or len(record) == 5:
            return record
        self.times = self.times and self.times - 1
        self.struck += 1
        at = 5 + int(self.share * (len(record) - 6))
        return record[:at] + bytes([record[at] ^ 1]) + record[at + 1:]
