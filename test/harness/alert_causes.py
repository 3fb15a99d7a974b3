"""Alerts by what real nodes serve: a cause is made, and the manager's metrics before and behind it make the alert fire.

Minutes that an alert waits are played by promtool: what was scraped last goes on. Causes that no test can make (a full disk, a clock
that is years ahead) are in `alerts`, as series."""
import json
import signal
import time
import unittest

from hublink_harness import cli, metrics, web
from hublink_harness.collector import Collector, send_to
from hublink_harness.managed import Managed, managed
from hublink_harness.topologies import three_hubs, transfer

# How long it has to be so until it is certain that the alert fires, in minutes.
PLAYED = 100


def series(scrapes):
    """Samples of several scrapes, a minute apart; the last goes on. What was not there before begins when it is."""
    now = time.time()
    found = {}
    for at, scrape in enumerate(scrapes):
        for (name, labels), value in scrape.items():
            if name.endswith("_timestamp_seconds"):
                value -= now  # promtool's clock begins at 0
            key = name + "{" + ",".join(f'{label}="{text}"' for label, text in sorted(labels)) + "}"
            found.setdefault(key, ["_"] * len(scrapes))[at] = f"{value:.6f}"
    return {key: " ".join(values) + (f" {values[-1]}x{PLAYED}" if values[-1] != "_" else "") for key, values in found.items()}


