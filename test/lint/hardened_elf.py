"""Refuses executables and libraries that lack what cmake/Hardening.cmake wants.  hardened_elf.py FILE..."""
import platform
import re
import subprocess
import sys
from pathlib import Path

# What the compiler writes for -fcf-protection and -fstack-clash-protection, on x86-64: endbr64, and a touch of each page.
LANDING, TOUCH = b"\xf3\x0f\x1e\xfa", b"\x48\x83\x0c\x24\x00"
START_FILES = 8  # what comes with the C library has some landings of its own


def readelf(file, *what):
    return subprocess.run(["readelf", "--wide", *what, file], capture_output=True, text=True, check=True).stdout


def code(file):
    """The bytes of .text."""
    row = re.search(r" \.text +PROGBITS +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+)", readelf(file, "--section-headers"))
    offset, size = (int(number, 16) for number in row.groups())
    return Path(file).read_bytes()[offset:offset + size]


def problems(file, library=False):
    """What `file` lacks, a line each. A library that lives in other programs has little to fortify."""
    head, segments, dynamic = readelf(file, "--file-header"), readelf(file, "--segments"), readelf(file, "--dynamic")
    symbols = readelf(file, "--dyn-syms")
    if not re.search(r"Type: +DYN", head): yield "is no position-independent executable (PIE)"
    if "GNU_RELRO" not in segments: yield "has no RELRO segment"
    if not re.search(r"BIND_NOW|FLAGS_1.*NOW", dynamic): yield "binds its symbols late (no BIND_NOW)"
    stack = re.search(r"GNU_STACK.*", segments)
    if not stack or "E" in stack[0].split()[-2]: yield "has an executable stack"
    if re.search(r"\b(RPATH|RUNPATH)\b", dynamic): yield "looks for libraries in a path of its own"
    if "TEXTREL" in dynamic: yield "has relocations in its code"
    if not library and "__stack_chk_fail" not in symbols: yield "has no stack protector"
    if not library and not re.search(r"__\w+_chk\b", symbols): yield "has no fortified calls (_FORTIFY_SOURCE)"
    if platform.machine() != "x86_64": return
    text = code(file)
    if text.count(LANDING) < max(START_FILES, len(text) // 10_000): yield "marks no targets of indirect jumps (-fcf-protection)"
    if not library and TOUCH not in text: yield "touches no pages of large frames (-fstack-clash-protection)"


def main(files):
    found = [f"{file}: {line}" for file in files for line in problems(file, library=".so" in Path(file).name)]
    print("\n".join(found) or f"{len(files)} hardened")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
