"""A file, a line and a paragraph that are too long are seen; tables, code and what is not ours are not measured."""
import pathlib
import unittest

from planted import found_in_tree

CHECK = pathlib.Path(__file__).with_name("text_limits.py")


def found_in(files):
    return found_in_tree(CHECK, files)


class text_limits(unittest.TestCase):
    def test_lines_of_a_file(self):
        self.assertEqual(found_in({"node/base/a.hpp": "x\n" * 400, "docs/a.md": "\n" * 400}), [])
        self.assertEqual(found_in({"node/base/a.hpp": "x\n" * 401}),
                         ["node/base/a.hpp:401: a file has at most 400 lines, this one 401"])
        self.assertEqual(len(found_in({"docs/internals/a.md": "\n" * 500, "test/a.py": "x\n" * 500, "node/a.js": "x\n" * 500})), 3)

    def test_lines_of_the_readme(self):
        self.assertEqual(found_in({"README.md": "\n" * 120, "docs/README.md": "\n" * 400}), [])
        self.assertEqual(found_in({"README.md": "\n" * 121}), ["README.md:121: it has at most 120 lines, this one 121"])

    def test_length_of_a_line(self):
        self.assertEqual(found_in({"README.md": "ä" * 110 + "\n"}), [])
        self.assertEqual(found_in({"docs/internals/link.md": "# Link\n\n" + "ä" * 111 + "\n"}),
                         ["docs/internals/link.md:3: a line of a page has at most 110 characters, this one 111"])

    def test_tables_and_code_are_not_measured(self):
        wide = "x" * 200
        self.assertEqual(found_in({"docs/a.md": f"| a | {wide} |\n```\n{wide}\n```\n", "node/a.cpp": wide + "\n"}), [])
        self.assertEqual(len(found_in({"docs/a.md": f"```\nx\n```\n{wide}\n"})), 1)

    def test_words_of_a_paragraph(self):
        sixty = "word " * 20 + "\n" + "word " * 20 + "\n" + "word " * 20 + "\n"
        self.assertEqual(found_in({"docs/a.md": f"# A\n{sixty}{sixty}\n{sixty}- {sixty}- {sixty}```\n{sixty * 3}```\n"}), [])
        self.assertEqual(found_in({"docs/a.md": f"# A\n\n{sixty}{sixty}one more\n"}),
                         ["docs/a.md:3: a paragraph has at most 120 words, this one 122"])
        self.assertEqual(found_in({"docs/a.md": f"- {sixty * 2}  1. {sixty * 2}one"}),
                         ["docs/a.md:1: a paragraph has at most 120 words, this one 121",
                          "docs/a.md:7: a paragraph has at most 120 words, this one 122"])

    def test_not_ours(self):
        self.assertEqual(found_in({name: "x\n" * 500 for name in
                                   ("build/dev/a.hpp", "build-x/a.hpp", ".git/a.txt", "test/fuzz/corpus/m/a.txt", "node/vendor/a.js")}), [])


if __name__ == "__main__":
    unittest.main()
