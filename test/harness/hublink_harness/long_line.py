"""Two namespaces and a long line between them: a rate, a delay, a loss and a queue, made by test/bench/line/line.c. Needs root and gcc."""
import atexit
import functools
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from . import namespaces, pages


@functools.cache
def program():
    if os.geteuid() != 0:
        raise unittest.SkipTest("network namespaces need root")
    if not shutil.which("gcc") or not Path("/dev/net/tun").exists():
        raise unittest.SkipTest("a line needs gcc and /dev/net/tun")
    folder = tempfile.mkdtemp(prefix="hublink-line.")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = Path(folder) / "line"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-o", made, pages.ROOT / "test/bench/line/line.c"], check=True)
    return made


class LongLine(namespaces.Wired):
    """`nodes`: those at its one end, those at its other end. The end NUMBER (1, 2) has 10.77.NUMBER.1 to 10.77.NUMBER.19; its connections
    have CUBIC, unless they ask for something else."""

    def __init__(self, nodes, mbit, one_way_ms, loss_percent=0, queue_ms=50, seed=1):
        made = program()
        super().__init__({"one": nodes[0], "other": nodes[1]}, [])
        self.spaces = list(self._names.values())
        words = [str(word) for word in (mbit, one_way_ms, loss_percent, queue_ms, seed)]
        self._carrier = subprocess.Popen([made, *self.spaces, *words], stdout=subprocess.PIPE, text=True)
        try:
            assert self._carrier.stdout.readline() == "ready\n", "the line did not start"
            for number, space in enumerate(self.spaces, 1):
                self._lay_end(number, space)
        except BaseException:
            self.close()
            raise

    def _lay_end(self, number, space):
        for host in range(1, 20):
            namespaces.ip("-n", space, "addr", "add", f"10.77.{number}.{host}/32", "dev", "lo")
        namespaces.ip("-n", space, "link", "set", "line0", "txqueuelen", "10000", "up")
        namespaces.ip("-n", space, "route", "add", f"10.77.{3 - number}.0/24", "dev", "line0", "src", f"10.77.{number}.1",
                      "congctl", "cubic")

    def close(self):
        """What was carried, as the line says."""
        self._carrier.terminate()
        said, _ = self._carrier.communicate()
        super().close()
        return said
