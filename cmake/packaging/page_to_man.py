"""A page of docs/ as one for man(1): page_to_man.py PAGE.md NAME SECTION DESCRIPTION >NAME.SECTION

It knows what the pages use: headings, paragraphs, lists, tables, blocks of code, and the marks within a line."""
import re
import sys
from pathlib import Path

LINK = re.compile(r"\[([^\]]+)\]\(([^)]*)\)")
CODE = re.compile(r"`([^`]+)`")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
ITALIC = re.compile(r"(?<![\w*])\*([^*]+)\*(?![\w*])")


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def inline(text):
    text = escaped(LINK.sub(r"\1", text))
    text = CODE.sub(r"\\fB\1\\fR", text)
    text = BOLD.sub(r"\\fB\1\\fR", text)
    return ITALIC.sub(r"\\fI\1\\fR", text)


def table(rows):
    cells = [[inline(cell.strip().replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))] for row in rows]
    head, body = cells[0], cells[2:]
    for row in body:
        named = [cell for cell in row if cell]
        yield ".TP\n" + (row[0] or "\\&")
        titles = [f"{title}: {cell}" if title and len(head) > 2 else cell for title, cell in zip(head[1:], row[1:]) if cell]
        yield "; ".join(titles) if titles else (named[0] if named else "\\&")
    yield ".PP"


def body(lines):
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.lstrip().startswith("```"):
            indent = line[:line.index("`")]
            end = next(i for i in range(at + 1, len(lines)) if lines[i].lstrip().startswith("```"))
            yield ".PP\n.nf\n.RS\n" + "\n".join(escaped(each.removeprefix(indent)) for each in lines[at + 1:end]) + "\n.RE\n.fi"
            at = end
        elif line.startswith("|"):
            end = next((i for i in range(at, len(lines)) if not lines[i].startswith("|")), len(lines))
            yield from table(lines[at:end])
            at = end - 1
        elif heading := re.match(r"(#+) (.*)", line):
            yield f".S{'H' if len(heading[1]) <= 2 else 'S'} {inline(heading[2]).upper() if len(heading[1]) <= 2 else inline(heading[2])}"
        elif item := re.match(r"\s*(?:[-*]|\d+\.) (.*)", line):
            yield ".IP \\(bu 2\n" + inline(item[1])
        elif not line.strip():
            yield ".PP"
        else:
            yield inline(line.strip())
        at += 1


def main(path, name, section, description):
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    title, rest = lines[0].lstrip("# "), lines[1:]
    print(f'.TH {escaped(name.upper())} {section} "" "hublink" "{escaped(title)}"')
    print(f".SH NAME\n{escaped(name)} \\- {escaped(description)}\n.SH DESCRIPTION")
    out, before = list(body(rest)), ".PP"
    for part in out:
        if part == ".PP" and before == ".PP":
            continue
        print(part)
        before = part


if __name__ == "__main__":
    main(*sys.argv[1:])
