"""What limits and priorities do, in figures: rates of a transfer and of a node, and how soon an important transfer is through."""
import argparse
import sys
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))

from hublink_harness.network import Network  # noqa: E402
from hublink_harness.topologies import three_hubs, transfer  # noqa: E402

NODES = ("ServerA", "ServerB", "HOST1", "HOST2")
RATES = (1, 5, 20, 80)  # MB/s
SHARERS = 4
NODE_RATE = 20
LOW = 16  # transfers in the queue before the important one


def files():
    all_files = {f"RATE{rate}": transfer("HOST1", "HOST2", rate=f"{rate}MB/s") for rate in RATES}
    all_files.update({f"SHARE{i}": transfer("HOST2", "HOST1") for i in range(SHARERS)})
    all_files.update({f"LOW{i}": transfer("HOST1", "HOST2", rate="20MB/s") for i in range(LOW)})
    all_files["HIGH"] = transfer("HOST1", "HOST2", priority=5)
    all_files["URGENT"] = transfer("HOST1", "HOST2", priority=9, preempt=True)
    return all_files


def times(net, node, ids):
    """(begun, ended) of each, in seconds."""
    ids = list(ids)
    for one in ids:
        sent = net.traces.expect(node, "sent", transfer=one, within=120)
        assert set(sent["receivers"].values()) == {"done"}, sent
    rows = {row["transfer"]: row for row in net.cli(node, "history", "--json").json()}
    return [tuple(datetime.fromisoformat(rows[one][when]).timestamp() for when in ("started", "ended")) for one in ids]


def show_rates(net, seconds):
    print(f"{'limit':>10} {'sent':>8} {'seconds':>8} {'measured':>10}")
    for rate in RATES:
        size = int(rate * 1e6 * seconds)
        net.write("HOST1", f"out/RATE{rate}", size)
        ((begun, ended),) = times(net, "HOST1", [net.send("HOST1", f"RATE{rate}")])
        print(f"{rate:>5} MB/s {size / 1e6:>5.0f} MB {ended - begun:>8.2f} {size / 1e6 / (ended - begun):>5.2f} MB/s")


def show_sharing(net, seconds):
    size = int(NODE_RATE * 1e6 * seconds / SHARERS)
    for i in range(SHARERS):
        net.write("HOST2", f"out/SHARE{i}", size)
    spans = times(net, "HOST2", [net.send("HOST2", f"SHARE{i}") for i in range(SHARERS)])
    begun, ends = min(span[0] for span in spans), [span[1] for span in spans]
    print(f"\nnode limit {NODE_RATE} MB/s, {SHARERS} transfers at once: {SHARERS * size / 1e6 / (max(ends) - begun):.2f} MB/s together; "
          f"the first ended {max(ends) - min(ends):.2f} s before the last")


def show_priorities(net):
    size = 4_000_000
    for file in (*(f"LOW{i}" for i in range(LOW)), "HIGH", "URGENT"):
        net.write("HOST1", f"out/{file}", size)
    print(f"\none transfer at a time, {LOW} of 4 MB at 20 MB/s in the queue; the last one in it, after its sending:")
    low = [net.send("HOST1", f"LOW{i}") for i in range(LOW)]
    important = {file: net.send("HOST1", file) for file in ("HIGH", "URGENT")}
    last = times(net, "HOST1", low)[-1]
    print(f"  priority 0             {last[1] - last[0]:>6.2f} s")
    for file, what in (("HIGH", "priority 5"), ("URGENT", "priority 9, preempt")):
        ((begun, ended),) = times(net, "HOST1", [important[file]])
        print(f"  {what:<22} {ended - begun:>6.2f} s")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=4, help="of each rate")
    options = options.parse_args()
    topology = three_hubs(**files())
    topology["nodes"]["HOST1"]["limits"] = {"transfers": 1}
    topology["nodes"]["HOST2"]["limits"] = {"rate": f"{NODE_RATE}MB/s", "checkpoint": "1MB"}
    with Network(topology) as net:
        net.start(*NODES)
        show_rates(net, options.seconds)
        show_sharing(net, options.seconds)
        show_priorities(net)


if __name__ == "__main__":
    sys.exit(main())
