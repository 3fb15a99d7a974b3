"""Plants a test that is skipped in a tree of its own, and sees test/run.sh name it and turn red there; green if it is on the list."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).parents[2]
COPIED = ["CMakePresets.json", "test/run.sh", "test/support/results.py", "test/harness/hublink_harness"]
PROJECT = """
cmake_minimum_required(VERSION 3.25)
project(planted NONE)
enable_testing()
add_custom_target(hublink)
add_custom_target(hublink-faults)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
foreach(suite some all)
  add_test(NAME harness.${suite} COMMAND ${Python3_EXECUTABLE} -B -m hublink_harness.run ${suite} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/test/harness)
  set_tests_properties(harness.${suite} PROPERTIES LABELS harness SKIP_RETURN_CODE 77)
endforeach()
"""
NOTHING_TO_INSTALL = """
build_packages=() show_packages=() test_packages=()
declare -A tests_of=()
on_debian() { false; }
install_packages() { :; }
missing_packages() { :; }
"""
SUITE = """
import unittest
class Planted(unittest.TestCase):
    @unittest.skip("its program is not here")
    def test_skipped(self): pass
"""
PASSING = "    def test_passed(self): pass\n"
EVERY_SKIP = ["harness.all.Planted.test_skipped", "harness.some.Planted.test_skipped"]


class PlantedSkip(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="hublink-planted.")
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        for name in COPIED:
            target = self.tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target)
        for name, text in (("CMakeLists.txt", PROJECT), ("test/install.sh", NOTHING_TO_INSTALL), ("test/allowed_skips.txt", ""),
                           ("test/harness/some.py", SUITE + PASSING), ("test/harness/all.py", SUITE), ("test/fuzz/mux_fuzz.cpp", "")):
            (self.tree / name).parent.mkdir(exist_ok=True)
            (self.tree / name).write_text(text)

    def run_all(self, *words, allowed=(), why="its program is not here", ci="true"):
        """Its exit code, and the lines of the summary."""
        (self.tree / "test/allowed_skips.txt").write_text("".join(f"{name} {why}\n" for name in allowed))
        done = subprocess.run([self.tree / "test/run.sh", *words], capture_output=True, text=True, timeout=100,
                              env={**os.environ, "CI": ci, "HUBLINK_SKIP": ""})
        self.output = done.stdout + done.stderr
        return done.returncode, [line.strip() for line in done.stdout.splitlines()]

    def test_a_skip_is_a_failure(self):
        code, lines = self.run_all("--only", "harness")
        self.assertEqual((1, "1 passed, 2 failed, 0 skipped"), (code, lines[-1]), self.output)
        for name in EVERY_SKIP:
            self.assertIn(f"{name}: skipped, and not in allowed_skips.txt: its program is not here", lines)

    def test_a_skip_on_the_list_is_named(self):
        code, lines = self.run_all("--only", "harness", allowed=EVERY_SKIP)
        self.assertEqual((0, "1 passed, 0 failed, 2 skipped"), (code, lines[-1]), self.output)
        for name in EVERY_SKIP:
            self.assertIn(f"{name}: its program is not here", lines)
        (suite,) = xml.parse(self.tree / "build/tests.xml").getroot()
        self.assertEqual(("harness", "3", "0", "2"), tuple(suite.get(key) for key in ("name", "tests", "failures", "skipped")))

    def test_a_list_has_whole_names(self):
        code, lines = self.run_all("--only", "harness.some", allowed=["harness.some.Planted.test_skip"])
        self.assertEqual((1, "1 passed, 1 failed, 0 skipped"), (code, lines[-1]), self.output)

    def test_a_list_has_the_reason(self):
        code, lines = self.run_all("--only", "harness.all", allowed=EVERY_SKIP, why="its kernel is old")
        self.assertEqual((1, "0 passed, 1 failed, 0 skipped"), (code, lines[-1]), self.output)

    def test_elsewhere_a_skip_is_named(self):
        code, lines = self.run_all("--only", "harness.all", ci="")
        self.assertEqual((0, "0 passed, 0 failed, 1 skipped"), (code, lines[-1]), self.output)

    def test_a_name_that_no_test_has(self):
        code, lines = self.run_all("--only", "harness.some", "harness.sum", ci="")
        self.assertEqual((1, "1 passed, 1 failed, 1 skipped"), (code, lines[-1]), self.output)
        self.assertIn("harness.sum: no test has that name", lines)

    def test_the_list_of_tests(self):
        code, lines = self.run_all("--list")
        self.assertEqual((0, ["harness.all", "harness.some", "fuzz.mux"]), (code, lines), self.output)


if __name__ == "__main__":
    unittest.main()
