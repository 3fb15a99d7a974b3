"""Proxy gateways, scenario 4: TCP through zero, one and two hubs between them; static listeners; links that are lost."""
import os
import socket
import threading

from hublink_harness import apps, cli
from hublink_harness.apps import connect, read_all, read_exactly, wait_until
from hublink_harness.case import Scenario
from hublink_harness.network import Ports
from hublink_harness.topologies import chain

ports = Ports()


def address(ip):
    return f"{ip}:{ports.take()}"


def pair(text):
    ip, port = text.rsplit(":", 1)
    return ip.strip("[]"), int(port)


def gateway(calling, called, listen=None, deliver=None, **more):
    return {"protocol": "tcp", "calling": calling, "called": called, "listen": listen or address(f"127.2.{calling[-1]}.1"),
            "deliver": deliver or address(f"127.2.{called[-1]}.50"), **more}


def network(servers, gateways, **proxy):
    """A chain of servers, all with the proxy function on."""
    topology = chain(servers)
    for name, node in topology["nodes"].items():
        if node["role"] == "server":
            node["proxy"] = {"enabled": True, **proxy}
    del topology["nodes"]["HOST1"], topology["nodes"]["HOST2"]
    topology["gateways"] = gateways
    return topology


class Gateways(Scenario):
    """`serve(name, how)` puts an application behind a gateway, `call(name)` connects to it."""

    awaits_links = True

    def setUp(self):
        self.servers = []
        for one in self.net.topology["gateways"].values():
            if one.get("link") != "on-use" and one["calling"] != one["called"] and one["calling"] in self.net.running and self.awaits_links:
                self.await_link(one["calling"], one["called"])
        self.addCleanup(lambda: [server.close() for server in self.servers])

    def of(self, name, key):
        return pair(self.net.topology["gateways"][name][key])

    def serve(self, name, how):
        server = apps.TcpServer(how, self.of(name, "deliver"))
        self.servers.append(server)
        return server

    def call(self, name):
        connection = connect(self.of(name, "listen"))
        self.addCleanup(connection.close)
        return connection

    def gateways(self, node):
        return self.expect_exit(cli.DONE, self.net.cli(node, "gateways", "--json")).json()

    def streams(self, node, *words):
        return self.expect_exit(cli.DONE, self.net.cli(node, "streams", "--json", *words)).json()

    def await_link(self, node, peer):
        wait_until(lambda: any(link["peer"] == peer and link["state"] == "up" for link in self.gateways(node)["links"]),
                   f"{node} has a link to {peer}")

    def expect_refused(self, name):
        """Accepted by the listener, and reset; perhaps before `connect` has returned."""
        with self.assertRaises(ConnectionResetError):
            read_all(self.call(name))

    def fill(self, where):
        """So many connections that a listener without backlog answers no further one."""
        several = [socket.socket() for _ in range(4)]
        for one in several:
            one.setblocking(False)
            one.connect_ex(where)
            self.addCleanup(one.close)
        return several

    def expect_reset(self, connection):
        with self.assertRaises(ConnectionResetError):
            read_all(connection)


