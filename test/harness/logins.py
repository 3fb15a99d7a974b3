"""Each login authenticates its user: what others are logged in for is nobody else's, and several users work side by side at one manager."""
import concurrent.futures

from hublink_harness import cli
from hublink_harness.managed import PASSWORD, Managed, managed
from hublink_harness.topologies import three_hubs, transfer

SERVERS = ("ServerA", "ServerB", "ServerC")
OTHER = "battery staple horse"


class Logins(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), FILE02=transfer("HOST1", "HOST3")))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for server in SERVERS:
            cls.add_user(server, "anna", "view", password=OTHER)
            cls.add_user(server, "limited", "view,transfer", "--transfers", "FILE01")

    def tearDown(self):
        for user in ("op", "anna", "limited"):
            self.net.cli("MGR", "logout", "--user", user)
        self.assertEqual([], self.rows())

    def rows(self, *words):
        return self.net.cli("MGR", "sessions", "--json", *words).json()

    def users(self):
        return sorted({row["user"] for row in self.rows()})

    def comes_in(self, user, password=PASSWORD):
        result = self.expect_exit(cli.DONE, self.login(user=user, password=password))
        self.assertEqual([(server, "in", user) for server in SERVERS],
                         [(row["server"], row["state"], row["user"]) for row in result.json()])
        return result.json()

    def is_refused(self, user, password):
        result = self.expect_exit(cli.REFUSED, self.login(user=user, password=password))
        self.assertEqual([(server, "failed", user, "not-authenticated") for server in SERVERS],
                         [(row["server"], row["state"], row["user"], row["code"]) for row in result.json()])

    def deeds(self, server="ServerA"):
        """Who did what there, oldest first."""
        audit = self.net.cli(server, "audit", "--json").json()
        return [(row.get("user"), row["command"], row["result"]) for row in reversed(audit) if row.get("from") == "MGR"]


class WhoIsIn(Logins):
    def test_nobody_is_let_in_by_somebody_else_s_session(self):
        self.comes_in("op")
        before, known = self.rows(), len(self.deeds())
        for user, password in (("nobody", PASSWORD), ("nobody", "any"), ("anna", PASSWORD), ("op", OTHER), ("op", "")):
            with self.subTest(user=user, password=password):
                if password:
                    self.is_refused(user, password)
                else:
                    self.assertEqual(cli.USAGE, self.login(user=user, password=password).code)
                self.assertEqual(before, self.rows())
                self.expect_refusal(self.net.cli("MGR", "transfers", "--user", "nobody"), cli.USAGE, "nobody is not logged in", "op")
        self.assertEqual({("nobody", "login", "not-authenticated"), ("anna", "login", "not-authenticated"),
                          ("op", "login", "not-authenticated")}, set(self.deeds()[known:]))

    def test_a_login_of_who_is_in_proves_the_password_and_ends_nothing(self):
        self.comes_in("op")
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "hold"))
        self.addCleanup(self.net.cli, "HOST1", "release")
        self.net.write("HOST1", "out/FILE01", 10)
        before = self.rows()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waiting = pool.submit(self.net.cli, "MGR", "send", "FILE01", "--wait")
            self.net.traces.until(lambda: any(row["state"] == "queued" for row in self.net.cli("HOST1", "transfers", "--json").json()), "the send")
            self.assertEqual(before, self.comes_in("op"))
            self.is_refused("op", "a wrong one")
            self.assertEqual(before, self.rows())
            self.expect_exit(cli.DONE, self.net.cli("HOST1", "release"))
            self.expect_exit(cli.DONE, waiting.result())
        deeds = [deed for deed in self.deeds() if deed[1] == "login"]
        self.assertEqual([("op", "login", "ok"), ("op", "login", "ok"), ("op", "login", "not-authenticated")], deeds[-3:])

    def test_logout_lists_what_it_ended(self):
        self.comes_in("op")
        rows = self.expect_exit(cli.DONE, self.net.cli("MGR", "logout", "--json")).json()
        self.assertEqual([(server, "out", "op") for server in SERVERS], [(row["server"], row["state"], row["user"]) for row in rows])
        self.assertEqual([], self.rows())
        self.assertEqual([], self.expect_exit(cli.DONE, self.net.cli("MGR", "logout", "--json")).json())
        self.expect_refusal(self.net.cli("MGR", "logout", "--user", "op"), cli.USAGE, "op is not logged in")


