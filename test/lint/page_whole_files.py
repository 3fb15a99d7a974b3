"""Refuses a manual whose whole files lack a field that the schemas know: the first block of JSON of reference/local.md, and the one under
"Every field once" of reference/topology.md, with the fields of that page's table of transfers.  page_whole_files.py [TREE]"""
import json
import pathlib
import re
import sys

BLOCK = r".*?^```json\n(.*?)^```$"
PAGES = {"docs/reference/local.md": ("docs/schema/local.schema.json", re.compile(r"^# " + BLOCK, re.MULTILINE | re.DOTALL)),
         "docs/reference/topology.md": ("docs/schema/topology.schema.in.json",
                                        re.compile(r"^## Every field once$" + BLOCK, re.MULTILINE | re.DOTALL))}
POLICY = re.compile(r"^\| field \| default \| values \| meaning \|\n\|[-|]+\|\n((?:\|.*\n)+)", re.MULTILINE)


def known(schema):
    """Names of all fields, wherever they stand."""
    if isinstance(schema, list):
        return set().union(*map(known, schema))
    if not isinstance(schema, dict):
        return set()
    properties = schema.get("properties", {})
    found = set(properties) if isinstance(properties, dict) else set()
    return found.union(*map(known, schema.values())) - {"$schema"}


def of_tables(text):
    """`retry.count` is two."""
    return {part for table in POLICY.findall(text) for field in re.findall(r"^\| `([\w.]+)` ", table, re.MULTILINE) for part in field.split(".")}


def keys(shown):
    if isinstance(shown, list):
        return set().union(*map(keys, shown))
    return set(shown).union(*map(keys, shown.values())) if isinstance(shown, dict) else set()


def violations(tree):
    for name, (schema, pattern) in PAGES.items():
        page = tree / name
        if not page.exists():
            continue
        text = page.read_text(encoding="utf-8")
        block = pattern.search(text)
        if not block:
            yield f"{name}: there is no whole file"
            continue
        line = text.count("\n", 0, block.start(1)) + 1
        fields = known(json.loads((tree / schema).read_text(encoding="utf-8"))) | of_tables(text)
        for field in sorted(fields - keys(json.loads(block[1]))):
            yield f"{name}:{line}: the whole file lacks `{field}`"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
