"""A figure whose states are not those of the sources is seen."""
import pathlib
import unittest

from planted import found_in_tree

CHECK = pathlib.Path(__file__).with_name("page_states.py")
SOURCE = "enum class door_state : std::uint8_t {\n  open, ///< [never]\n  shut,\n};\nvoid knock();\n"


def found_in(figure):
    return found_in_tree(CHECK, {"docs/internals/door.md": "# A door\n" + figure, "node/door.hpp": SOURCE})


class figures(unittest.TestCase):
    def test_all_drawn(self):
        self.assertEqual([], found_in("<!-- states: node/door.hpp door_state; node/door.hpp -->\n```\n[open] <- [knock] -> [shut]\n```\n"))
        self.assertEqual([], found_in("```json\n[null]\n```\n"))

    def test_one_that_the_sources_have_not(self):
        self.assertEqual(["docs/internals/door.md:2: the sources that it names have no [ajar]"],
                         found_in("<!-- states: node/door.hpp door_state -->\n```\n[open] [shut] [ajar]\n```\n"))
        self.assertEqual(["docs/internals/door.md:2: the sources that it names have no [never]"],
                         found_in("<!-- states: node/door.hpp -->\n```\n[knock] [never]\n```\n"))

    def test_one_that_is_not_drawn(self):
        self.assertEqual(["docs/internals/door.md:2: door_state has [shut], which is not drawn"],
                         found_in("<!-- states: node/door.hpp door_state -->\n```\n[open]\n```\n"))

    def test_no_such_source(self):
        self.assertEqual(["docs/internals/door.md:2: there is no node/gate.hpp", "docs/internals/door.md:2: node/door.hpp has no enum gate"],
                         found_in("<!-- states: node/gate.hpp gate; node/door.hpp gate -->\n```\nno state\n```\n"))

    def test_no_source_named(self):
        self.assertEqual(["docs/internals/door.md:2: a figure has states, and no comment before it names their sources"],
                         found_in("```\n[open]\n```\n"))


if __name__ == "__main__":
    unittest.main()
