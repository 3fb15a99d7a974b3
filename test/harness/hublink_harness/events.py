"""The event traces of running nodes: waiting for an event, and telling a transfer's story in scenario words."""
import ctypes
import json
import os
import select
import time

IN_MODIFY, IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE = 0x2, 0x40, 0x80, 0x100, 0x200
ANY_CHANGE = IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE
_libc = ctypes.CDLL(None, use_errno=True)


class Missing(AssertionError):
    """An event that was expected did not come before its deadline."""


class Trace:
    """One node's trace, read as it grows: a segment a day."""

    def __init__(self, directory):
        self.folder = os.path.join(directory, "events")
        self.events = []
        self._offsets = {}
        self._rests = {}

    def read(self):
        try:
            segments = sorted(name for name in os.listdir(self.folder) if name.endswith(".jsonl"))
        except FileNotFoundError:
            return
        for name in segments:
            with open(os.path.join(self.folder, name), "rb") as file:
                file.seek(self._offsets.get(name, 0))
                new = file.read()
            self._offsets[name] = self._offsets.get(name, 0) + len(new)
            *lines, self._rests[name] = (self._rests.get(name, b"") + new).split(b"\n")
            self.events += [json.loads(line) for line in lines]


class Watch:
    """Blocks until anything in the watched directories changes. The only place of the harness that waits for files."""

    def __init__(self):
        self._fd = _libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")

    def add(self, directory):
        if _libc.inotify_add_watch(self._fd, os.fsencode(directory), ANY_CHANGE) < 0:
            raise OSError(ctypes.get_errno(), f"inotify_add_watch {directory}")

    def until(self, condition, seconds):
        """condition()'s first true value, or its last false one after `seconds`."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            left = end - time.monotonic()
            if left <= 0:
                return value
            select.select([self._fd], [], [], left)
            try:
                os.read(self._fd, 1 << 16)
            except BlockingIOError:
                pass
        return value

    def close(self):
        os.close(self._fd)


class Traces:
    """The traces of all nodes of one network."""

    def __init__(self):
        self._watch = Watch()
        self._traces = {}

    def add(self, node, directory):
        if node not in self._traces:
            self._traces[node] = Trace(directory)
            os.makedirs(os.path.join(directory, "events"), mode=0o700, exist_ok=True)
            self._watch.add(directory)
            self._watch.add(os.path.join(directory, "events"))

    def watch(self, directory):
        """`until` looks again when something in this directory changes, too."""
        self._watch.add(directory)

    def all(self, **fields):
        """Events with these fields, of all nodes, in time order."""
        for trace in self._traces.values():
            trace.read()
        found = [e for trace in self._traces.values() for e in trace.events if matches(e, fields)]
        return sorted(found, key=lambda e: e["time"])

    def expect(self, node, event, within=10, **fields):
        """The first event of that kind with those fields at `node`; waits for it."""
        wanted = {"node": node, "event": event, **fields}
        found = self._watch.until(lambda: self.all(**wanted), within)
        if not found:
            there = "\n".join(map(json.dumps, self.all(node=node)[-10:]))
            raise Missing(f"no event {wanted} within {within} s; {node} has\n{there}")
        return found[0]

    def until(self, condition, what, within=10):
        """Waits for a condition on files in the nodes' directories and in those given to `watch`."""
        value = self._watch.until(condition, within)
        if not value:
            raise Missing(f"{what}: not within {within} s")
        return value

    def story(self, transfer, addresses=None):
        """What each node was told and did next, one line each, in time order. `addresses`: node → ip:port as the topology has
        it; a hop that was dialled elsewhere is said."""
        return [line(e, addresses or {}) for e in self.all(transfer=transfer) if e["event"] in ("told", "next")]

    def close(self):
        self._watch.close()


def matches(event, fields):
    return all(event.get(name) == value for name, value in fields.items())


def names(value):
    return value if isinstance(value, str) else " and ".join(value)


def line(event, addresses):
    """`ServerA told by HOST1: FILE01, destination HOST2` or `ServerA next HOST2 (127.1.2.12): ServerB, by route`."""
    if event["event"] == "told":
        parts = [] if event["kind"] == "transfer" else [event["kind"]]
        parts += [event["file"]] if "file" in event else []
        parts += [f"{field} {names(event[field])}" for field in ("destination", "source", "only", "attempt") if field in event]
        return f"{event['node']} told by {event['from']}: {', '.join(parts)}"
    host = event["host"] + (f" ({event['address']})" if "address" in event else "")
    elsewhere = "" if addresses.get(event["hop"]) in (None, event["dialled"]) else f", dialled {event['dialled']}"
    return f"{event['node']} next {host}: {event['hop']}, by {event['by']}{elsewhere}"
