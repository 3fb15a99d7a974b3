"""Refuses a section of the guide, the reference or the protocol that shows nothing: no block, no figure, no table, and no command line
of hublink. What has five lines or fewer may be told alone, and so may what stands before the first section.  page_examples.py [TREE]"""
import pathlib
import re
import sys

FOLDERS = ("docs/guide", "docs/reference", "docs/protocol")
MADE = {"docs/reference/commands.md", "docs/reference/setup-commands.md"}  # --help has the examples
ALONE = 5  # lines
SHOWS = re.compile(r"^ *```|^ *\||!\[|`hublink [a-z]+ [^`]+`|`\./", re.MULTILINE)


def headings(lines):
    in_code = False
    for at, line in enumerate(lines):
        in_code ^= line.lstrip().startswith("```")
        if not in_code and (found := re.match(r"(#{1,6}) (.*)", line)):
            yield at, len(found[1]), found[2]


def sections(text):
    """(line, heading, its lines) of each but the page's own; those of the sections in it are its lines, too."""
    lines = text.splitlines()
    found = list(headings(lines))
    for number, (at, depth, heading) in enumerate(found):
        end = next((later for later, other, _ in found[number + 1:] if other <= depth), len(lines))
        if depth > 1:
            yield at + 1, heading, lines[at + 1:end]


def violations(tree):
    for folder in FOLDERS:
        for page in sorted((tree / folder).glob("*.md")):
            name = page.relative_to(tree).as_posix()
            if name in MADE:
                continue
            for line, heading, body in sections(page.read_text(encoding="utf-8")):
                said = [text for text in body if text.strip()]
                if len(said) > ALONE and not SHOWS.search("\n".join(body)):
                    yield f"{name}:{line}: \"{heading}\" shows nothing: a block, a figure, a table or a command"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
