"""A hub that meddles with what it carries: found out at the end that it is aimed at; nothing is published."""
import itertools

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.hub import Hub
from hublink_harness.topologies import three_hubs, transfer

SIZE = 2_000_000
START = 600_000  # past the records that open a transfer


def at_offset(change):
    """Applies `change` to the first part that begins at START or later."""

    def make():
        position, done = 0, False

        def meddle(part):
            nonlocal position, done
            before, position = position, position + len(part)
            if done or before < START:
                return part
            done = True
            return change(part)

        return meddle

    return make


def repeat(part):
    return part + part


def swap_halves(part):
    half = len(part) // 2
    return part[half:] + part[:half]


def instead(recorded):
    """Says `recorded`, whatever comes."""

    def make():
        parts = iter([recorded])
        return lambda part: next(parts, b"")

    return make


class Meddling(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        cls.hub = Hub(net, "ServerB", "HOST2")
        cls.addClassCleanup(cls.hub.close)
        cls.source = net.write("HOST1", "out/FILE01", SIZE)

    def setUp(self):
        self.hub.forth = self.hub.back = lambda: lambda part: part

    def send(self):
        result = self.net.cli("HOST1", "send", "FILE01", "--wait")
        return result, result.out.split()[0]

    def expect_nothing_published(self, result, transfer):
        self.assertNotEqual(cli.DONE, result.code, str(result))
        self.net.traces.expect("HOST2", "closed", transfer=transfer)
        self.assertEqual([], self.net.traces.all(node="HOST2", event="received", transfer=transfer))
        self.expect_nothing_in(self.net.data("HOST2") / "in")  # after the last attempt, too

    def expect_detected(self, forth):
        self.hub.forth = forth
        self.expect_nothing_published(*self.send())

    def test_0_carries_it_as_it_is(self):
        result, transfer = self.send()
        self.expect_exit(cli.DONE, result)
        self.expect_received("HOST2", transfer, self.source)
        (self.net.data("HOST2") / "in/FILE01").unlink()

    def test_1_alters_a_byte(self):
        self.expect_detected(at_offset(lambda part: bytes([part[0] ^ 1]) + part[1:]))

    def test_2_drops_a_part(self):
        self.expect_detected(at_offset(lambda part: b""))

    def test_3_repeats_a_part(self):
        self.expect_detected(at_offset(repeat))

    def test_4_swaps_parts(self):
        self.expect_detected(at_offset(swap_halves))

    def test_5_ends_early_as_if_all_was_there(self):
        self.expect_detected(at_offset(lambda part: None))

    def test_6_alters_the_first_record(self):
        self.expect_detected(lambda: (lambda numbers: lambda part: part[:20] + bytes([part[20] ^ 1]) + part[21:]
                                      if next(numbers) == 0 else part)(itertools.count()))

    def test_7_replays_a_whole_transfer(self):
        recorded = []
        self.hub.forth = lambda: lambda part: recorded.append(part) or part
        result, transfer = self.send()
        self.expect_exit(cli.DONE, result)
        self.expect_received("HOST2", transfer, self.source)
        before = (self.net.data("HOST2") / "in/FILE01").stat().st_ino
        self.source.write_bytes(b"the second version")
        self.hub.forth = instead(b"".join(recorded))
        result, transfer = self.send()
        self.assertNotEqual(cli.DONE, result.code, str(result))
        self.net.traces.expect("HOST2", "closed", transfer=transfer)
        self.assertEqual(before, (self.net.data("HOST2") / "in/FILE01").stat().st_ino)

    def test_8_alters_the_receipt(self):
        """The back-channel's last bytes: the sender does not call it done."""
        self.hub.back = lambda: lambda part: part[:-1] + bytes([part[-1] ^ 1])
        result, _ = self.send()
        self.assertNotEqual(cli.DONE, result.code, str(result))
