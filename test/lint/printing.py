"""Refuses every way to a person but node/base/printing: there each text of others is made harmless.  printing.py [TREE]

Streams and printf's kin, JSON that is dumped elsewhere, and loggers beside the node's own.
"""
import pathlib
import re
import sys

RULES = [
    (re.compile(r"\bstd::(?:cout|cerr|clog)\s*<<|\b(?:std::)?(?:v?f?printf|puts|fputs|perror)\s*\(|\bfmt::print\s*\("),
     "print it with node/base/printing", ()),
    (re.compile(r"\.dump\s*\("), "write JSON with to_line or print_json",
     ("node/base/json_text.cpp", "node/journal/", "node/accounts/account_store.cpp", "node/definition/applied_network.cpp",
      "node/topology/transfer_policy_json.cpp", "node/setup/")),
    (re.compile(r"\bspdlog::(?:sinks::|set_default_logger|set_pattern|set_formatter)|\bspdlog::\w+_logger"),
     "log by the node's own logger: node/process/node_log", ("node/process/node_log.cpp",)),
]
EVERYWHERE = ("node/base/printing.", "node/wrap/")  # the preloaded library says nothing
COMMENT = re.compile(r"//.*")


def violations(tree):
    for folder in ("protocol", "actors", "node"):
        for file in sorted((tree / folder).rglob("*.[ch]pp")):
            place = file.relative_to(tree).as_posix()
            if place.startswith(EVERYWHERE):
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                for pattern, instead, allowed in RULES:
                    if not (allowed and place.startswith(allowed)) and pattern.search(COMMENT.sub("", line)):
                        yield f"{place}:{number}: {instead}"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
