"""What a manager's user sees and changes at all servers: accounts, tokens, audit, gateways and streams."""
import json

from hublink_harness import apps, cli, web
from hublink_harness.apps import connect, wait_until
from hublink_harness.managed import PASSWORD, Managed, managed
from hublink_harness.topologies import three_hubs, transfer
from hublink_harness.web_case import API

from gateways import address, gateway, pair

SERVERS = ["ServerA", "ServerB", "ServerC"]
NEW = "a brand new one"
CALLING, CALLED = address("127.1.1.1"), address("127.1.2.50")


class EveryServer(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))
    for name in SERVERS:
        topology["nodes"][name]["proxy"] = {"enabled": True}
    topology["gateways"] = {"db": gateway("ServerA", "ServerB", listen=CALLING, deliver=CALLED)}

    @classmethod
    def prepare(cls, net):
        cls.doors = {node: web.serve(net, node) for node in ("MGR", "ServerB")}

    @classmethod
    def add_users(cls):
        super().add_users()
        for server in SERVERS:
            cls.add_user(server, "chief", "view,transfer,manage,users")
        cls.add_user("ServerC", "night", "view")

    def setUp(self):
        super().setUp()
        self.expect_exit(cli.DONE, self.login(user="chief"))
        self.addCleanup(self.net.cli, "MGR", "logout")

    def mgr(self, *words, password=None, code=cli.DONE):
        return self.expect_exit(code, self.net.cli("MGR", *words, env={"HUBLINK_PASSWORD": password} if password else {}))

    def users(self, *words):
        return {(row["node"], row["user"]) for row in self.mgr("users", "list", "--json", *words).json()}

    # -- accounts

    def test_accounts_of_all_servers_and_of_one(self):
        everywhere = {(server, user) for server in SERVERS for user in ("admin", "op", "chief")}
        self.assertEqual(everywhere | {("ServerC", "night")}, self.users())
        self.assertEqual({("ServerC", user) for user in ("admin", "op", "chief", "night")}, self.users("--at", "ServerC"))
        self.assertIn("SERVER", self.mgr("users", "list").out)
        self.expect_refusal(self.net.cli("MGR", "users", "list", "--at", "HOST1"), cli.USAGE, "HOST1 is none")

    def test_an_account_is_made_changed_and_ended_from_afar(self):
        self.expect_refusal(
            self.net.cli("MGR", "users", "add", "anna", env={"HUBLINK_PASSWORD": PASSWORD}), cli.USAGE, "at which server", "--at"
        )
        self.mgr("users", "add", "anna", "--rights", "view", "--at", "ServerB", password=PASSWORD)
        self.addCleanup(self.net.cli, "ServerB", "users", "remove", "anna")
        self.assertEqual({("ServerB", "anna")}, {row for row in self.users() if row[1] == "anna"})
        _, who = self.doors["ServerB"].log_in("anna")
        self.assertEqual(200, who.get(API + "status").status)
        self.mgr("users", "set", "anna", "--rights", "view,transfer", "--at", "ServerB")
        (row,) = [row for row in self.mgr("users", "list", "--json").json() if row["user"] == "anna"]
        self.assertEqual(["view", "transfer"], row["rights"])
        self.mgr("users", "passwd", "anna", "--at", "ServerB", password=NEW)
        self.assertEqual(401, self.doors["ServerB"].log_in("anna")[0].status)
        self.assertEqual(200, self.doors["ServerB"].log_in("anna", NEW)[0].status)
        self.mgr("users", "remove", "anna", "--at", "ServerB")
        self.assertNotIn("anna", {user for _, user in self.users()})
        deeds = [row for row in self.mgr("audit", "--json").json() if row.get("detail") == "anna"]
        self.assertEqual({"users-add", "users-set", "users-passwd", "users-remove"}, {row["command"] for row in deeds})
        self.assertEqual({("ServerB", "MGR", "chief")}, {(row["node"], row["from"], row["user"]) for row in deeds})

    def test_a_password_that_is_too_short_and_who_is_there_already(self):
        self.expect_refusal(
            self.net.cli("MGR", "users", "add", "anna", "--at", "ServerB", env={"HUBLINK_PASSWORD": "short"}), cli.USAGE, "8"
        )
        self.expect_refusal(
            self.net.cli("MGR", "users", "add", "op", "--at", "ServerB", env={"HUBLINK_PASSWORD": PASSWORD}), cli.USAGE, "already", "ServerB"
        )

    def test_the_server_s_rights_count(self):
        self.net.cli("MGR", "logout")
        self.logged_in(user="op")
        listed = self.net.cli("MGR", "users", "list", "--json")
        self.assertEqual([], listed.json())
        self.assertIn("users", listed.err)
        for words in (("users", "remove", "night", "--at", "ServerC"), ("tokens", "add", "x", "--at", "ServerC"), ("tokens", "list", "--at", "ServerC")):
            self.expect_refusal(self.net.cli("MGR", *words), cli.REFUSED, "users", "ServerC")
        self.assertIn("night", self.net.cli("ServerC", "users", "list").out)

    def test_whose_sessions_is_said(self):
        self.expect_exit(cli.DONE, self.login(user="op"))
        self.expect_refusal(self.net.cli("MGR", "users", "list"), cli.USAGE, "--user")
        self.assertEqual(10, len(self.mgr("users", "list", "--json", "--user", "chief").json()))
        self.expect_refusal(self.net.cli("MGR", "users", "set", "night", "--rights", "view", "--at", "ServerC", "--user", "op"), cli.REFUSED, "users")
        self.mgr("users", "set", "night", "--rights", "view", "--at", "ServerC", "--user", "chief")

    def test_a_stopped_server_is_named(self):
        self.net.kill("ServerC")
        self.addCleanup(self.net.start, "ServerC")
        wait_until(lambda: self.sessions()["ServerC"]["state"] != "in", "the session stays")
        for words in (("users", "list"), ("audit",), ("gateways",), ("streams",)):
            result = self.net.cli("MGR", *words, "--json")
            self.expect_exit(cli.PARTIAL, result)
            self.assertIn("ServerC", result.err)
            self.assertTrue(words[0] == "streams" or result.json(), str(result))
            self.expect_refusal(self.net.cli("MGR", *words, "--at", "ServerC"), cli.REFUSED, "not logged in at ServerC")

    # -- tokens

    def test_tokens_are_the_manager_s_own_or_a_server_s(self):
        text = self.mgr("tokens", "add", "far", "--at", "ServerB").out.strip()
        self.addCleanup(self.net.cli, "ServerB", "tokens", "remove", "far")
        self.assertEqual([], self.mgr("tokens", "list", "--json").json())
        self.assertEqual(["far"], [row["name"] for row in self.mgr("tokens", "list", "--json", "--at", "ServerB").json()])
        self.assertEqual(200, self.doors["ServerB"].with_token(text).get(API + "status").status)
        self.mgr("tokens", "remove", "far", "--at", "ServerB")
        self.assertEqual(401, self.doors["ServerB"].with_token(text).get(API + "status").status)

    # -- gateways

    def test_gateways_and_streams_of_all_servers(self):
        server = apps.TcpServer(apps.echo, pair(CALLED))
        self.addCleanup(server.close)
        talking = connect(pair(CALLING))
        self.addCleanup(talking.close)
        talking.sendall(b"hello")
        self.assertEqual(b"hello", talking.recv(5))
        rows = {row["node"]: row for row in self.mgr("gateways", "--json").json()}
        self.assertEqual(set(SERVERS), set(rows))
        self.assertEqual([("db", "listening")], [(one["name"], one["state"]) for one in rows["ServerA"]["gateways"]])
        self.assertEqual([("db", "serving")], [(one["name"], one["state"]) for one in rows["ServerB"]["gateways"]])
        streams = self.mgr("streams", "--json").json()
        self.assertEqual({("ServerA", "calling"), ("ServerB", "called")}, {(row["node"], row["side"]) for row in streams})
        self.assertEqual(["ServerA"], [row["node"] for row in self.mgr("streams", "--json", "--at", "ServerA").json()])
        self.assertIn("ServerB:", self.mgr("gateways").out)
        self.assertIn("SERVER", self.mgr("streams").out)
        self.assertEqual([], self.mgr("stored", "--json").json())

    # -- over HTTP

    def test_a_browser_at_the_manager(self):
        _, who = self.doors["MGR"].log_in("chief")
        self.assertEqual({*SERVERS}, {row["node"] for row in who.get(API + "users/list").json()["users"]})
        self.assertEqual({*SERVERS}, {row["node"] for row in who.get(API + "audit").json()["audit"]})
        self.assertEqual({*SERVERS}, {row["node"] for row in who.get(API + "gateways").json()["servers"]})
        made = who.post(API + "users/add", {"user": "bert", "rights": "view", "password": PASSWORD, "at": "ServerB"})
        self.assertEqual(200, made.status, str(made))
        self.addCleanup(self.net.cli, "ServerB", "users", "remove", "bert")
        self.assertEqual(200, self.doors["ServerB"].log_in("bert")[0].status)
        self.assertEqual(400, who.post(API + "users/add", {"user": "x", "rights": "view", "password": PASSWORD, "sessions_of": "op", "at": "ServerB"}).status)
        self.assertEqual(404, who.get(API + "users/recipe?user=op&at=ServerB").status)
        made = who.post(API + "tokens/add", {"name": "web", "rights": "view", "at": "ServerB"})
        self.assertEqual(200, made.status, str(made))
        self.addCleanup(self.net.cli, "ServerB", "tokens", "remove", "web")
        self.assertEqual(200, self.doors["ServerB"].with_token(made.json()["token"]["text"]).get(API + "status").status)
        self.assertEqual([], who.get(API + "tokens/list").json()["tokens"])

    def test_who_lacks_the_right_makes_no_token_at_the_manager(self):
        self.expect_exit(cli.DONE, self.login(user="op"))
        _, who = self.doors["MGR"].log_in("op")
        self.assertEqual(403, who.post(API + "tokens/add", {"name": "mine", "rights": "view"}).status)
        self.assertEqual(403, who.get(API + "tokens/list").status)
        self.assertEqual(403, who.post(API + "tokens/add", {"name": "mine", "rights": "view", "at": "ServerB"}).status)
        self.assertEqual([], json.loads(self.net.cli("ServerB", "tokens", "list", "--json").out))
