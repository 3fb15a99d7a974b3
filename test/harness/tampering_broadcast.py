"""A hub on one branch of a broadcast meddles with what it carries: its own receiver finds out, the others get the file."""
from hublink_harness import cbor, cli
from hublink_harness.case import Scenario
from hublink_harness.hub import Hub
from hublink_harness.topologies import client, three_hubs, transfer

from tampering import at_offset, instead


class OneBranch(Scenario):
    """ServerA is the point; HOST2's branch leads through the scripted ServerB, HOST3's through a real one."""

    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3", placement="manual", broadcast_at="ServerA"))
    started = ("ServerA", "ServerC", "HOST1", "HOST2", "HOST3")

    @classmethod
    def prepare(cls, net):
        cls.hub = Hub(net, "ServerB", "HOST2")
        cls.addClassCleanup(cls.hub.close)

    def setUp(self):
        self.hub.forth = self.hub.back = lambda: lambda part: part

    def send(self, content):
        (self.net.data("HOST1") / "out").mkdir(exist_ok=True)
        source = self.net.data("HOST1") / "out/FILE03"
        source.write_bytes(content)
        result = self.net.cli("HOST1", "send", "FILE03", "--wait")
        return result, result.out.split()[0], source

    def inbox(self):
        """What HOST2 has published, and as which file."""
        file = self.net.data("HOST2") / "in/FILE03"
        return (file.read_bytes(), file.stat().st_ino) if file.exists() else None

    def expect_for_the_other_alone(self, content, before):
        result, transfer, source = self.send(content)
        self.assertEqual(cli.PARTIAL, result.code, str(result))
        self.expect_received("HOST3", transfer, source)
        self.assertEqual([], self.net.traces.all(node="HOST2", event="received", transfer=transfer))
        self.assertEqual(before, self.inbox())
        sent = self.net.traces.expect("HOST1", "sent", transfer=transfer)
        self.assertEqual({"HOST2": "failed", "HOST3": "done"}, sent["receivers"])

    def send_honestly(self, content):
        """(what went to HOST2, what came back)"""
        forth, back = [], []
        self.hub.forth = lambda: lambda part: forth.append(part) or part
        self.hub.back = lambda: lambda part: back.append(part) or part
        result, transfer, source = self.send(content)
        self.expect_exit(cli.DONE, result)
        for receiver in ("HOST2", "HOST3"):
            self.expect_received(receiver, transfer, source)
        return b"".join(forth), b"".join(back)

    def test_0_carries_it_as_it_is(self):
        self.send_honestly(b"as it is" * 100_000)

    def test_1_alters_a_byte(self):
        self.hub.forth = at_offset(lambda part: bytes([part[0] ^ 1]) + part[1:])
        self.expect_for_the_other_alone(b"altered on one branch" * 100_000, self.inbox())

    def test_2_serves_another_generation(self):
        recorded, _ = self.send_honestly(b"the first version")
        before = self.inbox()
        self.hub.forth = instead(recorded)
        self.expect_for_the_other_alone(b"the second version", before)

    def test_3_forges_the_receipt_of_one_who_gets_nothing(self):
        _, recorded = self.send_honestly(b"what was signed for")
        before = self.inbox()
        self.hub.back = instead(recorded)
        self.expect_for_the_other_alone(b"what was not", before)