class Distances(Gateways):
    topology = network(4, {"near": gateway("Server1", "Server2"), "one": gateway("Server1", "Server3"), "two": gateway("Server1", "Server4")})
    names = ("near", "one", "two")

    def each(self):
        for name in self.names:
            with self.subTest(gateway=name):
                yield name

    def test_bytes_come_back_as_they_were(self):
        for name in self.each():
            self.serve(name, apps.echo)
            content = os.urandom(3_000_000)
            connection = self.call(name)
            sender = threading.Thread(target=connection.sendall, args=(content,))
            sender.start()
            self.assertEqual(content, read_exactly(connection, len(content)))
            sender.join()
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(b"", connection.recv(1))

    def test_the_server_may_speak_first(self):
        for name in self.each():
            self.serve(name, lambda connection: connection.sendall(b"220 welcome\r\n"))
            self.assertEqual(b"220 welcome\r\n", read_all(self.call(name)))

    def test_what_is_said_before_the_server_is_there_waits_for_it(self):
        server = socket.create_server(self.of("one", "deliver"), backlog=0)
        server.settimeout(15)
        self.addCleanup(server.close)
        fill = self.fill(self.of("one", "deliver"))
        said = os.urandom(100_000)
        connection = self.call("one")
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        first_credit = [("opening", 16 * 1024)]
        wait_until(lambda: [(one["state"], one["bytes"]) for one in self.streams("Server1") if one["gateway"] == "one"] == first_credit, "it speaks early")
        for one in fill:
            one.close()
        heard = b""
        while not heard:  # those that filled the queue say nothing
            heard = read_all(server.accept()[0])
        self.assertEqual(said, heard)

    def test_half_close_both_ways(self):
        for name in self.each():
            got = []

            def count_then_answer(connection):
                got.append(len(read_all(connection)))
                connection.sendall(b"x" * 1_000_000)

            self.serve(name, count_then_answer)
            connection = self.call(name)
            connection.sendall(b"y" * 500_000)
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(1_000_000, len(read_all(connection)))
            self.assertEqual([500_000], got)

    def test_the_server_ends_first_and_goes_on_reading(self):
        for name in self.each():
            got = threading.Event()
            content = []

            def end_then_read(connection):
                connection.sendall(b"go on")
                connection.shutdown(socket.SHUT_WR)
                content.append(read_all(connection))
                got.set()

            self.serve(name, end_then_read)
            connection = self.call(name)
            self.assertEqual(b"go on", read_all(connection))
            connection.sendall(b"z" * 400_000)
            connection.close()
            self.assertTrue(got.wait(apps.DEADLINE))
            self.assertEqual(b"z" * 400_000, content[0])

    def test_a_reset_is_a_reset_and_loses_nothing_that_was_sent_before(self):
        for name in self.each():
            results = []
            done = threading.Event()

            def read_on(connection):
                try:
                    while part := connection.recv(1 << 16):
                        results.append(part)
                    results.append("end")
                except ConnectionResetError:
                    results.append("reset")
                done.set()

            self.serve(name, read_on)
            connection = self.call(name)
            connection.sendall(b"last words")
            wait_until(lambda: results, "the first bytes came")
            apps.reset(connection)
            self.assertTrue(done.wait(apps.DEADLINE))
            self.assertEqual([b"last words", "reset"], results)

    def test_a_reset_of_the_server_reaches_the_client(self):
        for name in self.each():
            self.serve(name, lambda connection: (connection.recv(1), apps.reset(connection)))
            connection = self.call(name)
            connection.sendall(b"x")
            self.expect_reset(connection)

    def test_a_destination_that_refuses_is_a_reset_with_its_reason(self):
        for name in self.each():
            self.expect_refused(name)
            last = wait_until(lambda: [s for s in self.streams("Server1", "--closed") if s["gateway"] == name and s["result"] == "refused"],
                              "the refused stream is listed")[0]
            self.assertIn("Connection refused", last["reason"])
        self.assertGreaterEqual(self.gateways("Server1")["refused"].get("refused", 0), len(self.names), self.gateways("Server1"))

    def test_many_at_once(self):
        for name in self.each():
            self.serve(name, apps.echo)
            connections = [self.call(name) for _ in range(100)]
            for i, connection in enumerate(connections):
                connection.sendall(f"connection {i:4}".encode())
            for i, connection in enumerate(connections):
                self.assertEqual(f"connection {i:4}".encode(), read_exactly(connection, 15))
            # Those of the tests before end one by one.
            wait_until(lambda: len([s for s in self.streams("Server1") if s["gateway"] == name and s["side"] == "calling"]) == 100, "100 are listed")
            for connection in connections:
                connection.close()

    def test_thousands_of_opens_in_a_row(self):
        self.serve("two", apps.echo)
        for i in range(10_000):
            with connect(self.of("two", "listen")) as connection:
                connection.sendall(b"x")
                self.assertEqual(b"x", read_exactly(connection, 1))
        wait_until(lambda: not [s for s in self.streams("Server4") if s["gateway"] == "two"], "all of them ended")

    def test_a_reader_that_stands_still_stops_nobody_else(self):
        for name in self.each():
            go_on = threading.Event()
            self.addCleanup(go_on.set)
            read = []

            def read_late_or_echo(connection):
                if connection.recv(1) == b"e":
                    return apps.echo(connection)
                go_on.wait(apps.DEADLINE)
                read.append(len(read_all(connection)))

            self.serve(name, read_late_or_echo)
            stalled = self.call(name)
            stalled.sendall(b"s")
            sender = threading.Thread(target=lambda: (stalled.sendall(b"s" * (16 << 20)), stalled.close()))
            sender.start()
            fast = self.call(name)
            fast.sendall(b"e")
            content = os.urandom(1 << 20)
            for _ in range(8):
                writer = threading.Thread(target=fast.sendall, args=(content,))
                writer.start()
                self.assertEqual(content, read_exactly(fast, len(content)))
                writer.join()
            self.assertEqual([], read)
            go_on.set()
            sender.join()
            wait_until(lambda: read == [16 << 20], "the stalled reader got all of it")

    def test_what_is_listed(self):
        for node in ("Server1", "Server2", "Server3"):
            wait_until(lambda: not self.streams(node), f"{node} carries nothing of the tests before")
        self.serve("one", apps.echo)
        connection = self.call("one")
        connection.sendall(b"12345")
        read_exactly(connection, 5)
        mine = [s for s in self.streams("Server1") if s["gateway"] == "one" and s["from"].endswith(f":{connection.getsockname()[1]}")][0]
        self.assertEqual(("Server3", "calling", "tcp", "open", 5, 5),
                         tuple(mine[key] for key in ("peer", "side", "protocol", "state", "bytes", "bytes_back")))
        there = [s for s in self.streams("Server3") if s["state"] == "open"][0]
        self.assertEqual(("one", "Server1", "called", 5, 5), tuple(there[key] for key in ("gateway", "peer", "side", "bytes", "bytes_back")))
        self.assertEqual([], self.streams("Server2"))
        connection.close()
        wait_until(lambda: any(s["number"] == mine["number"] and s["result"] == "done" for s in self.streams("Server1", "--closed")), "it is history")
        report = self.gateways("Server1")
        self.assertEqual({"near", "one", "two"}, {g["name"] for g in report["gateways"]})
        self.assertEqual({"Server2", "Server3", "Server4"}, {link["peer"] for link in report["links"]})


