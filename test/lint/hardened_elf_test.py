"""The check of executables finds what is missing in ones that are made without it."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import hardened_elf

SOURCE = r"""
#include <stdio.h>
#include <string.h>
#define F(name) int name##1(int n) { return n + 1; } int name##2(int n) { return n + 2; } int name##3(int n) { return n + 3; }
F(a) F(b) F(c) F(d)
int main(int count, char **words) {
  char text[100000];
  strcpy(text, words[0]);
  snprintf(text + strlen(text), sizeof text - strlen(text), "%d", count);
  return puts(text) < 0;
}
"""
HARD = ["-O2", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2", "-fPIE", "-pie", "-fstack-protector-strong", "-fstack-clash-protection",
        "-fcf-protection=full", "-Wl,-z,relro,-z,now,-z,noexecstack"]
SOFT = {"is no position-independent": ["-fno-pie", "-no-pie"], "has no RELRO": ["-Wl,-z,norelro"], "binds its symbols late": ["-Wl,-z,lazy"],
        "has an executable stack": ["-Wl,-z,execstack"], "has no stack protector": ["-fno-stack-protector"],
        "has no fortified calls": ["-U_FORTIFY_SOURCE"], "marks no targets": ["-fcf-protection=none"],
        "touches no pages": ["-fno-stack-clash-protection"], "looks for libraries": ["-Wl,-rpath,/opt"]}


class Hardened(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "small.c").write_text(SOURCE)

    def made_with(self, *more):
        program = self.folder / "small"
        subprocess.run(["cc", *HARD, *more, self.folder / "small.c", "-o", program], check=True, capture_output=True)
        return list(hardened_elf.problems(program))

    def test_nothing_is_missing(self):
        self.assertEqual([], self.made_with())

    def test_each_thing_that_is_missing(self):
        for what, how in SOFT.items():
            with self.subTest(what):
                self.assertTrue(any(line.startswith(what) for line in self.made_with(*how)), what)


if __name__ == "__main__":
    sys.exit(unittest.main())
