"""Refuses an answer in docs/internals/questions.md that has moved or gone: its words stand within 15 lines of the line that is named.
page_questions.py [TREE]; page_questions.py --renew [TREE] writes the lines where they stand now."""
import pathlib
import re
import sys

WITHIN = 15
PAGE = "docs/internals/questions.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| \[[^\]]+:(\d+)\]\(([^)]+)\) \| (.+) \|$")


def violations(tree):
    page = tree / PAGE
    if not page.exists():
        return
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if not re.match(r"\| \d", line):
            continue
        row = ROW.match(line)
        if not row:
            yield f"{PAGE}:{number}: no row of question, words, page and line, and what it says there"
            continue
        answer, words = (page.parent / row[5]).resolve(), row[6]
        if not answer.exists():
            yield f"{PAGE}:{number}: there is no {row[5]}"
            continue
        there = [at for at, text in enumerate(answer.read_text(encoding="utf-8").splitlines(), 1) if words in text]
        if not there:
            yield f"{PAGE}:{number}: {row[5]} does not say \"{words}\" any more"
        elif min(abs(at - int(row[4])) for at in there) > WITHIN:
            yield f"{PAGE}:{number}: {row[5]} says it at line {there[0]}, not at {row[4]}"


def renew(tree):
    page, lines = tree / PAGE, []
    for line in (tree / PAGE).read_text(encoding="utf-8").splitlines():
        if row := ROW.match(line):
            texts = (page.parent / row[5]).resolve().read_text(encoding="utf-8").splitlines()
            there = next((at for at, text in enumerate(texts, 1) if row[6] in text), row[4])
            line = line.replace(f":{row[4]}](", f":{there}](", 1)
        lines.append(line)
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if "--renew" in sys.argv:
        sys.argv.remove("--renew")
        renew(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