class SideBySide(Logins):
    # Each command that needs a session.
    COMMANDS = (["send", "FILE01"], ["request", "FILE01", "--at", "HOST2"], ["cancel", "0" * 32], ["retry", "0" * 32],
                ["hold", "--at", "HOST1"], ["release", "--at", "HOST1"], ["transfers"], ["history"], ["trace", "0" * 32], ["status"],
                ["stored", "--at", "ServerB"], ["deliver", "0" * 32, "--at", "ServerB"], ["events"], ["apply"], ["logout"])

    def test_where_several_are_in_it_is_said_who(self):
        for words in self.COMMANDS[:-1]:
            self.expect_refusal(self.net.cli("MGR", *words), cli.USAGE, "not logged in; see hublink login")
        self.comes_in("op")
        self.comes_in("anna", OTHER)
        for words in self.COMMANDS:
            with self.subTest(words=words):
                self.expect_refusal(self.net.cli("MGR", *words), cli.USAGE, "anna, op", "--user")
                for named in (["--user", "nobody"], ["--user", "Op"], ["--user", "op "]):
                    self.expect_refusal(self.net.cli("MGR", *words, *named), cli.USAGE, "is not logged in", "anna, op")
        self.assertEqual(["anna", "op"], self.users())
        self.assertEqual({"anna"}, {row["user"] for row in self.rows("--user", "anna")})
        self.expect_exit(cli.DONE, self.net.cli("MGR", "status", env={"HUBLINK_USER": "anna"}))
        self.expect_exit(cli.DONE, self.net.cli("MGR", "status", "--user", "op", env={"HUBLINK_USER": "nobody"}))
        self.expect_exit(cli.DONE, self.net.cli("ServerA", "status", env={"HUBLINK_USER": "nobody"}))

    def test_each_command_is_its_user_s(self):
        self.net.write("HOST1", "out/FILE01", 10)
        self.comes_in("op")
        self.comes_in("anna", OTHER)
        known = len(self.deeds())
        self.expect_refusal(self.net.cli("MGR", "send", "FILE01", "--user", "anna"), cli.REFUSED, "anna", "transfer", "ServerA")
        self.expect_exit(cli.DONE, self.net.cli("MGR", "send", "FILE01", "--user", "op", "--wait"))
        self.expect_exit(cli.DONE, self.net.cli("MGR", "hold", "--at", "HOST1", env={"HUBLINK_USER": "op"}))
        self.expect_exit(cli.DONE, self.net.cli("MGR", "release", "--at", "HOST1", "--user", "op"))
        self.expect_refusal(self.net.cli("MGR", "release", "--at", "HOST1", "--user", "anna"), cli.REFUSED, "anna", "manage")
        self.assertEqual([("anna", "send", "not-authorised"), ("op", "send", "ok"), ("op", "hold", "ok"), ("op", "release", "ok"),
                          ("anna", "release", "not-authorised")], self.deeds()[known:])
        rows = self.expect_exit(cli.DONE, self.net.cli("MGR", "logout", "--user", "anna", "--json")).json()
        self.assertEqual({("anna", "out")}, {(row["user"], row["state"]) for row in rows})
        self.expect_exit(cli.DONE, self.net.cli("MGR", "transfers"))  # one is left: no need to say who
        self.assertEqual(["op"], self.users())

    def test_each_sees_what_his_account_may(self):
        for file in ("FILE01", "FILE02"):
            self.net.write("HOST1", f"out/{file}", 10)
        mine, other = (self.send_and_wait("HOST1", file) for file in ("FILE01", "FILE02"))
        self.comes_in("op")
        self.comes_in("limited")
        seen = {user: {row["transfer"] for row in self.net.cli("MGR", "history", "--user", user, "--json").json()}
                for user in ("op", "limited")}
        self.assertLessEqual({mine, other}, seen["op"])
        self.assertIn(mine, seen["limited"])
        self.assertNotIn(other, seen["limited"])
        self.expect_refusal(self.net.cli("MGR", "send", "FILE02", "--user", "limited"), cli.REFUSED, "limited")

    def test_a_topology_is_brought_by_who_is_named(self):
        self.comes_in("op")
        self.comes_in("anna", OTHER)
        known = len(self.deeds())
        rows = self.expect_exit(cli.REFUSED, self.net.cli("MGR", "apply", self.net.file, "--user", "anna", "--json")).json()
        self.assertEqual({"failed"}, {row["state"] for row in rows if row["node"] != "MGR"})
        self.expect_exit(cli.DONE, self.net.cli("MGR", "apply", self.net.file, "--user", "op"))
        done = {(user, result) for user, command, result in self.deeds()[known:] if command == "define"}
        self.assertEqual({("anna", "not-authorised"), ("op", "ok")}, done)

    def test_logins_do_not_wait_for_each_other(self):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            logins = [pool.submit(self.login, user=user, password=password)
                      for user, password in (("op", PASSWORD), ("op", PASSWORD), ("anna", OTHER), ("anna", PASSWORD), ("nobody", PASSWORD))]
            codes = [login.result().code for login in logins]
        self.assertEqual([cli.DONE, cli.DONE, cli.DONE, cli.REFUSED, cli.REFUSED], codes)
        self.assertEqual([(user, server, "in") for user in ("anna", "op") for server in SERVERS],
                         [(row["user"], row["server"], row["state"]) for row in self.rows()])


class Lost(Logins):
    def test_a_server_that_stops_is_lost_for_each_and_found_again_by_who_logs_in(self):
        self.comes_in("op")
        self.comes_in("anna", OTHER)
        self.net.kill("ServerC")
        for user in ("op", "anna"):
            self.net.traces.expect("MGR", "session_lost", server="ServerC", user=user)
        self.net.start("ServerC")
        self.expect_exit(cli.DONE, self.login(user="op"))
        states = {(row["user"], row["server"]): row["state"] for row in self.rows()}
        self.assertEqual({("anna", "ServerA"): "in", ("anna", "ServerB"): "in", ("anna", "ServerC"): "lost",
                          ("op", "ServerA"): "in", ("op", "ServerB"): "in", ("op", "ServerC"): "in"}, states)
        self.expect_refusal(self.net.cli("MGR", "stored", "--at", "ServerC", "--user", "anna"), cli.REFUSED, "anna is not logged in at ServerC")
        self.expect_exit(cli.DONE, self.net.cli("MGR", "stored", "--at", "ServerC", "--user", "op"))
        rows = self.net.cli("MGR", "logout", "--user", "anna", "--json").json()
        self.assertEqual(["ServerA", "ServerB"], [row["server"] for row in rows])
