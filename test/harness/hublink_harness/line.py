"""A TCP line between two hubs, with scripted faults: it stands at an address of its own, which one hub's `hosts` has for the other.

Faults strike by byte counts of the stream from the dialler, so that no test depends on time."""
import asyncio
import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field

PART = 64 * 1024
DATA, LINK, ALL = "data", "link", "all"
ENDED = (OSError, asyncio.IncompleteReadError)


@dataclass
class Fault:
    """After `after` bytes of a connection of that `kind`: `flip` one bit of the next byte, `cut` (RST), `stall` (nothing is carried any
    more, in both directions, and nothing is closed), or `off` (see Line.off). At most `times` connections are hit (None: each)."""

    act: str
    after: int
    kind: str = DATA
    times: int | None = 1
    struck: threading.Event = field(default_factory=threading.Event)  # at least once

    def strikes(self, connection):
        if self.times == 0 or self.kind not in (ALL, connection.kind):
            return False
        if self.times is not None:
            self.times -= 1
        self.struck.set()
        return True


class Line:
    """Carries connections from `address` to `target` until `close`. `connections`: all that there were."""

    def __init__(self, address, target):
        self.address, self.target = address, target
        self.faults, self.connections = [], []
        self.rate, self.delay, self.slow_kind = None, 0, DATA
        self._server = None
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.on()

    # -- the script

    def will(self, act, after, **more):
        """From now on; the fault, whose `struck` tells when."""
        assert act in ("flip", "cut", "stall", "off"), act
        fault = Fault(act, after, **more)
        self.faults.append(fault)
        return fault

    def slow(self, rate=None, delay=0, kind=DATA):
        """New connections: at most so many bytes a second, and so many seconds on the way, in each direction."""
        self.rate, self.delay, self.slow_kind = rate, delay, kind

    def heal(self):
        """Nothing more goes wrong from now on."""
        self.faults.clear()
        self.slow()
        self.on()

    def off(self):
        """Refuses what comes, and resets what is there."""
        self._do(self.turn_off())

    def on(self):
        self._do(self._on())

    def close(self):
        self.off()
        self._do(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def carried(self, kind=DATA, way="forth"):
        """Bytes so far, all connections of that kind together."""
        return sum(c.carried[way] for c in self.connections if c.kind == kind)

    # -- in the loop's thread

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _on(self):
        self._server = self._server or await asyncio.start_server(self._serve, *self.address)

    async def turn_off(self):
        if self._server:
            self._server.close()
            self._server = None
        for connection in self.connections:
            connection.break_off()

    async def _serve(self, reader, writer):
        connection = Connection(self)
        self.connections.append(connection)
        await connection.serve(reader, writer)

    async def _end_tasks(self):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class Connection:
    """One connection to the line, and the one that it makes to the target. `carried`: bytes in each direction."""

    def __init__(self, line):
        self._line = line
        self.kind = None
        self.carried = {"forth": 0, "back": 0}
        self._writers, self._tasks = [], []
        self._faults = []

    async def serve(self, near, to_near):
        self._add(to_near)
        try:
            first = await near.readexactly(1)
            self.kind = LINK if first == b"\x16" else DATA
            far, to_far = await asyncio.open_connection(*self._line.target)
            self._add(to_far)
            self._faults = list(self._line.faults)
            self._tasks = [*self._flow("forth", near, to_far, first), *self._flow("back", far, to_near, b"")]
            await asyncio.gather(*self._tasks)
            for writer in self._writers:
                writer.close()
        except ENDED:
            self.break_off()
        except asyncio.CancelledError:
            pass  # halted, or broken off already

    def _add(self, writer):
        writer.transport.set_write_buffer_limits(0)  # what was drained is in the kernel
        self._writers.append(writer)

    def _flow(self, way, source, target, first):
        slow = self._line.slow_kind in (ALL, self.kind)
        rate, delay = (self._line.rate, self._line.delay) if slow else (None, 0)
        on_the_way = asyncio.Queue(64 if delay else 1)
        return (asyncio.create_task(self._take_in(way, source, on_the_way, delay, first)),
                asyncio.create_task(self._pass_on(way, target, on_the_way, rate)))

    async def _take_in(self, way, source, on_the_way, delay, part):
        now = asyncio.get_running_loop().time
        at = 0
        while part := part or await source.read(PART):
            if way == "forth":
                part = await self._meddle(at, part, on_the_way)
            at += len(part)
            await on_the_way.put((now() + delay, part))
            part = b""
        await on_the_way.put((now() + delay, b""))

    async def _pass_on(self, way, target, on_the_way, rate):
        now = asyncio.get_running_loop().time
        while True:
            due, part = await on_the_way.get()
            await asyncio.sleep(max(0, due - now()))
            if not part:
                return target.write_eof()
            target.write(part)
            await target.drain()
            self.carried[way] += len(part)
            on_the_way.task_done()
            if rate:
                await asyncio.sleep(len(part) / rate)

    async def _meddle(self, at, part, on_the_way):
        """The part as it goes on. Does not return when the connection is broken or halted in it."""
        for fault in list(self._faults):
            if not 0 <= (where := fault.after - at) < len(part) or not fault.strikes(self):
                continue
            self._faults.remove(fault)
            if fault.act == "flip":
                part = part[:where] + bytes([part[where] ^ 1]) + part[where + 1:]
                continue
            if where:
                await on_the_way.put((0, part[:where]))
            await on_the_way.join()
            if fault.act == "off":
                await self._line.turn_off()
            if fault.act in ("cut", "off"):
                raise ConnectionAbortedError
            self._halt()
            await asyncio.Event().wait()
        return part

    def _halt(self):
        this = asyncio.current_task()
        for task in self._tasks:
            if task is not this:
                task.cancel()
        for writer in self._writers:
            writer.transport.pause_reading()

    def break_off(self):
        """RST on both sides."""
        for task in self._tasks:
            task.cancel()
        for writer in self._writers:
            sock = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
