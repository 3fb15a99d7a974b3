"""What another node says is bounded before it is believed: answers, commands, offers and definitions of peers that mean no good."""
import copy
import hashlib
import json
import time

from hublink_harness import cli, scripted_peer
from hublink_harness.hostile_net import HostileNet, deep
from hublink_harness.scripted_peer import Sender, Statement

NO_ROWS = {"transfers": [], "trace": [], "definitions": [], "exit": 0}


def status_of(node):
    return {"node": node, "role": "client", "address": "x", "network": "hostile", "links": [], "transfers": {"queued": 0, "running": 0}}


class Answers(HostileNet):
    """EVIL answers its home server's questions."""

    BAD = [
        b"", b"\n", b"nonsense", b"[]", b"5", b"null", b'"x"', b"{", b"\xff\xfe", b'{"exit":0}x',
        deep(), b'{"exit":0,"x":' + deep() + b"}", b'{"a":' * 300_000, b'{"transfers":[{"x":' + deep() + b'}],"exit":0}',
        b'{"exit":"x"}', b'{"exit":-1}', b'{"exit":1e300}', b'{"exit":null}', b"{}", b'{"exit":0,"exit":0}',
        b'{"error":5,"exit":0}', b'{"error":{"code":5},"exit":0}', b'{"error":[],"exit":0}', b'{"missing":5,"exit":0}',
        b'{"missing":[5],"exit":0}', b'{"missing":[{"node":5}],"exit":0}',
    ]
    BAD_LISTS = {
        "transfers": [b'{"transfers":5,"exit":0}', b'{"transfers":[5],"exit":0}', b'{"transfers":[[]],"exit":0}',
                      b'{"transfers":[{}],"exit":0}', b'{"transfers":[{"transfer":5}],"exit":0}',
                      b'{"transfers":[{"transfer":"a","file":"b","from":"c","to":[],"state":"done"}],"exit":0}',
                      b'{"transfers":[{"transfer":"a","file":"b","from":"c","to":{"d":5},"state":"done"}],"exit":0}',
                      b'{"transfers":[{"transfer":"a","file":"b","from":"c","to":{},"state":"done","size":"x"}],"exit":0}',
                      b'{"transfers":[{"transfer":"a","file":"b","from":"c","to":{},"state":"done","jobs":[5]}],"exit":0}'],
        "status": [b'{"status":5,"exit":0}', b'{"status":[5],"exit":0}', b'{"status":{},"exit":0}', b'{"nodes":[5],"exit":0}',
                   b'{"status":{"node":"EVIL","role":"client","links":5,"transfers":{}},"exit":0}',
                   b'{"status":{"node":"EVIL","role":"client","links":[5],"transfers":{}},"exit":0}',
                   b'{"status":{"node":"EVIL","role":"client","links":[],"transfers":5},"exit":0}',
                   b'{"status":{"node":"EVIL","role":"client","links":[],"transfers":{},"definition":{"version":"x"}},"exit":0}',
                   json.dumps({"status": status_of("ServerB"), "exit": 0}).encode(),
                   json.dumps({"nodes": [status_of("ServerB")], "exit": 0}).encode()],
    }

    def setUp(self):
        self.bad = None
        self.evil = self.evil_client(lambda request: self.bad)
        self.logged_in()

    def expect_left_out(self, verb, bad):
        """The command is done, EVIL alone is missing with a reason, and the others are there."""
        self.bad = bad
        result = self.net.cli("MGR", verb, "--json", deadline=20)
        self.expect_exit(cli.PARTIAL, result)
        self.assertIn("nothing from EVIL: ", result.err)
        self.assertEqual(1, len(result.err.splitlines()), result.err)
        if verb == "status":
            self.assertEqual(["HOST1", "HOST2", "ServerA", "ServerB"], [row["node"] for row in result.json()])

    def test_any_wrong_answer_is_that_clients_row(self):
        for bad in self.BAD:
            with self.subTest(bad=bad[:60]):
                self.expect_left_out("status", bad)
        self.expect_serves()

    def test_rows_of_another_kind(self):
        for verb, all_bad in self.BAD_LISTS.items():
            for bad in all_bad:
                with self.subTest(verb=verb, bad=bad[:80]):
                    self.expect_left_out(verb, bad)
        self.expect_serves()

    def test_a_wide_answer_takes_no_processor(self):
        wide = b"{" + b",".join(b'"%d":0' % i for i in range(250_000)) + b',"exit":0}'
        self.expect_left_out("status", wide)
        self.expect_serves()

    def test_of_a_trace_and_of_definitions(self):
        self.expect_transfer()
        transfer = self.net.ask("HOST1", verb="transfers")["transfers"][0]["transfer"]
        for bad in (b'{"trace":[5],"exit":0}', b'{"trace":[{"time":[[]]}],"exit":0}', b'{"trace":[{"node":"HOST1"}],"exit":0}',
                    b'{"trace":[{"x":' + deep() + b'}],"exit":0}'):
            with self.subTest(bad=bad[:60]):
                self.bad = bad
                result = self.expect_exit(cli.PARTIAL, self.net.cli("MGR", "trace", transfer, "--json"))
                self.assertIn("nothing from EVIL", result.err)
                self.assertGreater(len(result.json()), 8)
        for bad in (b'{"definitions":[5],"exit":0}', b'{"definitions":[{"node":"EVIL","version":"x"}],"exit":0}',
                    b'{"definitions":[{"node":"HOST1","version":1,"content":{"sends":{}}}],"exit":0}'):
            with self.subTest(bad=bad[:60]):
                self.bad = bad
                result = self.expect_exit(cli.DONE, self.net.cli("MGR", "apply", self.net.file, "--dry-run", "--json"))
                rows = {row["node"]: row for row in result.json()}
                self.assertIn("reason", rows["EVIL"])
                self.assertIn("changes", rows["HOST1"])
        self.expect_serves()

    def test_steering_one_transfer_survives_who_lies(self):
        self.bad = b'{"transfers":[{"transfer":"a","file":"b","from":5,"to":{},"state":"done","side":"sender"}],"exit":0}'
        result = self.net.cli("MGR", "cancel", "f" * 32, deadline=20)
        self.expect_exit(cli.FAILED, result)
        self.assertIn("EVIL", result.err)
        self.expect_serves()

    def test_events(self):
        bad = [b'{"next":1,"ring":7,"missed":0,"events":[{"x":' + deep() + b'}],"exit":0}', b'{"next":"x","events":[],"exit":0}',
               b'{"next":1,"events":[5],"exit":0}', b'{"next":1,"events":{"a":1},"exit":0}', b'{"events":[],"exit":0}']
        for one in bad:
            with self.subTest(bad=one[:60]):
                self.bad = one
                result = self.net.cli("MGR", "events", "--host", "EVIL", deadline=20)
                self.expect_exit(cli.DONE, result)
                self.assertIn("nothing from EVIL", result.err)
        self.expect_serves()


