"""What programs and browsers do over HTTPS: every route by every right, in every way of saying who asks."""
import json
import time

from hublink_harness import cli, schema, web
from hublink_harness.managed import PASSWORD
from hublink_harness.topologies import transfer
from hublink_harness.web_case import API, Web, query

RIGHTS = ("view", "transfer", "manage", "users")


class Row:
    """A route: its method, what is said, and the right that it takes (None: to be somebody). `ends`: a status that says that it was let through."""

    def __init__(self, method, right, **fields):
        self.method, self.right, self.fields = method, right, fields


# Every route; a new one fails until somebody has said who may.
ROWS = {
    "send": Row("POST", "transfer", file="FILE01"),
    "request": Row("POST", "transfer", file="FILE01"),
    "cancel": Row("POST", "transfer", transfer="0" * 32),
    "retry": Row("POST", "transfer", transfer="0" * 32),
    "transfers": Row("GET", "view"),
    "history": Row("GET", "view"),
    "trace": Row("GET", "view", transfer="0" * 32),
    "stored": Row("GET", "view"),
    "deliver": Row("POST", "transfer", transfer="0" * 32),
    "status": Row("GET", "view"),
    "ping": Row("GET", "view", host="HOST2"),
    "measure": Row("POST", "manage", host="HOST2", for_ms=100),
    "hold": Row("POST", "manage", at="HOST1"),
    "release": Row("POST", "manage", at="HOST1"),
    "renew": Row("POST", "manage", at="HOST1"),
    "drain": Row("POST", "manage", for_s=1_000_000),  # beyond what may be waited for
    "rate": Row("POST", "manage", rate=0),
    "gateways": Row("GET", "view"),
    "streams": Row("GET", "view"),
    "sessions": Row("GET", None),
    "apply": Row("POST", "manage", topology="{}", dry_run=True),
    "invite": Row("POST", "manage", node="nobody"),
    "revoke": Row("POST", "manage", node="nobody"),
    "define": Row("POST", "manage", definition="00"),
    "revocations": Row("POST", "manage"),
    "enrolments": Row("GET", "view"),
    "enrol": Row("POST", "manage", number=0),
    "definition": Row("GET", "view"),
    "metrics": Row("GET", "view"),
    "topology": Row("GET", "view"),
    "check": Row("POST", "view", topology="{}"),
    "plan": Row("POST", "view", topology="{}"),
    "users/list": Row("GET", "users"),
    "users/add": Row("POST", "users", user="mole", rights="users", password=PASSWORD),
    "users/set": Row("POST", "users", user="nobody"),
    "users/remove": Row("POST", "users", user="nobody"),
    "users/passwd": Row("POST", "users", user="nobody", password=PASSWORD),
    "audit": Row("GET", "users"),
    "tokens/list": Row("GET", "users"),
    "tokens/add": Row("POST", "users", name="made", rights="users"),
    "tokens/remove": Row("POST", "users", name="nobody"),
}
OWN = {"login", "logout", "account", "events", "openapi.json", "places", "places/keep", "draft", "draft/keep"}


class Rows(Web):
    def give(self, door, name, **more):
        row = ROWS[name]
        fields = {**row.fields, **more}
        return door.get(query(API + name, fields)) if row.method == "GET" else door.post(API + name, fields)


