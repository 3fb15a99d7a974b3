"""Base of every scenario: a network that is there for a whole class, and expectations in scenario words."""
import hashlib
import os
import unittest
from pathlib import Path

from . import cli, namespaces
from .network import Network


class Scenario(unittest.TestCase):
    """Subclasses set `topology`. The network runs while the class's tests run; every test makes its own transfers."""

    topology = None
    started = None  # names; all by default
    maxDiff = None

    @classmethod
    def prepare(cls, net):
        """Runs before the nodes start: files, keys, other peers."""

    @classmethod
    def isolate(cls):
        """What the nodes run in; None: as they are started."""
        return namespaces.Isolation(cls.topology) if os.environ.get("HUBLINK_NAMESPACES") else None

    @classmethod
    def setUpClass(cls):
        isolation = cls.isolate()
        if isolation:
            cls.addClassCleanup(isolation.close)
        cls.net = Network(cls.topology, isolation)
        cls.addClassCleanup(cls._close)
        cls.prepare(cls.net)
        cls.net.start(*(cls.started or ()))

    @classmethod
    def _close(cls):
        cls.net.close()
        assert not cls.net.ended_badly, cls.net.ended_badly

    def describe(self):
        return self.net.describe()

    # -- expectations -----------------------------------------------------------------------------------------

    def expect_exit(self, code, result):
        self.assertEqual(code, result.code, str(result))
        return result

    def send_and_wait(self, node, file, *words, **options):
        """A `send --wait` that must be done; its transfer id."""
        result = self.expect_exit(cli.DONE, self.net.cli(node, "send", file, "--wait", *words, **options))
        return result.out.split()[0]

    def expect_story(self, transfer, *lines):
        self.assertEqual(list(lines), self.net.story(transfer))

    def expect_received(self, node, transfer, source, **fields):
        """Waits for `received` at `node`, and compares bytes, digest and content with the source file."""
        event = self.net.traces.expect(node, "received", transfer=transfer, **fields)
        self.assertEqual(source.stat().st_size, event["bytes"])
        target = self.net.data(node) / event["path"]
        self.assertEqual(sha256(source), sha256(target), f"{target} differs from {source}")
        return event

    def expect_all_closed(self, transfer, nodes, result="done"):
        """Every node that took part closed its circuit with that result."""
        for node in nodes:
            event = self.net.traces.expect(node, "closed", transfer=transfer)
            self.assertEqual(result, event["result"], event)

    # What one node has said, another may not have done yet: these wait for it.

    def expect_reason(self, node, transfer, *words, within=10):
        """Waits until `node` lists that transfer with a reason: a receiver writes it down after it has told the sender."""
        def reason():
            rows = self.net.cli(node, "transfers", "--json").json()
            return next((row["reason"] for row in rows if row["transfer"] == transfer and "reason" in row), None)
        found = self.net.traces.until(reason, f"{node} lists why {transfer} ended", within)
        for word in words:
            self.assertIn(word, found)

    def expect_nothing_in(self, directory, pattern="*", within=10):
        """Waits until nothing of that pattern is left there: the other end hears of a failure before the partial file is gone."""
        if directory.exists():
            self.net.traces.watch(directory)
            self.net.traces.until(lambda: not list(directory.glob(pattern)), f"no {pattern} in {directory}", within)

    def expect_no_circuits(self, *nodes, within=10):
        """Waits until no link of them carries one: each hop sees its end for itself."""
        def none(node):
            return not any(link["circuits"] for link in self.net.cli(node, "status", "--json").json()["links"])
        for node in nodes:
            self.net.traces.until(lambda node=node: none(node), f"no circuits at {node}", within)

    def expect_refusal(self, result, code, *words, within=5):
        """A command that fails with that exit code, in time, with one clear line that has all `words`. (`send --wait` has told of
        the transfer's states before.)"""
        self.expect_exit(code, result)
        self.assertLess(result.seconds, within, str(result))
        lines = result.err.strip().splitlines()
        if "--wait" not in result.command:
            self.assertEqual(1, len(lines), str(result))
        for word in words:
            self.assertIn(word, lines[-1], str(result))


def sha256(path: Path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def xxh128(path):
    """As `xxhsum -H2` prints it."""
    import subprocess
    return subprocess.run(["xxhsum", "-H2", path], capture_output=True, text=True, check=True).stdout.split()[0]
