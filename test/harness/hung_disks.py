"""A disk that does not answer takes its own transfers and nobody else's: others are sent and received, `status` answers at once and
names it, and what waits for it can be cancelled."""
import json
import re
import signal
import threading

from hublink_harness import cli, fuse
from hublink_harness.case import Scenario
from hublink_harness.topologies import chain, transfer

HUNG = [f"HUNG{number}" for number in range(12)]
SOON = 5
GIVEN_BACK = 10  # what hangs has given its place to others by then


class Hung(Scenario):
    """`side` has the disk."""

    side = None

    @classmethod
    def prepare(cls, net):
        folder = net.data(cls.side) / ("out" if cls.side == "HOST1" else "in")
        cls.disk = fuse.Share(net.directory / "share", folder / "share")
        cls.addClassCleanup(cls.disk.close)
        net.write("HOST1", "out/OK", 200_000)
        for name in HUNG:
            net.write("HOST1", f"out/share/{name}" if cls.side == "HOST1" else f"out/{name}", 200_000)

    def setUp(self):
        self.disk.hang()
        self.addCleanup(self.disk.answer)

    def begin(self):
        """All of them; the commands' answers, which may come late."""
        sent = {}
        threads = [threading.Thread(target=lambda name=name: sent.update({name: self.net.cli("HOST1", "send", name)})) for name in HUNG]
        for thread in threads:
            thread.start()
        self.disk.wait_stuck()
        return threads, sent

    def state(self, node, sent):
        rows = self.net.cli(node, "history", "--json").json()
        return next((row["state"] for row in rows if row["transfer"] == sent), None)

    def check_others(self):
        for seconds in (GIVEN_BACK, SOON, SOON):
            result = self.net.cli("HOST1", "send", "OK", "--wait")
            self.expect_exit(cli.DONE, result)
            self.assertLess(result.seconds, seconds, str(result))
        for verb in ("status", "transfers", "history"):
            for node in ("HOST1", "HOST2"):
                result = self.net.cli(node, verb, "--json")
                self.expect_exit(cli.DONE, result)
                self.assertLess(result.seconds, 1.5, str(result))
        self.assertLess(self.expect_exit(cli.DONE, self.net.cli("HOST2", "ping", "HOST1")).seconds, SOON)

    def names_it(self):
        disks = self.net.cli(self.side, "status", "--json").json().get("disks", [])
        return any(row["place"].endswith("/share") and row["seconds"] >= 5 for row in disks)

    def test_others_go_on_and_it_can_be_cancelled(self):
        threads, sent = self.begin()
        self.check_others()
        for thread in threads:
            thread.join()
        self.net.traces.until(self.names_it, f"{self.side}'s status names the disk", 10)
        self.assertIn("share does not answer since ", self.net.cli(self.side, "status").out)
        self.check_others()
        for name, result in sent.items():
            with self.subTest(name):
                self.expect_exit(cli.DONE, result)
                cancelled = self.net.cli("HOST1", "cancel", result.out.split()[0])
                self.assertLess(cancelled.seconds, SOON, str(cancelled))
                self.net.traces.until(lambda sent=result.out.split()[0]: self.state("HOST1", sent) == "cancelled", "it is cancelled", 30)
        self.disk.answer()
        self.check_others()

    def test_one_that_hangs_in_the_middle(self):
        self.disk.hang("read" if self.side == "HOST1" else "write")
        threads, _ = self.begin()
        self.check_others()
        self.disk.answer()
        for thread in threads:
            thread.join()
        for name in HUNG:
            self.net.traces.until(lambda name=name: self.newest("HOST1", name) == "done", f"{name} is there", 30)

    def newest(self, node, file):
        rows = self.net.cli(node, "history", "--json").json()
        return next((row["state"] for row in rows if row["file"] == file), None)


class Source(Hung):
    side = "HOST1"
    topology = chain(1, OK=transfer("HOST1", "HOST2"),
                     **{name: transfer("HOST1", "HOST2", send={"path": f"out/share/{name}"}) for name in HUNG})


class Target(Hung):
    side = "HOST2"
    topology = chain(1, OK=transfer("HOST1", "HOST2"),
                     **{name: transfer("HOST1", "HOST2", receive={"path": f"in/share/{name}"}) for name in HUNG})


