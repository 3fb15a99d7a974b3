"""A changed, an added and a missing source of others is seen."""
import hashlib
import pathlib
import unittest

from planted import found_in_tree

CHECK = pathlib.Path(__file__).with_name("vendored_sources.py")
DIGEST = hashlib.sha256(b"text\n").hexdigest()


def found_in(files):
    return found_in_tree(CHECK, files)


class sources_of_others(unittest.TestCase):
    def test_those_of_the_list(self):
        self.assertEqual(
            [], found_in({"a/vendor/lib/x.js": "text\n", "a/vendor/SHA256SUMS": f"{DIGEST}  ./lib/x.js\n", "a/vendor/README.md": "x"})
        )

    def test_changed(self):
        self.assertEqual(
            ["a/vendor/lib/x.js: its bytes are not those of a/vendor/SHA256SUMS"],
            found_in({"a/vendor/lib/x.js": "other\n", "a/vendor/SHA256SUMS": f"{DIGEST}  ./lib/x.js\n"}),
        )

    def test_added_and_missing(self):
        self.assertEqual(
            ["a/vendor/y.js: not in a/vendor/SHA256SUMS", "a/vendor/x.js: is in SHA256SUMS, but not there"],
            found_in({"a/vendor/y.js": "text\n", "a/vendor/SHA256SUMS": f"{DIGEST}  ./x.js\n"}),
        )

    def test_no_list(self):
        self.assertEqual(["vendor/y.js: not in vendor/SHA256SUMS"], found_in({"vendor/y.js": "text\n"}))


if __name__ == "__main__":
    unittest.main()
