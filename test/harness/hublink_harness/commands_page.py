"""The two pages of commands, made from what each says at --help: `HUBLINK=… python3 -m hublink_harness.commands_page` writes them anew."""
import re

from . import cli, pages

REFERENCE = pages.ROOT / "docs/reference"
# What makes and looks after what nodes need; all else is of a running network.
SETUP = {"init", "check", "plan", "keys", "certificates", "invite", "sign", "revoke", "bundle", "install", "backup", "restore", "users",
         "tokens", "socks-users", "manual"}
HEADS = {
    "setup-commands.md": """# Commands to set up and keep
Topologies, keys, machines and accounts; [commands](commands.md) has those of a running network.
""",
    "commands.md": """# Commands
Of a running network; [those to set up and keep](setup-commands.md) have a page of their own.
""",
}
COMMON_HEAD = """This page is made from what each says at `--help`, where there are examples, too.
Those that show something have `--json` for programs.
`--data` may stand in `HUBLINK_DATA`, and `--user` in `HUBLINK_USER`.
Those that use a CA's key take its passphrase from `--passphrase-file FILE` (the first line), from
`HUBLINK_PASSPHRASE`, or ask for it at a terminal.
[Exit codes](json.md#exit-codes) are the same for all, and [the guide](../guide/README.md) has the commands at
work.
"""
COMMON = {"--help", "--data", "--user", "--json", "--passphrase-file"}  # said once, above
SHORT = 4  # so many rows are no table, if they are not long


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
    listed = [f"- `{typed(name)}`: {what + bounds(name)}" for name, what in rows]
    if len(rows) <= SHORT and sum(len(folded(line)) for line in listed) <= len(rows) + 1:
        lines += [*listed, *([""] if rows else [])]
    else:
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


def whole_entry(name):
    of = Help(name)
    return entry(of, 2) + [line for more in of.subcommands() for line in entry(Help(name, more), 3)]


def made():
    """Each page's text, by its path."""
    lines = {page: (head + COMMON_HEAD).splitlines() + [""] for page, head in HEADS.items()}
    for name in Help().subcommands():
        lines["setup-commands.md" if name in SETUP else "commands.md"] += whole_entry(name)
    return {REFERENCE / page: "\n".join(part for line in of for part in folded(line)).rstrip() + "\n" for page, of in lines.items()}


if __name__ == "__main__":
    for page, text in made().items():
        page.write_text(text, encoding="utf-8")
