"""The command line, with a deadline on every call."""
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

# Exit codes of interface.md.
DONE, FAILED, USAGE, TIMED_OUT, UNREACHABLE, REFUSED, PARTIAL, CANCELLED, NO_SPACE = range(9)


def executable():
    path = os.environ.get("HUBLINK")
    if not path:
        raise RuntimeError("HUBLINK must name the hublink executable")
    return path


def executable_with_faults():
    """The one that has fault points (docs/reference/faults.md), from the same build."""
    path = Path(executable()).with_name("hublink-faults")
    if not path.exists():
        raise RuntimeError(f"{path} is missing: build the target hublink-faults")
    return str(path)


@dataclass
class Result:
    command: str
    code: int
    out: str
    err: str
    seconds: float

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"$ {self.command}\nexit {self.code} after {self.seconds:.2f} s\n{self.out}{self.err}"


def run(*words, deadline=30, prefix=(), env=None, cwd=None, program=None):
    """Runs `hublink WORDS…` to its end; `prefix` goes before it (for example `ip netns exec NAME`)."""
    command = [*prefix, program or executable(), *map(str, words)]
    began = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd,
                               env={**os.environ, **(env or {})})
    try:
        out, err = process.communicate(timeout=deadline)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        err += f"(killed after {deadline} s)\n"
    return Result(" ".join(["hublink", *map(str, words)]), process.returncode, out, err, time.monotonic() - began)
