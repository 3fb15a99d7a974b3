"""A node's wall clock, set by the test (libfaketime); what counts since the machine's start stays as it is."""
import glob
import os

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)


class WallClock:
    """Of one node of a network; before it starts."""

    def __init__(self, net, node):
        self._file = net.directory / f"{node}.clock"
        self.set(0)
        net.environments[node] = {"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_NO_CACHE": "1",
                                  "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set(self, seconds):
        """Ahead of the right time."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        os.rename(beside, self._file)
