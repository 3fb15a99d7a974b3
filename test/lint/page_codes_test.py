"""A code without a word about it in the guide is seen."""
import pathlib
import unittest

from planted import found_in_tree

CHECK = pathlib.Path(__file__).with_name("page_codes.py")


def found_in(errors, trouble):
    return found_in_tree(CHECK, {"docs/reference/errors.md": errors, "docs/guide/trouble.md": trouble})


class page_codes(unittest.TestCase):
    def test_all_are_there(self):
        self.assertEqual([], found_in("| code | side |\n|---|---|\n| `cut` | way |\n| `no-route` | way |\n", "| `cut`, `no-route` (4) | why |\n"))

    def test_one_lacks(self):
        self.assertEqual(["docs/guide/trouble.md: there is nothing about `no-route`"],
                         found_in("| `cut` | way |\n| `no-route` | way |\n", "| `cut` | no-route |\n"))

    def test_no_table(self):
        self.assertEqual(["docs/reference/errors.md: there is no table of codes"], found_in("# Failures\n", ""))


if __name__ == "__main__":
    unittest.main()
