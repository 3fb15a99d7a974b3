"""An answer that has moved far, or gone, is seen."""
import pathlib
import unittest

from planted import found_in_tree

CHECK = pathlib.Path(__file__).with_name("page_questions.py")
TABLE = "# Questions\n| | asked | search for | answered at | there it says |\n|---|---|---|---|---|\n"


def found_in(row, answer):
    return found_in_tree(CHECK, {"docs/internals/questions.md": TABLE + row + "\n", "docs/a.md": answer})


class answers(unittest.TestCase):
    def test_near_enough(self):
        for line in (2, 17):
            self.assertEqual([], found_in(f"| 1 | How? | `so` | [a.md:{line}](../a.md) | So it is |", "# A\nSo it is, always.\n"))

    def test_moved_or_gone(self):
        self.assertEqual(["docs/internals/questions.md:4: ../a.md says it at line 2, not at 18"],
                         found_in("| 1 | How? | `so` | [a.md:18](../a.md) | So it is |", "# A\nSo it is.\n"))
        self.assertEqual(['docs/internals/questions.md:4: ../a.md does not say "So it is" any more'],
                         found_in("| 1 | How? | `so` | [a.md:2](../a.md) | So it is |", "# A\nSo it was.\n"))
        self.assertEqual(["docs/internals/questions.md:4: there is no ../b.md"],
                         found_in("| 1 | How? | `so` | [b.md:2](../b.md) | So it is |", ""))
        self.assertEqual(["docs/internals/questions.md:4: no row of question, words, page and line, and what it says there"],
                         found_in("| 1 | How? | nothing more |", ""))


if __name__ == "__main__":
    unittest.main()
