"""docs/reference/commands.md, made from what every command's --help says: `HUBLINK=… python3 -m hublink_harness.commands_page` writes it anew."""
import re

from . import cli, pages

PAGE = pages.ROOT / "docs/reference/commands.md"
HEAD = """# Commands
Every command and its options.
This page is made from what each says at `--help`, where there are examples, too.
Those that show something have `--json` for programs.
`--data` may stand in `HUBLINK_DATA`, and `--user` in `HUBLINK_USER`.
[Exit codes](json.md#exit-codes) are the same for all, and [the guide](../guide/README.md) has the commands at
work.
"""
COMMON = {"--help", "--data", "--user", "--json"}  # said once, above


class Help:
    """What one command says of itself. Entries are (name as it is typed, what it is), by section."""

    def __init__(self, *words):
        said = cli.run(*words, "--help").out
        self.words, self.sections, self.notes = words, {}, []
        head, *rest = re.split(r"^(\w+):\n", said, flags=re.MULTILINE)
        self.does = " ".join(head.split("Usage:")[0].split())
        self.usage = " ".join(head.split("Usage:")[1].split()[1:])
        for title, text in zip(rest[::2], rest[1::2]):
            entries, _, note = text.partition("\n\n")
            self.sections[title] = list(self._entries(entries))
            lines = (entries if title == "Examples" else note).splitlines()
            self.notes += [line for line in lines if line and not line.startswith((" ", "Exit codes:"))]

    @staticmethod
    def _entries(text):
        whole = re.sub(r"\n {20,}", "    ", text)
        for line in whole.splitlines():
            line = re.sub(r"( Excludes: --[\w-]+) (?! )", r"\1  ", line.strip())  # a name that fills its column
            name, _, what = line.partition("  ")
            name = re.sub(r"(?<! in) \[([^\[\]]*)\]$", r"=\1", name)  # CLI11 2.4 has ` [x]` where 2.2 has `=x`
            yield name, " ".join(what.split())

    def subcommands(self):
        return [name for name, _ in self.sections.get("Subcommands", [])]


def typed(name):
    """`--limit UINT:POSITIVE REQUIRED` is typed as `--limit UINT`, `-h,--help` as `--help`."""
    name = re.sub(r" \(Env:\w+\)| REQUIRED| \.\.\.$", "", name)
    name = re.sub(r"^-\w,| \.\.\.| (Excludes|Needs): .*", "", name)
    name = re.sub(r":(POSITIVE|NONNEGATIVE|INT in \[[^\]]*\]|\{[^}]*\})", "", name)
    return re.sub(r"^([A-Z][\w.-]*) (TEXT|UINT|INT)$", r"\1", name)


def bounds(name):
    found = re.search(r":INT in \[(\d+) - (\d+)\](=\d+)?", name)
    choice = re.search(r":\{([^}]*)\}", name)
    excluded = re.search(r" Excludes: (.*)", name)
    return (f" ({found[1]} to {found[2]})" if found else "") + (f" (one of {choice[1].replace(',', ', ')})" if choice else "") + (
        f" (not with `{excluded[1]}`)" if excluded else "")


def entry(of, level):
    lines = [f"{'#' * level} {' '.join(of.words)}", f"{of.does[:1].upper()}{of.does[1:]}.", ""]
    rows = [(name, what) for title in ("Positionals", "Options") for name, what in of.sections.get(title, [])
            if typed(name).split("=")[0].split()[0] not in COMMON]
    if len(rows) == 1:  # is no table
        name, what = rows[0]
        lines += [f"- `{typed(name)}`: {what + bounds(name)}", ""]
    elif rows:
        lines += ["| | |", "|---|---|", *(f"| `{typed(name).replace('|', ' or ')}` | {(what + bounds(name)).replace('|', 'or')} |" for name, what in rows), ""]
    lines += [note if note.endswith(".") else note + "." for note in of.notes] + ([""] if of.notes else [])
    return lines


def folded(line):
    """A sentence of a page: 110 characters a line at most."""
    lines, rest = [], line
    while len(rest) > 110 and not rest.startswith("|"):
        cut = rest.rindex(" ", 0, 111)
        lines, rest = [*lines, rest[:cut]], rest[cut + 1:]
    return [*lines, rest]


def made():
    lines = HEAD.splitlines() + [""]
    for name in Help().subcommands():
        of = Help(name)
        lines += entry(of, 2)
        for more in of.subcommands():
            lines += entry(Help(name, more), 3)
    return "\n".join(part for line in lines for part in folded(line)).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(made(), encoding="utf-8")
