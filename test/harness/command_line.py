"""The command line as people expect it: help, completion, parts of ids, spans of time, what a terminal shows."""
import os
import pty
import re
import select
import signal
import struct
import subprocess
import fcntl
import termios
import time

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class CommandLine(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"), FILE02=transfer("HOST1", "HOST2"), SLOW=transfer("HOST1", "HOST2", rate=50_000),
                          ONCE=transfer("HOST1", "HOST2", if_exists="refuse"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        net.write("HOST1", "out/FILE01", 1000)
        net.write("HOST1", "out/ONCE", 1000)
        net.write("HOST1", "out/SLOW", 3_000_000)

    def at_terminal(self, *words, columns=80, **variables):
        """What the command shows on a terminal of that width."""
        main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        process = subprocess.Popen([cli.executable(), *map(str, words)], stdin=other, stdout=other, stderr=other,
                                   env={**environment, "TERM": "xterm", "TZ": "UTC-2", **variables})
        os.close(other)
        shown = b""
        deadline = time.monotonic() + 20
        while select.select([main], [], [], max(0, deadline - time.monotonic()))[0]:
            try:
                part = os.read(main, 65536)
            except OSError:  # nobody has the other end any more
                break
            if not part:
                break
            shown += part
        os.close(main)
        self.assertEqual(0, process.wait(10))
        return shown.decode().replace("\r\n", "\n")

    def test_help_of_a_command_has_examples(self):
        for words in (("help", "send"), ("send", "--help")):
            text = self.expect_exit(cli.DONE, cli.run(*words)).out
            self.assertIn("Examples:", text)
            self.assertIn("--timeout", text)
        self.assertIn("transfers", self.expect_exit(cli.DONE, cli.run("help")).out)
        self.assertIn("--rights", self.expect_exit(cli.DONE, cli.run("help", "users", "add")).out)
        self.expect_exit(cli.USAGE, cli.run("help", "nonsense"))

    def test_version_has_commit_and_libraries(self):
        text = self.expect_exit(cli.DONE, cli.run("--version")).out
        self.assertRegex(text, r"\Ahublink \d+\.\d+\.\d+, commit \w+\nwith CAF ")
        for library in ("OpenSSL 3", "SQLite 3", "asio 1", "libsodium 1"):
            self.assertIn(library, text)

    def test_manual_pages_are_roff(self):
        for name in ([], ["send"], ["users"]):
            page = self.expect_exit(cli.DONE, cli.run("manual", *name)).out
            self.assertTrue(page.startswith(".TH "), page[:50])
        self.expect_exit(cli.USAGE, cli.run("manual", "nonsense"))

    def complete(self, *words):
        return self.expect_exit(cli.DONE, cli.run("complete", "--", *words)).out.split()

    def test_completion_knows_what_the_node_knows(self):
        self.assertEqual(["send"], self.complete("sen"))
        data = self.net.data("HOST1")
        self.assertEqual(["FILE01", "FILE02"], self.complete("send", "--data", data, "FILE"))
        sent = self.send_and_wait("HOST1", "FILE01")
        self.assertIn(sent, self.complete("cancel", "--data", data, ""))
        self.assertEqual(["HOST2"], self.complete("ping", "--data", data, ""))
        self.assertEqual([], self.complete("send", "--data", self.net.directory / "nowhere", ""))

    def test_files(self):
        rows = {row["file"]: row for row in self.expect_exit(cli.DONE, self.net.cli("HOST1", "files", "--json")).json()}
        self.assertEqual({"file": "FILE01", "path": "out/FILE01", "to": ["HOST2"]}, rows["FILE01"])
        rows = {row["file"]: row for row in self.expect_exit(cli.DONE, self.net.cli("HOST2", "files", "--json")).json()}
        self.assertEqual("HOST1", rows["FILE01"]["from"])
        self.assertIn("to   HOST2", self.expect_exit(cli.DONE, self.net.cli("HOST1", "files")).out)

    def test_a_transfer_by_a_part_of_its_id(self):
        first, second = self.send_and_wait("HOST1", "FILE01"), self.send_and_wait("HOST1", "FILE01")
        short = second[12:20]
        self.assertIn("told by", self.expect_exit(cli.DONE, self.net.cli("HOST2", "trace", short)).out)
        result = self.expect_exit(cli.FAILED, self.net.cli("HOST1", "trace", first[:5]))
        self.assertIn("transfers begin with", result.err)
        for unknown in ("0000aaaa", "f" * 32):
            result = self.expect_exit(cli.FAILED, self.net.cli("HOST1", "trace", unknown))
            self.assertIn(unknown, result.err)
        self.net.write("HOST1", "out/SLOW", 3_000_000)
        slow = self.net.send("HOST1", "SLOW")
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "cancel", slow[12:20]))
        self.net.traces.expect("HOST1", "sent", transfer=slow)

    def test_an_unknown_file_gets_the_nearest(self):
        self.assertIn("did you mean FILE01?", self.expect_exit(self.unknown(), self.net.cli("HOST1", "send", "FILE0")).err)
        self.assertIn("known here: FILE01", self.net.cli("HOST1", "send", "something").err)

    def unknown(self):
        return self.net.cli("HOST1", "send", "something").code

    def test_spans_of_time(self):
        for span in ("0", "-1", "1x", "soon", ""):
            with self.subTest(span):
                self.expect_exit(cli.USAGE, self.net.cli("HOST1", "send", "FILE01", "--wait", f"--timeout={span}"))
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "FILE01", "--wait", "--timeout", "10m"))
        self.net.write("HOST1", "out/SLOW", 3_000_000)
        result = self.expect_exit(cli.TIMED_OUT, self.net.cli("HOST1", "send", "SLOW", "--wait", "--timeout", "0.3s"))
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "cancel", result.out.split()[0]))

    def test_ctrl_c_leaves_the_transfer_and_says_so(self):
        self.net.write("HOST1", "out/SLOW", 3_000_000)
        process = subprocess.Popen([cli.executable(), "send", "SLOW", "--wait", "--data", self.net.data("HOST1")], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        sent = process.stdout.readline().strip()
        process.stderr.readline()  # it waits
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=10)[1]
        self.assertEqual(-signal.SIGINT, process.returncode)
        self.assertIn("the transfer goes on", said)
        self.assertIn(f"hublink cancel {sent[12:20]}", said)
        state = lambda: next(row["state"] for row in self.net.cli("HOST1", "transfers", "--json").json() if row["transfer"] == sent)
        self.net.traces.until(lambda: state() == "running", "it runs")  # it may have waited in the queue
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "cancel", sent))

    def test_a_listing_fits_its_terminal(self):
        sent = self.send_and_wait("HOST1", "FILE01")
        self.send_and_wait("HOST1", "ONCE")
        again = self.net.cli("HOST1", "send", "ONCE", "--wait")
        self.assertNotEqual(cli.DONE, again.code)
        failed = again.out.split()[0]
        for columns in (60, 80, 120):
            shown = self.at_terminal("history", "--data", self.net.data("HOST1"), columns=columns)
            plain = ESCAPE.sub("", shown)
            self.assertIn(sent[12:20], plain)
            self.assertIn("\x1b[32mdone", shown)
            self.assertIn("\x1b[31mfailed", shown)
            for line in plain.splitlines():
                if not line.startswith("    "):
                    self.assertLessEqual(len(line.rstrip()), columns, line)
        self.assertIn("100%", plain)
        self.assertRegex(plain, r"\d\d:\d\d:\d\d")
        self.assertNotIn("\x1b", self.at_terminal("history", "--data", self.net.data("HOST1"), NO_COLOR="1"))
        piped = self.expect_exit(cli.DONE, self.net.cli("HOST1", "history")).out
        self.assertNotIn("\x1b", piped)
        self.assertIn(failed, piped)
        self.assertRegex(piped, r"\dZ")
