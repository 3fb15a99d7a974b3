"""Who may do what through a session: accounts, rights, networks, and guesses of passwords."""
import concurrent.futures
import json
import threading
import time

from hublink_harness import cli
from hublink_harness.managed import PASSWORD, Managed, managed, manager
from hublink_harness.topologies import three_hubs, transfer


class Accounts(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))
    started = ("ServerA",)

    def test_users_are_listed_without_their_passwords(self):
        users = self.net.cli("ServerA", "users", "list", "--json").json()
        self.assertEqual(["admin", "op"], [user["user"] for user in users])
        self.assertNotIn("argon2", json.dumps(users))

    def test_what_is_refused(self):
        short = {"HUBLINK_PASSWORD": "short"}
        self.expect_refusal(self.net.cli("ServerA", "users", "add", "x", env=short), cli.USAGE, "8")
        self.expect_refusal(self.net.cli("ServerA", "users", "add", "op", env={"HUBLINK_PASSWORD": PASSWORD}), cli.USAGE, "already")
        self.expect_refusal(self.net.cli("ServerA", "users", "remove", "admin"), cli.USAGE, "last")
        self.expect_refusal(self.net.cli("ServerA", "users", "add", "x"), cli.USAGE, "no password")


class Rights(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), FILE02=transfer("HOST1", "HOST3")))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for server in ("ServerA", "ServerB", "ServerC"):
            cls.add_user(server, "viewer", "view")
            cls.add_user(server, "limited", "view,transfer", "--transfers", "FILE01")

    def setUp(self):
        for file in ("FILE01", "FILE02"):
            self.net.write("HOST1", f"out/{file}", 10)

    def test_a_viewer_only_views(self):
        self.logged_in(user="viewer")
        self.expect_exit(cli.DONE, self.net.cli("MGR", "transfers"))
        self.expect_refusal(self.net.cli("MGR", "send", "FILE01"), cli.REFUSED, "viewer", "transfer", "ServerA")
        self.expect_refusal(self.net.cli("MGR", "hold", "--at", "HOST1"), cli.REFUSED, "manage")

    def test_an_account_for_some_transfers(self):
        other = self.send_and_wait("HOST1", "FILE02")
        self.logged_in(user="limited")
        mine = self.expect_exit(cli.DONE, self.net.cli("MGR", "send", "FILE01", "--wait")).out.split()[0]
        self.expect_refusal(self.net.cli("MGR", "send", "FILE02"), cli.REFUSED, "FILE02", "limited")
        rows = self.net.cli("MGR", "history", "--json").json()
        self.assertIn(mine, [row["transfer"] for row in rows])
        self.assertNotIn(other, [row["transfer"] for row in rows])
        self.expect_refusal(self.net.cli("MGR", "cancel", other), cli.FAILED, "no client sends")

    def test_an_account_that_is_removed_may_do_nothing_more(self):
        self.add_user("ServerA", "guest", "view,transfer")
        self.login(user="guest")
        self.addCleanup(self.net.cli, "MGR", "logout")
        self.expect_exit(cli.DONE, self.net.cli("MGR", "send", "FILE01"))
        self.expect_exit(cli.DONE, self.net.cli("ServerA", "users", "remove", "guest"))
        self.expect_refusal(self.net.cli("MGR", "send", "FILE01"), cli.REFUSED, "guest", "ServerA")


class Networks(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))
    topology["nodes"]["ServerB"]["managers_from"] = ["127.1.2.0/24", "127.1.3.0/24"]
    topology["nodes"]["ServerC"]["managers_from"] = ["127.1.1.0/24"]

    def test_a_server_takes_managers_from_its_networks_alone(self):
        result = self.login()
        self.expect_exit(cli.REFUSED, result)
        self.assertEqual(["in", "failed", "in"], [row["state"] for row in result.json()])
        self.reason(result, "ServerB", "not-authorised", "managers_from", "at ServerB")
        self.net.cli("MGR", "logout")


class Guessing(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))
    topology["nodes"]["EVIL"] = manager("127.1.1.8", "ServerA")

    def three_logins(self):
        """The seconds that they take."""
        began = time.monotonic()
        for _ in range(3):
            self.expect_exit(cli.DONE, self.login())
            self.expect_exit(cli.DONE, self.net.cli("MGR", "logout"))
        return time.monotonic() - began

    def test_wrong_passwords_slow_nobody_else_down(self):
        alone = self.three_logins()
        over = threading.Event()

        def guess(number):
            tries = 0
            while not over.is_set():
                tries += 1
                self.assertNotEqual(cli.DONE, self.login(password=f"guess {number} {tries}", node="EVIL").code)
            return tries

        with concurrent.futures.ThreadPoolExecutor() as pool:
            guessing = [pool.submit(guess, number) for number in range(3)]
            self.net.traces.expect("EVIL", "login", server="ServerA", user="op")
            took = self.three_logins()
            over.set()
            for one in guessing:
                self.assertGreater(one.result(), 0)
        self.assertLess(took, 6 * alone + 3)  # those who guess take cores, too; their own pauses are doubled up to 30 s
        (op,) = [user for user in self.net.cli("ServerB", "users", "list", "--json").json() if user["user"] == "op"]
        self.assertLess(op["failures"], 30)
