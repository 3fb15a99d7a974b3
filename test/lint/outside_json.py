"""Refuses JSON and CBOR that is read past the bounded readers, or whose fields are taken so that a wrong one throws.
outside_json.py [TREE]

`read_json`, `read_json_object`, `build_json` and `cbor::parse_map` bound what they read; `field_text` and its kin never throw.
What a node keeps for itself (its journal's rows) is its own.
"""
import pathlib
import re
import sys

FOLDERS = ["protocol", "actors", "node"]
RULES = [
    (re.compile(r"\b(?:json|ordered|ordered_json)::(?:parse|accept|sax_parse|from_\w+)\s*\("), "read it with protocol/base/json_reader"),
    (re.compile(r"\bJson::sax_parse\s*\("), "read it with protocol/base/json_reader"),
    (re.compile(r'(?:\.|->)(?:value|at)\(\s*"'), "a field of another kind throws here: use node/control/request_json"),
]
ALLOWED = ("protocol/base/json_reader.cpp", "protocol/base/cbor_fields.cpp", "node/journal/", "node/accounts/account_store.cpp")
COMMENT = re.compile(r"//.*")


def violations(tree):
    for folder in FOLDERS:
        for file in sorted((tree / folder).rglob("*.[ch]pp")):
            place = file.relative_to(tree).as_posix()
            if place.startswith(ALLOWED):
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                for pattern, instead in RULES:
                    if pattern.search(COMMENT.sub("", line)):
                        yield f"{place}:{number}: {instead}"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
