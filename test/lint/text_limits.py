"""Refuses files over 400 lines, and a README over 120; in pages, outside of tables and code, lines over 110 characters and paragraphs
over 120 words.
text_limits.py [TREE]"""
import pathlib
import re
import sys

LINES, CHARACTERS, WORDS = 400, 110, 120
SHORT = {"README.md": 120}
KINDS = {".cpp", ".hpp", ".h", ".c", ".S", ".py", ".sh", ".md", ".txt", ".cmake", ".json", ".yml", ".js", ".mjs", ".css", ".html"}
NOT_OURS = {"build", ".git", ".cache", "__pycache__", "corpus", "vendor"}


def texts(tree):
    for entry in sorted(tree.iterdir()):
        if entry.is_dir():
            if entry.name not in NOT_OURS and not entry.name.startswith("build-"): yield from texts(entry)
        elif entry.suffix in KINDS:
            yield entry


def prose(lines):
    """(number, line) of a page; in the place of tables, code and headings stand empty lines."""
    in_code = False
    for number, line in enumerate(lines, 1):
        fence = line.lstrip().startswith("```")
        in_code ^= fence
        yield number, "" if fence or in_code or line.lstrip().startswith(("|", "#")) else line


def long_lines(lines):
    return ((number, len(line)) for number, line in prose(lines) if len(line) > CHARACTERS)


def long_paragraphs(lines):
    """An entry of a list is a paragraph of its own."""
    begun, words = 0, 0
    for number, line in [*prose(lines), (0, "")]:
        if not line.strip() or re.match(r" *([-*]|\d+\.) ", line):
            if words > WORDS: yield begun, words
            begun, words = number, 0
        begun = begun if words else number
        words += len(line.split())


def violations(tree):
    for file in texts(tree):
        name, lines = file.relative_to(tree).as_posix(), file.read_text(encoding="utf-8").splitlines()
        most = SHORT.get(name, LINES)
        if len(lines) > most:
            yield f"{name}:{most + 1}: {'it' if name in SHORT else 'a file'} has at most {most} lines, this one {len(lines)}"
        if file.suffix == ".md":
            for number, length in long_lines(lines):
                yield f"{name}:{number}: a line of a page has at most {CHARACTERS} characters, this one {length}"
            for number, words in long_paragraphs(lines):
                yield f"{name}:{number}: a paragraph has at most {WORDS} words, this one {words}"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
