"""Refuses Catch2's own headers outside of test/support: 2.13 and 3 have different ones.  catch_headers.py [TREE]"""
import pathlib
import re
import sys

OWN = re.compile(r'\s*#\s*include\s*["<]catch2/')


def violations(tree):
    for file in sorted((tree / "test").rglob("*.[ch]pp")):
        name = file.relative_to(tree).as_posix()
        if name.startswith("test/support/"): continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if OWN.match(line): yield f'{name}:{number}: include "support/catch.hpp" instead'


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
