"""Runs one part of the console's tests: run.py PART [-k PATTERN], PART as `console`, `editing`, `pictures` or `every_view`. Exit 77 where there is no browser to drive."""
import faulthandler
import os
import pathlib
import shutil
import sys
import unittest

SKIPPED = 77
DEBIANS = "/usr/lib/python3/dist-packages"  # another Python than Debian's does not look there


def lacks():
    """What this machine has not got, or nothing."""
    if not any((pathlib.Path(folder) / "selenium").is_dir() for folder in (*sys.path, DEBIANS)):
        return "python3-selenium"
    return next(
        (package for program, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver")) if not shutil.which(program)), ""
    )


def main(part, *options):
    if missing := lacks():
        if skips := os.environ.get("HUBLINK_SKIPS"):
            with open(skips, "a", encoding="utf-8") as file:
                file.write(f"console.{part}: {missing} is missing\n")
        print(f"{missing} is missing")
        return SKIPPED
    if limit := os.environ.get("HUBLINK_TEST_SECONDS"):
        faulthandler.dump_traceback_later(int(limit), exit=True)
    sys.path.append(DEBIANS)
    program = unittest.main(module=f"{part}_test", argv=[part, *options], verbosity=2, exit=False)
    return not program.result.wasSuccessful()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
