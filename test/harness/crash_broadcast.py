"""The broadcast server is killed at every point, then started again; what it had synced is not sent twice."""
import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor

from hublink_harness import cli
from hublink_harness.apps import wait_until
from hublink_harness.case import Scenario
from hublink_harness.survival import Renames
from hublink_harness.topologies import three_hubs, transfer

SIZE = 6 << 20
CHECKPOINT = 1 << 20
HALF = CHECKPOINT // 2  # When a checkpoint is begun: see checkpoint_maker.
# What is around the content: records, tags, handshakes.
AROUND = SIZE // 32
RECEIVERS = ("HOST2", "HOST3")

# How much was synced at each point, at least.
AT_THE_OFFER = dict.fromkeys(["told", "before-spool", "after-spool", "next", "opened"], 0)
UNDER_WAY = {"before-spool-checkpoint:2": HALF, "after-spool-checkpoint:3": 3 * HALF, f"sent-bytes:{SIZE // 2}": 0}
AT_THE_END = {"before-spooled": SIZE - CHECKPOINT,
              **dict.fromkeys(["after-spooled", "before-word", "after-word", "closed", "before-spool-drop", "after-spool-drop"], SIZE)}


def topology():
    net = three_hubs(FILE03=transfer("HOST1", *RECEIVERS, retry={"count": 60, "every_s": 1}))
    net["nodes"]["HOST1"]["limits"] = {"rate": "12MB/s"}
    net["nodes"]["ServerB"]["limits"] = {"checkpoint": CHECKPOINT}
    return net


class TheHub(Scenario):
    topology = topology()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool = ThreadPoolExecutor(2)
        cls.addClassCleanup(cls.pool.shutdown)
        cls.renames = {}
        for name in RECEIVERS:
            inbox = cls.net.data(name) / "in"
            inbox.mkdir(exist_ok=True)
            cls.renames[name] = Renames(inbox)
            cls.addClassCleanup(cls.renames[name].close)
        cls.net.traces.watch(cls.net.data("ServerB"))

    def expect_survives(self, points):
        for point, synced in points.items():
            with self.subTest(point):
                self.net.stop("ServerB")
                self.net.start("ServerB", fault=point)
                source = self.net.write("HOST1", "out/FILE03", SIZE)
                for renames in self.renames.values():
                    renames.forget()
                waiting = self.pool.submit(self.net.cli, "HOST1", "send", "FILE03", "--wait", deadline=60)
                self.net.await_death("ServerB")
                self.net.start("ServerB")
                transfer = self.expect_exit(cli.DONE, waiting.result()).out.split()[0]
                for name in RECEIVERS:
                    self.expect_received(name, transfer, source)
                    self.assertEqual(["FILE03"], self.renames[name].seen())
                attempts = [event["bytes"] for event in self.net.traces.all(node="HOST1", event="closed", transfer=transfer)]
                self.assertLess(sum(attempts[1:]), SIZE - synced + AROUND, "what was synced came again")
                wait_until(lambda: not self.spooled(), "nothing left in the spool", 10)

    def spooled(self):
        """Files, and rows: those that the next life would drop at its start strike its fault too early."""
        data = self.net.data("ServerB")
        with contextlib.closing(sqlite3.connect(f"file:{data}/journal.sqlite?mode=ro", uri=True)) as journal:
            return [*(data / "spool").iterdir(), *journal.execute("SELECT 1 FROM spools")]

    def test_at_the_offer(self):
        self.expect_survives(AT_THE_OFFER)

    def test_under_way(self):
        self.expect_survives(UNDER_WAY)

    def test_at_the_end(self):
        self.expect_survives(AT_THE_END)