class Handing(HostileNet):
    """EVIL is handed its definition."""

    def test_a_bad_answer_does_not_end_the_handing_on(self):
        evil = self.evil_client(lambda request: b"")
        self.net.stop("HOST1")
        self.logged_in()
        for number, bad in enumerate([b'{"exit":"x"}', deep(), b'{"exit":5}']):
            evil.answer = lambda request, bad=bad: bad
            changed = copy.deepcopy(self.net.topology)
            changed["transfers"][f"NEW{number}"] = {"from": "HOST1", "to": ["HOST2"]}
            file = self.net.directory / "changed.json"
            file.write_text(json.dumps(changed))
            result = self.net.cli("MGR", "apply", file, "--json", deadline=60)
            rows = {row["node"]: row for row in result.json()}
            self.assertEqual("failed", rows["EVIL"]["state"], rows)
            self.assertEqual("applied", rows["HOST2"]["state"], rows)
        evil.answer = lambda request: b'{"exit":0}'
        self.net.start("HOST1")  # it is handed its own without another word of the manager
        wanted = self.net.ask("ServerA", verb="status")["status"]["definition"]["version"]
        self.net.traces.expect("HOST1", "definition", version=wanted, within=20)
        self.expect_serves("ServerA", "HOST1")


class Commands(HostileNet):
    """Commands of an account that may view alone, and of the control socket."""

    BAD = [b"", b"nonsense", b"[]", deep(), b'{"verb":"events","x":' + deep() + b"}", b'{"verb":' * 200_000, b'{"verb":5}',
           b'{"verb":["status"]}', b'{"verb":"status","verb":"status"}', b'{"verb":"transfers","limit":-1}',
           b'{"verb":"transfers","limit":"x"}', b'{"verb":"transfers","limit":1e99}', b'{"verb":"transfers","only_files":5}',
           b'{"verb":"transfers","only_files":[5]}', b'{"verb":"transfers","since_ms":"x"}', b'{"verb":"transfers","file":[]}',
           b'{"verb":"trace"}', b'{"verb":"trace","transfer":5}', b'{"verb":"events","from":-1}', b'{"verb":"events","wait_ms":"x"}',
           b'{"verb":"status","network":"x"}', b'{"verb":"status","at":5}', b'{"verb":"transfers","file":"' + b"x" * 300_000 + b'"}',
           b'{"verb":"' + b"x" * 300_000 + b'"}', b"\xff\xff", b'{"verb":"ping","host":"\xff"}']

    def test_over_a_session(self):
        session = self.evil_session("ServerB", "low")
        for bad in self.BAD:
            with self.subTest(bad=bad[:60]):
                self.assertEqual("bad-message", session.ask(bad)[0])
        self.assertIsNone(session.ask({"verb": "status"})[0])
        audit = self.net.ask("ServerB", verb="audit", limit=1000)["audit"]
        self.assertLess(max(len(json.dumps(row)) for row in audit), 1000)
        self.expect_serves()

    def test_at_the_control_socket(self):
        for bad in self.BAD:
            with self.subTest(bad=bad[:60]):
                *_, last = scripted_peer.control(self.net, "ServerA", bad)
                self.assertIn(last["error"]["code"], ("bad-message", "bad-config"), last)
        self.expect_serves()

    def test_a_definition_from_far_ahead(self):
        session = self.evil_session("ServerB", "wide", "view,manage")
        for version in (2**63, 2**64 - 1, int((time.time() + 3 * 86_400) * 1000)):
            body = {"network": "hostile", "node": "ServerB", "version": version, "content": b"{}"}
            signed = Statement(self.identity("MGR2"), "definition", body, certificate=True).record
            code, _ = session.ask({"verb": "define", "definition": signed.hex()})
            self.assertEqual("not-authorised", code)
        for wrong in (b"\xa0", b"\x9f" * 1000, b"\x81" * 900_000, signed[:-1]):
            self.assertIsNotNone(session.ask({"verb": "define", "definition": wrong.hex()})[0])
        self.expect_serves()


