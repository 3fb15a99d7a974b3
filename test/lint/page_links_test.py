"""Links that lead nowhere are seen, and good ones are not; code is not read."""
import pathlib
import unittest

from planted import found_in_tree

CHECK = pathlib.Path(__file__).with_name("page_links.py")
OTHER = "# Other page\n## With `code`, and (more)\n## Twice\n## Twice\n### [linked](x.md#y) 10.2\n```\n# No heading\n```\n"


def found_in(text):
    return found_in_tree(CHECK, {"docs/other.md": OTHER.replace("[linked](x.md#y)", "linked"), "LICENSE": "text", "docs/a.md": text})


class links(unittest.TestCase):
    def test_good_ones(self):
        for goal in ("other.md", "../LICENSE", "other.md#other-page", "other.md#with-code-and-more", "other.md#twice", "other.md#twice-1",
                     "other.md#linked-102", "#here", "https://example.org/x#y", "../docs", "mailto:a@b"):
            with self.subTest(goal):
                self.assertEqual([], found_in(f"# Here\n[it]({goal})\n"))

    def test_those_that_lead_nowhere(self):
        self.assertEqual(["docs/a.md:2: there is no gone.md", "docs/a.md:2: there is no ../other.md"],
                         found_in("# Here\n[a](gone.md#x) and [b](../other.md)\n"))
        self.assertEqual(["docs/a.md:1: other.md has no heading #no-heading"], found_in("[a](other.md#no-heading)\n"))
        self.assertEqual(["docs/a.md:3: this page has no heading #there"], found_in("# Here\n\n[of two\nlines](#there)\n"))
        self.assertEqual(["docs/a.md:1: other.md has no heading #twice-2"], found_in("[`code` in it](other.md#twice-2)\n"))

    def test_code_is_not_read(self):
        self.assertEqual([], found_in("`[a](gone.md)`\n```\n[a](gone.md)\n```\n"))


if __name__ == "__main__":
    unittest.main()
