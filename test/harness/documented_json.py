"""Every block of JSON that stands on a page is JSON, and what it shows of a topology is one that `hublink check` takes."""
import json
import re
import tempfile
import unittest
from pathlib import Path

from hublink_harness import cli, pages
from hublink_harness.topologies import of_the_pages


def in_a_topology(shown):
    """A whole topology with what a page shows of one in its place; None where that is something else."""
    whole = of_the_pages()
    if not isinstance(shown, dict):
        return None
    if {"network", "nodes"} <= shown.keys():
        return shown
    if all(isinstance(entry, dict) and "from" in entry for entry in shown.values()):
        shown = {"transfers": shown}
    elif shown.keys() <= whole["nodes"].keys():
        shown = {"nodes": shown}
    if not shown.keys() <= {"nodes", "transfers", "groups", "gateways"}:
        return None
    for kind, entries in shown.items():
        for name, entry in entries.items():
            entry = {key: value for key, value in entry.items() if key != "…"} if isinstance(entry, dict) else entry
            before = whole.setdefault(kind, {}).get(name, {})
            whole[kind][name] = {**before, **entry} if kind == "nodes" else entry
    return whole


class Shown(unittest.TestCase):
    """JSON of the pages: it needs no network."""

    def test_it_is_json_and_a_topology_has_no_mistake(self):
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "net.json")
            for path in pages.all_pages():
                page = pages.read(path)
                for line, text in page.json:
                    with self.subTest(f"{page.name}:{line}"):
                        whole = in_a_topology(pages.members(text))
                        if whole is None or page.name.startswith("docs/internals") or page.name.endswith("/json.md"):  # what commands show
                            continue
                        file.write_text(json.dumps(whole))
                        result = cli.run("check", file)
                        self.assertEqual(cli.DONE, result.code, str(result))


class Events(unittest.TestCase):
    """The page of events has an entry for each, with an example of the fields that its table says."""

    def setUp(self):
        self.page = pages.ROOT / "docs/reference/events.md"
        self.text = self.page.read_text(encoding="utf-8")
        self.fields = {name: re.findall(r"`(\w+)`(\?)?", re.sub(r"\([^)]*\)", "", cell))
                       for names, cell in re.findall(r"^\| (`[^|]+) \| (`[^|]*) \|", self.text, re.MULTILINE) for name in re.findall(r"`(\w+)`", names)}

    def test_each_has_its_entry_and_its_example(self):
        self.assertGreater(len(self.fields), 10)
        shown = {}
        for _, block in pages.read(self.page).json:
            for example in pages.json_documents(block):
                shown.setdefault(example["event"], []).append(example)
        for event, fields in self.fields.items():
            with self.subTest(event):
                self.assertIn(f"\n## {event}\n", self.text)
                self.assertIn(event, shown)
                for example in shown[event]:
                    said = example.keys() - {"time", "node", "event", "transfer"}
                    self.assertLessEqual(said, {name for name, _ in fields})
                    self.assertLessEqual({name for name, absent in fields if not absent}, said)
