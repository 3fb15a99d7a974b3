"""What must hold after a fault: the file is there once and right, both ends agree, and little was sent twice."""
import ctypes
import os
import struct
from concurrent.futures import ThreadPoolExecutor

from . import cli, events
from .case import Scenario
from .line import Line
from .topologies import chain, three_hubs, transfer

CHUNK = 256 * 1024
CHECKPOINT = 4_000_000
SIZE = 24_000_000
HALF = SIZE // 2
STALL_S = 2
RECORDS = 64 * 1024  # all that is no content, and the tags
# A checkpoint is made between two chunks, and what came of the next ones is lost.
SLACK = 2 * CHUNK + RECORDS
LOST = CHECKPOINT + SLACK  # at most, with a receiver that lived or a bit that flipped
# Bytes a second on a line: so slow that the disk keeps up.
RATE = SIZE * 3 // 2


def with_limits(topology, **limits):
    """Close checkpoints, and other limits of the clients."""
    for node in topology["nodes"].values():
        if node["role"] == "client":
            node["limits"] = {"checkpoint": CHECKPOINT, **limits}
    return topology


class Survival(Scenario):
    """HOST1 sends FILE01 to HOST2, and something goes wrong on the way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool = ThreadPoolExecutor(4)
        cls.addClassCleanup(cls.pool.shutdown)
        inbox = cls.net.data("HOST2") / "in"
        inbox.mkdir(exist_ok=True)
        cls.renames = Renames(inbox)
        cls.addClassCleanup(cls.renames.close)

    def begin_send(self, *words):
        """A new source, and the future of `send --wait`."""
        self.source = self.net.write("HOST1", "out/FILE01", SIZE)
        self.renames.forget()
        return self.pool.submit(self.net.cli, "HOST1", "send", "FILE01", "--wait", *words, deadline=60)

    def row(self, node, transfer=None, listing="history"):
        """What the node lists of that transfer, or of the last one; None if nothing."""
        result = self.net.cli(node, listing, "--json", "--file", "FILE01", "--limit", "1000" if transfer else "1")
        rows = result.json() if result.code == cli.DONE else []
        return next((row for row in rows if transfer in (None, row["transfer"])), None)

    def expect_agreement(self, transfer, within=40):
        """Waits until both ends call it done."""
        def done():
            return all((row := self.row(node, transfer)) and row["state"] == "done" for node in ("HOST1", "HOST2"))
        self.net.traces.until(done, f"{transfer} done at both ends", within)
        sender, receiver = (self.row(node, transfer) for node in ("HOST1", "HOST2"))
        self.assertEqual(sender["digest"], receiver["digest"])
        self.assertEqual((SIZE, SIZE), (sender["size"], receiver["size"]))

    def expect_published_once(self, transfer, told=(1,)):
        """One rename, nothing else left, the right content, and as many events `received`."""
        self.assertEqual(["FILE01"], self.renames.seen())
        inbox = self.net.data("HOST2") / "in"
        self.assertEqual(["FILE01"], [path.name for path in inbox.iterdir()])
        self.assertEqual(self.source.read_bytes() == (inbox / "FILE01").read_bytes(), True, "the content differs")
        self.assertIn(len(self.net.traces.all(node="HOST2", event="received", transfer=transfer)), told)

    def received_bytes(self, transfer):
        """Of each circuit that stood at the receiver, in order; none of one in which the receiver was killed."""
        self.net.traces.expect("HOST2", "closed", transfer=transfer, result="done")
        return [event["bytes"] for event in self.net.traces.all(node="HOST2", event="closed", transfer=transfer)]

    def expect_little_twice(self, transfer):
        """A receiver that lived took no more again than what was behind its last checkpoint."""
        again = sum(self.received_bytes(transfer)) - SIZE
        self.assertLessEqual(again, LOST, f"{again} bytes came again")

    def expect_resumed(self, transfer, durable):
        """With at least so many bytes in its last checkpoint (or published) the receiver got only the rest in the last attempt."""
        last = self.received_bytes(transfer)[-1]
        self.assertLessEqual(last, SIZE - durable + SLACK, f"{last} bytes came in the last attempt")


class Crash(Survival):
    """HOST1 – Server1 – line – Server2 – Server3 – HOST2. One of these is killed at a point of docs/reference/faults.md."""

    # An attempt whose circuit never stood is tried again only where the definition says so.
    topology = with_limits(chain(3, FILE01=transfer("HOST1", "HOST2", retry={"count": 60, "every_s": 1})))

    topology["nodes"]["Server1"]["hosts"] = {"Server2": "127.2.2.99"}

    @classmethod
    def prepare(cls, net):
        line = Line(("127.2.2.99", net.address("Server2")[1]), net.address("Server2"))
        cls.addClassCleanup(line.close)
        line.slow(rate=RATE)

    def arm(self, node, point):
        if node in self.net.running:
            self.net.stop(node)
        self.net.start(node, fault=point)

    def revive(self, node):
        self.net.await_death(node)
        self.net.start(node)

    def expect_done(self, waiting):
        return self.expect_exit(cli.DONE, waiting.result()).out.split()[0]


class OverALine(Survival):
    """Three servers; ServerA knows one of the others, `behind`, by the line's address."""

    behind = "ServerB"

    @staticmethod
    def topology_with(behind, **server_a):
        topology = with_limits(three_hubs(FILE01=transfer("HOST1", "HOST2")), stall_s=STALL_S)
        topology["nodes"]["ServerA"].update(server_a, hosts={behind: "127.1.99.1"})
        del topology["nodes"]["HOST3"]
        return topology

    @classmethod
    def prepare(cls, net):
        cls.line = Line(("127.1.99.1", net.address(cls.behind)[1]), net.address(cls.behind))
        cls.addClassCleanup(cls.line.close)

    def setUp(self):
        self.line.heal()
        self.line.slow(rate=RATE)

    def expect_arrival(self, waiting):
        transfer = self.expect_exit(cli.DONE, waiting.result()).out.split()[0]
        self.expect_agreement(transfer)
        self.expect_published_once(transfer)
        return transfer

    def expect_recovery(self, waiting, attempts=2):
        transfer = self.expect_arrival(waiting)
        self.expect_little_twice(transfer)
        self.assertEqual(attempts, self.row("HOST1", transfer)["attempt"])
        return transfer

    def hops(self, transfer):
        return [event["hop"] for event in self.net.traces.all(node="ServerA", event="next", transfer=transfer)]


class Renames:
    """The names that appear in a directory by rename; a partial file's own trial is none of them."""

    def __init__(self, directory):
        self._fd = events._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._fd < 0 or events._libc.inotify_add_watch(self._fd, os.fsencode(directory), events.IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), f"inotify {directory}")
        self._names = []

    def seen(self):
        while True:
            try:
                data = os.read(self._fd, 1 << 16)
            except BlockingIOError:
                return self._names
            at = 0
            while at < len(data):
                length = struct.unpack_from("iIII", data, at)[3]
                name = data[at + 16:at + 16 + length].rstrip(b"\0").decode()
                if not name.endswith(".part"):
                    self._names.append(name)
                at += 16 + length

    def forget(self):
        self.seen()
        self._names = []

    def close(self):
        os.close(self._fd)
