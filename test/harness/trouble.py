"""Files and disks that change under a transfer: between two attempts, and in the middle of one."""
import os
import signal
import subprocess

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

SIZE = 24_000_000
FILES = ("ALTERED", "GONE", "TRUNCATED", "REPLACED", "APPENDED")


class BetweenAttempts(Scenario):
    """HOST2 dies after a checkpoint, something changes, and it comes again."""

    topology = three_hubs(**{file: transfer("HOST1", "HOST2") for file in FILES})
    topology["nodes"]["HOST2"]["limits"] = {"checkpoint": "4MB"}
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def resume_after(self, file, change):
        source = self.net.write("HOST1", f"out/{file}", SIZE)
        self.net.stop("HOST2")
        self.net.start("HOST2", fault="after-checkpoint:1")
        sent = self.net.send("HOST1", file)
        self.net.await_death("HOST2")
        self.net.traces.expect("HOST1", "closed", transfer=sent)  # a change under a running attempt is another case
        (partial,) = (self.net.data("HOST2") / "in").glob(f".{file}.*.part")
        change(source, partial)
        self.net.start("HOST2")
        event = self.expect_received("HOST2", sent, source)
        self.net.traces.expect("HOST1", "sent", transfer=sent)
        (row,) = [row for row in self.net.cli("HOST1", "history", "--json").json() if row["transfer"] == sent]
        self.assertEqual(("done", event["digest"]), (row["state"], row["digest"]))
        self.assertEqual([], list((self.net.data("HOST2") / "in").glob(f".{file}.*")))
        return row

    def test_the_partial_file_was_altered(self):
        def alter(_, partial):
            with partial.open("r+b") as file:
                file.seek(1000)
                file.write(b"not what came")
        self.resume_after("ALTERED", alter)

    def test_the_partial_file_is_gone(self):
        self.resume_after("GONE", lambda _, partial: partial.unlink())

    def test_the_source_was_truncated(self):
        row = self.resume_after("TRUNCATED", lambda source, _: os.truncate(source, 1_000_000))
        self.assertEqual(2, row["generation"])

    def test_the_source_was_replaced(self):
        def replace(source, _):
            other = source.with_name("other")
            other.write_bytes(os.urandom(SIZE))
            other.rename(source)
        self.assertEqual(2, self.resume_after("REPLACED", replace)["generation"])

    def test_the_source_was_appended_to(self):
        def append(source, _):
            with source.open("ab") as file:
                file.write(b"more")
        self.assertEqual(2, self.resume_after("APPENDED", append)["generation"])


class SmallDisk(Scenario):
    """The receiver's file system fills up, or turns read-only, while it receives."""

    topology = three_hubs(**{file: transfer("HOST1", "HOST2", receive={"path": f"small/{file}"}) for file in ("FULL", "READONLY")})
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def setUp(self):
        self.small = self.net.data("HOST2") / "small"
        self.small.mkdir(exist_ok=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", self.small], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("a small file system can not be mounted here")
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.small], check=True)

    def send_and(self, file, happen):
        self.net.write("HOST1", f"out/{file}", 60_000_000)
        self.net.traces.watch(self.small)
        receiver = self.net.running["HOST2"]
        sent = self.net.send("HOST1", file)
        self.net.traces.until(lambda: list(self.small.glob(".*.part")), "a partial file")
        receiver.signal(signal.SIGSTOP)
        happen()
        receiver.signal(signal.SIGCONT)
        event = self.net.traces.expect("HOST1", "sent", transfer=sent)
        (row,) = [row for row in self.net.cli("HOST1", "history", "--json").json() if row["transfer"] == sent]
        return event["receivers"], row

    def test_it_fills_up(self):
        def fill():
            with (self.small / "other").open("wb") as file:
                try:
                    while True:
                        file.write(bytes(1 << 20))
                        file.flush()
                except OSError:
                    pass
        receivers, row = self.send_and("FULL", fill)
        self.assertEqual(({"HOST2": "failed"}, "failed"), (receivers, row["state"]))
        self.assertIn("space", row["reason"])
        self.expect_nothing_in(self.small, "*.part")
        self.assertEqual(["other"], [path.name for path in self.small.iterdir()])

    def test_it_turns_read_only(self):
        # The receiver holds a file open for writing, so the kernel may say that it is busy.
        remount = ["mount", "-o", "remount,ro,size=64m", self.small]
        if subprocess.run(remount, capture_output=True).returncode != 0:
            self.skipTest("a file system can't be remounted here")
        self.net.write("HOST1", "out/READONLY", 1000)
        result = self.net.cli("HOST1", "send", "READONLY", "--wait")
        self.expect_refusal(result, cli.FAILED, "HOST2")
        self.assertEqual([], list(self.small.iterdir()))


class FullJournal(Scenario):
    """The file system of a node's journal fills up; its files lie elsewhere."""

    topology = three_hubs(**{file: transfer("HOST1", "HOST2") for file in ("IN", "OUT")})
    started = ("ServerA", "ServerB")

    def mount(self, where, size):
        where.mkdir(exist_ok=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", where], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("a small file system can not be mounted here")
        self.addCleanup(subprocess.run, ["umount", "--lazy", where], check=True)

    def start_on_small_disk(self, node, beside):
        self.mount(self.net.data(node), "2m")
        self.mount(self.net.data(node) / beside, "8m")
        self.net.traces.watch(self.net.data(node))
        self.net.start("HOST1", "HOST2")
        self.addCleanup(self.net.stop, "HOST1", "HOST2")

    def fill(self, node):
        """All but nothing of the node's file system."""
        with (self.net.data(node) / "other").open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass

    def run_into_the_wall(self, file, node, *words):
        """Sends until the journal is full: every outcome before that is `done`; then the same once there is room again."""
        source = self.net.write("HOST1", f"out/{file}", 1000)
        self.fill(node)
        for _ in range(400):
            result = self.net.cli("HOST1", "send", file, "--wait")
            if result.code != cli.DONE:
                break
        self.expect_refusal(result, cli.NO_SPACE, node, *words)
        (self.net.data(node) / "other").unlink()
        self.expect_received("HOST2", self.send_and_wait("HOST1", file), source)
        self.assertEqual({"done", "failed"}, {row["state"] for row in self.net.cli("HOST1", "history", "--json").json()} | {"failed"})


class FullJournalOfReceiver(FullJournal):
    def test_what_it_can_not_write_down_is_refused(self):
        self.start_on_small_disk("HOST2", "in")
        self.run_into_the_wall("IN", "HOST2", "no space")


class FullJournalOfSender(FullJournal):
    def test_what_it_can_not_write_down_is_refused(self):
        self.start_on_small_disk("HOST1", "out")
        self.run_into_the_wall("OUT", "HOST1", "journal", "full")
