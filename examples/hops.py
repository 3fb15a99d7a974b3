"""Shows how a transfer went from node to node: `python3 examples/hops.py DIR TRANSFER`, DIR holding each node's data directory."""
import gzip
import json
import sys
from pathlib import Path

TABLES = {"definition": "its own definition", "route": "its routes", "registered": "its registered clients",
          "neighbour": "its neighbours", "default": "its default route"}


def told(event):
    said = [event["file"]] if "file" in event else []
    if "destination" in event:
        destination = event["destination"]
        said.append("for " + (destination if isinstance(destination, str) else ", ".join(destination)))
    return f"is told by {event['from']}: {' '.join(said)}"


def chose(event):
    where = f" at {event['address']}" if "address" in event else ""
    wanted = "" if event["host"] == event["hop"] else f"looks for {event['host']}{where}, "
    return f"{wanted}dials {event['hop']} at {event['dialled']}, by {TABLES[event['by']]}"


def show(line):
    """Names are those that nodes were told: what is not printable in them stays an escape."""
    print("".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line))


def main(directory, transfer):
    segments = [path for path in Path(directory).glob("*/events/*.jsonl*") if path.suffix != ".index"]
    lines = [line for path in segments for line in (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8")]
    events = sorted((e for e in map(json.loads, lines) if e.get("transfer") == transfer), key=lambda e: e["time"])
    for event in events:
        if event["event"] == "told":
            show(f"  {event['node']:8} {told(event)}")
        elif event["event"] == "next":
            show(f"  {event['node']:8} {chose(event)}")
        elif event["event"] == "received":
            show(f"  {event['node']:8} has {event['path']}, {event['bytes']} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
