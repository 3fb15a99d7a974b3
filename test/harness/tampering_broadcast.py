"""A hub on one branch of a broadcast meddles with what it carries: its own receiver finds out, the others get the file."""
from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.hub import Hub
from hublink_harness.topologies import three_hubs, transfer

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
