"""What a person reads can't act: whatever others put into names, reasons and events, a terminal shows it and does nothing."""
import json
import re
import subprocess
import time

from hublink_harness import cli
from hublink_harness.hostile_net import HostileNet
from hublink_harness.scripted_peer import Statement

# Controls (C0 but the line feed, DEL, C1), marks of direction, separators, what has no width, tags.
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")
EVIL_TEXT = "x\x1b]52;c;ZXZpbA==\x07\x1b[2J\r\x08\x7f\x9b31m\u202egpj\u2066\u200f\u2028\ufeff\U000e0041\ntransfer-faked\t\x00"


def row(**differs):
    return {"transfer": "0" * 31 + EVIL_TEXT, "file": EVIL_TEXT, "from": EVIL_TEXT, "to": {EVIL_TEXT: EVIL_TEXT}, "state": EVIL_TEXT,
            "size": 5, "bytes": 5, "started": EVIL_TEXT, "ended": EVIL_TEXT, "reason": EVIL_TEXT, "side": EVIL_TEXT, "digest": EVIL_TEXT,
            "jobs": [{"job": EVIL_TEXT, "node": EVIL_TEXT, "result": EVIL_TEXT, "output": EVIL_TEXT}], EVIL_TEXT: EVIL_TEXT, **differs}


def event(name, **fields):
    return {"time": EVIL_TEXT, "node": "EVIL", "event": name, "transfer": "f" * 32, **fields}


EVENTS = [event("told", kind=EVIL_TEXT, **{"from": EVIL_TEXT}, file=EVIL_TEXT, destination=[EVIL_TEXT, EVIL_TEXT]),
          event("next", host=EVIL_TEXT, hop=EVIL_TEXT, dialled=EVIL_TEXT, by=EVIL_TEXT), event("refused", by=EVIL_TEXT, reason=EVIL_TEXT),
          event("received", file=EVIL_TEXT, path=EVIL_TEXT), event("sent", file=EVIL_TEXT, receivers={EVIL_TEXT: EVIL_TEXT}),
          event("job", job=EVIL_TEXT, file=EVIL_TEXT, result=EVIL_TEXT, reason=EVIL_TEXT), event("login", user=EVIL_TEXT, reason=EVIL_TEXT),
          event("definition", reason=EVIL_TEXT), event(EVIL_TEXT), event("closed", result=EVIL_TEXT)]
STATUS = {"node": "EVIL", "role": EVIL_TEXT, "network": EVIL_TEXT, "address": EVIL_TEXT,
          "links": [{"peer": EVIL_TEXT, "role": EVIL_TEXT, "up": True, "circuits": 1, "segments_out": 1,
                     "retransmitted": 2**64 - 1, "congestion": EVIL_TEXT}], "transfers": {"queued": 1, "running": 2},
          "definition": {"version": 5, "applied": EVIL_TEXT, "behind": {EVIL_TEXT: EVIL_TEXT}},
          "failed": [{"part": EVIL_TEXT, "reason": EVIL_TEXT}]}
ERROR = {"error": {"code": "failed", "hop": EVIL_TEXT, "reason": EVIL_TEXT}, "exit": 1}


