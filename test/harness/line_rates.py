"""`hublink ping HOST --rate TIME`: each line of the way is loaded, and said what it carries."""
import signal
import subprocess
import time

from hublink_harness import cli, long_line
from hublink_harness.case import Scenario
from hublink_harness.topologies import client, server, three_hubs, transfer

NUMBERS = ("bits_per_s", "round_trip_micros", "least_round_trip_micros", "segments_out", "retransmitted", "lost_ppm", "window", "peer_window",
           "send_buffer_most", "receive_buffer_most", "sender_cpu_percent", "receiver_cpu_percent", "micros", "bytes")
LIMITS = {"line", "loss", "receive-window", "send-buffer", "receiver", "receiver-cpu", "sender", "sender-cpu", "rate-limit"}


class Loaded(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    topology["nodes"]["ServerC"]["limits"] = {"rate": "2MB/s"}

    def load(self, node, host, span):
        return self.expect_exit(cli.DONE, self.net.cli(node, "ping", host, "--rate", span, "--json")).json()

    def begin(self, span):
        """A ping from ServerA to ServerB that is under way."""
        def told():
            return self.net.traces.all(node="ServerB", event="told", kind="rate")
        before = len(told())
        began = subprocess.Popen([cli.executable(), "ping", "ServerB", "--rate", span, "--data", self.net.data("ServerA")],
                                 stdout=subprocess.DEVNULL)
        self.addCleanup(lambda: [self.net.traces.expect(node, "closed", transfer=told()[before]["transfer"]) for node in ("ServerA", "ServerB")])
        self.addCleanup(began.wait)
        self.addCleanup(began.kill)
        self.net.traces.until(lambda: len(told()) > before, "a load")
        self.net.traces.expect("ServerA", "opened", transfer=told()[before]["transfer"])
        return began

    def ways(self, report):
        return [(line["from"], line["to"]) for line in report["lines"]]

    def test_each_line_is_measured(self):
        report = self.load("HOST1", "HOST2", "1s")
        self.assertEqual("HOST2", report["host"])
        self.assertEqual([("HOST1", "ServerA"), ("ServerA", "ServerB"), ("ServerB", "HOST2")], self.ways(report))
        for line in report["lines"]:
            self.assertLessEqual(set(NUMBERS), line.keys())
            self.assertGreater(line["bits_per_s"], 50_000_000, "loopback")
            self.assertGreaterEqual(line["micros"], 1_000_000)
            self.assertLess(line["micros"], 3_000_000)
            self.assertAlmostEqual(line["bits_per_s"], line["bytes"] * 8e6 / line["micros"], delta=line["bits_per_s"] * 0.5)
            self.assertIn(line["limited_by"], LIMITS)
            self.assertTrue(line["congestion"])
            self.assertGreater(line["window_most"], 0)

    def test_the_nodes_own_limit_is_said(self):
        report = self.load("ServerC", "ServerA", "2s")
        line, = report["lines"]
        self.assertEqual("rate-limit", line["limited_by"])
        self.assertAlmostEqual(16e6, line["bits_per_s"], delta=4e6)
        self.assertIn("ServerC", line["advice"])

    def test_a_way_that_ends_early_says_what_there_is(self):
        self.net.stop("HOST3")
        self.addCleanup(self.net.start, "HOST3")
        result = self.net.cli("ServerA", "ping", "HOST3", "--rate", "0.2s", "--json")
        report = self.expect_exit(cli.UNREACHABLE, result).json()
        self.assertEqual([("ServerA", "ServerC")], self.ways(report))
        self.assertEqual("hop-down", report["failed"]["code"])
        self.assertEqual("ServerC", report["failed"]["hop"])
        self.assertIn("HOST3", report["failed"]["reason"])
        plain = self.net.cli("ServerA", "ping", "HOST3", "--rate", "0.2s")
        self.assertIn("ServerA to ServerC:", plain.out)
        self.assertIn("HOST3", plain.err)

    def test_plain_output(self):
        out = self.expect_exit(cli.DONE, self.net.cli("ServerA", "ping", "HOST2", "--rate", "0.3s")).out
        self.assertRegex(out, r"(?m)^ServerA to ServerB: [\d.]+ [MG]bit/s, limited by [a-z-]+$")
        self.assertRegex(out, r"(?m)^narrowest: Server[AB] to \w+$")

    def test_one_at_a_time(self):
        self.begin("5s")
        self.expect_refusal(self.net.cli("ServerA", "ping", "ServerC", "--rate", "1s"), cli.FAILED, "takes part", "ServerA")
        self.expect_refusal(self.net.cli("ServerC", "ping", "ServerB", "--rate", "1s"), cli.FAILED, "takes part")

    def test_it_ends_with_who_asked(self):
        self.begin("60s").send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 10
        while self.net.cli("ServerA", "ping", "ServerB", "--rate", "0.1s").code != cli.DONE:
            self.assertLess(time.monotonic(), deadline, "its load goes on")

    def test_too_long_and_no_line(self):
        for span in ("0.01s", "61s", "2h", "soon"):
            self.assertEqual(cli.USAGE, self.net.cli("HOST1", "ping", "HOST2", "--rate", span).code, span)
        self.expect_refusal(self.net.cli("ServerA", "ping", "ServerA", "--rate", "1s"), cli.USAGE, "no line")


class OverALongLine(Scenario):
    """Two hubs and a line of 40 Mbit/s and 40 ms between them, as `loss` says. Needs root, for namespaces."""

    loss, congestion, rates, limit = 0, "cubic", (30e6, 41e6), "line"

    @classmethod
    def isolate(cls):
        return long_line.LongLine((("ServerA", "HOST1"), ("ServerB", "HOST2")), 40, 20, cls.loss)

    @classmethod
    def setUpClass(cls):
        cls.topology = {"network": "lines", "nodes": {
            "ServerA": server("10.77.1.1", "10.77.1.0/24", {"ServerB": {"cost": 1, "congestion": cls.congestion}}),
            "ServerB": server("10.77.2.1", "10.77.2.0/24"),
            "HOST1": client("10.77.1.11", "ServerA"), "HOST2": client("10.77.2.12", "ServerB")},
            "transfers": {"FILE01": transfer("HOST1", "HOST2")}}
        super().setUpClass()

    def test_what_the_line_carries(self):
        report = self.expect_exit(cli.DONE, self.net.cli("HOST1", "ping", "HOST2", "--rate", "6s", "--json")).json()
        near, line, far = report["lines"]
        self.assertEqual(("ServerA", "ServerB"), (line["from"], line["to"]))
        least, most = self.rates
        self.assertGreater(line["bits_per_s"], least, line)
        self.assertLess(line["bits_per_s"], most, line)
        self.assertEqual(self.limit, line["limited_by"], line)
        self.assertEqual(self.congestion, line["congestion"])
        self.assertGreaterEqual(line["least_round_trip_micros"], 40_000)
        self.assertGreater(line["windows_carry_bits_per_s"], 0)
        self.assertLess(abs(line["lost_ppm"] - self.loss * 10_000), 5_000, line)
        for other in (near, far):
            self.assertGreater(other["bits_per_s"], 2 * line["bits_per_s"], other)
            self.assertLess(other["round_trip_micros"], 20_000)


class OverALossyLine(OverALongLine):
    """CUBIC takes each loss for a full line."""

    loss, rates, limit = 1, (0.5e6, 12e6), "loss"

    def test_what_the_line_carries(self):
        super().test_what_the_line_carries()
        out = self.net.cli("ServerA", "ping", "ServerB", "--rate", "2s").out
        self.assertIn('would help: "congestion": "bbr"', out)
