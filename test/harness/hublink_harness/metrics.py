"""Metrics: their names, their samples, and whether alerts fire by them."""
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "examples" / "prometheus" / "hublink.rules.yml"
NAME = re.compile(r"\b(?:hublink|process)_[a-z_]+")
SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$')


def of_the_manual():
    """The families of docs/reference/metrics.md."""
    rows = [line for line in (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([a-z_]+)`", row.split(" | ")[0])}


def labels_of_the_manual():
    """Family -> its labels. `the same`: as in the row above."""
    found, before = {}, []
    for line in (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("| `"):
            continue
        names, labels = line.split(" | ")[:2] if " | | " not in line else (line.split(" | | ")[0], "")
        own = re.findall(r"`([a-z_]+)`", labels)
        before = before + own if "the same" in labels else own
        found |= {name: before for name in re.findall(r"`([a-z_]+)`", names)}
    return found


def family(name):
    """Of a histogram without its ending."""
    return re.sub(r"_(bucket|sum|count)$", "", name)


def named_in(text):
    return {family(name) for name in NAME.findall(text)}


def samples(text):
    """(name, labels) -> value; whatever is no sample fails."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        key = name, frozenset(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', labels or ""))
        assert key not in found, line
        found[key] = float(value)
    return found


def value(found, name, **labels):
    """The sum of those that have these labels."""
    return sum(number for (other, own), number in found.items() if other == name and set(labels.items()) <= own)


def promtool(*words):
    done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def has_promtool():
    return shutil.which("promtool") is not None


def check_rules(rules):
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "checked", "rules": rules}]}, file)
        file.flush()
        promtool("check", "rules", file.name)


def expect_alerts(cases):
    """`cases`: (alert, series -> values by minutes, minute, whether it fires then). Times are those since 1970."""
    tests = [{"interval": "1m", "input_series": [{"series": key, "values": values} for key, values in series.items()],
              "promql_expr_test": [{"expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}} > 0) > bool 0 or vector(0)', "eval_time": f"{minute}m",
                                    "exp_samples": [{"labels": "{}", "value": 1 if fires else 0}]}]} for alert, series, minute, fires in cases]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"rule_files": [str(RULES)], "tests": tests}, file)
        file.flush()
        promtool("test", "rules", file.name)
