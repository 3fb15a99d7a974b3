"""The rules of results.py, and that the list of allowed skips names tests that exist."""
import pathlib
import re
import tempfile
import unittest
import xml.etree.ElementTree as xml

import results
from results import FAILED, PASSED, SKIPPED, Result

HARNESS = pathlib.Path(__file__).parents[1] / "harness"
CTEST = """<?xml version="1.0"?>
<testsuite name="here" tests="5">
<testcase name="unit.node" time="2.5" status="run"><system-out>fine</system-out></testcase>
<testcase name="unit.actors" time="1" status="fail"><failure message=""/><system-out>1 != 2</system-out></testcase>
<testcase name="harness.some" time="0" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
<testcase name="harness.silent" time="0" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
<testcase name="harness.lost" time="0" status="notrun"><skipped message="Unable to find executable"/></testcase>
</testsuite>
"""


class Results(unittest.TestCase):
    def gathered(self, part="release", skips="harness.some.Class.test: it rains\n", lines=""):
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            (work / f"ctest-{part}.xml").write_text(CTEST)
            (work / "skips").write_text(skips)
            (work / "results").write_text(lines)
            (work / "log").write_text("found\x1b[1m it\x00")
            return results.gathered(work)

    def test_what_ctest_says(self):
        self.assertEqual({"unit.node": PASSED, "unit.actors": FAILED, "harness.lost": FAILED, "harness.some.Class.test": SKIPPED,
                          "harness.silent": SKIPPED}, {each.name: each.state for each in self.gathered()})
        self.assertIn("asan.unit.node", [each.name for each in self.gathered("asan")])

    def test_a_skip_that_was_told_twice_is_one(self):
        skips = "harness.some.Class.test: it rains\n" * 2 + "asan: clang is missing\n"
        self.assertEqual(["asan", "harness.silent", "harness.some.Class.test"],
                         sorted(each.name for each in self.gathered(skips=skips) if each.state == SKIPPED))

    def test_what_a_run_allows(self):
        some = [Result("harness.files.Files.test_big", SKIPPED, why="4 GiB"), Result("harness.files.Files.test_bigger", SKIPPED, why="8 GiB"),
                Result("unit.node", PASSED)]
        for allowed, strict, states in (([], False, [SKIPPED, SKIPPED, PASSED]), ([], True, [FAILED, FAILED, PASSED]),
                                        ([("harness.files.Files.test_big", "4 GiB")], True, [SKIPPED, FAILED, PASSED]),
                                        ([("harness.files.Files", "8 GiB")], True, [FAILED, SKIPPED, PASSED]),
                                        ([("harness", "")], True, [SKIPPED, SKIPPED, PASSED])):
            with self.subTest(allowed=allowed, strict=strict):
                self.assertEqual(states, [each.state for each in results.judged(some, allowed, strict)])

    def test_the_summary(self):
        some = [Result(f"simulation.{n}", PASSED, n) for n in range(1, 15)] + [
            Result("fuzz.mux", FAILED, 60), Result("harness.x", SKIPPED, why="no tool"), Result("lint.x", FAILED, why="skipped: no tool")]
        lines = results.summary(some).splitlines()
        self.assertEqual(["slowest:", "    14.0 s  simulation.14"], lines[:2])
        self.assertEqual(["     5.0 s  simulation.5", "skipped:", "  harness.x: no tool", "failed:", "  fuzz.mux", "  lint.x: skipped: no tool",
                          "14 passed, 2 failed, 1 skipped"], lines[10:])

    def test_one_junit_file(self):
        found = self.gathered(lines="failed\tfuzz.mux\t60\tlog\npassed\tfuzz.socks\t60\t\n")
        read = xml.fromstring(xml.tostring(results.junit(found).getroot()))
        self.assertEqual({"unit": "2", "harness": "3", "fuzz": "2"}, {suite.get("name"): suite.get("tests") for suite in read})
        self.assertEqual("found?[1m it?", read.find(".//testcase[@name='fuzz.mux']/system-out").text)
        self.assertEqual("it rains", read.find(".//testcase[@name='harness.some.Class.test']/skipped").get("message"))

    def test_the_list_names_tests_that_exist(self):
        allowed = results.allowed_skips(results.ALLOWED.read_text())
        self.assertTrue(allowed)
        for name, why in allowed:
            with self.subTest(name):
                harness, suite, group, *method = name.split(".")
                self.assertEqual("harness", harness)
                text = (HARNESS / f"{suite}.py").read_text()
                self.assertRegex(text, rf"class {group}\(")
                what = rf"    def {method[0]}\(" if method else rf"class {group}\("
                self.assertRegex(text, rf'"{re.escape(why)}"\)\n{what}')


if __name__ == "__main__":
    unittest.main()