class Printing(HostileNet):
    def expect_harmless(self, text, rows=None):
        found = ACTING.search(text)
        self.assertIsNone(found, f"{found and hex(ord(found[0]))} in {text!r}")
        for line in text.splitlines():
            self.assertFalse(line.startswith("transfer-faked"), text)
        if rows is not None:
            self.assertEqual(rows, len(text.splitlines()), text)

    def expect_json(self, text, *found):
        """It is JSON, says all, and shows nothing that acts."""
        self.expect_harmless(text)
        self.assertIn(r"\u001b]52;c;ZXZpbA==\u0007", text)
        self.assertIn(r"\u202e", text)
        self.assertIn(r"\u009b", text)
        self.assertIn(EVIL_TEXT, json.dumps(json.loads(text), ensure_ascii=False).encode().decode() if not found else found[0](json.loads(text)))

    def shown(self, *words, node="MGR", answer=None):
        if answer is not None:
            evil = self.evil_client(lambda request: answer)
        try:
            return self.net.cli(node, *words, deadline=20)
        finally:
            if answer is not None:
                evil.close()

    def test_listings(self):
        self.logged_in()
        for verb in ("transfers", "history"):
            result = self.expect_exit(cli.DONE, self.shown(verb, answer={"transfers": [row(), row(side="sender")], "exit": 0}))
            self.expect_harmless(result.out, rows=3)
            self.expect_harmless(result.err)
            self.assertIn(r"\u001b]52;c;", result.out)
            result = self.shown(verb, "--json", answer={"transfers": [row()], "exit": 0})
            self.expect_json(result.out, lambda rows: rows[0]["reason"])

    def test_status(self):
        self.logged_in()
        result = self.shown("status", answer={"status": STATUS, "exit": 0})  # which it has not signed
        self.expect_harmless(result.out)
        self.expect_harmless(result.err)
        self.assertNotIn("EVIL (client) at", result.out)
        result = self.shown("status", "--json", answer={"status": STATUS, "exit": 0})
        self.assertNotIn("EVIL", [node["node"] for node in json.loads(result.out)])

    def test_reasons_of_nodes_that_can_not_be_asked(self):
        self.logged_in()
        result = self.expect_exit(cli.PARTIAL, self.shown("transfers", answer=ERROR))
        self.expect_harmless(result.err, rows=1)
        self.assertIn("nothing from EVIL", result.err)

    def test_a_command_that_fails_there(self):
        self.logged_in()
        result = self.shown("hold", "--at", "EVIL", answer=ERROR)
        self.assertNotEqual(cli.DONE, result.code)
        self.expect_harmless(result.err, rows=1)
        self.expect_harmless(self.shown("request", "EVILF", "--at", "EVIL", answer={"record": row(), "exit": 0}).out, rows=1)

    def test_traces_and_events(self):
        self.logged_in()
        result = self.expect_exit(cli.DONE, self.shown("trace", "f" * 32, answer={"trace": EVENTS, "exit": 0}))
        self.expect_harmless(result.out, rows=len(EVENTS))
        result = self.shown("trace", "f" * 32, "--json", answer={"trace": EVENTS, "exit": 0})
        self.expect_json(result.out, lambda events: events[0]["file"])
        for words in ((), ("--json",)):
            batches = iter([EVENTS])
            evil = self.evil_client(lambda request: {"events": next(batches, []), "next": len(EVENTS), "missed": 0, "ring": 1, "exit": 0})
            result = self.expect_exit(cli.DONE, self.net.cli("MGR", "events", "--host", "EVIL", *words, deadline=20))
            evil.close()
            self.expect_harmless(result.out, rows=len(EVENTS))

    def test_what_comes_over_a_link_into_traces_and_logs(self):
        """Names on links have no controls, but may be turned round."""
        turned = "FILE\u202egpj\u2066.exe\u200f"
        link = self.identity("EVIL").link("ServerA")
        self.assertEqual("failed", link.open(turned, ["HOST2"])["t"])
        link.close()
        self.net.traces.expect("ServerA", "told", file=turned)
        self.expect_harmless((self.net.data("ServerA") / "events.jsonl").read_text(encoding="utf-8"))
        result = self.expect_exit(cli.DONE, self.net.cli("ServerA", "events"))
        self.expect_harmless(result.out)
        self.assertIn(r"FILE\u202egpj\u2066.exe\u200f", result.out)
        for node in self.started:
            self.expect_harmless(self.net.running[node].logged())

    def test_a_definition_that_says_too_much(self):
        """The reason why it is refused goes into log and trace."""
        session = self.evil_session("ServerA", "wide", "view,manage")
        body = {"network": "hostile", "node": "ServerA", "version": int(time.time() * 1000),
                "content": json.dumps({"role": EVIL_TEXT, EVIL_TEXT: 5}).encode()}
        signed = Statement(self.identity("MGR2"), "definition", body, certificate=True).record
        self.assertEqual("bad-config", session.ask({"verb": "define", "definition": signed.hex()})[0])
        self.net.traces.expect("ServerA", "definition", result="refused")
        self.expect_harmless((self.net.data("ServerA") / "events.jsonl").read_text(encoding="utf-8"))
        self.expect_harmless(self.net.running["ServerA"].logged())

    def test_what_the_user_himself_puts_in(self):
        wrong = self.net.directory / "wrong.json"
        wrong.write_text(json.dumps({"network": EVIL_TEXT, "nodes": {EVIL_TEXT: {"role": EVIL_TEXT, EVIL_TEXT: 1}}, EVIL_TEXT: 5}))
        self.expect_harmless(cli.run("check", wrong).err)
        self.expect_harmless(cli.run("check", wrong, "--json").out)
        nul_free = EVIL_TEXT.replace("\x00", "")
        for words in ((nul_free,), ("send", nul_free, "--data", self.net.data("HOST1")), ("check", nul_free),
                      ("ping", nul_free, "--data", self.net.data("HOST1")), ("status", "--data", nul_free), ("--" + nul_free,)):
            result = cli.run(*words)
            self.assertNotEqual(cli.DONE, result.code)
            self.expect_harmless(result.out + result.err)

    def test_a_path_that_is_no_text(self):
        command = [cli.executable().encode(), b"check", b"/no/\xff\xfe\x1b[31m.json"]
        result = subprocess.run(command, capture_output=True, timeout=20)
        self.assertIn(rb"\xff\xfe", result.stderr)
        self.expect_harmless(result.stderr.decode())
