"""A hostile broadcast point, live: it adds, drops, mixes, replays and withholds. Nobody publishes what was not sent to him as it is,
the sender calls nobody done who is not, and what the point did ends nothing for good."""

from hublink_harness import cbor, cli
from hublink_harness.case import Scenario
from hublink_harness.scripted_peer import Identity
from hublink_harness.scripted_point import NO_CHUNKS, Point, honest
from hublink_harness.topologies import client, three_hubs, transfer

AGAIN = {"count": 100, "every_s": 1}
ALL = {"HOST2": "done", "HOST3": "done"}


class HostilePoint(Scenario):
    """ServerB is the point, and scripted. HOST2 is its own client, HOST3 is behind ServerC."""

    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3", placement="manual", broadcast_at="ServerB"),
                          AGAIN=transfer("HOST1", "HOST2", "HOST3", placement="manual", broadcast_at="ServerB", retry=AGAIN))
    topology["nodes"]["HOST4"] = client("127.1.3.14", "ServerC")
    started = ("ServerA", "ServerC", "HOST1", "HOST2", "HOST3", "HOST4")

    @classmethod
    def prepare(cls, net):
        cls.point = Point(Identity(net, "ServerB"), {"HOST2": "HOST2", "HOST3": "ServerC"})
        cls.addClassCleanup(cls.point.close)

    def setUp(self):
        self.point.script, self.point.receivers = honest, ["HOST2", "HOST3"]
        self.point.attempts.clear()
        self.point.wrong.clear()

    def tearDown(self):
        self.assertEqual([], self.point.wrong)

    def send(self, file="FILE03", size=600_000, wait=True):
        source = self.net.write("HOST1", f"out/{file}", size)
        result = self.net.cli("HOST1", "send", file, *(["--wait"] if wait else []), deadline=60)
        return result, result.out.split()[0], source

    def row(self, transfer):
        rows = [row for listing in ("transfers", "history") for row in self.net.cli("HOST1", listing, "--json").json()]
        return next(row for row in rows if row["transfer"] == transfer)

    def expect_states(self, transfer, states, within=30):
        self.net.traces.until(lambda: self.row(transfer)["to"] == states, f"{states} at the sender", within)

    def expect_not_published(self, node, transfer):
        self.assertEqual([], self.net.traces.all(node=node, event="received", transfer=transfer))

    def expect_only(self, published, result, transfer, source):
        """HOST2 or HOST3 has it, as it was sent; the other one has nothing, and the sender knows both."""
        other = "HOST3" if published == "HOST2" else "HOST2"
        self.assertNotEqual(cli.DONE, result.code, str(result))
        self.expect_received(published, transfer, source)
        self.expect_not_published(other, transfer)
        states = self.row(transfer)["to"]
        self.assertEqual("done", states[published])
        self.assertIn(states[other], ("failed", "unconfirmed"))

    def expect_mended(self, transfer, source, file="FILE03"):
        """An honest point, and the next attempt: all are done, each published once."""
        self.point.script = honest
        if self.row(transfer)["state"] not in ("queued", "running"):
            self.expect_exit(cli.DONE, self.net.cli("HOST1", "retry", transfer))
        self.expect_states(transfer, ALL)
        for node in ALL:
            self.expect_received(node, transfer, source)
            self.assertEqual(1, len(self.net.traces.all(node=node, event="received", transfer=transfer)))

    def test_0_an_honest_one(self):
        result, transfer, source = self.send()
        self.expect_exit(cli.DONE, result)
        for node in ALL:
            self.expect_received(node, transfer, source)

    # -- adds

    def test_1_plans_for_one_more(self):
        self.point.receivers = ["HOST2", "HOST3", "HOST4"]
        result, transfer, source = self.send()
        self.assertNotEqual(cli.DONE, result.code)
        self.assertIn("HOST4", result.err)
        self.point.receivers = ["HOST2", "HOST3"]
        self.expect_mended(transfer, source)

    def test_1_speaks_for_one_more(self):
        def script(point, held, sender):
            point.word(sender, "HOST4", "hop-down")
            honest(point, held, sender)
        self.point.script = script
        result, transfer, source = self.send()
        self.assertNotEqual(cli.DONE, result.code)
        self.assertNotIn("HOST4", self.row(transfer)["to"])
        self.expect_mended(transfer, source)

    # -- drops

    def test_2_drops_a_receiver(self):
        def script(point, held, sender):
            point.pass_on(sender, "HOST2", *point.feed("HOST2", held))
            point.word(sender, "HOST3", "hop-down")
        self.point.script = script
        result, transfer, source = self.send()
        self.expect_only("HOST2", result, transfer, source)
        self.expect_mended(transfer, source)

    def test_2_drops_an_envelope_or_a_chunk(self):
        for instead in ({"envelope": None}, {"chunks": lambda held: held.chunks[:1] + held.chunks[2:]}, {"metadata": b""}):
            with self.subTest(instead=list(instead)):
                def script(point, held, sender):
                    point.pass_on(sender, "HOST2", *point.feed("HOST2", held))
                    kind, body = point.feed("HOST3", held, **{name: what(held) if callable(what) else what for name, what in instead.items()})
                    self.assertEqual("refusal", kind)
                    self.assertIn(cbor.decode(cbor.decode(body)["body"])["code"], ("tampered", "bad-message"))
                    point.pass_on(sender, "HOST3", kind, body)
                self.point.script = script
                result, transfer, source = self.send()
                self.expect_only("HOST2", result, transfer, source)
                self.expect_mended(transfer, source)

    def test_2_says_in_its_own_name_what_only_a_receiver_can_settle(self):
        for code in ("cancelled", "superseded", "not-authorised", "file-exists"):
            with self.subTest(code=code):
                def script(point, held, sender):
                    point.pass_on(sender, "HOST2", *point.feed("HOST2", held))
                    point.word(sender, "HOST3", code)
                self.point.script = script
                result, transfer, source = self.send("AGAIN", 1000, wait=False)
                self.net.traces.until(lambda: len(self.point.attempts) > 1, "another attempt", 20)
                self.point.attempts.clear()
                self.expect_mended(transfer, source, "AGAIN")

    # -- mixes

    def test_3_mixes_envelopes_chunks_and_transfers(self):
        _, first, _ = self.send()
        (earlier,) = self.point.attempts
        mixes = {
            "another receiver's envelope": lambda held: {"envelope": held.envelopes["HOST3"]},
            "an envelope of an earlier transfer": lambda held: {"envelope": earlier.envelopes["HOST2"]},
            "a chunk of an earlier transfer": lambda held: {"chunks": [earlier.chunks[0], *held.chunks[1:]]},
            "chunks in another order": lambda held: {"chunks": [held.chunks[1], held.chunks[0], *held.chunks[2:]]},
            "the header of an earlier transfer": lambda held: {"header": earlier.header},
            "the end of an earlier transfer": lambda held: {"end": earlier.end},
        }
        for what, mix in mixes.items():
            with self.subTest(what):
                def script(point, held, sender):
                    point.pass_on(sender, "HOST3", *point.feed("HOST3", held))
                    kind, body = point.feed("HOST2", held, **mix(held))
                    self.assertEqual("refusal", kind, what)
                    point.pass_on(sender, "HOST2", kind, body)
                self.point.script = script
                result, transfer, source = self.send()
                self.expect_only("HOST3", result, transfer, source)
                self.expect_mended(transfer, source)
        self.assertEqual(1, len(self.net.traces.all(node="HOST2", event="received", transfer=first)))

    # -- replays

    def test_4_replays_a_stream(self):
        result, first, source = self.send()
        self.expect_exit(cli.DONE, result)
        (earlier,) = self.point.attempts

        def script(point, held, sender):
            kind, body = point.feed("HOST2", earlier)
            fields = cbor.decode(cbor.decode(body)["body"]) if kind else {}
            self.assertTrue(kind in (None, "refusal") or "receipt" in fields, (kind, fields))
            point.pass_on(sender, "HOST3", *point.feed("HOST3", held))
            point.word(sender, "HOST2", "hop-down")
        self.point.script = script
        result, transfer, source = self.send()
        self.expect_only("HOST3", result, transfer, source)
        self.assertEqual(1, len(self.net.traces.all(node="HOST2", event="received", transfer=first)))
        self.expect_mended(transfer, source)

    def test_4_replays_a_receipt(self):
        receipts = {}

        def note(point, held, sender):
            for receiver in point.hops:
                receipts[receiver] = point.feed(receiver, held)
                point.pass_on(sender, receiver, *receipts[receiver])
        self.point.script = note
        self.expect_exit(cli.DONE, self.send()[0])

        def script(point, held, sender):
            point.pass_on(sender, "HOST2", *point.feed("HOST2", held))
            point.pass_on(sender, "HOST3", *receipts["HOST3"])
        self.point.script = script
        result, transfer, source = self.send()
        self.assertNotEqual(cli.DONE, result.code, str(result))
        self.expect_not_published("HOST3", transfer)
        self.assertNotEqual("done", self.row(transfer)["to"]["HOST3"])
        self.expect_mended(transfer, source)

    # -- withholds

    def test_5_withholds_what_receivers_said(self):
        def script(point, held, sender):
            for receiver in point.hops:
                point.feed(receiver, held)
            sender.sock.close()
        self.point.script = script
        result, transfer, source = self.send("AGAIN", wait=False)
        for node in ALL:
            self.expect_received(node, transfer, source)
        self.assertNotIn("done", self.row(transfer)["to"].values())
        self.expect_mended(transfer, source, "AGAIN")

    def test_5_withholds_the_end(self):
        def script(point, held, sender):
            point.pass_on(sender, "HOST3", *point.feed("HOST3", held))
            branch = point.branch("HOST2", held)
            branch.hear()
            branch.say("segment", (1).to_bytes(8, "big"))
            branch.say("header", held.header)
            branch.say("envelopes", cbor.encode({"HOST2": held.envelopes["HOST2"]}))
            branch.say("chunk", held.metadata)
            for chunk in held.chunks:
                branch.say("chunk", chunk)
            branch.close()
            point.word(sender, "HOST2", "cut")
        self.point.script = script
        result, transfer, source = self.send()
        self.expect_only("HOST3", result, transfer, source)
        self.expect_mended(transfer, source)

    def test_5_says_that_it_keeps_what_it_dropped(self):
        """A point that is no store says `stored`: nobody is done by that, and the receivers can still be had."""
        def script(point, held, sender):
            for receiver in point.hops:
                point.word(sender, receiver, "stored")
            point.say(sender, held, "spool_ready", {**NO_CHUNKS, "complete": True})
        self.point.script = script
        _, transfer, source = self.send(wait=False)
        self.net.traces.until(lambda: self.row(transfer)["state"] == "spooled", "spooled", 20)
        for node in ALL:
            self.expect_not_published(node, transfer)
        self.expect_mended(transfer, source)
