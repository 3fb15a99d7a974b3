"""Scenario 1: management sessions. Login to every server, the reasons why it fails, and how they end."""
import concurrent.futures
import os
import re
import signal
import socket

from hublink_harness import cli
from hublink_harness.managed import Managed, managed
from hublink_harness.topologies import chain, three_hubs, transfer


class Swallow:
    """An address where connections get no answer: a listener whose queue is full."""

    def __init__(self, address):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(address)
        self._listener.listen(0)
        self._waiting = [socket.socket() for _ in range(4)]
        for one in self._waiting:
            one.setblocking(False)
            one.connect_ex(address)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in (*self._waiting, self._listener):
            one.close()


class Login(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))

    def test_login_reaches_every_server_by_the_shortest_path(self):
        rows = self.expect_exit(cli.DONE, self.login()).json()
        self.assertEqual(["ServerA", "ServerB", "ServerC"], [row["server"] for row in rows])
        self.assertEqual([("in", "op")] * 3, [(row["state"], row["user"]) for row in rows])
        told = self.net.traces.expect("ServerB", "told", kind="management")
        self.expect_story(
            told["transfer"],
            "MGR next ServerA (127.1.1.1): ServerA, by definition",
            "ServerA told by MGR: management, destination ServerB",
            "ServerA next ServerB (127.1.2.1): ServerB, by route",
            "ServerB told by ServerA: management",
        )
        self.net.traces.expect("MGR", "login", server="ServerB", user="op")
        self.expect_exit(cli.DONE, self.net.cli("MGR", "logout"))
        self.expect_all_closed(told["transfer"], ["MGR", "ServerA", "ServerB"])
        self.net.traces.expect("MGR", "logout", server="ServerC", user="op")
        self.assertEqual({}, self.sessions())
        self.expect_no_circuits("ServerA", "ServerB", "ServerC")

    def test_logout_leaves_no_sockets(self):
        """Of the sessions: one at the manager and one at the server for each, two at ServerA for each of those that go on from there.
        Links between neighbours stay for a while."""
        def sockets():
            return sum(is_socket(entry.path) for node in self.net.running.values() for entry in os.scandir(f"/proc/{node.pid}/fd"))

        def is_socket(path):
            try:
                return os.readlink(path).startswith("socket:")
            except FileNotFoundError:
                return False  # closed meanwhile

        for _ in range(3):
            self.expect_exit(cli.DONE, self.login())
            logged_in = sockets()
            self.net.cli("MGR", "logout")
            self.net.traces.until(lambda: sockets() <= logged_in - 10, f"ten sockets less than {logged_in}")

    def test_a_wrong_password_is_named_at_each_server(self):
        result = self.login(password="wrong password")
        self.expect_exit(cli.REFUSED, result)
        for server in ("ServerA", "ServerB", "ServerC"):
            self.reason(result, server, "not-authenticated", "user not authenticated", server)
        unknown = self.login(user="nobody")
        self.assertEqual(self.reason(result, "ServerB", "not-authenticated")["reason"],
                         self.reason(unknown, "ServerB", "not-authenticated")["reason"])
        audit = self.net.cli("ServerB", "audit", "--json").json()
        self.assertIn(("MGR", "nobody", "login", "not-authenticated"),
                      [(row.get("from"), row.get("user"), row["command"], row["result"]) for row in audit])

    def test_a_login_that_comes_again_repairs_only_what_is_missing(self):
        self.logged_in()
        before = self.sessions()
        self.expect_exit(cli.DONE, self.login())
        self.assertEqual(before, self.sessions())

    def test_only_a_manager_has_sessions(self):
        for node in ("HOST1", "ServerA"):
            result = self.login(node=node)
            self.assertNotEqual(cli.DONE, result.code)

    def test_the_first_account_has_a_generated_password_shown_once(self):
        log = (self.net.directory / "ServerC.log").read_text()
        (password,) = re.findall(r"user admin, password (\S+)", log)
        self.net.stop("ServerC")
        self.net.start("ServerC")
        self.assertEqual(1, (self.net.directory / "ServerC.log").read_text().count("password"))
        rows = {row["server"]: row for row in self.login(user="admin", password=password).json()}
        self.assertEqual("in", rows["ServerC"]["state"])
        self.assertEqual("not-authenticated", rows["ServerA"]["code"])
        self.net.cli("MGR", "logout")


