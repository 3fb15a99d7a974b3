"""Streams of which one direction has ended, and in which nothing moves any more."""
import os
import resource
import socket
import threading
import time
import unittest

from hublink_harness import apps
from hublink_harness.apps import read_exactly, wait_until

import gateways
from gateways import gateway, network

LEAKED = 300
MANY, MANY_FOR_S = 16_384, 60  # as many as one gateway may have open at another one
TCP_CLOSE = 7


def was_reset(connection):
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == TCP_CLOSE


class HalfClosed(gateways.Gateways):
    topology = network(2, {
        "short": gateway("Server1", "Server2", half_closed_s=2), "own": gateway("Server1", "Server1", half_closed_s=2),
        "never": gateway("Server1", "Server2", half_closed_s=0), "servers": gateway("Server1", "Server2"),
    }, half_closed_s=3600)

    def open_of(self, name):
        return [s for s in self.streams("Server1") if s["gateway"] == name]

    def leak(self, name, count):
        """Clients that close for good, while the server keeps its side: a leak of its own."""
        held = []
        go_on = threading.Event()
        self.addCleanup(go_on.set)

        def keep(connection):
            connection.recv(1)
            held.append(connection)
            go_on.wait(apps.DEADLINE)

        self.serve(name, keep)
        for _ in range(count):
            with apps.connect(self.of(name, "listen")) as one:
                one.sendall(b"x")
        wait_until(lambda: len(held) == count, "all came")
        return held

    def test_leaked_ones_are_gone_after_their_time_and_others_stay(self):
        for name in ("short", "own"):
            with self.subTest(gateway=name):
                held = self.leak(name, LEAKED)
                began = time.monotonic()
                wait_until(lambda: not self.open_of(name), "they are gone", within=10)
                self.assertGreater(time.monotonic() - began, 1)
                wait_until(lambda: all([was_reset(one) for one in held]), "the server hears of it")
                self.assertIn("half-closed", self.streams("Server1", "--closed")[0]["reason"])

    def test_one_that_moves_lives_on_and_so_does_a_silent_whole_one(self):
        go_on = threading.Event()

        def trickle(connection):
            if connection.recv(1) == b"w":
                return apps.echo(connection)
            while connection.recv(100):
                pass
            for _ in range(9):
                connection.sendall(b".")
                go_on.wait(0.5)
            connection.sendall(b"end")

        self.serve("short", trickle)
        whole, half = self.call("short"), self.call("short")
        whole.sendall(b"w")
        half.sendall(b"h")
        half.shutdown(socket.SHUT_WR)
        self.assertEqual(b".........end", apps.read_all(half))
        whole.sendall(b"still there")
        self.assertEqual(b"still there", read_exactly(whole, 11))

    def test_a_reader_that_takes_its_time_loses_nothing(self):
        """All has been sent, and waits in the reader's own system."""
        content = b"z" * 3_000_000
        done = threading.Event()
        self.serve("short", lambda connection: (connection.sendall(content), connection.shutdown(socket.SHUT_WR), done.wait(apps.DEADLINE)))
        one = self.call("short")
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        got = 0
        until = time.monotonic() + 4  # twice the limit
        while got < len(content):
            got += len(one.recv(65536 if time.monotonic() > until else 10_000))
            if time.monotonic() < until:
                done.wait(0.01)
        done.set()
        self.assertEqual(len(content), got)

    def test_without_a_limit_nothing_ends(self):
        for name in ("never", "servers"):
            self.leak(name, 3)
        time_for_the_short_ones = self.leak("short", 3)
        wait_until(lambda: not self.open_of("short"), "those with a limit are gone", within=10)
        self.assertTrue(time_for_the_short_ones)
        self.assertEqual((3, 3), (len(self.open_of("never")), len(self.open_of("servers"))))


@unittest.skipUnless(os.environ.get("HUBLINK_BIG"), "16384 streams: HUBLINK_BIG=1")
class AsManyAsThereMayBe(gateways.Gateways):
    topology = network(2, {"many": gateway("Server1", "Server2", half_closed_s=MANY_FOR_S)})

    @classmethod
    def prepare(cls, net):
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        if before[1] < MANY + 1000:
            raise unittest.SkipTest(f"{before[1]} descriptors are too few")
        cls.addClassCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))  # of the nodes, too

    def test_they_make_room_again(self):
        held = []

        def take(listener):
            while True:
                try:
                    held.append(listener.accept()[0])
                except OSError:
                    return

        listener = socket.create_server(self.of("many", "deliver"), backlog=4096)
        taker = threading.Thread(target=take, args=(listener,))
        taker.start()
        try:
            for number in range(1, MANY + 1):
                with apps.connect(self.of("many", "listen"), (f"127.9.{number % 2}.{number % 255}", 0)) as one:  # nobody alone has all
                    one.sendall(b"x")
                if number % 512 == 0:  # no faster than a gateway may be asked
                    wait_until(lambda number=number: len(held) == number, "all came")
            self.expect_refused("many")  # there is no room
            wait_until(lambda: all(map(was_reset, held)), "they are gone", within=MANY_FOR_S + 30)
            with apps.connect(self.of("many", "listen")) as another:
                another.sendall(b"x")
                wait_until(lambda: len(held) == MANY + 1, "there is room again")
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            taker.join()
            for connection in held:
                connection.close()
