"""What the project's pages have in them: shell blocks, command lines in the text, and the JSON that stands after them."""
import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_PROGRAMS = re.compile(r"(hublink|cmake|ctest|python3|clang-\w+|nft|sqlite3|top|kill|git|ip|base64|openssl|curl|cd|rm|[A-Z_]+=\S+|(simulation|openssl_asan\.sh)(?= )) "
                       r"|\./\S|build/\S+/\S+(_tests|_fuzz|simulation|TARGET)\b|(examples|test)/\S+\.sh ")


def all_pages():
    """README and every page of the manual; not the changelog, which tells of earlier versions."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md"), *ROOT.glob("test/*/*.md")]
    return sorted(page for page in found if page.name != "CHANGELOG.md")


@dataclass
class Command:
    """One command line, as it stands there. `shown`: the JSON documents of the block that its paragraph introduces."""

    page: str
    line: int
    text: str
    shown: list = field(default_factory=list)
    section: str = ""

    def __str__(self):
        return f"{self.page}:{self.line}: {self.text}"

    @property
    def words(self):
        return shlex.split(self.text, comments=True)


@dataclass
class Page:
    name: str
    blocks: list  # of lists of Commands: they follow each other in one shell
    spans: list   # Commands in the text
    json: list    # (line, text) of each block of JSON


def logical_lines(block):
    """(offset, text) of each line that a shell would run as one: quotes and backslashes go on in the next."""
    begun, at = "", 0
    for offset, line in enumerate(block.split("\n")):
        if not begun:
            at = offset
        begun += line + "\n"
        try:
            if not begun.endswith("\\\n") and not shlex.split(begun, comments=True):
                begun = ""
                continue
        except ValueError:  # a quotation that goes on
            continue
        if not begun.endswith("\\\n"):
            yield at, begun.strip()
            begun = ""
    assert not begun.strip(), f"a command that does not end: {begun}"


def json_documents(text):
    """Those of a block: one after the other."""
    documents, at = [], 0
    text = text.strip()
    while at < len(text):
        document, at = json.JSONDecoder(strict=False).raw_decode(text, at)
        documents.append(document)
        while at < len(text) and text[at].isspace():
            at += 1
    return documents


def members(text):
    """A block as one object: it is one already, or some members of one. None: it is other documents. ValueError: it is no JSON."""
    try:
        documents = json_documents(text)
    except ValueError:
        return json.loads("{" + text + "}", strict=False)
    return documents[0] if len(documents) == 1 and isinstance(documents[0], dict) else None


def read(path):
    name, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    blocks, shown, plain, documents = [], {}, text, []
    for fence in _FENCE.finditer(text):
        first = text.count("\n", 0, fence.start()) + 2
        indent, language, body = fence.groups()
        body = "\n".join(line.removeprefix(indent) for line in body.rstrip("\n").split("\n"))
        assert language in ("sh", "json", ""), f"{name}:{first - 1}: nobody knows how to read a block of {language}"
        assert language or not re.search(r"^(\$ )?hublink ", body, re.MULTILINE), f"{name}:{first - 1}: commands stand in blocks of sh"
        if language == "sh":
            blocks.append([Command(name, first + offset, line) for offset, line in logical_lines(body)])
        elif language == "json":
            shown[fence.start()] = body
            documents.append((first, body))
        plain = plain[:fence.start()] + re.sub(r"[^\n]", " ", fence.group()) + plain[fence.end():]
    return Page(name, blocks, list(_spans(name, plain, shown)), documents)


def _spans(name, plain, shown):
    for span in re.finditer(r"`([^`]+)`", plain):
        text = " ".join(span[1].split())
        if not _PROGRAMS.match(text):
            continue
        command = Command(name, plain.count("\n", 0, span.start()) + 1, text)
        begin = plain.rfind("\n## ", 0, span.start())
        end = plain.find("\n## ", span.end())
        command.section = plain[max(begin, 0):end if end > 0 else len(plain)]
        paragraph = plain.rfind("\n\n", 0, span.start()), plain.find("\n\n", span.end())
        after = min((at for at in shown if at > span.end()), default=None)
        introduced = after is not None and not plain[span.end():after].count("\n\n") and not plain[span.end():after].count("\n#")
        if introduced and "--json" in text and paragraph:
            command.shown = json_documents(shown[after])
        yield command


def examples_of(document, shown):
    """Those that it may be like: of an event, the events of that name."""
    if isinstance(document, dict) and "event" in document:
        return [example for example in shown if example["event"] == document["event"]]
    return shown


def misfits(shown, real, section, where="it"):
    """How a real answer differs in its shape from what the page shows; `section` explains fields that the example lacks."""
    if isinstance(shown, list) and isinstance(real, list):
        for row in real:
            found = [list(misfits(example, row, section, where + "[]")) for example in examples_of(row, shown)]
            if found and all(found):
                yield from min(found, key=len)
        return
    if isinstance(shown, dict) and isinstance(real, dict):
        by_name = shown and all(not re.fullmatch(r"[a-z_]+", key) for key in shown)  # keys that are names of the user's own
        for key, value in real.items():
            if by_name:
                continue
            if key not in shown:
                if f"`{key}`" not in section and f'"{key}"' not in section:
                    yield f"{where}.{key} is not on the page"
            elif shown[key] is not None and value is not None:
                yield from misfits(shown[key], value, section, f"{where}.{key}")
        for key in shown:
            if not by_name and key not in real and f"`{key}`?" not in section and f'"{key}"?' not in section:
                yield f"{where}.{key} does not come"
        return
    kinds = [bool if isinstance(one, bool) else float if isinstance(one, (int, float)) else type(one) for one in (shown, real)]
    if kinds[0] != kinds[1]:
        yield f"{where} is {real!r}; the page has {shown!r}"
