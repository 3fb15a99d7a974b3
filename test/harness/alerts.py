"""The alert rules of examples/prometheus: promtool takes them, every metric in them is one, and each fires by its cause alone."""
import re
import shutil
import unittest

from hublink_harness import metrics
from hublink_harness.metrics import RULES

# Alert -> series that make it fire, by minutes, and when it has to. Times are those since 1970 in promtool: a certificate ends early.
CAUSES = {
    "HublinkNodeUnreachable": ({'hublink_node_reachable{node="N"}': "1 1 0x20"}, 6),
    "HublinkLinkDown": ({'hublink_link_up{node="N",peer="P",role="server"}': "1 1 0x20"}, 6),
    "HublinkTransfersFail": ({'hublink_transfers_ended_total{node="N",side="sender",result="failed"}': "0+1x30",
                              'hublink_transfers_ended_total{node="N",side="sender",result="done"}': "0+2x30"}, 20),
    "HublinkQueueStands": ({'hublink_queue_oldest_seconds{node="N"}': "4000x20"}, 10),
    "HublinkCertificateEndsSoon": ({'hublink_certificate_expiry_timestamp_seconds{node="N"}': "1728000x20"}, 5),
    "HublinkCertificateEnds": ({'hublink_certificate_expiry_timestamp_seconds{node="N"}': "86400x20"}, 5),
    "HublinkDiskFull": ({'hublink_disk_free_bytes{node="N"}': "5x20", 'hublink_disk_size_bytes{node="N"}': "100x20"}, 10),
    "HublinkDefinitionBehind": ({'hublink_definition_behind{node="N"}': "2x60"}, 40),
    "HublinkEventsLost": ({'hublink_events_lost_total{node="N"}': "0 0 5x20"}, 5),
    "HublinkJobsFail": ({'hublink_jobs_total{node="N",job="pre_send",result="failed"}': "0 0 1x20"}, 5),
    "HublinkHeld": ({'hublink_held{node="N"}': "1x90"}, 70),
    "HublinkLinkFlaps": ({'hublink_link_lost_total{node="N",peer="P"}': "0+1x30"}, 20),
    "HublinkSpoolFull": ({'hublink_spool_bytes{node="N"}': "90x20", 'hublink_spool_limit_bytes{node="N"}': "100x20"}, 10),
    "HublinkStoreOld": ({'hublink_store_oldest_seconds{node="N"}': "300000x20"}, 10),
    "HublinkDefinitionDrifts": ({'hublink_definition_version{node="N"}': "6x60", 'hublink_definition_version{node="MGR"}': "7x60",
                                 'hublink_definition_applied_version{node="MGR"}': "7x60"}, 40),
    "HublinkLoginsRefused": ({'hublink_login_failures_total{node="N"}': "0+2x30"}, 20),
    "HublinkJournalSlow": ({'hublink_journal_commit_seconds_bucket{node="N",le="1"}': "0x30",
                            'hublink_journal_commit_seconds_bucket{node="N",le="2.5"}': "0+5x30",
                            'hublink_journal_commit_seconds_bucket{node="N",le="+Inf"}': "0+5x30"}, 20),
    "HublinkSpansDropped": ({'hublink_spans_total{node="N",result="dropped"}': "0 0 5x20"}, 5),
}
# The same, where all is well.
CALM = {
    "HublinkNodeUnreachable": {'hublink_node_reachable{node="N"}': "1x20"},
    "HublinkLinkDown": {'hublink_link_up{node="N",peer="P",role="server"}': "1x20", 'hublink_link_up{node="N",peer="C",role="client"}': "0x20"},
    "HublinkTransfersFail": {'hublink_transfers_ended_total{node="N",side="sender",result="done"}': "0+2x30"},
    "HublinkQueueStands": {'hublink_queue_oldest_seconds{node="N"}': "5x20"},
    "HublinkCertificateEndsSoon": {'hublink_certificate_expiry_timestamp_seconds{node="N"}': "8000000x20"},
    "HublinkCertificateEnds": {'hublink_certificate_expiry_timestamp_seconds{node="N"}': "1728000x20"},
    "HublinkDiskFull": {'hublink_disk_free_bytes{node="N"}': "50x20", 'hublink_disk_size_bytes{node="N"}': "100x20"},
    "HublinkDefinitionBehind": {'hublink_definition_behind{node="N"}': "0x60"},
    "HublinkEventsLost": {'hublink_events_lost_total{node="N"}': "3x20"},
    "HublinkJobsFail": {'hublink_jobs_total{node="N",job="pre_send",result="done"}': "0+1x20"},
    "HublinkHeld": {'hublink_held{node="N"}': "0x90"},
    "HublinkLinkFlaps": {'hublink_link_lost_total{node="N",peer="P"}': "0 1 2x30"},
    "HublinkSpoolFull": {'hublink_spool_bytes{node="N"}': "70x20", 'hublink_spool_limit_bytes{node="N"}': "100x20"},
    "HublinkStoreOld": {'hublink_store_oldest_seconds{node="N"}': "3000x20"},
    "HublinkDefinitionDrifts": {'hublink_definition_version{node="N"}': "7x60", 'hublink_definition_applied_version{node="MGR"}': "7x60"},
    "HublinkLoginsRefused": {'hublink_login_failures_total{node="N"}': "50x30"},
    "HublinkJournalSlow": {'hublink_journal_commit_seconds_bucket{node="N",le="1"}': "0+5x30",
                           'hublink_journal_commit_seconds_bucket{node="N",le="+Inf"}': "0+5x30"},
    "HublinkSpansDropped": {'hublink_spans_total{node="N",result="sent"}': "0+5x20"},
}


@unittest.skipUnless(shutil.which("promtool"), "there is no promtool here")
class Alerts(unittest.TestCase):
    def test_promtool_takes_them(self):
        metrics.promtool("check", "rules", RULES)

    def test_each_metric_is_one(self):
        known = metrics.of_the_manual()
        for name in metrics.named_in(RULES.read_text(encoding="utf-8")):
            self.assertIn(name, known)

    def test_each_fires_by_its_cause_alone(self):
        names = re.findall(r"alert: (\w+)", RULES.read_text(encoding="utf-8"))
        self.assertEqual(set(names), set(CAUSES))
        self.assertEqual(set(names), set(CALM))
        metrics.expect_alerts([(name, given, minute, fires) for name, (series, minute) in CAUSES.items()
                               for given, fires in ((series, True), (CALM[name], False))])
