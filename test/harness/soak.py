"""One fault after another strikes a network under transfers: nothing wrong is published, nothing is lost, every end has a reason, and
memory and descriptors stay flat. On demand: HUBLINK_SOAK=1 is an hour of it, HUBLINK_SOAK=60 a minute. HUBLINK_SOAK_SEED repeats the
order of the faults."""
import errno
import os
import random
import secrets
import signal
import threading
import time
import unittest

from hublink_harness import cli, fuse
from hublink_harness.case import Scenario, sha256
from hublink_harness.topologies import chain, transfer

ASKED = int(os.environ.get("HUBLINK_SOAK", "0"))
SECONDS = 3600 if ASKED == 1 else ASKED
ON_LOCAL, ON_SHARE = ("A", "B"), ("C", "D")
RETRY = {"count": 100, "every_s": 1}


@unittest.skipUnless(ASKED, "an hour: HUBLINK_SOAK=1, or as many seconds")
class Soak(Scenario):
    topology = chain(2, **{name: transfer("HOST1", "HOST2", retry=RETRY) for name in ON_LOCAL},
                     **{name: transfer("HOST1", "HOST2", retry=RETRY, send={"path": f"out/{name}"},
                                       receive={"path": f"in/share/{name}"}) for name in ON_SHARE})
    for _node in topology["nodes"].values():
        _node["limits"] = {"stall_s": 2, "work_s": 4, "checkpoint": "64KiB", "checkpoint_s": 0.1}

    @classmethod
    def prepare(cls, net):
        cls.share = fuse.Share(net.directory / "share", net.data("HOST2") / "in/share")
        cls.addClassCleanup(cls.share.close)

    # -- faults: each strikes, and is mended after a while -----------------------------------------------------

    def disk_hangs(self):
        self.share.hang(*self.random.choice([(), ("fsync",), ("create",), ("write",), ("rename", "rename2")]))
        self.pause(6)
        self.share.answer()

    def disk_is_slow(self):
        self.share.sync_rate = 50_000
        self.pause(3)
        self.share.sync_rate = None

    def disk_refuses(self):
        operation = self.random.choice(["fsync", "fsyncdir", "write", "create", "rename"])
        self.share.refuse(**{operation: self.random.choice([errno.EIO, errno.ENOSPC, errno.EINVAL])})
        self.pause(2)
        self.share.refuse()

    def node_is_killed(self):
        node = self.random.choice(["Server1", "Server2", "HOST2"])
        self.net.kill(node)
        self.pause(1)
        self.share.answer()
        self.net.start(node)

    def node_stands_still(self):
        node = self.net.running[self.random.choice(["Server1", "Server2", "HOST2"])]
        node.signal(signal.SIGSTOP)
        self.pause(4)
        node.signal(signal.SIGCONT)

    def source_is_touched(self):
        path = self.net.data("HOST1") / "out" / self.random.choice(ON_LOCAL + ON_SHARE)
        beside = path.with_name("link")
        for _ in range(20):
            try:
                os.link(path, beside)
                path.chmod(0o600)
                beside.unlink()
            except FileNotFoundError:
                pass
            self.pause(0.1)

    FAULTS = (disk_hangs, disk_is_slow, disk_refuses, node_is_killed, node_stands_still, source_is_touched)

    def pause(self, at_most):
        self.over.wait(self.random.uniform(0.1, 1) * at_most)

    def strike(self, until):
        order = []
        while time.monotonic() < until:
            order = order or self.random.sample(self.FAULTS, len(self.FAULTS))
            fault = order.pop()
            self.struck.append(fault.__name__)
            fault(self)
            self.pause(1)

    # -- what goes on meanwhile ---------------------------------------------------------------------------------

    def send_again_and_again(self, name, until):
        """Each sends new content; nothing else writes it, so what is there after `done` is that."""
        target = self.net.data("HOST2") / "in" / (f"share/{name}" if name in ON_SHARE else name)
        real = self.net.directory / "share" / name if name in ON_SHARE else target
        while time.monotonic() < until:
            source = self.net.write("HOST1", f"out/{name}", secrets.randbelow(600_000))
            result = self.net.cli("HOST1", "send", name, "--wait", deadline=180)
            if result.code == cli.DONE:
                self.done += 1
                if sha256(source) != sha256(real):
                    self.wrong.append(f"{target} is not what was sent: {result}")
            elif not result.err.strip():
                self.wrong.append(f"no reason: {result}")
            else:
                self.ended.append(result.err.strip().splitlines()[-1])

    def resources(self, node):
        pid = self.net.running[node].pid
        with open(f"/proc/{pid}/statm", encoding="ascii") as sizes:
            return len(os.listdir(f"/proc/{pid}/fd")), int(sizes.read().split()[1]) * 4

    def test_faults_one_after_the_other(self):
        seed = int(os.environ.get("HUBLINK_SOAK_SEED", secrets.randbits(32)))
        self.random, self.over = random.Random(seed), threading.Event()
        self.done, self.struck, self.wrong, self.ended = 0, [], [], []
        for name in ON_LOCAL + ON_SHARE:
            self.net.write("HOST1", f"out/{name}", 1000)
            self.send_and_wait("HOST1", name)
        before = self.resources("HOST1")
        until = time.monotonic() + SECONDS
        senders = [threading.Thread(target=self.send_again_and_again, args=(name, until)) for name in ON_LOCAL + ON_SHARE]
        for thread in senders:
            thread.start()
        try:
            self.strike(until)
        finally:
            self.share.answer()
            for thread in senders:
                thread.join()
        said = f"seed {seed}; {self.struck}; {self.done} done; ended otherwise: {self.ended}"
        print(said)
        self.assertEqual([], self.wrong, said)
        self.assertGreater(self.done, SECONDS // 4, said)
        for name in ON_LOCAL + ON_SHARE:
            source = self.net.write("HOST1", f"out/{name}", 200_000)
            self.expect_received("HOST2", self.send_and_wait("HOST1", name, deadline=60), source)
        after = self.resources("HOST1")
        self.assertLess(after[0], before[0] + 20, f"descriptors; {said}")
        self.assertLess(after[1], before[1] + 60_000, f"KiB of memory; {said}")
