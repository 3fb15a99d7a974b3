"""How pages are read for documented_commands: what is a command line, which JSON belongs to it, and what is like it. No network."""
import tempfile
import unittest
from pathlib import Path

from hublink_harness import pages


class Reading(unittest.TestCase):
    def setUp(self):
        tree = tempfile.TemporaryDirectory()
        self.addCleanup(tree.cleanup)
        self.addCleanup(setattr, pages, "ROOT", pages.ROOT)
        pages.ROOT = Path(tree.name)

    def page(self, text):
        file = pages.ROOT / "page.md"
        file.write_text(text)
        return pages.read(file)

    def test_a_block_is_lines_as_a_shell_has_them(self):
        page = self.page("```sh\nhublink a \\\n  b   # of two lines\n\n# nothing\nhublink c 'd\ne'\n```\n- in a list:\n  ```sh\n  cmake x\n  ```\n")
        self.assertEqual([["hublink a \\\n  b   # of two lines", "hublink c 'd\ne'"], ["cmake x"]],
                         [[command.text for command in block] for block in page.blocks])
        self.assertEqual([2, 6], [command.line for command in page.blocks[0]])

    def test_command_lines_in_the_text(self):
        page = self.page("`hublink\nsend FILE01`, `./x.sh`, `python3 x.py`, `A=1 hublink run`, `build/a/b_tests`; not `send FILE01`, `hublink`,\n"
                         "`docs/x.md`, `--json`\n```json\n{\"a\": \"`hublink x`\"}\n```\n")
        self.assertEqual(["hublink send FILE01", "./x.sh", "python3 x.py", "A=1 hublink run", "build/a/b_tests"],
                         [command.text for command in page.spans])

    def test_what_nobody_can_read_is_refused(self):
        for text in ("```console\n$ hublink a\n```\n", "```\nhublink a\n```\n", "```sh\nhublink 'a\n```\n"):
            with self.subTest(text), self.assertRaises(AssertionError):
                self.page(text)

    def test_json_belongs_to_the_paragraph_before_it(self):
        page = self.page("`hublink a --json`, `hublink b --json`:\n```json\n{\"x\": 1}\n{\"y\": 2}\n```\n\n`hublink c --json`\n\nNo.\n```json\n[]\n```\n")
        self.assertEqual([[{"x": 1}, {"y": 2}]] * 2 + [[]], [command.shown for command in page.spans])

    def test_likeness(self):
        rows = [{"a": "x", "n": 1, "why": "z"}, {"a": "y", "n": 2}]
        for real, section, like in (
                ([], "", True), ([{"a": "q", "n": 7}], "", True), ([{"a": "q", "n": 7.5, "why": ""}], "", True),
                ([{"a": "q", "n": "7"}], "", False), ([{"a": "q"}], "", False), ([{"a": "q"}], "`n`?", True),
                ([{"a": "q", "n": 1, "b": 2}], "", False), ([{"a": "q", "n": 1, "b": 2}], "`b`", True), ({"a": "q"}, "", False),
                ([{"a": True, "n": 1}], "", False)):
            with self.subTest(real=real, section=section):
                self.assertEqual(like, not list(pages.misfits(rows, real, section)))

    def test_events_are_like_those_of_their_name(self):
        shown = [{"event": "told", "from": "A"}, {"event": "closed", "bytes": 1}]
        self.assertEqual([shown[1]], pages.examples_of({"event": "closed"}, shown))
        self.assertEqual([], pages.examples_of({"event": "next"}, shown))
        self.assertEqual(shown, pages.examples_of({"node": "A"}, shown))