@unittest.skipUnless(metrics.has_promtool(), "there is no promtool here")
class Causes(Managed):
    topology = managed(three_hubs(FILE=transfer("HOST1", "HOST2", if_exists="refuse"), MANY=transfer("HOST1", "HOST2", "HOST3", broadcast_at="ServerA", placement="manual"),
                                  JOB=transfer("HOST1", "HOST2"), KEPT=transfer("HOST1", "HOST3", store="only"),
                                  KEPT2=transfer("HOST2", "HOST3", store="only")))
    topology["nodes"]["ServerC"]["limits"] = {"spool": 1 << 20}

    @classmethod
    def prepare(cls, net):
        cls.door = web.measure(net, "MGR")
        cls.refusing = Collector(status=400)
        cls.addClassCleanup(cls.refusing.__exit__)
        send_to(net, "ServerB", cls.refusing.endpoint)
        local = net.data("HOST1") / "local.json"
        local.write_text(json.dumps({"jobs": {"JOB": {"post_send": {"command": ["false"]}}}}))

    def setUp(self):
        self.logged_in()
        self.before = self.scrape()

    def scrape(self):
        answer = self.door.get("/metrics/network")
        self.assertEqual(200, answer.status, str(answer))
        return metrics.samples(answer.body.decode())

    def scrape_until(self, holds, within=15):
        end = time.monotonic() + within
        while not holds(found := self.scrape()):
            self.assertLess(time.monotonic(), end, f"{len(found)} samples, and none shows it")
        return found

    def expect_alert(self, alert, after, minute):
        """It fires by what came behind the cause, and not by what was there before."""
        calm, caused = series([self.before] * 6), series([self.before] * 4 + [after] * 2)
        metrics.expect_alerts([(alert, calm, minute, False), (alert, caused, minute, True)])

    def test_a_server_is_down(self):
        self.net.stop("ServerC")
        try:
            after = self.scrape_until(lambda found: metrics.value(found, "hublink_node_reachable", node="ServerC") == 0 and
                                      metrics.value(found, "hublink_link_up", peer="ServerC") == 0)
        finally:
            self.net.start("ServerC")
        self.expect_alert("HublinkNodeUnreachable", after, 10)
        if any(name == "hublink_link_up" and ("peer", "ServerC") in labels for name, labels in self.before):
            self.expect_alert("HublinkLinkDown", after, 10)

    def test_transfers_fail(self):
        self.net.write("HOST1", "out/FILE", 1000)
        self.send_and_wait("HOST1", "FILE")
        for fails in (1, 4):
            # A counter that was not there is no increase to Prometheus: those from the second one on are.
            while metrics.value(after := self.scrape(), "hublink_transfers_ended_total", node="HOST1", result="failed") < fails:
                self.assertNotEqual(cli.DONE, self.net.cli("HOST1", "send", "FILE", "--wait").code)  # it is there already
            if fails == 1:
                self.before = after
        self.assertGreater(metrics.value(after, "hublink_transfers_ended_total", node="HOST1", code="file-exists"), 0)
        self.expect_alert("HublinkTransfersFail", after, 12)

    def test_a_job_fails(self):
        self.net.write("HOST1", "out/JOB", 1000)
        self.send_and_wait("HOST1", "JOB")
        after = self.scrape_until(lambda found: metrics.value(found, "hublink_jobs_total", node="HOST1", result="failed") == 1)
        self.before = after
        self.send_and_wait("HOST1", "JOB")
        after = self.scrape_until(lambda found: metrics.value(found, "hublink_jobs_total", node="HOST1", result="failed") == 2)
        self.expect_alert("HublinkJobsFail", after, 6)

    def test_a_node_is_held(self):
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "hold"))
        try:
            after = self.scrape_until(lambda found: metrics.value(found, "hublink_held", node="HOST1") == 1)
        finally:
            self.net.cli("HOST1", "release")
        self.expect_alert("HublinkHeld", after, 75)

    def test_a_collector_refuses(self):
        self.net.write("HOST1", "out/MANY", 1000)
        self.send_and_wait("HOST1", "MANY")
        self.before = self.scrape_until(lambda found: metrics.value(found, "hublink_spans_total", node="ServerB", result="dropped") > 0)
        first = metrics.value(self.before, "hublink_spans_total", node="ServerB", result="dropped")
        self.send_and_wait("HOST1", "MANY")
        after = self.scrape_until(lambda found: metrics.value(found, "hublink_spans_total", node="ServerB", result="dropped") > first)
        self.expect_alert("HublinkSpansDropped", after, 6)

    def lost_links(self, found):
        return metrics.value(found, "hublink_link_lost_total", node="ServerA", peer="ServerC")

    def test_a_link_flaps(self):
        self.net.write("HOST1", "out/MANY", 1000)
        scrapes = []
        for _ in range(7):
            self.send_and_wait("HOST1", "MANY")  # so that there is a link
            lost = self.lost_links(self.scrape())
            self.net.kill("ServerC")
            try:
                scrapes.append(self.scrape_until(lambda found: self.lost_links(found) > lost))
            finally:
                self.net.start("ServerC")
        self.before = scrapes[0]
        self.expect_alert("HublinkLinkFlaps", scrapes[-1], 6)

    def test_somebody_guesses(self):
        for guess in range(13):
            self.login(user=f"guess{guess}", password="not this one")
        after = self.scrape_until(lambda found: metrics.value(found, "hublink_login_failures_total", node="ServerA") >= 11)
        self.expect_alert("HublinkLoginsRefused", after, 6)

    def test_a_spool_is_full(self):
        # One sender may not have all of it.
        self.net.write("HOST1", "out/KEPT", 715_000)
        self.net.write("HOST2", "out/KEPT2", 155_000)
        self.net.running["HOST3"].signal(signal.SIGSTOP)
        self.addCleanup(self.net.running["HOST3"].signal, signal.SIGCONT)
        self.send_and_wait("HOST1", "KEPT")
        self.send_and_wait("HOST2", "KEPT2")
        after = self.scrape_until(lambda found: metrics.value(found, "hublink_spool_bytes", node="ServerC") > 0.8 * (1 << 20))
        self.assertEqual(1 << 20, metrics.value(after, "hublink_spool_limit_bytes", node="ServerC"))
        self.assertLess(metrics.value(after, "hublink_store_oldest_seconds", node="ServerC"), 300)
        self.expect_alert("HublinkSpoolFull", after, 12)
