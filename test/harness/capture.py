"""What somebody sees who listens between two hubs: neither content nor file ID nor path."""
import contextlib
import socket

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.managed import PASSWORD, Managed, managed
from hublink_harness.topologies import three_hubs, transfer

ETH_P_ALL = 3
MARK = b"neither content nor file ID "


@contextlib.contextmanager
def tap(test):
    """All that goes over the loopback device, from now on."""
    try:
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    except PermissionError:
        test.skipTest("listening on a wire needs root")
    with wire:
        wire.bind(("lo", ETH_P_ALL))
        wire.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        yield wire


class Capture(Scenario):
    topology = three_hubs(TOPSECRET01=transfer("HOST1", "HOST2", send={"path": "out/hush-hush.txt"}))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def test_between_two_hubs(self):
        with tap(self) as wire:
            source = self.net.write("HOST1", "out/hush-hush.txt", MARK * 20_000)
            self.expect_received("HOST2", self.send_and_wait("HOST1", "TOPSECRET01"), source)
            seen = take_all(wire)
        between_hubs = between(seen, self.net.address("ServerB")[1])
        self.assertGreater(len(between_hubs), len(MARK) * 20_000)
        for secret in (MARK, b"TOPSECRET01", b"hush-hush"):
            self.assertNotIn(secret, between_hubs)


def take_all(wire):
    wire.setblocking(False)
    seen = []
    while True:
        try:
            seen.append(wire.recv(1 << 17))
        except BlockingIOError:
            return seen


def between(seen, port):
    """All packets from or to that port."""
    port = port.to_bytes(2, "big")
    return b"".join(packet for packet in seen if port in (packet[34:36], packet[36:38]))


class CaptureOfSessions(Managed):
    topology = managed(three_hubs(TOPSECRET01=transfer("HOST2", "HOST3")))

    def test_neither_password_nor_command_in_clear(self):
        """On all sockets of ServerA, which relays the session with ServerB: links, and the data sockets before and behind it."""
        with tap(self) as wire:
            self.logged_in()
            self.net.write("HOST2", "out/TOPSECRET01", 10)
            self.expect_exit(cli.DONE, self.net.cli("MGR", "send", "TOPSECRET01", "--wait"))
            seen = take_all(wire)
        seen = b"".join(between(seen, self.net.address(node)[1]) for node in ("ServerA", "ServerB", "MGR"))
        self.assertGreater(len(seen), 1000)
        for secret in (PASSWORD.encode(), b"login", b"verb", b"TOPSECRET01", b'"op"'):
            self.assertNotIn(secret, seen)