class OneMore(Scenario):
    """The scripted ServerB gives all that HOST2 gets to HOST4 too, which would take the file, but for which the sender has not sealed it."""

    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3", placement="manual", broadcast_at="ServerA"))
    topology["nodes"]["HOST4"] = client("127.1.2.14", "ServerB")
    started = ("ServerA", "ServerC", "HOST1", "HOST2", "HOST3", "HOST4")

    @classmethod
    def prepare(cls, net):
        net.differs_at("HOST4", lambda own: own["transfers"]["FILE03"]["to"].append("HOST4"))
        hub = Hub(net, "ServerB", "HOST2")
        hub.added = "HOST4"
        cls.addClassCleanup(hub.close)

    def test_a_receiver_that_a_hub_adds_gets_nothing(self):
        source = self.net.write("HOST1", "out/FILE03", 500_000)
        transfer = self.send_and_wait("HOST1", "FILE03")
        for receiver in ("HOST2", "HOST3"):
            self.expect_received(receiver, transfer, source)
        closed = self.net.traces.expect("HOST4", "closed", transfer=transfer)
        self.assertEqual("failed", closed["result"])
        self.expect_reason("HOST4", transfer, "no envelope for HOST4")
        self.assertEqual([], self.net.traces.all(node="HOST4", event="received"))
        self.assertFalse((self.net.data("HOST4") / "in/FILE03").exists())
        self.assertNotIn("HOST4", self.net.traces.expect("HOST1", "sent", transfer=transfer)["receivers"])


class BeforeThePoint(Scenario):
    """The scripted ServerA is on the way from the sender to the point, ServerB."""

    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))
    started = ("ServerB", "ServerC", "HOST1", "HOST2", "HOST3")

    @classmethod
    def prepare(cls, net):
        cls.hub = Hub(net, "ServerA", "ServerB")
        cls.addClassCleanup(cls.hub.close)

    def test_a_word_of_a_receiver_that_was_not_named_ends_the_attempt(self):
        source = self.net.write("HOST1", "out/FILE03", 500_000)
        self.hub.back = before_the_first_word({"name": "HOST4", "code": "hop-down", "text": "away"})
        result = self.net.cli("HOST1", "send", "FILE03", "--wait")
        self.assertNotEqual(cli.DONE, result.code, str(result))
        self.assertIn("HOST4", result.err)
        transfer = result.out.split()[0]
        self.assertNotIn("HOST4", self.net.cli("HOST1", "history", "--json").json()[0]["to"])
        self.hub.back = lambda: lambda part: part
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "retry", transfer))
        for receiver in ("HOST2", "HOST3"):
            self.expect_received(receiver, transfer, source)


    def test_a_batch_of_envelopes_in_which_a_bit_flips_costs_an_attempt(self):
        source = self.net.write("HOST1", "out/FILE03", 500_000)
        self.hub.forth = flipped_once(BATCH)
        transfer = self.send_and_wait("HOST1", "FILE03")
        for receiver in ("HOST2", "HOST3"):
            self.expect_received(receiver, transfer, source)
        results = [event["result"] for event in self.net.traces.all(node="ServerB", event="closed", transfer=transfer)]
        self.assertIn("failed", results)


BATCH = 0x07  # type of the record


def flipped_once(type):
    """In the first record of that type, its last bit; what comes later, on any circuit, is passed on."""
    left = 1

    def make():
        held = b""

        def meddle(part):
            nonlocal held, left
            held, out = held + part, b""
            while left and len(held) >= 5 + int.from_bytes(held[:4], "big") >= 5:
                size = 5 + int.from_bytes(held[:4], "big")
                out, held = out + held[:size], held[size:]
                if out[-size + 4] == type:
                    out, left = out[:-1] + bytes([out[-1] ^ 1]), 0
            if not left:
                out, held = out + held, b""
            return out

        return meddle

    return make


def before_the_first_word(word):
    """Adds a branch record that the point never said."""

    def make():
        body = cbor.encode(word)
        added, held, done = len(body).to_bytes(4, "big") + b"\x17" + body, b"", False

        def meddle(part):
            nonlocal held, done
            held += part
            out = b""
            while not done and len(held) >= 5:
                size = 5 + int.from_bytes(held[:4], "big")
                if held[4] == 0x17:
                    out, done = out + added, True
                elif len(held) >= size:
                    out, held = out + held[:size], held[size:]
                else:
                    break
            if done:
                out, held = out + held, b""
            return out

        return meddle

    return make
