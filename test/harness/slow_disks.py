"""Who works gives signs of life: a disk that takes longer than `stall_s` holds a transfer up and doesn't end it. What hangs ends it
after `work_s`, and a dead peer is still found."""
import signal

from hublink_harness import cli, fuse
from hublink_harness.case import Scenario
from hublink_harness.topologies import chain, transfer

STALL_S = 2
LONGER = 2 * STALL_S + 1
CHUNK = 256 * 1024


def limited(topology, **limits):
    for node in topology["nodes"].values():
        node["limits"] = {"stall_s": STALL_S, **limits}
    return topology


class OfReceivers(Scenario):
    """Each transfer has a disk of its own at its receiver or sender, which takes longer than `stall_s` for one thing."""

    at_receiver = ("sync", "publish", "create")
    topology = limited(chain(1, read=transfer("HOST1", "HOST2", send={"path": "out/read/file"}),
                             **{name: transfer("HOST1", "HOST2", receive={"path": f"in/{name}/file"}) for name in at_receiver}))

    @classmethod
    def prepare(cls, net):
        cls.disks = {name: fuse.Share(net.directory / name, net.data("HOST2") / "in" / name) for name in cls.at_receiver}
        cls.disks["read"] = fuse.Share(net.directory / "read", net.data("HOST1") / "out/read")
        for disk in cls.disks.values():
            cls.addClassCleanup(disk.close)

    def row(self, node, sent):
        rows = self.net.cli(node, "history", "--json").json() + self.net.cli(node, "transfers", "--json").json()
        return next((row for row in rows if row["transfer"] == sent), {})

    def test_what_takes_long_is_waited_for(self):
        sources = {name: self.net.write("HOST1", f"out/{name}", 3 * CHUNK) for name in self.at_receiver}
        sources["read"] = self.net.write("HOST1", "out/read/file", 3 * CHUNK)
        self.disks["sync"].sync_rate = 3 * CHUNK / LONGER
        self.disks["publish"].hang("fsyncdir")
        self.disks["create"].hang("create")
        self.disks["read"].hang("read")
        sent = {name: self.net.send("HOST1", name) for name in sources}
        for name in ("publish", "create", "read"):
            self.disks[name].wait_stuck()
        self.disks["sync"].synced.wait(3 * LONGER)  # which takes as long as they shall
        for disk in self.disks.values():
            disk.answer()
        for name, source in sources.items():
            with self.subTest(name):
                end = self.net.traces.expect("HOST1", "sent", within=30, transfer=sent[name])
                self.assertEqual({"HOST2": "done"}, end["receivers"])
                self.assertEqual(1, self.row("HOST1", sent[name])["attempt"])
                target = self.net.data("HOST2") / "in" / (f"{name}/file" if name in self.at_receiver else name)
                self.assertEqual(source.read_bytes(), target.read_bytes())


class Hanging(Scenario):
    topology = limited(chain(1, FILE=transfer("HOST1", "HOST2", receive={"path": "in/share/file"}),
                             KEPT=transfer("HOST1", "HOST2", receive={"path": "in/share/kept"}, if_exists="refuse"),
                             GONE=transfer("HOST1", "HOST2", receive={"path": "in/share/gone"}),
                             BIG=transfer("HOST1", "HOST2", receive={"path": "in/share/big"}, rate="1MB/s")), work_s=8, checkpoint_s=0.5)

    @classmethod
    def prepare(cls, net):
        cls.disk = fuse.Share(net.directory / "share", net.data("HOST2") / "in/share")
        cls.addClassCleanup(cls.disk.close)

    def setUp(self):
        self.addCleanup(setattr, self.disk, "sync_rate", None)
        self.addCleanup(self.disk.answer)

    def rows(self, node):
        return self.net.cli(node, "history", "--json").json() + self.net.cli(node, "transfers", "--json").json()

    def test_a_disk_that_hangs_is_not_waited_for_for_ever(self):
        source = self.net.write("HOST1", "out/FILE", CHUNK)
        self.disk.hang("fsync")
        result = self.net.cli("HOST1", "send", "FILE", "--wait", deadline=60)
        self.assertEqual(cli.FAILED, result.code, str(result))
        self.assertRegex(result.err, r"in/share does not answer.*\(at HOST2\)")
        self.assertTrue(any("does not answer since 8 s" in end["reason"] or "does not answer since 9 s" in end["reason"]
                            for row in self.rows("HOST1") for end in row.get("broken", [])), self.rows("HOST1"))
        self.disk.answer()
        again = self.net.cli("HOST1", "retry", result.out.split()[0])
        self.expect_exit(cli.DONE, again)
        self.expect_received("HOST2", result.out.split()[0], source)

    def test_a_receiver_that_died_at_work_is_found(self):
        self.net.write("HOST1", "out/FILE", CHUNK)
        self.disk.hang("fsync")
        sent = self.net.send("HOST1", "FILE")
        self.disk.wait_stuck()
        self.net.running["HOST2"].signal(signal.SIGSTOP)
        try:
            closed = self.net.traces.expect("HOST1", "closed", within=3 * STALL_S, transfer=sent)
            self.assertNotEqual("done", closed["result"])
        finally:
            self.net.running["HOST2"].signal(signal.SIGCONT)
        self.disk.answer()
        end = self.net.traces.expect("HOST1", "sent", within=60, transfer=sent)
        self.assertEqual({"HOST2": "done"}, end["receivers"])

    def begin_to_publish(self, file):
        """Its source and its id, once the file is in place and its directory's sync hangs."""
        source = self.net.write("HOST1", f"out/{file}", CHUNK)
        self.disk.hang("fsyncdir")
        sent = self.net.send("HOST1", file)
        self.disk.wait_stuck()
        return source, sent

    def check_settled(self, source, sent, name):
        end = self.net.traces.expect("HOST1", "sent", within=60, transfer=sent)
        self.assertEqual({"HOST2": "done"}, end["receivers"])
        self.expect_received("HOST2", sent, source)
        self.assertEqual(1, self.disk.count("create", f"/.{name}."), "it was sent again")

    def test_what_may_be_published_already_is_settled(self):
        for file in ("FILE", "KEPT"):
            with self.subTest(file):
                self.disk.seen.clear()
                source, sent = self.begin_to_publish(file)
                closed = self.net.traces.expect("HOST2", "closed", within=30, transfer=sent)
                self.assertEqual("failed", closed["result"])
                self.disk.answer()
                self.check_settled(source, sent, file.lower())

    def test_what_may_be_published_already_is_not_cancelled(self):
        self.disk.seen.clear()
        source, sent = self.begin_to_publish("GONE")
        self.net.cli("HOST1", "cancel", sent)
        self.net.traces.expect("HOST2", "closed", within=30, transfer=sent)
        self.disk.answer()
        self.check_settled(source, sent, "gone")

    def test_what_was_synced_counts_when_the_circuit_is_gone(self):
        source = self.net.write("HOST1", "out/BIG", 3_000_000)
        self.disk.hang("fsync")
        sent = self.net.send("HOST1", "BIG")
        self.disk.wait_stuck()
        self.net.kill("Server1")
        self.net.traces.expect("HOST1", "closed", transfer=sent)
        self.disk.answer()
        self.net.start("Server1")
        end = self.net.traces.expect("HOST1", "sent", within=30, transfer=sent)
        self.assertEqual({"HOST2": "done"}, end["receivers"])
        self.expect_received("HOST2", sent, source)
        *_, last = self.net.traces.all(node="HOST2", event="closed", transfer=sent)
        self.assertLess(last["bytes"], 3_000_000, "all of it was sent again")
