"""Refuses a handler of an error that does nothing with it.  empty_error_handler.py [TREE]

A function that takes a caf::error, a failure, an outcome, an error_code or an exception_ptr, and a catch block, has to act on
it, answer it, or log it. A body of nothing but comments, `return;` or `(void)error;` is as empty as `{}`.
"""
import pathlib
import re
import sys

FOLDERS = ["protocol", "actors", "node", "test"]
BLANKED = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'', re.S)
NOTHING = (r"(?:\s|;|return\s*;|\(\s*void\s*\)\s*\w+\s*;|static_cast<\s*void\s*>\(\s*\w+\s*\)\s*;"
           r"|std::ignore\s*=\s*\w+\s*;)*")


def taking(what):
    """A list of parameters with one of that type in it."""
    within = r"(?:[^(){};]|\([^(){};]*\))*"
    return r"\(" + within + what + within + r"\)"


ERROR = r"\b(?:caf::error|failure|error_code|exception_ptr)\b(?!\s*::)"
BEFORE_BODY = r"\s*(?:(?:mutable|noexcept|const|override|final)\b\s*)*(?:->[\w:<>,&*\s]+)?(?=\{)"
LAMBDA = r"(?<=\])(?:" + taking(ERROR) + "|" + taking(r"\boutcome\s*<") + ")"
CATCH = r"\bcatch\s*\([^()]*\)"
HANDLERS = {  # a test's stand-in for a port may be told of a failure that nobody asks it about
    "test": re.compile(f"(?:{CATCH}|{LAMBDA}){BEFORE_BODY}"),
    "ours": re.compile(f"(?:{CATCH}|{LAMBDA}|{taking(ERROR)}){BEFORE_BODY}"),
}
ALLOWED = {("protocol/circuit/ping_end.cpp", "void cut(const failure&) override {}")}  # its first step is its last
EMPTY = re.compile(r"\{" + NOTHING + r"\}")


def blanked(source):
    """Without comments and texts; every line stays where it is."""
    return BLANKED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)


def handlers(source, pattern):
    """(line, is empty) for every handler of an error in it."""
    code = blanked(source)
    for found in pattern.finditer(code):
        yield code.count("\n", 0, found.start()) + 1, bool(EMPTY.match(code, found.end()))


def violations(tree):
    for name in FOLDERS:
        pattern = HANDLERS.get(name, HANDLERS["ours"])
        for file in sorted((tree / name).rglob("*.[ch]pp")):
            place, text = file.relative_to(tree).as_posix(), file.read_text(encoding="utf-8")
            for line, empty in handlers(text, pattern):
                if empty and (place, text.splitlines()[line - 1].strip()) not in ALLOWED:
                    yield f"{place}:{line}: an error ends here unseen: act on it, answer it, or log it"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
