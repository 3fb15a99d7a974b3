"""Refuses a guide that leaves its reader alone with a failure: each code of reference/errors.md stands on guide/trouble.md.
page_codes.py [TREE]"""
import pathlib
import re
import sys

ERRORS, TROUBLE = "docs/reference/errors.md", "docs/guide/trouble.md"


def violations(tree):
    if not (tree / ERRORS).exists():
        return
    codes = re.findall(r"^\| `([a-z-]+)` \|", (tree / ERRORS).read_text(encoding="utf-8"), re.MULTILINE)
    if not codes:
        yield f"{ERRORS}: there is no table of codes"
    text = (tree / TROUBLE).read_text(encoding="utf-8") if (tree / TROUBLE).exists() else ""
    yield from (f"{TROUBLE}: there is nothing about `{code}`" for code in codes if f"`{code}`" not in text)


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
