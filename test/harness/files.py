"""All kinds of files: sizes around the chunk, holes, names, and a source that changes while it is sent."""
import os
import signal
import unittest

from hublink_harness import cli
from hublink_harness.case import Scenario, sha256, xxh128
from hublink_harness.topologies import three_hubs, transfer

CHUNK = 256 * 1024
SIZES = {"EMPTY": 0, "ONE": 1, "BELOW": CHUNK - 1, "CHUNK": CHUNK, "ABOVE": CHUNK + 1, "TWO": 2 * CHUNK, "MORE": 5 * CHUNK + 17}
NAMES = {"NAMED1": ("out/Größe ファイル 🚚.bin", "in/Ärger & 'quotes' \"here\".bin"), "NAMED2": ("out/a b", "in/c  d")}


class Files(Scenario):
    topology = three_hubs(
        **{file: transfer("HOST1", "HOST2") for file in [*SIZES, "SPARSE", "CHANGED", "TWICE", "DEEP", "BIG"]},
        **{file: transfer("HOST1", "HOST2", send={"path": out}, receive={"path": into}) for file, (out, into) in NAMES.items()},
        SHA=transfer("HOST1", "HOST2", digest="sha256"),
    )

    def test_sizes_around_the_chunk(self):
        for file, size in SIZES.items():
            with self.subTest(file):
                source = self.net.write("HOST1", f"out/{file}", size)
                event = self.expect_received("HOST2", self.send_and_wait("HOST1", file), source, file=file)
                self.assertEqual(f"xxh128:{xxh128(source)}", event["digest"])

    def test_digest_sha256(self):
        source = self.net.write("HOST1", "out/SHA", 300_000)
        event = self.expect_received("HOST2", self.send_and_wait("HOST1", "SHA"), source)
        self.assertEqual(f"sha256:{sha256(source)}", event["digest"])

    def test_names_beyond_ascii(self):
        for file, (out, into) in NAMES.items():
            with self.subTest(file):
                source = self.net.write("HOST1", out, 1000)
                event = self.expect_received("HOST2", self.send_and_wait("HOST1", file), source, file=file)
                self.assertTrue(str(event["path"]).endswith(into), event)

    def test_sparse(self):
        source = self.net.write("HOST1", "out/SPARSE", b"head")
        with source.open("r+b") as file:
            file.seek(100_000_000)
            file.write(b"tail")
        self.expect_received("HOST2", self.send_and_wait("HOST1", "SPARSE"), source)

    def test_mode_and_replacement(self):
        source = self.net.write("HOST1", "out/TWICE", b"first")
        source.chmod(0o640)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "TWICE"), source)
        target = self.net.data("HOST2") / "in/TWICE"
        self.assertEqual(0o640, target.stat().st_mode & 0o777)
        source.write_bytes(b"the second, longer one")
        self.expect_received("HOST2", self.send_and_wait("HOST1", "TWICE"), source)
        self.assertEqual(["TWICE"], [p.name for p in target.parent.iterdir() if "TWICE" in p.name])

    def test_changed_while_it_is_sent(self):
        """The receiver is held still until the source has changed: a clear failure, and never a mixture."""
        source = self.net.data("HOST1") / "out/CHANGED"
        source.parent.mkdir(exist_ok=True)
        with source.open("wb") as file:
            file.truncate(1 << 30)
        receiver = self.net.running["HOST2"]
        inbox = self.net.data("HOST2") / "in"
        inbox.mkdir(exist_ok=True)
        self.net.traces.watch(inbox)
        transfer = self.net.send("HOST1", "CHANGED")
        self.net.traces.until(lambda: list(inbox.glob("*CHANGED*")), "a partial file")
        receiver.signal(signal.SIGSTOP)
        with source.open("r+b") as file:
            file.write(b"changed")
        receiver.signal(signal.SIGCONT)
        sent = self.net.traces.expect("HOST1", "sent", transfer=transfer, within=60)
        self.assertEqual({"HOST2": "failed"}, sent["receivers"])
        (row,) = [row for row in self.net.cli("HOST1", "history", "--json").json() if row["transfer"] == transfer]
        self.assertIn("changed", row["reason"])
        self.assertEqual([], self.net.traces.all(node="HOST2", event="received", transfer=transfer))
        self.net.traces.expect("HOST2", "closed", transfer=transfer)
        self.assertEqual([], list(inbox.glob("*CHANGED*")))
        source.unlink()

    @unittest.skipUnless(os.environ.get("HUBLINK_BIG"), "4 GiB + 1: HUBLINK_BIG=1")
    def test_over_4_gib(self):
        source = self.net.write("HOST1", "out/BIG", b"x")
        with source.open("r+b") as file:
            file.seek(1 << 32)
            file.write(b"y")
        transfer = self.send_and_wait("HOST1", "BIG", deadline=110)
        self.expect_received("HOST2", transfer, source)
