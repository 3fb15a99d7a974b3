"""The networks of examples/ that explain themselves: each runs to its end, with all that it checks, and leaves nothing behind."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from hublink_harness import cli, namespaces, pages

EXAMPLES = pages.ROOT / "examples"
WITHIN = 90  # seconds
EXPLAINED = sorted(path for path in EXAMPLES.glob("*.sh") if '/show.sh"' in path.read_text(encoding="utf-8"))


class Examples(unittest.TestCase):
    def setUp(self):
        self.isolation = namespaces.OneNamespace()
        self.addCleanup(self.isolation.close)

    def run_one(self, script):
        with tempfile.TemporaryDirectory() as scratch:
            run = subprocess.run([*self.isolation.prefix(), script], capture_output=True, text=True, timeout=WITHIN,
                                 env={**os.environ, "HUBLINK": str(Path(cli.executable()).resolve()), "TMPDIR": scratch})
            self.assertEqual(0, run.returncode, run.stdout + run.stderr)
            self.assertEqual([], list(Path(scratch).iterdir()))
        self.assertTrue(run.stdout.endswith("The network stops now.\n"), run.stdout)
        self.assertEqual("", run.stderr)

    def test_the_page_names_them_all(self):
        page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
        self.assertEqual(6, len(EXPLAINED))
        for script in EXPLAINED:
            self.assertIn(f"`./examples/{script.name}`", page)
            self.assertIn(f"({script.stem}.json)", page)


for _script in EXPLAINED:
    setattr(Examples, "test_" + _script.stem.replace("-", "_"), lambda self, script=_script: self.run_one(script))
