"""The dashboards for Grafana: they have what it reads, and ask for metrics and labels that there are."""
import json
import re
import unittest

from hublink_harness import metrics

FOLDER = metrics.ROOT / "examples" / "grafana"
BOARDS = sorted(FOLDER.glob("*.json"))
# What Grafana's own model of a dashboard has (schema version 37), as far as it is used here: field -> type.
BOARD = {"uid": str, "title": str, "schemaVersion": int, "version": int, "editable": bool, "panels": list, "templating": dict, "time": dict,
         "timezone": str, "annotations": dict, "links": list, "tags": list, "refresh": str}
PANEL = {"id": int, "type": str, "title": str, "datasource": dict, "gridPos": dict, "fieldConfig": dict, "options": dict, "targets": list}
KINDS = {"timeseries", "stat", "table", "heatmap"}
UNITS = {"short", "s", "bytes", "Bps", "percentunit"}
VARIABLE = {"name": str, "type": str, "query": (str, dict), "refresh": int, "hide": int, "current": dict, "options": list}


class Dashboards(unittest.TestCase):
    def each(self):
        self.assertEqual(["hublink-network.json", "hublink-node.json"], [file.name for file in BOARDS])
        for file in BOARDS:
            with self.subTest(file.name):
                yield json.loads(file.read_text(encoding="utf-8"))

    def expect_fields(self, value, fields):
        for name, kind in fields.items():
            self.assertIsInstance(value.get(name), kind, f"{name} of {str(value)[:200]}")

    def test_they_have_what_grafana_reads(self):
        for board in self.each():
            self.expect_fields(board, BOARD)
            self.assertEqual({"from", "to"}, set(board["time"]))
            variables = board["templating"]["list"]
            for variable in variables:
                self.expect_fields(variable, VARIABLE)
            names = {variable["name"] for variable in variables}
            self.assertIn("datasource", names)
            ids = [panel["id"] for panel in board["panels"]]
            self.assertEqual(len(ids), len(set(ids)))
            taken = set()
            for panel in board["panels"]:
                self.expect_fields(panel, PANEL)
                self.assertIn(panel["type"], KINDS)
                self.assertIn(panel["fieldConfig"]["defaults"]["unit"], UNITS)
                self.assertEqual([], panel["fieldConfig"]["overrides"])
                place = panel["gridPos"]
                cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
                self.assertFalse(cells & taken, panel["title"])
                self.assertLessEqual(place["x"] + place["w"], 24)
                taken |= cells
                for target in panel["targets"]:
                    self.expect_fields(target, {"refId": str, "expr": str, "datasource": dict, "legendFormat": str})
                    for source in (panel["datasource"], target["datasource"]):
                        self.assertEqual({"type": "prometheus", "uid": "${datasource}"}, source)
                    used = set(re.findall(r"\$(\w+)", target["expr"])) - {"__rate_interval"}
                    self.assertLessEqual(used, names, target["expr"])
            linked = {link["url"] for link in board["links"]}
            self.assertLessEqual(linked, {f"/d/{json.loads(file.read_text())['uid']}" for file in BOARDS})

    def queries(self, board):
        yield from (target["expr"] for panel in board["panels"] for target in panel["targets"])
        yield from (variable["definition"] for variable in board["templating"]["list"] if "definition" in variable)

    def test_each_metric_and_label_is_one(self):
        labels = metrics.labels_of_the_manual()
        for board in self.each():
            for query in self.queries(board):
                names = metrics.named_in(query)
                self.assertTrue(names, query)
                self.assertLessEqual(names, set(labels), query)
                known = {label for name in names for label in labels[name]} | {"node", "le"}
                selected = re.findall(r"(\w+)(?:=|!=|=~|!~)\"", query)
                grouped = [name.strip() for names in re.findall(r"by \(([^)]*)\)", query) for name in names.split(",")]
                self.assertLessEqual({name for name in (*selected, *grouped) if name}, known, query)

    def test_what_legends_show_is_a_label(self):
        labels = metrics.labels_of_the_manual()
        for board in self.each():
            for panel in board["panels"]:
                for target in panel["targets"]:
                    known = {label for name in metrics.named_in(target["expr"]) for label in labels[name]} | {"node", "le"}
                    self.assertLessEqual(set(re.findall(r"{{(\w+)}}", target["legendFormat"])), known, target)

    @unittest.skipUnless(metrics.has_promtool(), "there is no promtool here")
    def test_promtool_reads_the_queries(self):
        meant = {"$__rate_interval": "5m", "$node": "N"}
        groups = []
        for board in self.each():
            for panel in board["panels"]:
                for target in panel["targets"]:
                    expression = target["expr"]
                    for name, value in meant.items():
                        expression = expression.replace(name, value)
                    groups.append({"record": "hublink:checked", "labels": {"of": f"{board['uid']} {panel['id']} {target['refId']}"}, "expr": expression})
        metrics.check_rules(groups)
