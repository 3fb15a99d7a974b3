"""Small C programs of test/harness/programs, built as a test wants them."""
import shutil
import subprocess
import unittest
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "programs"

NOTE_OF_GO = '__asm__(".pushsection .note.go.buildid, \\"a\\", @note\\n.long 4, 4, 4\\n.ascii \\"Go\\\\0\\\\0\\"\\n.long 7\\n.popsection");'


def build(folder, source, *options, name=None, compiler="cc", text=None):
    """The program's path. `text`: added to its source. Without the compiler, or its static C library, the test is skipped."""
    if not shutil.which(compiler):
        raise unittest.SkipTest(f"{compiler} is not installed")
    target = Path(folder) / (name or source)
    code = Path(folder) / f"{target.name}.c"
    code.write_text((SOURCES / f"{source}.c").read_text() + (text or ""))
    done = subprocess.run([compiler, "-w", code, "-o", target, *options], capture_output=True, text=True)
    if done.returncode != 0:
        raise unittest.SkipTest(f"{compiler} {' '.join(options)}: {done.stderr.strip().splitlines()[-1]}")
    target.chmod(0o755)
    return target
