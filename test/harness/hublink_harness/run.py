"""Runs one suite: `python3 -m hublink_harness.run SUITE [-k PATTERN]`. Exit 77 if every test of it was skipped."""
import faulthandler
import os
import re
import sys
import unittest

from . import network

SKIPPED = 77


class Result(unittest.TextTestResult):
    """Shows the network's logs and traces with each failure, while it still runs."""

    succeeded = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.succeeded += 1

    def _show(self, test):
        if describe := getattr(test, "describe", None):
            self.stream.writeln(describe())

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._show(test)

    def addError(self, test, err):
        super().addError(test, err)
        self._show(test)


def name_of(suite, test):
    """As in a run's summary: the suite as ctest calls it, then class and method. A class can skip as a whole: `setUpClass (…)`."""
    called = f"harness.{suite}.namespaces" if os.environ.get("HUBLINK_NAMESPACES") else f"harness.{suite}"
    own = re.sub(r"^setUp(?:Class|Module) \((.*)\)$", r"\1", test.id()).removeprefix(suite).lstrip(".")
    return f"{called}.{own}" if own else called


def main(suite, *options):
    if limit := os.environ.get("HUBLINK_TEST_SECONDS"):
        faulthandler.dump_traceback_later(int(limit), exit=True)
    program = unittest.main(module=suite, argv=[suite, "-v", *options], exit=False,
                            testRunner=unittest.TextTestRunner(verbosity=2, resultclass=Result))
    network.drop_keys()
    result = program.result
    if skips := os.environ.get("HUBLINK_SKIPS"):
        with open(skips, "a", encoding="utf-8") as file:
            file.writelines(f"{name_of(suite, test)}: {' '.join(why.split())}\n" for test, why in result.skipped)
    if not result.wasSuccessful():
        return 1
    return SKIPPED if result.skipped and not result.succeeded else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
