"""What the commands print, their exit codes, and what a node keeps over a restart."""
import contextlib
import os
import pty
import re
import signal
import stat
import subprocess
import tempfile
import unittest

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


class FourNodes(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"), SLOW=transfer("HOST1", "HOST2"), LARGE=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @contextlib.contextmanager
    def held(self, node):
        """The node stands still inside the block."""
        self.net.running[node].signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.net.running[node].signal(signal.SIGCONT)

    def row(self, node, listing, transfer):
        rows = self.expect_exit(cli.DONE, self.net.cli(node, listing, "--json")).json()
        return next((row for row in rows if row["transfer"] == transfer), None)


class Commands(FourNodes):
    def test_send_prints_the_id_alone(self):
        self.net.write("HOST1", "out/FILE01", 1000)
        result = self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "FILE01"))
        self.assertRegex(result.out, r"\A[0-9a-f]{32}\n\Z")
        self.net.traces.expect("HOST1", "sent", transfer=result.out.strip())

    def test_history_of_both_ends(self):
        source = self.net.write("HOST1", "out/FILE01", 1000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        received = self.expect_received("HOST2", transfer, source)
        for node in ("HOST1", "HOST2"):
            row = self.row(node, "history", transfer)
            expected = {"transfer": transfer, "file": "FILE01", "from": "HOST1", "to": {"HOST2": "done"}, "state": "done",
                        "bytes": 1000, "size": 1000, "digest": received["digest"]}
            self.assertEqual(expected, {key: row.get(key) for key in expected})
            self.assertRegex(row["started"], TIME)
            self.assertRegex(row["ended"], TIME)
            self.assertNotIn("reason", row)
            self.assertIn(transfer, self.expect_exit(cli.DONE, self.net.cli(node, "history")).out)

    def test_a_time_out_does_not_cancel(self):
        source = self.net.write("HOST1", "out/SLOW", 1000)
        with self.held("HOST2"):
            result = self.expect_exit(cli.TIMED_OUT, self.net.cli("HOST1", "send", "SLOW", "--wait", "--timeout", "1"))
            transfer = result.out.split()[0]
            self.assertEqual("running", self.row("HOST1", "transfers", transfer)["state"])
        self.expect_received("HOST2", transfer, source)
        self.net.traces.expect("HOST1", "sent", transfer=transfer)
        self.assertEqual("done", self.row("HOST1", "history", transfer)["state"])

    def test_progress_on_a_pipe_is_plain_lines(self):
        self.net.write("HOST1", "out/LARGE", 100_000_000)
        result = self.expect_exit(cli.DONE, self.net.cli("HOST1", "send", "LARGE", "--wait"))
        self.assertRegex(result.out, r"\A[0-9a-f]{32}\n\Z")
        self.assertNotRegex(result.err, "[\r\x1b]")

    def test_progress_on_a_terminal_is_one_live_line(self):
        self.net.write("HOST1", "out/LARGE", 200_000_000)
        try:
            terminal, end = pty.openpty()
        except OSError as why:
            self.skipTest(f"there are no terminals here: {why}")
        process = subprocess.Popen([cli.executable(), "send", "LARGE", "--wait", "--data", self.net.data("HOST1")],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=end)
        os.close(end)
        shown = b""
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            while part := os.read(terminal, 65536):
                shown += part
        os.close(terminal)
        process.stdout.close()
        self.assertEqual(0, process.wait(20))
        self.assertIn(b"\r", shown.rstrip(b"\r\n"))
        self.assertIn(b"%", shown)

    def test_status(self):
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "ping", "HOST2"))
        status = self.expect_exit(cli.DONE, self.net.cli("ServerA", "status", "--json")).json()
        self.assertEqual(("ServerA", "server", "three-hubs"), (status["node"], status["role"], status["network"]))
        links = {link["peer"]: link for link in status["links"]}
        for peer, role in (("HOST1", "client"), ("ServerB", "server")):
            self.assertEqual((role, True), (links[peer]["role"], links[peer]["up"]))
        plain = self.expect_exit(cli.DONE, self.net.cli("ServerA", "status")).out
        self.assertIn("ServerB", plain)

    def test_the_control_socket_is_the_users_alone(self):
        self.assertEqual(0o600, stat.S_IMODE((self.net.data("HOST1") / "control.sock").stat().st_mode))

    def test_data_directory_from_the_environment(self):
        result = cli.run("status", "--json", env={"HUBLINK_DATA": str(self.net.data("HOST1"))})
        self.assertEqual("HOST1", self.expect_exit(cli.DONE, result).json()["node"])


