"""The alert rules of examples/prometheus: promtool takes them, every metric in them is one, and each fires by its cause alone."""
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "examples" / "prometheus" / "hublink.rules.yml"
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
}


@unittest.skipUnless(shutil.which("promtool"), "there is no promtool here")
class Alerts(unittest.TestCase):
    def promtool(self, *words):
        done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_promtool_takes_them(self):
        self.promtool("check", "rules", RULES)

    def test_each_metric_is_one(self):
        manual = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
        for name in set(re.findall(r"hublink_[a-z_]+", RULES.read_text(encoding="utf-8"))):
            self.assertIn(f"`{name}`", manual)

    def test_each_fires_by_its_cause_alone(self):
        names = re.findall(r"alert: (\w+)", RULES.read_text(encoding="utf-8"))
        self.assertEqual(set(names), set(CAUSES))
        self.assertEqual(set(names), set(CALM))
        tests = []
        for name, (series, minute) in CAUSES.items():
            for given, fires in ((series, True), (CALM[name], False)):
                tests.append({"interval": "1m", "input_series": [{"series": key, "values": values} for key, values in given.items()],
                              "promql_expr_test": [{"expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)', "eval_time": f"{minute}m",
                                                    "exp_samples": [{"labels": "{}", "value": 1 if fires else 0}]}]})
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump({"rule_files": [str(RULES)], "tests": tests}, file)
            file.flush()
            self.promtool("test", "rules", file.name)
