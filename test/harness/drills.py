"""What operators do to nodes, at random and while files go through all of them: kill, drain, upgrade, restore. Nothing that `send` accepted is
lost, and what is published is what was sent. HUBLINK_DRILLS is for how many seconds, 1 for eight hours; HUBLINK_DRILLS_SEED repeats their
order; HUBLINK_OLDER names another executable, which upgrades begin from.

ServerC, the store, is not restored: what it took after the backup was made would be gone with its machine."""
import os
import random
import secrets
import shutil
import threading
import time

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

ASKED = int(os.environ.get("HUBLINK_DRILLS", "30"))
SECONDS = 8 * 3600 if ASKED == 1 else ASKED
OLDER = os.environ.get("HUBLINK_OLDER")
RETRY = {"count": 1000, "every_s": 1}
LARGEST = 400_000
FINAL = ("done", "partial", "failed", "cancelled", "superseded", "unconfirmed")
PATIENCE = 120  # seconds for one transfer, whatever is done to nodes meanwhile


class Drills(Scenario):
    topology = three_hubs(ONE=transfer("HOST1", "HOST2", retry=RETRY), OTHER=transfer("HOST3", "HOST1", retry=RETRY),
                          ALL=transfer("HOST1", "HOST2", "HOST3", retry=RETRY),
                          KEPT=transfer("HOST2", "HOST3", store="when_unreachable", retry=RETRY))

    # -- drills: each leaves the node running -------------------------------------------------------------------

    def kill(self, node):
        self.net.kill(node)
        self.net.start(node)

    def drain(self, node):
        result = self.net.cli(node, "drain", "--for", "10s", deadline=40)
        if result.code not in (cli.DONE, cli.TIMED_OUT):
            self.wrong.append(str(result))
        ended = self.net.running.pop(node).wait_end(20)
        if ended != 0:
            self.wrong.append(f"{node} ended with {ended} when it was drained")
        self.net.start(node)

    def upgrade(self, node):
        """To the other executable, and back the next time: a version talks to the one before it."""
        newer = self.net.programs.pop(node, None) is not None
        if OLDER and not newer:
            self.net.programs[node] = OLDER
        self.drain(node)

    def restore(self, node):
        """On another machine, that has the files of the lost one; by a backup that was made while it ran."""
        if node == "ServerC":
            return self.kill(node)
        data, lost, backup = self.net.data(node), self.net.directory / "lost", self.net.directory / "backup"
        with self.accepting[node]:
            self.expect(self.net.cli(node, "backup", backup))
            self.net.kill(node)
            data.rename(lost)
            data.mkdir(mode=0o700)
            self.expect(cli.run("restore", backup, "--data", data))
            for path in lost.iterdir():
                if not path.name.startswith("journal.") and not (data / path.name).exists():
                    path.rename(data / path.name)
            shutil.rmtree(lost)
            backup.unlink()
            self.net.start(node)

    def expect(self, result):
        if result.code != cli.DONE:
            self.wrong.append(str(result))

    DRILLS = (kill, drain, upgrade, restore)

    def exercise(self, until):
        nodes = list(self.net.topology["nodes"])
        while time.monotonic() < until and not self.wrong:
            drill, node = self.random.choice(self.DRILLS), self.random.choice(nodes)
            self.exercised.append(f"{drill.__name__} {node}")
            drill(self, node)
            self.over.wait(self.random.uniform(0, 1))

    # -- the load -----------------------------------------------------------------------------------------------

    def use(self, name, until):
        file = self.net.topology["transfers"][name]
        while time.monotonic() < until and not self.wrong:
            content = os.urandom(secrets.randbelow(LARGEST))
            sent = self.accepted(file["from"], name, content)
            state = sent and self.state_of(file["from"], name, sent)
            if state != "done":
                self.wrong.append(f"{name} {sent} is {state}")
                continue
            self.done += 1
            for receiver in file["to"]:
                if self.published(receiver, name) != content:
                    self.wrong.append(f"{name} {sent} at {receiver} is not what was sent")

    def until_there(self, answer):
        """What it gives, asked again while a node is away; None: for too long."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if (found := answer()) is not None:
                return found
            self.over.wait(0.1)
        return None

    def accepted(self, node, name, content):
        def send():
            with self.accepting[node]:
                self.net.write(node, f"out/{name}", content)
                result = self.net.cli(node, "send", name)
            return result.out.split()[0] if result.code == cli.DONE else None

        return self.until_there(send)

    def state_of(self, node, name, sent):
        def look():
            result = self.net.cli(node, "transfers", "--file", name, "--limit", 20, "--json")
            rows = result.json() if result.code == cli.DONE else []
            state = next((row["state"] for row in rows if row["transfer"] == sent), None)
            return state if state in FINAL else None

        return self.until_there(look)

    def published(self, node, name):
        def read():
            path = self.net.data(node) / "in" / name
            return path.read_bytes() if path.exists() else None

        return self.until_there(read)

    def test_nothing_is_lost(self):
        seed = int(os.environ.get("HUBLINK_DRILLS_SEED", secrets.randbits(32)))
        self.random, self.over = random.Random(seed), threading.Event()
        self.accepting = {node: threading.Lock() for node in self.net.topology["nodes"]}
        self.done, self.exercised, self.wrong = 0, [], []
        until = time.monotonic() + SECONDS
        users = [threading.Thread(target=self.use, args=(name, until)) for name in self.net.topology["transfers"]]
        for thread in users:
            thread.start()
        try:
            self.exercise(until)
        finally:
            for thread in users:
                thread.join()
        said = f"seed {seed}; {self.done} transfers done; {self.exercised}"
        print(said)
        self.assertEqual([], self.wrong, said)
        self.assertGreater(self.done, len(self.exercised) // 2, said)
        for name, file in self.net.topology["transfers"].items():
            self.net.write(file["from"], f"out/{name}", 1000)
            self.send_and_wait(file["from"], name, deadline=60)
