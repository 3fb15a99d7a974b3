"""Refuses a figure of states whose names the sources don't have, or that lacks a state of an enum.  page_states.py [TREE]
A figure names its sources in a comment before it: <!-- states: FILE ENUM; FILE -->. Its states are the words in [brackets]: each is an
enumerator of such an ENUM, or stands in such a FILE; and each enumerator of an ENUM is drawn. Whether its arrows are right, nobody checks."""
import pathlib
import re
import sys

FIGURE = re.compile(r"(<!--\s*states:(?P<sources>[^>]*)-->\n)?^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
STATE = re.compile(r"\[([a-z]\w*)\]")


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def enumerators(text, enum):
    """Of the C++ enum; None: it is not there."""
    found = re.search(r"\benum(?: class)? " + re.escape(enum) + r"\b[^{;]*\{([^}]*)\}", text)
    return found and {word.split("=")[0].strip() for word in found[1].split(",") if word.strip()}


def problems(tree, sources, drawn):
    allowed, files = set(), []
    for source in filter(None, map(str.strip, sources.split(";"))):
        name, *enums = source.split()
        if not (tree / name).is_file():
            yield f"there is no {name}"
            continue
        text = without_comments((tree / name).read_text(encoding="utf-8"))
        if not enums:
            files.append(text)
        for enum in enums:
            known = enumerators(text, enum)
            if known is None:
                yield f"{name} has no enum {enum}"
                continue
            allowed |= known
            yield from (f"{enum} has [{lacking}], which is not drawn" for lacking in sorted(known - drawn))
    for state in sorted(drawn - allowed):
        if not any(re.search(rf"\b{state}\b", text) for text in files):
            yield f"the sources that it names have no [{state}]"


def violations(tree):
    for page in sorted((tree / "docs").rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        for figure in FIGURE.finditer(text):
            where = f"{page.relative_to(tree).as_posix()}:{text.count(chr(10), 0, figure.start()) + 1}"
            drawn = set(STATE.findall(figure["body"])) if not figure["kind"] else set()
            if figure["sources"] is not None:
                yield from (f"{where}: {what}" for what in problems(tree, figure["sources"], drawn))
            elif drawn:
                yield f"{where}: a figure has states, and no comment before it names their sources"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
