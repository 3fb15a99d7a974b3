"""`hublink wrap`'s command line: every order of options, with and without `--`, and the lines of README and docs as they stand."""
import itertools
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from hublink_harness import cli

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = "127.2.1.1:1080"
OPTIONS = {"--gateway": GATEWAY, "--only": "10.2.0.0/16", "--direct": "10.2.0.7", "--names": "*.plant.example", "--reply-timeout": "3",
           "--replies-from": "host"}
FLAGS = ("--replies-extend", "--allow-direct")
TOLD = {"HUBLINK_WRAP_GATEWAY": GATEWAY, "HUBLINK_WRAP_RULES": "-4 0a020007 32 1 65535;4 0a020000 16 1 65535;",
        "HUBLINK_WRAP_NAMES": "*.plant.example", "HUBLINK_WRAP_REPLY_S": "3 host extend", "HUBLINK_WRAP_ALLOW_DIRECT": "1"}


def documented():
    """(file, line) of each `hublink wrap` in a block of code."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        in_code = False
        for line in page.read_text(encoding="utf-8").splitlines():
            if line.startswith("```"):
                in_code = not in_code
            elif in_code and line.startswith("hublink wrap"):
                yield page.relative_to(ROOT), line


class CommandLine(unittest.TestCase):
    """`psql` is a program that prints the words that it gets, and what the library was told."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="hublink-wrap.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.program = cls.folder / "psql"
        cls.program.write_text("#!/bin/sh\nfor word; do echo \"word $word\"; done\nenv | grep ^HUBLINK_WRAP_\n")
        cls.program.chmod(0o755)
        (cls.folder / "hublink").symlink_to(Path(cli.executable()).resolve())
        cls.user_file = cls.folder / "user.txt"
        cls.user_file.write_text("anna:geheim\n")

    def setUp(self):
        self.env = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"}
        for name in ("HUBLINK_GATEWAY", "HUBLINK_WRAP_LIBRARY"):
            self.env.pop(name, None)

    def run_line(self, *words, **env):
        return subprocess.run([cli.executable(), "wrap", *map(str, words)], env={**self.env, **env}, capture_output=True, text=True, timeout=20)

    def expect(self, done, words, told):
        self.assertEqual(0, done.returncode, f"{done.args}\n{done.stdout}{done.stderr}")
        self.assertEqual("", done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(list(words), [line.removeprefix("word ") for line in lines if line.startswith("word ")], done.args)
        self.assertEqual(told, dict(line.split("=", 1) for line in lines if line.startswith("HUBLINK_WRAP_")), done.args)

    def test_every_order_with_and_without_the_dashes(self):
        pairs = [*OPTIONS.items(), ("--user-file", str(self.user_file)), *((flag,) for flag in FLAGS)]
        orders = [pairs[i:] + pairs[:i] for i in range(len(pairs))] + [pairs[::-1]]
        for order, dashes, form in itertools.product(orders, ((), ("--",)), ("two words", "one")):
            words = itertools.chain(*(pair if form == "two words" else ("=".join(pair),) for pair in order))
            self.expect(self.run_line(*words, *dashes, "psql", "-h", "10.2.0.7"), ["-h", "10.2.0.7"], {**TOLD, "HUBLINK_WRAP_USER_FILE": str(self.user_file)})

    def test_each_option_last_and_alone(self):
        for words in (*OPTIONS.items(), ("--user-file", self.user_file), *((flag,) for flag in FLAGS)):
            for dashes in (), ("--",):
                done = self.run_line(*words, *dashes, "psql", HUBLINK_GATEWAY=GATEWAY)
                self.assertEqual((0, ""), (done.returncode, done.stderr), done.args)
                self.assertIn(f"HUBLINK_WRAP_GATEWAY={GATEWAY}", done.stdout)

    def test_options_that_come_again(self):
        done = self.run_line("--only", "10.1.0.0/16", "--gateway", GATEWAY, "--only", "10.2.0.0/16", "psql")
        self.assertIn("HUBLINK_WRAP_RULES=4 0a010000 16 1 65535;4 0a020000 16 1 65535;\n", done.stdout)

    def test_the_gateway_of_the_environment(self):
        for words in ((), ("--",), ("--only", "10.2.0.0/16"), ("--only", "10.2.0.0/16", "--")):
            done = self.run_line(*words, "psql", "-l", HUBLINK_GATEWAY=GATEWAY)
            self.assertEqual((0, ""), (done.returncode, done.stderr), words)
            self.assertTrue(done.stdout.startswith("word -l\n"), done.stdout)

    def test_a_programs_own_words_that_look_like_ours(self):
        own = ["--gateway", "10.0.0.1:1", "--only", "nothing", "--help", "-h", "--", "--names", "--version", "wrap"]
        for dashes in (), ("--",):
            done = self.run_line("--gateway", GATEWAY, *dashes, "psql", *own)
            self.assertEqual(own, [line.removeprefix("word ") for line in done.stdout.splitlines() if line.startswith("word ")], done.stderr)
            self.assertIn(f"HUBLINK_WRAP_GATEWAY={GATEWAY}\n", done.stdout)

    def test_what_is_no_command_line(self):
        for words in ((), ("--",), ("--gatway", GATEWAY, "--", "psql"), ("--only",), ("--only", "10.2.0.0/16"), ("--gateway", "--", "psql"),
                      ("--reply-timeout", "3601", "psql"), ("--reply-timeout", "soon", "psql"), ("-x", "psql"), ("no-such-program",),
                      ("--strict", "--replies-from", "host", "psql")):
            done = self.run_line(*words, HUBLINK_GATEWAY=GATEWAY)
            self.assertEqual((cli.USAGE, ""), (done.returncode, done.stdout), words)
            self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)

    def test_help_is_wraps_own_alone(self):
        done = self.run_line("--gateway", GATEWAY, "--help", "psql")
        self.assertEqual(0, done.returncode)
        self.assertIn("hublink wrap [OPTIONS] [--] COMMAND [WORDS...]", done.stdout)

    def test_the_lines_of_readme_and_docs(self):
        lines = list(documented())
        self.assertGreaterEqual(len(lines), 2)
        for page, line in lines:
            with self.subTest(page=str(page), line=line):
                command = re.sub(r"\bADDRESS\b", GATEWAY, line)
                done = subprocess.run(["sh", "-c", command], env=self.env, capture_output=True, text=True, timeout=20)
                self.assertEqual((0, ""), (done.returncode, done.stderr))
                self.assertTrue(done.stdout.startswith("word -h\nword 10.2.0.7\n"), done.stdout)
