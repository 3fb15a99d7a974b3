"""A long section that shows nothing is seen; one that is short, shows something, or is not of these folders is not."""
import pathlib
import unittest

from planted import found_in_tree

CHECK = pathlib.Path(__file__).with_name("page_examples.py")
LONG = "One sentence.\n" * 6


def found_in(text, name="docs/guide/a.md"):
    return found_in_tree(CHECK, {name: text})


class page_examples(unittest.TestCase):
    def test_a_section_that_shows_nothing(self):
        wrong = '"B" shows nothing: a block, a figure, a table or a command'
        self.assertEqual([f"docs/guide/a.md:3: {wrong}"], found_in(f"# A\n{LONG.splitlines()[0]}\n## B\n{LONG}"))
        self.assertEqual([f"docs/reference/a.md:2: {wrong}"], found_in(f"# A\n## B\n{LONG}## C\n```\n{LONG}```\n", "docs/reference/a.md"))
        self.assertEqual([f"docs/protocol/a.md:2: {wrong}"], found_in(f"# A\n## B\n`hublink` and `field`\n{LONG}", "docs/protocol/a.md"))

    def test_what_shows_something(self):
        for shown in ("```json\n{}\n```\n", "| a | b |\n", "![a picture](a.png)\n", "It is `hublink send FILE01`.\n", "### C\n| a |\n"):
            self.assertEqual([], found_in(f"# A\n## B\n{LONG}{shown}"))

    def test_a_heading_in_a_block_is_none(self):
        self.assertEqual([], found_in(f"# A\n## B\n{LONG}```sh\n# a remark\n```\n{LONG}"))

    def test_short_ones_and_others_pages(self):
        self.assertEqual([], found_in(f"# A\n{LONG}## B\nOne sentence.\n"))
        for name in ("docs/internals/a.md", "README.md", "docs/reference/commands.md"):
            self.assertEqual([], found_in(f"# A\n## B\n{LONG}", name))


if __name__ == "__main__":
    unittest.main()
