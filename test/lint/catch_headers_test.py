"""Plants an include of Catch2's own headers, and sees it red outside of test/support alone."""
import pathlib
import unittest

import planted

CHECK = pathlib.Path(__file__).with_name("catch_headers.py")


def found_in(text, where):
    return planted.found_in(CHECK, text, where)


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
