"""Refuses an include that goes up the order of layers and capabilities, and a circle of folders.  include_order.py [TREE]"""
import pathlib
import re
import sys

# Low to high. Folders between two `<` stand beside each other: they may include each other, but not in a circle.
LAYERS = ["protocol", "actors", "node"]
ORDER = {
    "protocol": "base < trust, link, gateway < circuit < transfer, definition < broadcast, request",
    "actors": "base, definition < ports < link, routing < circuit < transfer, management, gateway"
              " < broadcast, request < node",
    "node": "loader < base, accounts < topology, control, journal, files, line, socket < events, trust, link, circuit"
            " < plane, definition, enclosure, setup, metrics, spans < requests, gateway < web < process < commands < main.cpp",
}
# The preloaded library lives in other programs, and is no part of the node: it includes these alone, and nothing includes it.
ALONE = {"node/wrap": {"node/loader"}}
STEP = {f"{layer}/{name}": (LAYERS.index(layer), step)
        for layer in LAYERS for step, names in enumerate(ORDER[layer].split(" < ")) for name in names.split(", ")}
INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+/[^"]+)"|<((?:protocol|actors|node)/[^>]+)>)')


def folder(path):
    return "/".join(path.split("/")[:2])


def arrows(tree):
    """(file:line, folder, included folder or file) for every include that leaves its folder."""
    for layer in LAYERS:
        for file in sorted((tree / layer).rglob("*.[ch]pp")):
            source = file.relative_to(tree).as_posix()
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                included = INCLUDE.match(line)
                if included and (target := folder(included[1] or included[2])) != folder(source):
                    yield f"{source}:{number}", folder(source), target


def way(start, end, ahead, seen):
    """The folders from start to end, along the includes; empty if there is no such way."""
    if start == end: return [end]
    seen.add(start)
    ways = (way(step, end, ahead, seen) for step in sorted(ahead.get(start, ())) if step not in seen)
    return next(([start, *rest] for rest in ways if rest), [])


def violations(tree):
    level = []  # what goes down can't close a circle
    for place, source, target in arrows(tree):
        if target in ALONE.get(source, ()): continue
        if source in ALONE or target in ALONE:
            yield f"{place}: {source} includes {target}, but {' and '.join(sorted(ALONE))} stands alone"
        elif source not in STEP or target not in STEP:
            yield f"{place}: {source if source not in STEP else target} has no place in the order of folders"
        elif STEP[target] > STEP[source]:
            yield f"{place}: goes up: {source} may not include {target}"
        elif STEP[target] == STEP[source]:
            level.append((place, source, target))
    ahead = {}
    for _, source, target in level: ahead.setdefault(source, set()).add(target)
    for place, source, target in level:
        if back := way(target, source, ahead, set()):
            yield f"{place}: closes a circle of folders: {' -> '.join([source, *back])}"


if __name__ == "__main__":
    found = list(violations(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