class Unreachable(Managed):
    topology = managed(chain(3, FILE01=transfer("HOST1", "HOST2")), "127.2.1.9", "Server1")

    def test_a_server_on_the_way_is_stopped(self):
        self.net.stop("Server2")
        self.addCleanup(self.net.start, "Server2")
        result = self.login()
        self.expect_exit(cli.UNREACHABLE, result)
        for server in ("Server2", "Server3"):
            self.reason(result, server, "hop-down", "Server2", "refused", "at Server1")
        self.assertEqual("in", result.json()[0]["state"])
        self.net.cli("MGR", "logout")

    def test_a_server_on_the_way_is_silent(self):
        self.expect_exit(cli.DONE, self.login())
        self.net.cli("MGR", "logout")
        self.net.stop("Server2")
        self.net.start("Server2")
        self.net.running["Server2"].signal(signal.SIGSTOP)
        self.addCleanup(self.net.running["Server2"].signal, signal.SIGCONT)
        result = self.login()
        self.expect_exit(cli.UNREACHABLE, result)
        self.reason(result, "Server3", "hop-down", "Server2", "does not answer", "at Server1")
        self.net.cli("MGR", "logout")

    def test_a_line_is_down(self):
        """Server2's address swallows what is sent to it."""
        self.net.stop("Server2")
        self.addCleanup(self.net.start, "Server2")
        with Swallow(self.net.address("Server2")):
            result = self.login()
        self.expect_exit(cli.UNREACHABLE, result)
        for server in ("Server2", "Server3"):
            self.reason(result, server, "line-down", "Server2", "at Server1")
        self.net.cli("MGR", "logout")

    def test_a_session_that_drops_is_told_and_not_made_again(self):
        self.expect_exit(cli.DONE, self.login())
        self.addCleanup(self.net.cli, "MGR", "logout")
        self.net.kill("Server2")
        self.addCleanup(lambda: "Server2" in self.net.running or self.net.start("Server2"))
        for server in ("Server2", "Server3"):
            self.net.traces.expect("MGR", "session_lost", server=server, user="op")
        self.net.start("Server2")
        self.assertEqual(["in", "lost", "lost"], [row["state"] for row in self.sessions().values()])
        self.assertEqual(cli.UNREACHABLE, self.net.cli("MGR", "sessions").code)
        first = self.sessions()["Server1"]["since"]
        self.expect_exit(cli.DONE, self.login())
        self.assertEqual(["in"] * 3, [row["state"] for row in self.sessions().values()])
        self.assertEqual(first, self.sessions()["Server1"]["since"])


class NotLoggedIn(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))

    def test_nothing_goes_without_a_session(self):
        for words in (["send", "FILE01"], ["hold", "--at", "HOST1"], ["transfers"], ["cancel", "0" * 32]):
            self.expect_refusal(self.net.cli("MGR", *words), cli.USAGE, "not logged in")


class Killed(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))

    def test_the_manager_is_killed_while_it_waits(self):
        """The transfer ends by itself, and nothing is left of the sessions."""
        source = self.net.write("HOST1", "out/FILE01", 10_000)
        self.expect_exit(cli.DONE, self.login())
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "hold"))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waiting = pool.submit(self.net.cli, "MGR", "send", "FILE01", "--wait")
            rows = self.net.traces.until(lambda: self.net.cli("HOST1", "transfers", "--json").json(), "the send")
            self.net.kill("MGR")
            self.assertNotEqual(cli.DONE, waiting.result().code)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "release"))
        self.expect_received("HOST2", rows[0]["transfer"], source)
        self.expect_no_circuits("ServerA", "ServerB", "ServerC", within=30)
        self.net.start("MGR")
        self.assertEqual({}, self.sessions())