class Losses(Gateways):
    topology = network(3, {"kept": gateway("Server1", "Server3"), "back": gateway("Server3", "Server1")})

    def test_a_hub_that_dies_ends_the_connections_and_the_next_ones_work(self):
        self.lose_and_come_back("Server2")

    def test_a_called_gateway_that_dies(self):
        self.lose_and_come_back("Server3")

    def lose_and_come_back(self, victim):
        server = self.serve("kept", apps.echo)
        connection = self.call("kept")
        connection.sendall(b"x")
        read_exactly(connection, 1)
        self.net.kill(victim)
        self.expect_reset(connection)
        wait_until(lambda: server.errors or victim == "Server3", "the server's connection ended")
        self.net.start(victim)

        def works():
            try:
                with connect(self.of("kept", "listen")) as again:
                    again.sendall(b"again")
                    return read_exactly(again, 5) == b"again"
            except (OSError, EOFError):
                return False

        wait_until(works, "the gateway works again")

    def test_both_directions_share_one_link(self):
        for name in ("kept", "back"):
            self.serve(name, apps.echo)

        def one_link():
            for name in ("kept", "back"):
                try:
                    with connect(self.of(name, "listen")) as connection:
                        connection.sendall(b"x")
                        read_exactly(connection, 1)
                except (OSError, EOFError):
                    return False
            return [link["state"] for link in self.gateways("Server1")["links"]] == ["up"]

        wait_until(one_link, "one link is left")

    def test_with_nobody_there_a_connection_is_reset(self):
        self.net.kill("Server3")
        self.expect_refused("kept")
        self.net.start("Server3")


class OnUse(Gateways):
    topology = network(2, {"db": gateway("Server1", "Server2", link="on-use")}, idle_s=1, connect_s=1)

    def test_the_link_is_made_when_it_is_used_and_closed_after_that(self):
        wait_until(lambda: not self.gateways("Server1")["links"], "nothing is open")
        self.serve("db", apps.echo)
        for _ in range(2):
            connection = self.call("db")
            connection.sendall(b"x")
            self.assertEqual(b"x", read_exactly(connection, 1))
            connection.close()
            wait_until(lambda: not self.gateways("Server1")["links"], "the link is closed")
            wait_until(lambda: not self.gateways("Server2")["links"], "at the other side, too")

    def test_a_destination_that_does_not_answer(self):
        silent = socket.create_server(self.of("db", "deliver"), backlog=0)
        self.addCleanup(silent.close)
        self.fill(self.of("db", "deliver"))
        self.expect_refused("db")
        wait_until(lambda: self.gateways("Server2")["refused"].get("timed-out"), "it timed out")


class Off(Gateways):
    topology = network(3, {"there": gateway("Server1", "Server3"), "here": gateway("Server2", "Server1")})
    awaits_links = False
    topology["nodes"]["Server2"].pop("proxy")
    topology["nodes"]["Server3"]["proxy"]["enabled"] = False

    def test_a_node_that_does_not_turn_it_on_listens_nowhere(self):
        with self.assertRaises(ConnectionRefusedError):
            self.call("here")
        self.assertFalse(self.gateways("Server2")["enabled"])

    def test_a_called_side_that_is_off_refuses(self):
        def reason():
            self.expect_refused("there")
            return self.streams("Server1", "--closed")[0]["reason"]

        wait_until(lambda: "proxy function is off at Server3" in reason(), "all hubs are up, and the called one says why")
