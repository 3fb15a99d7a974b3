"""Rights are what the server says: every verb by every way in for an account of few rights; sessions whose account is another one; logins
that hand nothing over."""
import base64
import json
import re
import secrets
import sqlite3
import unittest
from pathlib import Path
from unittest import mock

from hublink_harness import cli, peer, scram
from hublink_harness.managed import PASSWORD, Managed, managed, manager
from hublink_harness.scripted_peer import Answerer, Identity, Session, control
from hublink_harness.topologies import three_hubs, transfer

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "control.md"
RIGHTS = ("view", "transfer", "manage", "users")


def documented_verbs():
    """verb -> right or None; verbs_test holds the table against the program."""
    section = DOCUMENT.read_text(encoding="utf-8").split("## Control socket")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \|.*?\| (`[a-z]+`|–) \|", section, re.MULTILINE)
    return {verb: None if right == "–" else right.strip("`") for verb, right in rows}


class Row:
    """A verb: the fields of a request about SECRET, and the server that is given it; `shows`: who has no limit sees it in the answer."""

    def __init__(self, shows=False, server="ServerA", **fields):
        self.shows, self.server, self.fields = shows, server, fields


# Every verb of the table; a new one fails until somebody has said what it shows.
DAYS = 1_000_000  # beyond what may be waited for, so nothing is drained
ROWS = {
    "send": Row(file="SECRET", at="HOST1"),
    "request": Row(file="SECRET", at="HOST1"),
    "cancel": Row(transfer="SENT", at="HOST1"),
    "retry": Row(transfer="SENT", at="HOST1"),
    "transfers": Row(shows=True, network=True),
    "history": Row(shows=True, network=True),
    "trace": Row(shows=True, transfer="SENT", network=True),
    "stored": Row(shows=True, server="ServerB"),
    "deliver": Row(server="ServerB", transfer="STORED"),
    "status": Row(network=True),
    "ping": Row(host="HOST2"),
    "measure": Row(host="HOST2", for_ms=100),
    "hold": Row(at="HOST1"),
    "release": Row(at="HOST1"),
    "renew": Row(at="HOST9"),  # none: a client of this network would wait for a manager that signs
    "drain": Row(for_s=DAYS),
    "rate": Row(rate=1, transfer="SENT", at="HOST1"),
    "gateways": Row(),
    "streams": Row(),
    "events": Row(shows=True, oldest=True),
    "feed": Row(),
    "login": Row(),
    "logout": Row(),
    "sessions": Row(),
    "apply": Row(),
    "define": Row(definition="00"),
    "revoke": Row(), "revocations": Row(),
    "invite": Row(), "enrolments": Row(), "enrol": Row(number=0),
    "definition": Row(network=True, content=True),
    "users-list": Row(),
    "users-recipe": Row(user="low"),
    "users-add": Row(user="mole", rights="view,transfer", transfers=[], keys={"stored": "a" * 64, "server": "b" * 64}),
    "users-set": Row(user="low", transfers=[]),
    "users-remove": Row(user="nobody"),
    "users-passwd": Row(user="mole", keys={"stored": "a" * 64, "server": "b" * 64}),
    "audit": Row(shows=True),
    "metrics": Row(network=True),
    "topology": Row(),
    "check": Row(topology="{}"),
    "plan": Row(topology="{}"),
    "tokens-list": Row(),
    "tokens-add": Row(name="mole", rights="users"),
    "tokens-remove": Row(name="nobody"),
}
# What an attacker adds to the fields, in the hope that a limit is taken from them.
WIDER = ({}, {"only_files": ["SECRET"]}, {"only_files": ["FILE01", "SECRET"]}, {"only_files": []}, {"only_files": None},
         {"user": "op", "by": "op"}, {"rights": ["view", "transfer", "manage", "users"], "files": []})


