"""Refuses sources of others that are not those of their list: SHA256SUMS of each folder `vendor` has every file.
vendored_sources.py [TREE]"""
import hashlib
import pathlib
import sys

OWN = {"SHA256SUMS", "README.md"}


def violations(tree):
    for folder in sorted(tree.rglob("vendor")):
        parts = folder.relative_to(tree).parts
        if not folder.is_dir() or any(part == ".git" or part.startswith("build") for part in parts):
            continue
        place, sums = folder.relative_to(tree).as_posix(), folder / "SHA256SUMS"
        rows = (line.split(maxsplit=1) for line in sums.read_text(encoding="utf-8").splitlines()) if sums.is_file() else ()
        listed = {name.removeprefix("./"): digest for digest, name in rows}
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(folder).as_posix()
            if not file.is_file() or name in OWN:
                continue
            if name not in listed:
                yield f"{place}/{name}: not in {place}/SHA256SUMS"
            elif listed.pop(name) != hashlib.sha256(file.read_bytes()).hexdigest():
                yield f"{place}/{name}: its bytes are not those of {place}/SHA256SUMS"
        for name in sorted(listed.keys() - {file.relative_to(folder).as_posix() for file in folder.rglob("*")}):
            yield f"{place}/{name}: is in SHA256SUMS, but not there"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