class Table(Rows):
    """Route x right x who says it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for right in RIGHTS:
            cls.add_user("ServerA", f"only-{right}", right)

    def described(self):
        return self.doors["ServerA"].get(API + "openapi.json").json()

    def test_the_description_has_every_route_and_every_route_its_row(self):
        paths = {path.removeprefix(API): item for path, item in self.described()["paths"].items()}
        self.assertEqual(set(ROWS) | OWN, set(paths))
        for name, row in ROWS.items():
            operation = paths[name][row.method.lower()]
            self.assertEqual(row.right, operation["x-right"], name)

    def let_through(self, answer):
        """Whatever it came to after that. A right is one of an account, an origin or a CSRF token is none."""
        return answer.status != 401 and not (answer.status == 403 and "it takes the right" in answer.json()["detail"])

    def test_each_right_opens_its_routes_and_no_others(self):
        door = self.doors["ServerA"]
        ways = {}
        for right in RIGHTS:
            ways["token", right] = self.token("ServerA", f"t-{right}", right)
            _, ways["cookie", right] = door.log_in(f"only-{right}")
        described = self.described()
        for name, row in ROWS.items():
            self.expect_problem(self.give(door, name), 401, "not-authenticated")
            for (way, right), who in ways.items():
                with self.subTest(route=name, way=way, right=right):
                    answer = self.give(who, name)
                    self.assertEqual(row.right in (None, right), self.let_through(answer), str(answer))
                    self.expect_described(described, name, row, answer)

    def expect_described(self, described, name, row, answer):
        good = answer.status == 200
        kind = schema.answer_schema(described, API + name, row.method.lower()) if good else schema.problem_schema(described)
        self.assertEqual("application/json" if good else "application/problem+json", answer.fields["Content-Type"])
        self.assertEqual([], list(schema.misfits(kind, answer.json())))

    def test_a_cookie_alone_changes_nothing(self):
        _, who = self.doors["ServerA"].log_in("op")
        for name, row in ROWS.items():
            if row.method == "GET":
                continue
            for said in (None, "", "0" * 64, who.said[web.CSRF][:-1], who.said[web.CSRF] + "0"):
                with self.subTest(route=name, said=said):
                    answer = self.doors["ServerA"].ask("POST", API + name, row.fields, Cookie=who.said["Cookie"], X_Hublink_CSRF=said)
                    self.expect_problem(answer, 403, None, "X-Hublink-CSRF")

    def test_a_limit_is_a_limit(self):
        self.net.send("HOST1", "SECRET", "--wait")
        self.net.send("HOST1", "FILE01", "--wait")
        low = self.token("HOST1", "low", ",".join(RIGHTS), "--transfers", "FILE01")
        files = {row["file"] for row in low.get(API + "transfers").json()["transfers"]}
        self.assertEqual({"FILE01"}, files)
        self.expect_problem(low.post(API + "send", {"file": "SECRET"}), 403, "not-authorised")
        for name in ("rate", "tokens/add", "tokens/list", "plan", "topology", "gateways"):
            self.assertEqual(403, self.give(low, name).status, name)
        for field in ("only_files", "nonce", "user"):
            self.expect_problem(low.get(query(API + "transfers", {field: "SECRET"})), 400, "bad-config", field)
            self.expect_problem(low.post(API + "send", {"file": "FILE01", field: ["SECRET"]}), 400, "bad-config", field)

    def test_a_route_has_one_method(self):
        who = self.token("ServerA", "m", ",".join(RIGHTS))
        for name, row in ROWS.items():
            for method in {"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"} - {row.method}:
                answer = who.ask(method, API + name, b"{}" if method != "GET" else None)
                self.expect_problem(answer, 405)
                self.assertEqual(row.method, answer.fields["Allow"])


class Programs(Web):
    """With a token, at a client."""

    def test_a_file_is_sent_seen_and_traced(self):
        who = self.token("HOST1", "report", "view,transfer")
        sent = who.post(API + "send", {"file": "FILE01"})
        self.assertEqual(200, sent.status, str(sent))
        transfer = sent.json()["record"]["transfer"]
        self.net.traces.expect("HOST1", "sent", transfer=transfer)
        (row,) = who.get(query(API + "history", {"transfer": transfer})).json()["transfers"]
        self.assertEqual("done", row["state"])
        events = who.get(query(API + "trace", {"transfer": transfer})).json()["trace"]
        self.assertIn("sent", {event["event"] for event in events})
        self.assertEqual("HOST1", who.get(API + "status").json()["status"]["node"])
        self.assertEqual("report", who.get(API + "account").json()["user"])

    def test_waiting_for_the_end_answers_with_it(self):
        who = self.token("HOST1", "waits", "transfer")
        answer = who.post(API + "send", {"file": "FILE01", "wait": True})
        self.assertEqual(("done", 0), (answer.json()["record"]["state"], answer.json()["exit"]))

    def test_a_key_sends_once(self):
        who = self.token("HOST1", "once", "view,transfer")
        first, again = (who.post(API + "send", {"file": "FILE01"}, Idempotency_Key="a-key") for _ in range(2))
        self.assertEqual(first.json(), again.json())
        self.expect_problem(who.post(API + "send", {"file": "SECRET"}, Idempotency_Key="a-key"), 409)
        other = who.post(API + "send", {"file": "FILE01"}, Idempotency_Key="another")
        self.assertNotEqual(first.json()["record"]["transfer"], other.json()["record"]["transfer"])

    def test_pages_and_order(self):
        who = self.token("HOST1", "pages", "view,transfer")
        for _ in range(5):
            who.post(API + "send", {"file": "FILE01", "wait": True})
        whole = [row["transfer"] for row in who.get(API + "history?limit=100&file=FILE01").json()["transfers"]]
        seen, page, more = [], 1, True
        while more:
            answer = who.get(f"{API}history?limit=2&page={page}&file=FILE01").json()
            self.assertLessEqual(len(answer["transfers"]), 2)
            seen += [row["transfer"] for row in answer["transfers"]]
            more, page = answer["more"], page + 1
        self.assertEqual(whole, seen)
        for sort in ("started", "-started", "bytes", "file"):
            rows = who.get(f"{API}history?sort={sort}").json()["transfers"]
            field = sort.lstrip("-")
            self.assertEqual(sorted((row[field] for row in rows), reverse=sort.startswith("-")), [row[field] for row in rows])

    def test_what_is_wrong_is_said_with_the_nearest_name(self):
        who = self.token("HOST1", "wrong", "view,transfer")
        self.expect_problem(who.get(API + "transfers?fiel=FILE01"), 400, "bad-config", "file")
        self.expect_problem(who.get(API + "transfers?limit=many"), 400, "bad-config", "limit")
        self.expect_problem(who.post(API + "send", {"fille": "FILE01"}), 400, "bad-config", "fille")
        self.expect_problem(who.post(API + "send", b"[1]"), 400, "bad-config", "object")
        self.expect_problem(who.post(API + "send", {"file": "FILE99"}), 404, "unknown-file", "FILE99")
        self.expect_problem(who.get(API + "nothing"), 404)
        self.expect_problem(who.ask("POST", API + "send", b"file=FILE01", Content_Type="application/x-www-form-urlencoded"), 415)

    def test_a_token_is_shown_once_and_ends(self):
        who = self.token("HOST1", "short", "view")
        text = who.said["Authorization"].split()[1]
        kept = (self.net.data("HOST1") / "tokens").read_text()
        self.assertNotIn(text, kept)
        self.assertEqual(0o600, (self.net.data("HOST1") / "tokens").stat().st_mode & 0o777)
        self.assertEqual(200, who.get(API + "status").status)
        (row,) = [row for row in self.net.cli("HOST1", "tokens", "list", "--json").json() if row["name"] == "short"]
        self.assertIn("used", row)
        self.assertNotIn(text, json.dumps(row))
        self.expect_exit(cli.USAGE, self.net.cli("HOST1", "tokens", "add", "short"))
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "tokens", "remove", "short"))
        self.expect_problem(who.get(API + "status"), 401, "not-authenticated")

    def test_tokens_outlive_a_restart(self):
        who = self.token("HOST1", "lasting", "view")
        self.net.stop("HOST1")
        self.net.start("HOST1")
        self.assertEqual(200, who.get(API + "status").status)


class Browsers(Rows):
    """With a cookie, at a server and at a manager."""

    def test_at_a_server(self):
        answer, who = self.doors["ServerA"].log_in()
        said = answer.json()
        self.assertEqual(("op", "ServerA", "server", ["view", "transfer", "manage"]), tuple(said[key] for key in ("user", "node", "role", "rights")))
        cookie = answer.fields["Set-Cookie"]
        for word in ("__Host-hublink=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"):
            self.assertIn(word, cookie)
        self.assertNotIn("Domain", cookie)
        self.assertEqual(said["csrf"], who.get(API + "account").json()["csrf"])
        self.assertEqual(200, who.get(API + "status").status)
        self.assertEqual(200, who.post(API + "logout").status)
        for path in ("status", "account"):
            self.expect_problem(who.get(API + path), 401, "not-authenticated")
        self.expect_problem(who.post(API + "rate", {"rate": 0}), 401, "not-authenticated")
        audit = self.net.cli("ServerA", "audit", "--json").json()
        self.assertIn(("op", "login", "ok"), [(row.get("user"), row["command"], row["result"]) for row in audit])

    def test_wrong_passwords_are_refused_alike_and_wait(self):
        door = self.doors["ServerA"]
        said = {json.dumps(self.expect_problem(door.log_in(user, "a wrong one")[0], 401, "not-authenticated"))
                for user in ("op", "nobody")}
        self.assertEqual(1, len(said))
        began = time.monotonic()
        for _ in range(3):
            door.log_in("op", "a wrong one")
        self.assertGreater(time.monotonic() - began, 1)
        _, who = door.log_in("op")
        self.assertEqual(200, who.get(API + "status").status)

    def test_a_changed_account_is_out_at_once(self):
        self.add_user("ServerA", "guest", "view")
        self.addCleanup(self.net.cli, "ServerA", "users", "remove", "guest")
        _, who = self.doors["ServerA"].log_in("guest")
        self.assertEqual(200, who.get(API + "status").status)
        self.expect_exit(cli.DONE, self.net.cli("ServerA", "users", "set", "guest", "--rights", "view,transfer"))
        self.expect_problem(who.get(API + "status"), 401, "not-authenticated")

    def test_users_are_made_with_a_password_that_logs_in(self):
        self.add_user("ServerA", "chief", ",".join(RIGHTS))
        self.addCleanup(self.net.cli, "ServerA", "users", "remove", "chief")
        _, who = self.doors["ServerA"].log_in("chief")
        made = who.post(API + "users/add", {"user": "fresh", "rights": "view", "password": "a fresh password"})
        self.addCleanup(self.net.cli, "ServerA", "users", "remove", "fresh")
        self.assertEqual(200, made.status, str(made))
        answer, fresh = self.doors["ServerA"].log_in("fresh", "a fresh password")
        self.assertEqual(200, answer.status, str(answer))
        self.expect_problem(fresh.get(API + "users/list"), 403, "not-authorised")
        self.expect_problem(who.post(API + "users/add", {"user": "x", "rights": "view", "password": "short"}), 400, "bad-config", "8")

    def test_at_a_manager_all_of_the_network(self):
        answer, who = self.doors["MGR"].log_in()
        self.addCleanup(self.net.cli, "MGR", "logout")
        said = answer.json()
        self.assertEqual(["in"] * 3, [row["state"] for row in said["sessions"]])
        self.assertEqual(["view", "transfer", "manage"], said["here"])
        nodes = [row["node"] for row in who.get(API + "status").json()["nodes"]]
        self.assertEqual(["HOST1", "HOST2", "HOST3", "ServerA", "ServerB", "ServerC"], nodes)
        sent = who.post(API + "send", {"file": "FILE01"}).json()["record"]["transfer"]
        self.net.traces.expect("HOST1", "sent", transfer=sent)
        self.assertEqual("op", who.get(API + "sessions").json()["sessions"][0]["user"])
        self.assertEqual(200, who.post(API + "logout", {"sessions": True}).status)
        self.assertEqual({}, self.sessions())

    def test_apply_does_what_was_shown_and_nothing_else(self):
        _, who = self.doors["MGR"].log_in()
        self.addCleanup(self.net.cli, "MGR", "logout")
        before = json.loads(who.get(API + "topology").json()["topology"])
        after = json.dumps({**before, "transfers": {**before["transfers"], "EXTRA": transfer("HOST1", "HOST2")}})
        self.assertTrue(who.post(API + "check", {"topology": after}).json()["check"]["valid"])
        self.assertEqual(["HOST2"], who.post(API + "plan", {"topology": after, "file": "EXTRA"}).json()["plan"]["arrived"])
        self.expect_problem(who.post(API + "apply", {"topology": after}), 400, "bad-config", "hash")
        shown = who.post(API + "apply", {"topology": after, "dry_run": True}).json()
        self.assertIn({"op": "add", "path": "/sends/EXTRA"}, next(row for row in shown["difference"] if row["node"] == "HOST1")["changes"])
        self.expect_problem(who.post(API + "apply", {"topology": after, "hash": "0" * 64}), 409, "superseded")
        done = who.post(API + "apply", {"topology": after, "hash": shown["hash"]}).json()
        self.assertEqual({"applied"}, {row["state"] for row in done["nodes"]})
        self.assertIn("EXTRA", json.loads(who.get(API + "topology").json()["topology"])["transfers"])
        self.expect_problem(who.post(API + "apply", {"topology": after, "hash": shown["hash"]}), 409, "superseded")

    def test_who_is_let_in_nowhere_is_not_let_in(self):
        answer, who = self.doors["MGR"].log_in("op", "a wrong one")
        said = self.expect_problem(answer, 401, "not-authenticated")
        self.assertEqual(["failed"] * 3, [row["state"] for row in said["sessions"]])
        self.assertIsNone(who)

    def test_one_server_of_three_gives_nobody_power_over_the_manager(self):
        self.add_user("ServerA", "rogue", ",".join(RIGHTS))
        self.addCleanup(self.net.cli, "ServerA", "users", "remove", "rogue")
        answer, who = self.doors["MGR"].log_in("rogue")
        self.addCleanup(self.net.cli, "MGR", "logout")
        self.assertEqual([], answer.json()["here"])
        for name in ("apply", "invite", "revoke", "tokens/add", "rate", "topology"):
            self.expect_problem(self.give(who, name), 403, "not-authorised")
        for name in ("places", "draft"):
            self.expect_problem(who.get(API + name), 403, "not-authorised")

    def test_places_and_drafts_are_kept_at_a_manager(self):
        for server in ("ServerA", "ServerB", "ServerC"):
            self.add_user(server, "looker", "view")
            self.addCleanup(self.net.cli, server, "users", "remove", "looker")
        _, who = self.doors["MGR"].log_in()
        _, looker = self.doors["MGR"].log_in("looker")
        self.addCleanup(self.net.cli, "MGR", "logout")
        self.assertEqual(200, who.post(API + "places/keep", {"places": {"HOST1": {"x": 3, "y": -4}}}).status)
        self.assertEqual({"HOST1": {"x": 3, "y": -4}}, looker.get(API + "places").json()["places"])
        self.expect_problem(looker.post(API + "places/keep", {"places": None}), 403, "not-authorised")
        self.expect_problem(looker.get(API + "draft"), 403, "not-authorised")
        self.expect_problem(who.post(API + "places/keep", {"places": {"HOST1": {"x": "3"}}}), 400, "bad-config", "HOST1")
        self.assertEqual({"version": 0, "draft": None}, who.get(API + "draft").json())
        self.assertEqual({"version": 1}, who.post(API + "draft/keep", {"version": 0, "draft": {"now": {}}}).json())
        self.expect_problem(who.post(API + "draft/keep", {"version": 0, "draft": None}), 409, "superseded", "version 1")
        program = self.token("MGR", "drawing", "view,manage")
        self.assertEqual({"version": 0, "draft": None}, program.get(API + "draft").json())
        self.net.stop("MGR")
        self.net.start("MGR")
        self.assertEqual({"HOST1": {"x": 3, "y": -4}}, program.get(API + "places").json()["places"])
        at_a_server = self.token("ServerA", "drawing", "view,manage")
        for name in ("places", "draft"):
            self.expect_problem(at_a_server.get(API + name), 404)
            self.expect_problem(self.doors["MGR"].get(API + name), 401)

    def test_somebody_elses_open_sessions_let_nobody_in(self):
        self.logged_in()
        answer, who = self.doors["MGR"].log_in("op", "a wrong one")
        self.expect_problem(answer, 401, "not-authenticated")
        self.assertIsNone(who)

    def test_a_lost_session_ends_the_login(self):
        _, who = self.doors["MGR"].log_in()
        self.net.cli("MGR", "logout")
        self.expect_problem(who.get(API + "status"), 401, "not-authenticated")

    def test_a_client_has_no_accounts(self):
        answer, _ = self.doors["HOST1"].log_in()
        self.expect_problem(answer, 400, "bad-config", "token")


class Certificates(Web):
    """What a manager's page does about them."""
    serving = ("MGR",)

    @classmethod
    def prepare(cls, net):
        keys = net.own_keys()
        done = cli.run("keys", "entrust", "--out", keys, "--data", net.data("MGR"))
        assert done.code == cli.DONE, str(done)
        super().prepare(net)

    def test_who_manages_invites_nodes_of_the_topology_and_revokes(self):
        _, who = self.doors["MGR"].log_in()
        self.addCleanup(self.net.cli, "MGR", "logout")
        made = who.post(API + "invite", {"node": "HOST3", "days": 30}).json()
        self.assertEqual(("HOST3", "client"), (made["node"], made["role"]))
        self.expect_problem(who.post(API + "invite", {"node": "HOST9"}), 400, "bad-config", "HOST9")
        self.assertEqual(200, who.post(API + "invite", {"node": "HOST9", "role": "client"}).status)
        self.expect_problem(who.post(API + "invite", {"node": "HOST9", "role": "manager"}), 403, "not-authorised", "hublink invite HOST9")
        self.expect_problem(who.post(API + "invite", {"node": "MGR"}), 403, "not-authorised", "hublink invite MGR")
        told = who.post(API + "revoke", {"node": "HOST3"}).json()
        rows = {row["node"]: row for row in told["nodes"]}
        self.assertEqual("revoked", rows["HOST3"]["state"])
        self.assertEqual(told["list"], rows["HOST1"]["list"])
        self.assertNotEqual(cli.DONE, self.net.cli("HOST1", "ping", "HOST3").code)
