"""A node's own files: the trace a day, SIGHUP, what administrators do to files, journals of other versions, local.json."""
import gzip
import json
import os
import signal
import sqlite3
import unittest

from hublink_harness.apps import wait_until
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer
from hublink_harness.wall_clock import LIBRARY, WallClock

DAY = 86400


class OwnFiles(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        net.write("HOST1", "out/FILE01", 1000)
        if LIBRARY:
            cls.clock = WallClock(net, "ServerA")

    def trace(self, id, node="ServerA"):
        return self.net.cli(node, "trace", id, "--json").json()

    def names(self):
        return sorted(path.name for path in (self.net.data("ServerA") / "events").iterdir() if not path.name.endswith(".index"))

    def hang_up(self):
        self.net.running["ServerA"].signal(signal.SIGHUP)

    def test_files_that_are_moved_are_made_anew_with_and_without_a_signal(self):
        data = self.net.data("ServerA")
        link, log = data / "events.jsonl", data / "hublink.log"
        segment = data / os.readlink(link)
        for moved in (link, segment, log):
            os.rename(moved, f"{moved}.1")
        self.hang_up()
        wait_until(lambda: log.exists() and link.exists(), "log and trace are there anew")
        id = self.send_and_wait("HOST1", "FILE01")
        self.assertGreater(link.stat().st_size, 0)
        self.assertTrue(self.trace(id))
        segment = data / os.readlink(link)
        os.rename(segment, f"{segment}.2")
        os.unlink(link)
        # Without a signal a node looks at its files ten times a second: what it writes before goes into the moved one.
        wait_until(lambda: self.trace(self.send_and_wait("HOST1", "FILE01")), "the trace is there anew")
        self.assertGreater(link.stat().st_size, 0)
        os.truncate(link, 0)  # copytruncate
        self.assertTrue(self.trace(self.send_and_wait("HOST1", "FILE01")))
        self.send_and_wait("HOST1", "FILE01")
        self.assertNotIn(b"\0", link.read_bytes())

    def test_a_hangup_ends_no_node_and_those_who_follow_see_what_comes(self):
        follower = self.net.running["ServerA"]
        for _ in range(3):
            self.hang_up()
        self.assertTrue(self.trace(self.send_and_wait("HOST1", "FILE01")))
        self.assertIsNone(follower.process.poll())

    def test_an_administrator_who_reads_leaves_no_trace_of_that(self):
        # What was sent before is closed here, too, and what it writes from now on is the administrator's doing.
        self.net.traces.expect("ServerA", "closed", transfer=self.send_and_wait("HOST1", "FILE01"))
        self.net.cli("ServerA", "status")
        segment = self.net.data("ServerA") / "events.jsonl"
        before = segment.stat().st_size
        for words in (["status"], ["transfers"], ["history"], ["stored"], ["events"], ["trace", "0" * 32]):
            self.net.cli("ServerA", *words)
        self.assertEqual(before, segment.stat().st_size)

    @unittest.skipUnless(LIBRARY, "no libfaketime")
    def test_days_have_segments_that_are_compressed_when_they_are_over(self):
        id = self.send_and_wait("HOST1", "FILE01")
        today = os.readlink(self.net.data("ServerA") / "events.jsonl").removeprefix("events/")
        self.clock.set(DAY)
        self.addCleanup(self.clock.set, 0)
        late = self.send_and_wait("HOST1", "FILE01")
        wait_until(lambda: f"{today}.gz" in self.names(), "the day that is over is compressed", 15)
        with gzip.open(self.net.data("ServerA") / "events" / f"{today}.gz", "rt") as lines:
            self.assertTrue(any(json.loads(line).get("transfer") == id for line in lines))
        self.assertTrue(self.trace(id))
        self.assertTrue(self.trace(late))
        self.net.stop("ServerA")
        self.net.start("ServerA")
        self.assertTrue(self.trace(id))
        self.assertTrue(self.trace(late))


class Versions(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def alter(self, sql):
        """The journal of HOST1, which is off."""
        journal = sqlite3.connect(self.net.data("HOST1") / "journal.sqlite")
        journal.executescript(sql)
        journal.close()

    def expect_refused(self, *words):
        node = self.net.begin("HOST1")
        self.assertEqual(2, node.wait_end())
        self.net.running.pop("HOST1")
        last = node.log.read_text().strip().splitlines()[-1]
        for word in words:
            self.assertIn(word, last)

    def test_a_journal_of_an_earlier_version_is_taken_over_and_a_later_one_refused(self):
        self.net.write("HOST1", "out/FILE01", 1000)
        first = self.send_and_wait("HOST1", "FILE01")
        self.net.stop("HOST1")
        self.alter("DROP INDEX transfers_saved; ALTER TABLE transfers DROP COLUMN saved_ms; ALTER TABLE transfers DROP COLUMN broken;"
                   "PRAGMA user_version = 0")
        self.net.start("HOST1")
        self.send_and_wait("HOST1", "FILE01")
        self.assertIn(first, [row["transfer"] for row in self.net.cli("HOST1", "history", "--json").json()])
        self.assertTrue((self.net.data("HOST1") / "journal.sqlite.before-1").exists())
        self.net.stop("HOST1")
        self.alter("ALTER TABLE transfers ADD COLUMN colour TEXT")
        self.expect_refused("transfers.colour")
        self.alter("ALTER TABLE transfers DROP COLUMN colour; PRAGMA user_version = 42")
        self.expect_refused("number 42", "later version of hublink")
        self.alter("PRAGMA user_version = 1")
        self.net.start("HOST1")
        self.send_and_wait("HOST1", "FILE01")

    def test_a_job_for_what_the_definition_does_not_have_is_a_warning(self):
        self.net.stop("HOST1")
        local = self.net.data("HOST1") / "local.json"
        local.write_text(json.dumps({"jobs": {"GONE": {"pre_send": {"command": ["true"]}}}}))
        local.chmod(0o600)
        self.addCleanup(local.unlink)
        self.net.start("HOST1")
        status = self.net.cli("HOST1", "status", "--json").json()
        self.assertEqual(1, len(status["warnings"]))
        self.assertIn("jobs.GONE.pre_send: HOST1 does not send GONE", status["warnings"][0])
        self.assertIn("warning: local.json, jobs.GONE.pre_send", self.net.cli("HOST1", "status").out)
        wait_until(lambda: "jobs.GONE.pre_send" in self.net.running["HOST1"].logged(), "the log has it too")
        self.net.write("HOST1", "out/FILE01", 10)
        self.send_and_wait("HOST1", "FILE01")
