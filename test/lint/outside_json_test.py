"""Plants each way past the bounded readers, and sees it red; the readers themselves stay green."""
import pathlib
import unittest

import planted

CHECK = pathlib.Path(__file__).with_name("outside_json.py")


def found_in(text, where="node/requests/some_request.cpp"):
    return planted.found_in(CHECK, "int before;\n" + text, where)


class ways_past_the_readers(unittest.TestCase):
    def test_refused(self):
        for text in ("auto a = json::parse(line, nullptr, false);", "auto a = nlohmann::ordered_json::parse(line);",
                     "json::from_cbor(begin, end);", "json::accept(line);", 'auto a = row.value("state", "");',
                     'auto a = row.at("state");', 'auto a = row->at( "state");'):
            with self.subTest(text):
                lines = found_in(text)
                self.assertEqual(1, len(lines), lines)
                self.assertTrue(lines[0].startswith("node/requests/some_request.cpp:2: "), lines)

    def test_allowed(self):
        for text, where in (("json::from_cbor(begin, end);", "protocol/base/cbor_fields.cpp"),
                            ('map.at("to");', "node/journal/spool_rows.cpp"), ("auto a = rows.at(0);", "node/x/y.cpp"),
                            ("// json::parse(line)", "node/x/y.cpp"), ("ip_address::parse(text)", "node/x/y.cpp")):
            with self.subTest(text):
                self.assertEqual([], found_in(text, where))


if __name__ == "__main__":
    unittest.main()
