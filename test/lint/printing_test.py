"""Plants each way to a terminal or log that makes nothing harmless, and sees it red."""
import pathlib
import unittest

import planted

CHECK = pathlib.Path(__file__).with_name("printing.py")


def found_in(text, where="node/commands/some_verb.cpp"):
    return planted.found_in(CHECK, "int before;\n" + text, where)


class ways_to_a_person(unittest.TestCase):
    def test_refused(self):
        for text in ('std::cout << "x";', "std::cerr  << name;", 'std::printf("%s", name);', "puts(name);", 'fmt::print("{}", name);',
                     "write(value.dump(2));", "std::make_shared<spdlog::sinks::stderr_color_sink_mt>();",
                     'spdlog::basic_logger("x");', "spdlog::set_default_logger(other);"):
            with self.subTest(text):
                lines = found_in(text)
                self.assertEqual(1, len(lines), lines)
                self.assertTrue(lines[0].startswith("node/commands/some_verb.cpp:2: "), lines)

    def test_allowed(self):
        for text, where in (("std::cout.flush();", "node/commands/x.cpp"), ("std::snprintf(to, 4, text);", "node/base/x.cpp"),
                            ('print(std::cout, "{}", name);', "node/commands/x.cpp"), ("out << text;", "node/base/printing.hpp"),
                            ("all.dump();", "node/journal/x.cpp"), ('spdlog::info("{}", name);', "node/x/y.cpp")):
            with self.subTest(text):
                self.assertEqual([], found_in(text, where))


if __name__ == "__main__":
    unittest.main()