class Hostile(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), SECRET=transfer("HOST1", "HOST2"),
                                  STORED=transfer("HOST3", "HOST2", store="only")))
    topology["nodes"]["MGR2"] = manager("127.1.1.8", "ServerA")
    scripted = [f"SCRIPT{number}" for number in range(1, 13)]  # managers; a session each, for a node's new link ends its older one
    for number, name in enumerate(scripted):
        topology["nodes"][name] = manager(f"127.1.1.{101 + number}", "ServerA")
    started = ("ServerA", "ServerB", "ServerC", "HOST1", "HOST2", "HOST3", "MGR", "MGR2")

    def setUp(self):
        self.sessions_of = {}

    def session(self, user=None, server="ServerA"):
        name = next(name for name in self.scripted if name not in self.sessions_of)
        made = self.sessions_of[name] = Session(Identity(self.net, name), "ServerA", () if server == "ServerA" else (server,))
        self.addCleanup(made.close)
        if user:
            self.assertIsNone(made.login(user, PASSWORD))
        return made

    def end(self, *sessions):
        for name, one in list(self.sessions_of.items()):
            if one in sessions:
                one.close()
                del self.sessions_of[name]


class Table(Hostile):
    """Verb x right x limit x way in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for server in ("ServerA", "ServerB"):
            for right in RIGHTS:
                cls.add_user(server, f"only-{right}", right)
            cls.add_user(server, "all", ",".join(RIGHTS))
            cls.add_user(server, "low", ",".join(RIGHTS), "--transfers", "FILE01")
        for name in ("FILE01", "SECRET"):
            cls.net.write("HOST1", f"out/{name}", 1000)
        cls.net.write("HOST3", "out/STORED", 1000)
        cls.ids = {"SENT": cls.net.send("HOST1", "SECRET", "--wait")}
        cls.net.send("HOST1", "FILE01", "--wait")
        cls.net.cli("HOST3", "send", "STORED", "--wait")
        (stored,) = cls.net.ask("ServerB", verb="stored")["stored"]
        cls.ids["STORED"] = stored["transfer"]

    def request(self, verb, **more):
        fields = {key: self.ids.get(value, value) if isinstance(value, str) else value for key, value in ROWS[verb].fields.items()}
        return {"verb": verb, **fields, **more}

    def shows_secret(self, text):
        return any(word in text for word in ("SECRET", "STORED", *self.ids.values()))

    def test_every_verb_has_its_row(self):
        self.assertEqual(set(documented_verbs()), set(ROWS))

    def test_each_right_gives_its_verbs_and_no_others(self):
        sessions = {(right, server): self.session(f"only-{right}", server) for right in RIGHTS for server in ("ServerA", "ServerB")}
        for verb, needed in documented_verbs().items():
            for right in RIGHTS:
                with self.subTest(verb=verb, right=right):
                    code, lines = sessions[right, ROWS[verb].server].ask(self.request(verb))
                    text = "\n".join(lines)
                    refused = code in ("not-authorised", "bad-message") and not lines[0]
                    self.assertEqual(right != needed, refused, (code, text))
                    if ROWS[verb].shows and right == needed and verb != "audit":
                        self.assertTrue(self.shows_secret(text), text)

    def test_a_limit_is_a_limit_however_a_command_is_put(self):
        before = self.state()
        sessions = {server: self.session("low", server) for server in ("ServerA", "ServerB")}
        for verb in documented_verbs():
            for more in WIDER:
                with self.subTest(verb=verb, more=more):
                    code, lines = sessions[ROWS[verb].server].ask(self.request(verb, **more))
                    text = "\n".join(lines)
                    answer = json.loads(lines[-1] or "{}")
                    refused = code is not None or "error" in answer
                    self.assertTrue(refused or not self.shows_secret(text), text)
        self.assertEqual(before, self.state())

    def test_a_manager_can_not_be_made_to_widen_what_it_passes_on(self):
        before = self.state()
        rows = self.login(user="low", node="MGR2").json()
        self.assertEqual(["in", "in", "failed"], [row["state"] for row in rows])
        self.addCleanup(self.net.cli, "MGR2", "logout")
        for verb, right in documented_verbs().items():
            if right is None or verb in ("events", "ping", "measure", "topology", "plan"):
                continue  # done at the manager itself
            for more in WIDER:
                with self.subTest(verb=verb, more=more):
                    request = self.request(verb, **({"at": ROWS[verb].server} if verb in ("stored", "deliver") else {}), **more)
                    *_, answer = control(self.net, "MGR2", json.dumps(request).encode())
                    if "error" not in answer:
                        self.assertFalse(self.shows_secret(json.dumps(answer)), answer)
        # What is seen live is what the sessions show.
        for line in control(self.net, "MGR2", json.dumps({"verb": "feed", "only_files": ["SECRET"]}).encode()):
            for event in line.get("events", ()):
                if event["node"] != "MGR2":
                    self.assertFalse(self.shows_secret(json.dumps(event)), event)
        self.assertEqual(before, self.state())

    def state(self):
        """All that is not theirs who are limited to FILE01."""
        return (self.net.ask("ServerB", verb="stored")["stored"], (self.net.data("HOST2") / "in/STORED").exists(),
                [row for row in self.net.ask("HOST1", verb="transfers")["transfers"] if row["file"] == "SECRET"],
                self.net.ask("HOST1", verb="status")["status"].get("held"),
                {user["user"]: (user["rights"], user["transfers"]) for user in self.net.ask("ServerA", verb="users-list")["users"]})

    def test_the_audit_names_outcome_transfer_and_file(self):
        low = self.session("low")
        low.ask(self.request("cancel"))
        low.ask({"verb": "send", "file": "SECRET", "at": "HOST1"})
        code, lines = low.ask({"verb": "send", "file": "FILE01", "at": "HOST1"})
        sent = json.loads(lines[-1])["record"]["transfer"]
        rows = [row for row in self.net.ask("ServerA", verb="audit")["audit"] if row.get("user") == "low"][:3]
        about = [(row["command"], row["result"], row.get("transfer"), row.get("file")) for row in reversed(rows)]
        self.assertEqual([("cancel", "not-authorised", self.ids["SENT"], "SECRET"), ("send", "not-authorised", None, "SECRET"),
                          ("send", "ok", sent, "FILE01")], about)


class Epochs(Hostile):
    """A session is that of the account that logged in."""

    CHANGES = {
        "password": [["users", "passwd", "guest"]],
        "rights": [["users", "set", "guest", "--rights", "view"]],
        "transfers": [["users", "set", "guest", "--transfers", "FILE01"]],
        "removed": [["users", "remove", "guest"]],
        "made anew": [["users", "remove", "guest"], ["users", "add", "guest", "--rights", "view,transfer,manage"]],
    }

    def change(self, how, server):
        for words in self.CHANGES[how]:
            self.expect_exit(cli.DONE, self.net.cli(server, *words, env={"HUBLINK_PASSWORD": PASSWORD}))

    def test_it_ends_when_that_one_is_another(self):
        for how in self.CHANGES:
            for server in ("ServerA", "ServerB"):
                self.net.cli(server, "users", "remove", "guest")
                with self.subTest(how=how, server=server):
                    self.add_user(server, "guest", "view,transfer,manage")
                    there, other = self.session("guest", server), self.session("op", server)
                    waits = there.send({"verb": "events", "wait_ms": 30000})
                    self.change(how, server)
                    code, _ = there.answer(waits, 10)
                    self.assertEqual("not-authenticated", code)
                    code, text = there.ended or there.answer(0, 10)
                    self.assertEqual("not-authenticated", code)
                    self.assertIn("guest", text)
                    self.assertTrue(there.link.wait_end(10))
                    self.assertIsNone(other.ask({"verb": "transfers"})[0])
                    self.end(there, other)

    def test_a_manager_is_told_and_what_waits_ends(self):
        for server in ("ServerA", "ServerB", "ServerC"):
            self.net.cli(server, "users", "remove", "guest")
            self.add_user(server, "guest", "view,transfer,manage")
            self.addCleanup(self.net.cli, server, "users", "remove", "guest")
        self.logged_in(user="guest")
        self.change("password", "ServerA")
        lost = self.net.traces.expect("MGR", "session_lost", server="ServerA", user="guest")
        self.assertIn("password of guest was changed", lost["reason"])
        rows = self.sessions()
        self.assertEqual(["lost", "in", "in"], [rows[server]["state"] for server in ("ServerA", "ServerB", "ServerC")])
        self.expect_refusal(self.net.cli("MGR", "send", "FILE01"), cli.REFUSED, "ServerA", "guest")
        self.expect_refusal(self.net.cli("MGR", "hold", "--at", "HOST1"), cli.REFUSED, "ServerA", "guest")


class Hands(Hostile):
    """Passwords are proved, not handed over."""

    def test_a_password_is_refused_and_so_is_a_proof_for_another_link(self):
        there = self.session()
        self.assertEqual("bad-message", there.ask({"verb": "login", "user": "op", "password": PASSWORD})[0])
        login = scram.Client("op", PASSWORD, secrets.token_bytes(32))  # as if a server passed on what a user said to it
        _, lines = there.say(login.first())
        self.assertEqual("not-authenticated", there.say(login.final(json.loads(lines[-1])["scram"]))[0])
        self.assertEqual("not-authenticated", self.session().login("op", "a wrong one"))
        self.assertIsNone(self.session().login("op", PASSWORD))

    def test_a_proof_counts_once(self):
        there = self.session()
        login = scram.Client("op", PASSWORD, there.link.sock.binding)
        _, lines = there.say(login.first())
        proof = login.final(json.loads(lines[-1])["scram"])
        self.assertIsNone(there.say(proof)[0])
        self.assertEqual("bad-message", there.say(proof)[0])
        self.assertEqual("bad-message", self.session().say(proof)[0])

    def test_names_can_not_be_found_out(self):
        def begun(user):
            there = self.session()
            _, lines = there.say(scram.Client(user, PASSWORD, bytes(32)).first())
            self.end(there)
            said = scram.fields(json.loads(lines[-1])["scram"])
            return said["s"], said["i"], said["m"]

        there, nobody = begun("op"), begun("nobody")
        self.assertEqual(there[1:], nobody[1:])
        self.assertEqual(len(there[0]), len(nobody[0]))
        self.assertEqual(nobody, begun("nobody"))
        self.add_user("ServerA", "nobody", "view")
        self.assertEqual(nobody, begun("nobody"))
        self.expect_exit(cli.DONE, self.net.cli("ServerA", "users", "remove", "nobody"))
        self.assertEqual(nobody, begun("nobody"))
        wrong = {self.session().login(user, "a wrong one") for user in ("op", "nobody")}
        self.assertEqual({"not-authenticated"}, wrong)

    def test_what_a_server_keeps_does_not_log_in(self):
        """Neither key of the journal is the one that a proof is made with."""
        with sqlite3.connect(f"file:{self.net.data('ServerA')}/journal.sqlite?mode=ro", uri=True) as journal:
            ((stored, server),) = journal.execute("SELECT stored_key, server_key FROM users WHERE name = 'op'").fetchall()
        for key in (stored, server):
            there = self.session()
            login = scram.Client("op", PASSWORD, there.link.sock.binding)
            _, lines = there.say(login.first())
            self.assertEqual("not-authenticated", there.say(login.final(json.loads(lines[-1])["scram"], key))[0])

    def test_a_login_leaves_no_password_in_any_node(self):
        secret = "unmistakable " + secrets.token_hex(16)
        for server in ("ServerA", "ServerB", "ServerC"):
            self.add_user(server, "careful", "view", password=secret)
        self.logged_in(user="careful", password=secret)
        self.assertEqual(0, self.net.ask("MGR2", verb="login", user="careful", password=secret)["exit"])
        self.net.cli("MGR2", "logout")
        for node in ("ServerA", "ServerB", "MGR", "MGR2"):
            self.assertEqual(0, in_memory(self.net.running[node].pid, secret.encode()), node)
            for file in self.net.data(node).rglob("*"):
                if file.is_file():
                    self.assertNotIn(secret.encode(), file.read_bytes(), file)
                if file.name.startswith("journal"):
                    self.assertEqual(0, file.stat().st_mode & 0o077, file)


def in_memory(pid, text):
    """How often it is there."""
    found = 0
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory, open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
            for line in maps:
                place = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
                if place:
                    begin, end = (int(number, 16) for number in place.groups())
                    memory.seek(begin)
                    try:
                        found += memory.read(end - begin).count(text)
                    except OSError:
                        pass  # gone meanwhile
    except PermissionError as error:
        raise unittest.SkipTest(f"this user may not look into the node's memory: {error}") from error
    return found


class HostileServer(Hostile):
    """ServerB is scripted: it has its certificate, and no account."""
    started = ("ServerA", "ServerC", "MGR")

    @classmethod
    def prepare(cls, net):
        cls.there = Answerer(Identity(net, "ServerB"), None)
        cls.addClassCleanup(cls.there.close)

    def logs_in(self, answer):
        """What `login` at the manager says of ServerB; what that one heard."""
        self.there.answer, self.there.asked = answer, []
        result = self.login()
        self.net.cli("MGR", "logout")
        (row,) = [row for row in result.json() if row["server"] == "ServerB"]
        self.assertEqual("failed", row["state"])
        self.assertNotIn(PASSWORD, json.dumps(self.there.asked))
        self.assertEqual([], self.there.wrong)
        return row, self.there.asked

    def first(self, request, costs="i=2,m=65536", nonce=None):
        said = scram.fields(request["scram"].removeprefix(scram.HEADER.decode()))
        nonce = said["r"] + "s" * 32 if nonce is None else nonce
        return {"scram": f"r={nonce},s={base64.b64encode(bytes(16)).decode()},{costs}", "exit": 0}

    def test_it_lets_in_without_a_proof(self):
        row, asked = self.logs_in(lambda request: {"exit": 0})
        self.assertEqual("bad-message", row["code"])
        self.assertEqual(1, len(asked))

    def test_it_does_not_know_the_account(self):
        def answer(request):
            if "p=tls" in request["scram"]:
                return self.first(request)
            return {"scram": "v=" + base64.b64encode(secrets.token_bytes(32)).decode(), "exit": 0}

        row, asked = self.logs_in(answer)
        self.assertEqual("not-authenticated", row["code"])
        self.assertIn("does not prove", row["reason"])
        self.assertEqual(2, len(asked))

    def test_it_wants_a_key_that_is_too_cheap_or_too_dear(self):
        for costs in ("i=1,m=65536", "i=2,m=8", "i=2,m=4194304", "i=1000000,m=65536", "i=4096"):
            with self.subTest(costs=costs):
                row, asked = self.logs_in(lambda request: self.first(request, costs))
                self.assertEqual("bad-message", row["code"])
                self.assertEqual(1, len(asked), "nothing is proved for such a key")

    def test_it_answers_with_another_login_s_nonce(self):
        row, asked = self.logs_in(lambda request: self.first(request, nonce="s" * 64))
        self.assertEqual("bad-message", row["code"])
        self.assertEqual(1, len(asked))

    def test_it_says_that_it_speaks_the_version_that_wants_passwords(self):
        with mock.patch.object(peer, "NEWEST", 1):
            row, asked = self.logs_in(lambda request: {"exit": 0})
        self.assertEqual("bad-message", row["code"])
        self.assertIn("upgrade", row["reason"])
        self.assertEqual([], asked)
