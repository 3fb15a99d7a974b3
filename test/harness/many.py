"""200 transfers at once, in both directions over the same hubs."""
from concurrent.futures import ThreadPoolExecutor

from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

COUNT = 100
THERE = [f"THERE{i}" for i in range(COUNT)]
BACK = [f"BACK{i}" for i in range(COUNT)]


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


class Many(Scenario):
    topology = three_hubs(**{file: transfer("HOST1", "HOST2") for file in THERE}, **{file: transfer("HOST2", "HOST1") for file in BACK})
    for name in ("HOST1", "HOST2"):
        topology["nodes"][name]["limits"] = {"transfers": COUNT}
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def round(self):
        """Sends all of them at once, and waits until each has arrived."""
        work = [("HOST1", "HOST2", file) for file in THERE] + [("HOST2", "HOST1", file) for file in BACK]
        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda row: self.net.send(row[0], row[2], deadline=60), work))
        for (sender, receiver, file), transfer in zip(work, ids):
            sent = self.net.traces.expect(sender, "sent", transfer=transfer, within=90)
            self.assertEqual({receiver: "done"}, sent["receivers"])
            self.expect_received(receiver, transfer, self.net.data(sender) / f"out/{file}", file=file)
            self.expect_all_closed(transfer, ["ServerA", "ServerB"])
        self.assertEqual(len(work), len(set(ids)))
        return {name: resident_kib(node.pid) for name, node in self.net.running.items()}

    def test(self):
        for node, files in (("HOST1", THERE), ("HOST2", BACK)):
            for file in files:
                self.net.write(node, f"out/{file}", 200_000)
        self.round()
        second = self.round()
        third = self.round()
        for name, kib in third.items():
            self.assertLess(kib - second[name], 16 * 1024, f"{name} grew from {second[name]} to {kib} KiB in one round")
        for name, kib in third.items():
            self.assertLess(kib, 256 * 1024, f"{name} holds {kib} KiB")
