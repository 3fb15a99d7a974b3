"""Plants an include of Catch2's own headers, and sees it red outside of test/support alone."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).with_name("catch_headers.py")


def found_in(text, where):
    with tempfile.TemporaryDirectory() as tree:
        file = pathlib.Path(tree, where)
        file.parent.mkdir(parents=True)
        file.write_text(text + "\n")
        run = subprocess.run([sys.executable, "-B", CHECK, tree], capture_output=True, text=True)
    assert not run.stderr, run.stderr
    assert run.returncode == (1 if run.stdout else 0)
    return run.stdout.splitlines()


class catchs_own_headers(unittest.TestCase):
    def test_refused(self):
        for text in ("#include <catch2/catch.hpp>", '  # include "catch2/catch_all.hpp"'):
            with self.subTest(text):
                lines = found_in("int before;\n" + text, "test/unit/node/some_test.cpp")
                self.assertEqual(['test/unit/node/some_test.cpp:2: include "support/catch.hpp" instead'], lines)

    def test_allowed(self):
        self.assertEqual([], found_in("#include <catch2/catch.hpp>", "test/support/catch.hpp"))
        self.assertEqual([], found_in('#include "support/catch.hpp"', "test/unit/node/some_test.cpp"))


if __name__ == "__main__":
    unittest.main()
