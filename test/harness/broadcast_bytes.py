"""Each connection between two servers carries a broadcast once: by the nodes' events, and by the kernel's own count of packets."""
import json
import os
import shutil
import subprocess
import unittest

from hublink_harness.namespaces import OneNamespace
from hublink_harness.network import Network
from hublink_harness.topologies import transfer

from broadcast import Broadcast, tree

PATH = os.environ["PATH"] + ":/usr/sbin"
SIZE = 17 << 20
AGAIN = 1.05  # the kernel's count has what TCP sent again, on a busy machine
HEADERS = 52  # of an IPv4 packet of TCP with time stamps
# To that server, by the event of the one before it: Server1 relays, for the ways part at Server2.
CONNECTIONS = (("Server2", "Server1", {}), ("Server3", "Server2", {"hop": "Server3"}))


class Counted(OneNamespace):
    """Whose kernel counts what goes to each server."""

    def nft(self, *words, rules=None):
        done = subprocess.run([*self.prefix(), "nft", *words], input=rules, capture_output=True, text=True, env={**os.environ, "PATH": PATH})
        if done.returncode != 0:
            raise unittest.SkipTest(f"this kernel does not count packets: {done.stderr}")
        return done.stdout

    def count(self, net):
        rules = "".join(f"ip daddr {ip} tcp dport {port} counter comment \"{name}\"\n"
                        for name in ("Server2", "Server3") for ip, port in [net.address(name)])
        self.nft("-f", "-", rules="table inet bytes {\nchain out {\ntype filter hook output priority 0\n" + rules + "}\n}\n")

    def counted(self):
        """Server -> bytes of TCP content that were sent to it."""
        found = {}
        for row in json.loads(self.nft("-j", "list", "table", "inet", "bytes"))["nftables"]:
            for part in row.get("rule", {}).get("expr", []):
                if "counter" in part:
                    found[row["rule"]["comment"]] = part["counter"]["bytes"] - HEADERS * part["counter"]["packets"]
        return found


@unittest.skipUnless(os.getuid() == 0 and shutil.which("nft", path=PATH) and shutil.which("ip", path=PATH), "needs root, ip and nft")
class Bytes(Broadcast):
    def check(self, receivers):
        names = {number: [f"R{number}{n}" for n in range(receivers // 2)] for number in (2, 3)}
        everybody = [name for group in names.values() for name in group]
        topology = tree({number: len(group) for number, group in names.items()},
                        FILE=transfer("HOST1", *everybody, placement="manual", broadcast_at="Server1"))
        space = Counted()
        self.addCleanup(space.close)
        self.net = Network(topology, space)
        self.addCleanup(self.net.close)
        space.count(self.net)
        self.net.start(within=90)
        source = self.net.write("HOST1", "out/FILE", SIZE)
        transfer_id = self.send_and_wait("HOST1", "FILE", deadline=120)
        self.expect_all(transfer_id, source, *everybody)
        kernel = space.counted()
        for to, at, which in CONNECTIONS:
            by_events = self.net.traces.expect(at, "closed", transfer=transfer_id, **which)["bytes"]
            self.expect_once(SIZE, by_events)
            self.assertGreater(kernel[to], SIZE)
            self.assertLess(kernel[to], SIZE * AGAIN)

    @classmethod
    def setUpClass(cls):
        """Each test has a network of its own."""

    def test_2_receivers(self):
        self.check(2)

    def test_8_receivers(self):
        self.check(8)

    @unittest.skipUnless(os.environ.get("HUBLINK_BIG"), "68 processes: HUBLINK_BIG=1")
    def test_64_receivers(self):
        self.check(64)
