"""What `trace` costs over many events, and what writing events costs a hub.

    HUBLINK=build/release/hublink python3 -B test/bench/trace_of_many.py [--gb 10] [--sends 200]

Makes segments of events of earlier days at a hub, waits until the node has compressed them, and measures `trace` of transfers
of all ages; then sends of 1 MB through the hub with the trace in place. CPU is that of the hub's process and its threads."""
import argparse
import datetime
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "harness"))
from hublink_harness.network import Network  # noqa: E402
from hublink_harness.topologies import three_hubs, transfer  # noqa: E402
from hublink_harness.usage import cpu_seconds  # noqa: E402

LINES = (
    '{{"time":"{time}.{us:06d}Z","node":"ServerA","event":"told","transfer":"{id}","kind":"transfer","from":"HOST1","file":"FILE01","destination":"HOST2"}}\n'
    '{{"time":"{time}.{us:06d}Z","node":"ServerA","event":"next","transfer":"{id}","host":"HOST2","address":"127.1.2.12","hop":"ServerB","dialled":"127.1.2.1:40000","by":"route"}}\n'
    '{{"time":"{time}.{us:06d}Z","node":"ServerA","event":"opened","transfer":"{id}","hop":"ServerB"}}\n'
    '{{"time":"{time}.{us:06d}Z","node":"ServerA","event":"closed","transfer":"{id}","bytes":67114230,"bytes_back":1489,"result":"done"}}\n')


def make_day(folder, day, size):
    """A segment of about that many bytes; some of its ids."""
    start = int(datetime.datetime.combine(day, datetime.time(), datetime.timezone.utc).timestamp())
    count = size // 600
    kept, step = [], 86_000 / count
    with open(folder / f"{day}.jsonl", "w") as file:
        for first in range(0, count, 1000):
            block = []
            for number in range(first, min(first + 1000, count)):
                second = start + int(number * step)
                id = f"{second * 1000:012x}{random.getrandbits(80):020x}"
                stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
                block.append(LINES.format(time=stamp, us=number % 1_000_000, id=id))
                if number % (count // 5) == 0:
                    kept.append(id)
            file.write("".join(block))
    return kept


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--gb", type=float, default=10)
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--sends", type=int, default=200)
    options = options.parse_args()
    with Network(three_hubs(FILE01=transfer("HOST1", "HOST2"))) as net:
        folder = net.data("ServerA") / "events"
        today, ids = datetime.datetime.now(datetime.timezone.utc).date(), []
        for back in range(options.days, 0, -1):
            ids += make_day(folder, today - datetime.timedelta(days=back), int(options.gb * 1e9 / options.days))
        print(f"made {sum(each.stat().st_size for each in folder.iterdir()) / 1e9:.1f} GB of {options.days} days", flush=True)
        net.start("ServerA", "ServerB", "HOST1", "HOST2")
        begun = time.monotonic()
        while len(list(folder.glob("*.gz"))) < options.days:
            time.sleep(1)
        packed = sum(each.stat().st_size for each in folder.glob("*.gz"))
        indices = sum(each.stat().st_size for each in folder.glob("*.index"))
        print(f"compressed in {time.monotonic() - begun:.0f} s: {packed / 1e9:.2f} GB, indices {indices / 1e6:.0f} MB", flush=True)
        took = []
        for id in random.sample(ids, min(30, len(ids))):
            begun = time.monotonic()
            found = net.ask("ServerA", verb="trace", transfer=id)["trace"]
            took.append(time.monotonic() - begun)
            assert len(found) == 4, (id, found)
        took.sort()
        print(f"trace: median {took[len(took) // 2] * 1000:.1f} ms, worst {took[-1] * 1000:.1f} ms", flush=True)
        net.write("HOST1", "out/FILE01", 1_000_000)
        before = cpu_seconds(net.running["ServerA"].process.pid)
        for _ in range(options.sends):
            assert net.cli("HOST1", "send", "FILE01", "--wait").code == 0
        spent = cpu_seconds(net.running["ServerA"].process.pid) - before
        print(f"{options.sends} sends of 1 MB: {spent / options.sends * 1000:.2f} ms of CPU each at ServerA")


if __name__ == "__main__":
    main()