class Queue(FourNodes):
    """One transfer at a time; the others wait their turn."""

    topology = three_hubs(**{file: transfer("HOST1", "HOST2") for file in ("FIRST", "SECOND", "THIRD")})
    topology["nodes"]["HOST1"]["limits"] = {"transfers": 1}

    def test_what_exceeds_the_limit_is_queued(self):
        files = ("FIRST", "SECOND", "THIRD")
        for file in files:
            self.net.write("HOST1", f"out/{file}", 1000)
        with self.held("HOST2"):
            ids = [self.net.send("HOST1", file) for file in files]
            states = [self.row("HOST1", "transfers", transfer)["state"] for transfer in ids]
            self.assertEqual(["queued", "queued"], states[1:])
            self.assertIn(states[0], ("queued", "running"))
        for transfer in ids:
            self.net.traces.expect("HOST1", "sent", transfer=transfer)
        arrived = [e["file"] for e in self.net.traces.all(node="HOST2", event="received")]
        self.assertEqual(list(files), arrived)


class Restart(FourNodes):
    def test_1_a_server_that_was_killed_is_found_again(self):
        source = self.net.write("HOST1", "out/FILE01", 1000)
        self.send_and_wait("HOST1", "FILE01")
        for server in ("ServerA", "ServerB"):
            self.net.kill(server)
            self.net.start(server)
            self.expect_received("HOST2", self.send_and_wait("HOST1", "FILE01"), source)

    def test_2_history_outlives_the_process(self):
        self.net.write("HOST1", "out/FILE01", 1000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        for node in ("HOST1", "HOST2"):
            self.net.kill(node)
            self.net.start(node)
            self.assertEqual("done", self.row(node, "history", transfer)["state"])

    def test_3_a_sender_that_was_killed_takes_up_its_queue(self):
        source = self.net.write("HOST1", "out/SLOW", 1000)
        with self.held("HOST2"):
            transfer = self.net.send("HOST1", "SLOW")
            self.net.traces.expect("ServerB", "next", transfer=transfer)
            self.net.kill("HOST1")
        self.net.start("HOST1")
        self.expect_received("HOST2", transfer, source)
        self.net.traces.expect("HOST1", "sent", transfer=transfer, receivers={"HOST2": "done"})
        self.assertEqual(2, self.row("HOST1", "history", transfer)["attempt"])
        again = [e for e in self.net.traces.all(node="ServerA", event="told", transfer=transfer)]
        self.assertEqual([None, 2], [e.get("attempt") for e in again])


class Usage(Scenario):
    """Wrong use: exit code 2 and one clear line."""

    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA",)

    def test_no_node_runs_there(self):
        self.expect_refusal(self.net.cli("HOST1", "status"), cli.UNREACHABLE, "HOST1")

    def test_unknown_command_and_missing_words(self):
        for words in (["dance"], ["send"], ["send", "FILE01"], ["ping", "HOST2"], ["run"], []):
            with self.subTest(words):
                self.assertEqual(cli.USAGE, cli.run(*words, env={"HUBLINK_DATA": ""}).code)

    def test_a_mistyped_command_gets_the_nearest_one(self):
        for words, said in ((["sned", "FILE01"], "sned: no such command; did you mean send?"),
                            (["stauts", "--json"], "stauts: no such command; did you mean status?"),
                            (["users", "lsit"], "lsit: no such command; did you mean list?"),
                            (["dance"], "dance: no such command; see hublink --help")):
            with self.subTest(words):
                result = self.expect_exit(cli.USAGE, cli.run(*words))
                self.assertEqual((said, ""), (result.err.strip(), result.out))

    def test_a_node_names_the_verb_that_is_nearest_to_an_unknown_one(self):
        for verb, said in (("sned", "sned: no such command; did you mean send?"), ("dance", "dance: no such command")):
            with self.subTest(verb):
                answer = self.net.ask("ServerA", verb=verb)
                self.assertEqual(({"code": "bad-config", "hop": "ServerA", "reason": said}, cli.USAGE),
                                 (answer["error"], answer["exit"]))

    def test_what_is_no_command_is_refused(self):
        for line in ("[]", "nonsense", '{"verb": "status", "network": 5}', '{"verb": "send", "file": "FILE01", "wait": "x"}'):
            with self.subTest(line):
                self.assertIn("exit", self.net.ask_line("ServerA", line))

    def test_help_says_where_a_manager_has_it_done(self):
        result = self.expect_exit(cli.DONE, cli.run("hold", "--help"))
        self.assertIn("at the client that --at names; the account needs the right manage", result.out)

    def test_unknown_node(self):
        result = cli.run("run", self.net.file, "--node", "HOST9", "--data", self.net.directory / "HOST9", "--keys", self.net.keys / "HOST1")
        self.expect_refusal(result, cli.USAGE, "HOST9")

    def test_a_topology_with_mistakes(self):
        broken = self.net.directory / "broken.json"
        broken.write_text(self.net.file.read_text().replace('"home": "ServerB"', '"home": "ServerX"'))
        result = cli.run("run", broken, "--node", "HOST1", "--data", self.net.directory / "x", "--keys", self.net.keys / "HOST1")
        self.expect_exit(cli.USAGE, result)
        self.assertIn("nodes.HOST2.home", result.err)
        self.assertIn("ServerX", result.err)

    def test_no_such_topology(self):
        result = cli.run("run", self.net.directory / "no.json", "--node", "HOST1", "--keys", self.net.keys / "HOST1")
        self.expect_refusal(result, cli.USAGE, "no.json")

    def test_an_address_in_use(self):
        self.net.differs_at("HOST1", lambda own: own["nodes"]["ServerA"].update(address="127.1.1.2:1") or
                            own["nodes"]["HOST1"].update(address=self.net.topology["nodes"]["ServerA"]["address"]))
        result = cli.run(*self.net.run_command("HOST1"))
        self.assertNotEqual(cli.DONE, result.code)
        self.assertIn(self.net.topology["nodes"]["ServerA"]["address"], result.err)


class Environment(unittest.TestCase):
    """HUBLINK_DATA is for commands that name no directory."""

    def test_a_directory_that_is_named_counts_more(self):
        words = {"users add": ["anna"], "users passwd": ["anna"], "users set": ["anna", "--rights", "view"], "users remove": ["anna"], "users list": [],
                 "tokens add": ["report"], "tokens remove": ["report"], "tokens list": [],
                 "audit": [], "status": [], "send": ["FILE01"], "rate": ["off"], "ping": ["HOST2"]}
        for command, more in words.items():
            for env, options, where in (("/of-the-environment", ["--data", "/of-the-line"], "/of-the-line"), ("/of-the-environment", [], "/of-the-environment")):
                with self.subTest(command, options=options):
                    said = cli.run(*command.split(), *more, *options, env={"HUBLINK_DATA": env, "HUBLINK_PASSWORD": "some long password"})
                    self.assertNotEqual(cli.DONE, said.code)
                    self.assertIn(f"no node runs in {where} ", said.err)

    def test_of_socks_users_too(self):
        with tempfile.TemporaryDirectory() as named, tempfile.TemporaryDirectory() as other:
            env = {"HUBLINK_DATA": other, "HUBLINK_PASSWORD": "some long password"}
            for command, user in (("set", "anna"), ("set", "bert"), ("remove", "anna")):
                said = cli.run("socks-users", command, user, "--data", named, env=env)
                self.assertEqual(cli.DONE, said.code, str(said))
                self.assertEqual((["socks.users"], []), (os.listdir(named), os.listdir(other)))