class Offers(HostileNet):
    """What EVIL offers to HOST2."""

    def offer(self, **differs):
        sender = Sender(self.identity("EVIL"), "ServerA", "EVILF", ["HOST2"], attempt=differs.get("attempt", 1))
        self.addCleanup(sender.close)
        sender.offer(**differs)
        return sender, *sender.answer()

    def test_0_the_scripted_sender_is_taken_when_it_is_right(self):
        sender, kind, _ = self.offer()
        self.assertEqual("ready", kind)
        sender.header(5)
        sender.chunk(1, b"hello", last=True)
        sender.end(5, "sha256:" + hashlib.sha256(b"hello").hexdigest())  # of another kind than the header says
        self.assertEqual("refusal", sender.stream.hear()[0])

    def test_a_generation_that_no_attempt_made(self):
        _, kind, why = self.offer(generation=2**32 - 1)
        self.assertEqual(("refusal", "bad-message"), (kind, why["code"]))

    def test_generations_without_number_hold_nobody_up(self):
        """Two workers unlinked four thousand million names, and the node did not end."""
        for _ in range(6):
            sender, kind, _ = self.offer(attempt=2**32 - 1, generation=2**32 - 1)
            self.assertEqual("ready", kind)
            sender.header(10)
        self.expect_transfer()
        self.net.stop("HOST2")  # within 10 s, or it is remembered
        self.net.start("HOST2")

    def test_earlier_partial_files_go_with_the_next_generation(self):
        sender, _, _ = self.offer()
        sender.header(10)
        transfer = sender.transfer
        partial = self.net.data("HOST2") / "in" / f".EVILF.hublink-{transfer}-1.part"
        self.net.traces.watch(partial.parent)
        self.net.traces.until(partial.exists, "the partial file")
        sender.close()
        self.net.traces.expect("HOST2", "closed", transfer=transfer)
        partial.touch()  # kept, as after 64 MiB
        again = Sender(self.identity("EVIL"), "ServerA", "EVILF", ["HOST2"], transfer=transfer, attempt=3)
        self.addCleanup(again.close)
        again.offer(generation=3)
        self.assertEqual("ready", again.answer()[0])
        again.header(10)
        self.net.traces.until(lambda: not partial.exists(), "the partial file goes")

    def test_a_sequence_from_the_future(self):
        for sequence in (2**64 - 1, 2**63, int((time.time() + 3 * 86_400) * 1000)):
            _, kind, why = self.offer(sequence=sequence)
            self.assertEqual(("refusal", "not-authorised"), (kind, why["code"]))

    def test_fields_of_another_kind(self):
        for differs in ({"attempt": 0}, {"generation": "x"}, {"sequence": -1}, {"time_ms": 2**64 - 1}, {"recipients": 5},
                        {"recipients": [5]}, {"recipients": ["x"] * 5000}, {"nonce": b""}, {"sender": "x" * 256},
                        {"x": [[[[[[[[[[]]]]]]]]]]}, {"x": [0] * 20_000}, {"sender": "EVIL\x1b"}):
            with self.subTest(differs=str(differs)[:60]):
                sender = Sender(self.identity("EVIL"), "ServerA", "EVILF", ["HOST2"])
                self.addCleanup(sender.close)
                sender.attempt = sender.generation = 1
                sender.offer(**differs)
                self.assertEqual("bad-message", sender.answer()[1]["code"])
        self.expect_transfer()