class AtStart(Scenario):
    """A node whose target's disk hangs when it starts serves the others."""

    topology = chain(1, OK=transfer("HOST1", "HOST2"), FILE=transfer("HOST1", "HOST2", receive={"path": "in/share/file"}),
                     NAMED=transfer("HOST1", "HOST2", receive={"path": "elsewhere/file"}))
    started = ("Server1", "HOST1")

    def test_a_mount_that_is_named_by_the_topology(self):
        disk = fuse.Share(self.net.directory / "other", self.net.data("HOST2") / "elsewhere")
        self.addCleanup(disk.close)
        disk.hang()
        self.net.start("HOST2", within=10)
        source = self.net.write("HOST1", "out/OK", 1000)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "OK"), source)
        disk.answer()
        source = self.net.write("HOST1", "out/NAMED", 1000)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "NAMED"), source)
        self.net.stop("HOST2")

    def test_a_publication_that_was_begun(self):
        disk = fuse.Share(self.net.directory / "share", self.net.data("HOST2") / "in/share")
        self.addCleanup(disk.close)
        self.net.start("HOST2", fault="before-rename")
        source = self.net.write("HOST1", "out/FILE", 200_000)
        sent = self.net.send("HOST1", "FILE")
        self.net.await_death("HOST2")
        disk.hang()
        self.net.start("HOST2", within=10)
        self.net.write("HOST1", "out/OK", 1000)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "OK", "--wait", deadline=20))
        disk.answer()
        self.net.traces.expect("HOST1", "sent", within=60, transfer=sent)
        self.expect_received("HOST2", sent, source)
        self.net.stop("HOST2")


class AtEnd(Scenario):
    """A node ends in order although a disk does not answer, and says so."""

    topology = chain(1, OUT=transfer("HOST1", "HOST2", send={"path": "out/share/file"}),
                     IN=transfer("HOST1", "HOST2", receive={"path": "in/share/file"}), OK=transfer("HOST1", "HOST2"))
    words = r"ends although .*/share does not answer since \d+ s"

    @classmethod
    def prepare(cls, net):
        cls.disks = {node: fuse.Share(net.directory / f"share of {node}", net.data(node) / folder / "share")
                     for node, folder in (("HOST1", "out"), ("HOST2", "in"))}
        for disk in cls.disks.values():
            cls.addClassCleanup(disk.close)

    def begin(self, node, file, path, killable):
        disk = self.disks[node]
        disk.killable = killable
        self.addCleanup(disk.answer)
        self.net.write("HOST1", path, 200_000)
        disk.hang()
        sending = threading.Thread(target=self.net.cli, args=("HOST1", "send", file))
        sending.start()
        self.addCleanup(sending.join)
        disk.wait_stuck()
        return disk

    def log(self, node):
        return (self.net.data(node) / "hublink.log").read_text()

    def check_serves(self):
        source = self.net.write("HOST1", "out/OK", 1000)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "OK"), source)

    def test_both_ends(self):
        for node, file, path in (("HOST1", "OUT", "out/share/file"), ("HOST2", "IN", "out/IN")):
            with self.subTest(node):
                disk = self.begin(node, file, path, True)
                self.net.stop(node)  # within 10 s, with 0
                self.assertRegex(self.log(node), self.words)
                disk.answer()
                self.net.start(node)
                self.check_serves()

    def test_a_process_that_the_kernel_keeps(self):
        disk = self.begin("HOST2", "IN", "out/IN", False)
        old = self.net.running["HOST2"]
        old.signal(signal.SIGTERM)
        self.net.traces.until(lambda: re.search(self.words, self.log("HOST2")), "it has ended as far as it can", 10)
        self.net.start("HOST2")  # in the same directory, at the same port
        self.check_serves()
        disk.answer()
        self.assertEqual(0, old.wait_end())


class Program(Scenario):
    """A job's program on a disk that does not answer holds up that job alone."""

    confined = None
    topology = chain(1, OK=transfer("HOST1", "HOST2"), JOB=transfer("HOST1", "HOST2"))
    started = ("Server1", "HOST1")

    @classmethod
    def prepare(cls, net):
        program = net.directory / "programs/load"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\necho loaded\n")
        program.chmod(0o755)
        cls.disk = fuse.Share(program.parent, net.directory / "mounted")
        cls.addClassCleanup(cls.disk.close)
        local = {"confine_jobs": cls.confined, "jobs": {"JOB": {"post_receive": {"command": [str(cls.disk.at / "load")], "wait": True}}}}
        (net.data("HOST2") / "local.json").write_text(json.dumps(local))

    def begin(self):
        self.net.write("HOST1", "out/JOB", 1000)
        self.disk.hang("lookup")
        sent = self.net.send("HOST1", "JOB")
        self.disk.wait_stuck()
        return sent

    def test_a_job_s_program(self):
        self.net.start("HOST2")
        self.addCleanup(self.disk.answer)
        sent = self.begin()
        source = self.net.write("HOST1", "out/OK", 1000)
        result = self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "OK", "--wait", deadline=GIVEN_BACK))
        self.expect_received("HOST2", result.out.split()[0], source)
        status = self.expect_exit(cli.DONE, self.net.cli("HOST2", "status", "--json"))
        self.assertLess(status.seconds, 1.5, str(status))
        self.disk.answer()
        self.assertEqual({"HOST2": "done"}, self.net.traces.expect("HOST1", "sent", within=30, transfer=sent)["receivers"])
        self.begin()
        self.net.stop("HOST2")  # within 10 s, with 0


class Fenced(Program):
    confined = True


class Unfenced(Program):
    confined = False


del Hung, Program  # no tests by themselves
