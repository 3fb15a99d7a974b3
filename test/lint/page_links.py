"""Refuses links of pages that lead nowhere: to a file that is not there, or to a heading that its page has not.  page_links.py [TREE]"""
import pathlib
import re
import sys

NOT_OURS = {"build", ".git", ".cache", "__pycache__", "third_party", "node_modules"}
LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+(?:\([^()]*\))?[^()\s]*)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$")


def pages(tree):
    for entry in sorted(tree.iterdir()):
        if entry.is_dir():
            if entry.name not in NOT_OURS and not entry.name.startswith("build-"): yield from pages(entry)
        elif entry.suffix == ".md":
            yield entry


def text_lines(page):
    """(number, line) of what is neither a block of code nor a span of it."""
    in_code = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code:
            yield number, line


def anchors(page):
    """Those of its headings, as the platforms that show pages make them: a second one of the same words has -1."""
    found, seen = set(), {}
    for _, line in text_lines(page):
        if heading := HEADING.match(line):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
            name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            found.add(name if name not in seen else f"{name}-{seen[name]}")
            seen[name] = seen.get(name, 0) + 1
    return found


def links(page):
    """(line, goal) of each; a link's text may stand on two lines, and what is in a span of code is none."""
    text = "\n".join(line for _, line in every_line(page))
    for link in LINK.finditer(re.sub(r"`[^`\n]*`", lambda span: "x" * len(span[0]), text)):
        yield text.count("\n", 0, link.start()) + 1, link[1]


def every_line(page):
    kept = dict(text_lines(page))
    for number in range(1, len(page.read_text(encoding="utf-8").splitlines()) + 1):
        yield number, kept.get(number, "")


def violations(tree):
    for page in pages(tree):
        for line, goal in links(page):
            if re.match(r"[a-z]+:", goal):
                continue
            path, _, anchor = goal.partition("#")
            target = (page.parent / path).resolve() if path else page
            where = f"{page.relative_to(tree).as_posix()}:{line}"
            if not target.exists():
                yield f"{where}: there is no {path}"
            elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                yield f"{where}: {path or 'this page'} has no heading #{anchor}"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
