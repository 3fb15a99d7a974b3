"""All kinds of files: sizes around the chunk, holes, names, and a source that changes while it is sent."""
import os
import shutil
import signal
import time
import unittest

from hublink_harness import cli, mounts
from hublink_harness.case import Scenario, sha256, xxh128
from hublink_harness.topologies import chain, three_hubs, transfer

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

    def test_replacement(self):
        source = self.net.write("HOST1", "out/TWICE", b"first")
        self.expect_received("HOST2", self.send_and_wait("HOST1", "TWICE"), source)
        target = self.net.data("HOST2") / "in/TWICE"
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


class Touched(Scenario):
    """What happens to a source while it is sent. Its content counts, and what says nothing of that doesn't."""

    ways = ("link", "mode", "attribute", "access", "owner", "replaced", "removed", "renamed", "appended", "shortened", "rewritten")
    changes = ("appended", "shortened", "rewritten")
    topology = chain(1, **{way: transfer("HOST1", "HOST2", rate="1MB/s") for way in ways})

    def touch(self, way, source):
        other = source.with_name(source.name + ".other")
        if way == "link":
            os.link(source, other)
        elif way == "mode":
            source.chmod(0o600)
        elif way == "attribute":
            os.setxattr(source, "user.checked", b"1")
        elif way == "access":
            os.utime(source, ns=(time.time_ns(), source.stat().st_mtime_ns))
        elif way == "owner":
            os.chown(source, os.geteuid(), os.getegid())
        elif way == "replaced":
            other.write_bytes(os.urandom(SIZES["MORE"]))
            other.rename(source)
        elif way == "removed":
            source.unlink()
        elif way == "renamed":
            source.rename(other)
        elif way == "appended":
            with source.open("ab") as file:
                file.write(b"x")
        elif way == "shortened":
            os.truncate(source, SIZES["MORE"] - 1)
        elif way == "rewritten":
            with source.open("r+b") as file:
                file.write(b"changed")

    def test_what_a_source_goes_through(self):
        inbox = self.net.data("HOST2") / "in"
        inbox.mkdir(exist_ok=True)
        self.net.traces.watch(inbox)
        sources = {way: self.net.write("HOST1", f"out/{way}", SIZES["MORE"]) for way in self.ways}
        contents = {way: source.read_bytes() for way, source in sources.items()}
        sent = {}
        for way, source in sources.items():  # one after the other: each lasts little more than a second
            sent[way] = self.net.send("HOST1", way)
            self.net.traces.until(lambda way=way: list(inbox.glob(f".{way}.*.part")), f"the partial file of {way}")
            self.touch(way, source)
        for way in self.ways:
            with self.subTest(way):
                end = self.net.traces.expect("HOST1", "sent", within=30, transfer=sent[way])
                if way in self.changes:
                    self.assertEqual({"HOST2": "failed"}, end["receivers"])
                    self.assertFalse((inbox / way).exists())
                else:
                    self.assertEqual({"HOST2": "done"}, end["receivers"])
                    self.assertEqual(contents[way], (inbox / way).read_bytes())


class Remounted(Scenario):
    """The source's file system is another device between two attempts, with the same files."""

    topology = chain(1, FILE=transfer("HOST1", "HOST2", rate="4MB/s"))
    topology["nodes"]["HOST2"]["limits"] = {"checkpoint_s": 0.05}

    def test_the_second_attempt_goes_on(self):
        mounts.own_namespace()
        self.net.stop("HOST1")
        out = self.net.data("HOST1") / "out"
        kept = self.net.write("HOST1", "kept", 6_000_000)
        out.mkdir(exist_ok=True)
        self.addCleanup(mounts.unmount, out)
        mounts.mount("tmpfs", out, "tmpfs")
        shutil.copy2(kept, out / "FILE")
        self.net.start("HOST1")
        sent = self.net.send("HOST1", "FILE")
        self.net.traces.until(lambda: self.row(sent).get("safe", 0) > 0, "a checkpoint")
        self.net.kill("Server1")
        self.net.traces.expect("HOST1", "closed", transfer=sent)
        mounts.unmount(out)
        mounts.mount("tmpfs", out, "tmpfs")
        shutil.copy2(kept, out / "FILE")
        self.net.start("Server1")
        self.assertEqual({"HOST2": "done"}, self.net.traces.expect("HOST1", "sent", within=30, transfer=sent)["receivers"])
        self.assertEqual(sha256(kept), sha256(self.net.data("HOST2") / "in/FILE"))
        self.assertEqual(1, self.row(sent).get("generation", 1))
        self.net.traces.expect("HOST2", "closed", transfer=sent, result="done")
        first, *_, last = self.net.traces.all(node="HOST2", event="closed", transfer=sent)
        self.assertLess(last["bytes"], 6_000_000, "all of it was sent again")
        self.assertGreater(first["bytes"], 0)

    def row(self, transfer):
        rows = self.net.cli("HOST2", "history", "--json").json() + self.net.cli("HOST2", "transfers", "--json").json()
        return next((row for row in rows if row["transfer"] == transfer), {})
