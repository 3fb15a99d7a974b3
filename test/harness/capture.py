"""What somebody sees who listens between two hubs: neither content nor file ID nor path."""
import socket

from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

ETH_P_ALL = 3
MARK = b"neither content nor file ID "


class Capture(Scenario):
    topology = three_hubs(TOPSECRET01=transfer("HOST1", "HOST2", send={"path": "out/hush-hush.txt"}))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def test_between_two_hubs(self):
        try:
            wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        except PermissionError:
            self.skipTest("listening on a wire needs root")
        with wire:
            wire.bind(("lo", ETH_P_ALL))
            wire.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
            source = self.net.write("HOST1", "out/hush-hush.txt", MARK * 20_000)
            self.expect_received("HOST2", self.send_and_wait("HOST1", "TOPSECRET01"), source)
            seen = self.take_all(wire)
        port = self.net.address("ServerB")[1].to_bytes(2, "big")
        between = b"".join(packet for packet in seen if port in (packet[34:36], packet[36:38]))
        self.assertGreater(len(between), len(MARK) * 20_000)
        for secret in (MARK, b"TOPSECRET01", b"hush-hush"):
            self.assertNotIn(secret, between)

    def take_all(self, wire):
        wire.setblocking(False)
        seen = []
        while True:
            try:
                seen.append(wire.recv(1 << 17))
            except BlockingIOError:
                return seen
