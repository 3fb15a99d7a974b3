"""A gateway for `hublink wrap` alone, which accepts, answers or stays silent when it is told to. docs/protocol/gateways.md, "Answers without a reply"."""
import socket
import struct

from hublink_harness.apps import DEADLINE, read_exactly

SO_BUF_LOCK = 72


class ScriptedGateway:
    def __init__(self, address, backlog=64):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.setsockopt(socket.SOL_SOCKET, SO_BUF_LOCK, 0)
        self._listener.bind(address)
        self._listener.listen(backlog)
        self._listener.settimeout(DEADLINE)
        self.address = self._listener.getsockname()
        self._fillers = []

    def fill_queue(self):
        """Nobody is accepted until `accept` has made room. The queue has to be short."""
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(self.address)
            self._fillers.append(one)

    def accept(self):
        """The next connection of a program, with what it asks for."""
        own = {one.getsockname() for one in self._fillers}
        while True:
            connection, peer = self._listener.accept()
            if peer not in own:
                break
            connection.close()
        connection.settimeout(DEADLINE)
        return connection, self._request(connection)

    def _request(self, connection):
        assert read_exactly(connection, 4) == b"\5\1\x80\1"
        for _ in range(2):
            read_exactly(connection, read_exactly(connection, 1)[0])
        assert read_exactly(connection, 4) == b"\5\x84\0\4"
        self.rules = read_exactly(connection, 18)
        assert read_exactly(connection, 4) == b"\5\x81\0\1"
        ip = socket.inet_ntoa(read_exactly(connection, 4))
        port, self.padding = struct.unpack(">HI", read_exactly(connection, 6))
        return ip, port

    def answer(self, connection):
        """The destination is there."""
        read_exactly(connection, self.padding)

    def close(self):
        for one in (*self._fillers, self._listener):
            one.close()
