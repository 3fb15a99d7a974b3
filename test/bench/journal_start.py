"""A node whose journal holds 100,000 transfers that ended and 1,000 that did not: time until `ready`, times of the listings, and how long
pruning keeps a commit waiting when half of them are too old."""
import argparse
import json
import socket
import sqlite3
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))

from hublink_harness.network import Network  # noqa: E402
from hublink_harness.topologies import three_hubs, transfer  # noqa: E402

DAY_MS = 24 * 3600 * 1000


def rows(now_ms, finished, unfinished, files, old):
    """As columns and values; `old` of the finished ones ended 40 days ago."""
    for i in range(finished + unfinished):
        over = i < finished
        ended = now_ms - (40 * DAY_MS if i < old else DAY_MS) + i
        yield {
            "transfer": f"{ended:012x}{i:020x}", "side": 0, "file": f"FILE{i % files:03}", "sender": "HOST1",
            "receivers": json.dumps({"HOST2": "done" if over else "queued"}), "state": "done" if over else "queued", "finished": int(over),
            "sequence": i, "attempt": 1, "all_sent": int(over), "bytes": 4096, "size": 4096, "started_ms": ended - 50,
            "ended_ms": ended if over else None, "path": f"out/FILE{i % files:03}", "digest": "xxh128:" + "0" * 32,
        }


def fill(journal, *args):
    database = sqlite3.connect(journal)
    described = database.execute("PRAGMA table_info(transfers)").fetchall()
    filler = {name: 0 if kind == "INTEGER" else "" for _, name, kind, required, default, _ in described if required and default is None}
    wanted = [{**filler, **row} for row in rows(*args)]
    names = list(wanted[0])
    with database:
        database.executemany(f"INSERT INTO transfers ({','.join(names)}) VALUES ({','.join('?' * len(names))})",
                             [[row[name] for name in names] for row in wanted])
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def timed_send(directory, file):
    """Seconds until a send is in the journal."""
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(directory / "control.sock"))
        control.sendall(json.dumps({"verb": "send", "file": file, "wait": False}).encode() + b"\n")
        assert b"record" in control.makefile("rb").read()
    return time.monotonic() - began


def rows_of(journal):
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM transfers").fetchone()[0]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--finished", type=int, default=100_000)
    options.add_argument("--unfinished", type=int, default=1_000)
    options.add_argument("--old", type=int, default=0, help="so many of the finished ones are past their time")
    options.add_argument("--files", type=int, default=50)
    options = options.parse_args()
    topology = three_hubs(**{f"FILE{i:03}": transfer("HOST1", "HOST2") for i in range(options.files)})
    with Network(topology) as net:
        for file in topology["transfers"]:
            net.write("HOST1", f"out/{file}", 4096)
        net.start("HOST1")
        net.stop("HOST1")  # the journal is made
        journal = net.data("HOST1") / "journal.sqlite"
        fill(journal, int(time.time() * 1000), options.finished, options.unfinished, options.files, options.old)
        print(f"journal: {options.finished} finished ({options.old} too old), {options.unfinished} unfinished, "
              f"{journal.stat().st_size // 1024} KiB")
        began = time.monotonic()
        net.start("HOST1", within=60)
        ready = time.monotonic() - began
        print(f"ready after {ready:.3f} s")
        slowest = 0
        for words in (["history"], ["transfers"], ["history", "--file", "FILE001"], ["status"]):
            result = net.cli("HOST1", *words)
            slowest = max(slowest, result.seconds)
            print(f"hublink {' '.join(words)}: {result.seconds:.3f} s, {len(result.out.splitlines())} lines")
        if options.old:
            waits, until = [], time.monotonic() + 120
            while rows_of(journal) > options.finished + options.unfinished + len(waits) - options.old + options.files and time.monotonic() < until:
                waits.append(timed_send(net.data("HOST1"), "FILE001"))
            print(f"pruned to {rows_of(journal)} rows, {len(waits)} sends meanwhile, until journalled: median "
                  f"{sorted(waits)[len(waits) // 2] * 1000:.1f} ms, longest {max(waits) * 1000:.1f} ms")
        return 0 if ready < 2 and slowest < 0.2 else 1


if __name__ == "__main__":
    sys.exit(main())
