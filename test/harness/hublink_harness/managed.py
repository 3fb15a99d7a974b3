"""Networks with a manager, and what its user does."""
import json

from . import cli
from .case import Scenario

PASSWORD = "correct horse battery"


def manager(address, home):
    return {"role": "manager", "address": f"{address}:40000", "home": home}


def managed(topology, address="127.1.1.9", home="ServerA"):
    topology["nodes"]["MGR"] = manager(address, home)
    return topology


class Managed(Scenario):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_users()

    @classmethod
    def add_users(cls):
        """`op` at every server."""
        for name, node in cls.net.topology["nodes"].items():
            if node["role"] == "server" and name in cls.net.running:
                cls.add_user(name, "op", "view,transfer,manage")

    @classmethod
    def add_user(cls, server, user, rights, *words, password=PASSWORD):
        result = cls.net.cli(server, "users", "add", user, "--rights", rights, *words, env={"HUBLINK_PASSWORD": password})
        assert result.code == cli.DONE, str(result)

    def login(self, user="op", password=PASSWORD, node="MGR"):
        return self.net.cli(node, "login", "--user", user, "--json", env={"HUBLINK_PASSWORD": password})

    def sessions(self, node="MGR"):
        return {row["server"]: row for row in json.loads(self.net.cli(node, "sessions", "--json").out)}

    def logged_in(self, **options):
        self.expect_exit(cli.DONE, self.login(**options))
        self.addCleanup(self.net.cli, "MGR", "logout")

    def reason(self, result, server, code, *words):
        row = next(row for row in result.json() if row["server"] == server)
        self.assertEqual(("failed", code), (row["state"], row["code"]), row)
        for word in words:
            self.assertIn(word, row["reason"])
        return row
