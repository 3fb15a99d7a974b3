"""Refuses files over 400 lines, and lines of pages over 110 characters outside tables and code.  text_limits.py [TREE]"""
import pathlib
import sys

LINES, CHARACTERS = 400, 110
KINDS = {".cpp", ".hpp", ".h", ".c", ".py", ".sh", ".md", ".txt", ".cmake", ".json", ".yml"}
NOT_OURS = {"build", ".git", ".cache", "__pycache__", "corpus"}


def texts(tree):
    for entry in sorted(tree.iterdir()):
        if entry.is_dir():
            if entry.name not in NOT_OURS and not entry.name.startswith("build-"): yield from texts(entry)
        elif entry.suffix in KINDS:
            yield entry


def long_lines(lines):
    in_code = False
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code and not line.lstrip().startswith("|") and len(line) > CHARACTERS:
            yield number, len(line)


def violations(tree):
    for file in texts(tree):
        name, lines = file.relative_to(tree).as_posix(), file.read_text(encoding="utf-8").splitlines()
        if len(lines) > LINES:
            yield f"{name}:{LINES + 1}: a file has at most {LINES} lines, this one {len(lines)}"
        if file.suffix == ".md":
            for number, length in long_lines(lines):
                yield f"{name}:{number}: a line of a page has at most {CHARACTERS} characters, this one {length}"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
