"""Proxy gateways, scenario 4.4: UDP with and without awaited replies, over zero, one and two hubs between."""
import os
import socket

from hublink_harness import apps
from hublink_harness.apps import wait_until
from hublink_harness.network import Ports

from gateways import Gateways, gateway, network

ports = Ports()


def udp(calling, called, **more):
    return gateway(calling, called, **{**more, "protocol": "udp"})


def entries(near, one, two):
    """Each with those as its called gateways."""
    return {
        "near": udp("Server1", near), "one": udp("Server1", one), "two": udp("Server1", two),
        "short": udp("Server1", near, reply_timeout_s=1), "longer": udp("Server1", near, reply_timeout_s=1, replies_extend=True),
        "silent": udp("Server1", near, reply_timeout_s=0),
        "v6": udp("Server1", near, listen=f"[::1]:{ports.take()}", deliver=f"[::1]:{ports.take()}"),
    }


class Datagrams(Gateways):
    topology = network(4, entries("Server2", "Server3", "Server4"))
    near = "Server2"

    def answer_with(self, name, answer):
        server = apps.UdpServer(answer, self.of(name, "deliver"))
        self.servers.append(server)
        return server

    def client(self, name):
        listen = self.of(name, "listen")
        one = socket.socket(socket.AF_INET6 if ":" in listen[0] else socket.AF_INET, socket.SOCK_DGRAM)
        one.settimeout(apps.DEADLINE)
        self.addCleanup(one.close)
        return one, listen

    def ask(self, name, data):
        """The first datagrams of a link that is not up yet are kept for it."""
        one, listen = self.client(name)
        one.sendto(data, listen)
        reply, sender = one.recvfrom(1 << 17)
        self.assertEqual(listen, sender[:2], "a reply leaves from the listening port")
        return reply

    def expect_silence(self, one, within=0.4):
        patience = one.gettimeout()
        one.settimeout(within)
        with self.assertRaises(TimeoutError):
            one.recvfrom(100)
        one.settimeout(patience)

    def test_question_and_answer_over_each_distance(self):
        for name in ("near", "one", "two", "v6"):
            with self.subTest(gateway=name):
                self.answer_with(name, lambda data, sender, own: own.sendto(data[::-1], sender))
                for size in (0, 1, 1400, 65507):
                    data = os.urandom(size)
                    self.assertEqual(data[::-1], self.ask(name, data))

    def test_each_application_has_a_port_of_its_own_at_the_called_side(self):
        server = self.answer_with("near", lambda data, sender, own: own.sendto(data, sender))
        clients = [self.client("near") for _ in range(20)]
        for round in range(3):
            for i, (one, listen) in enumerate(clients):
                one.sendto(f"{round} {i}".encode(), listen)
            for i, (one, _) in enumerate(clients):
                self.assertEqual(f"{round} {i}".encode(), one.recv(100))
        self.assertEqual(20, len({sender for _, sender in server.seen}))

    def test_a_reply_from_another_port_is_dropped_and_counted(self):
        other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        other.bind((self.of("near", "deliver")[0], 0))
        self.addCleanup(other.close)
        before = self.gateways(self.near)["flows"]["called"]["wrong_source"]
        self.answer_with("near", lambda data, sender, own: (other.sendto(b"not me", sender), own.sendto(b"me", sender)))
        self.assertEqual(b"me", self.ask("near", b"who?"))
        self.assertEqual(before + 1, self.gateways(self.near)["flows"]["called"]["wrong_source"])

    def test_after_the_timeout_no_reply_passes(self):
        server = self.answer_with("short", lambda data, sender, own: own.sendto(b"at once", sender))
        self.assertEqual(b"at once", self.ask("short", b"?"))
        one, listen = self.client("short")
        one.sendto(b"?", listen)
        self.assertEqual(b"at once", one.recv(100))
        wait_until(lambda: all(s["gateway"] != "short" for s in self.streams(self.near)), "the flow has ended")
        server.socket.sendto(b"late", server.seen[-1][1])
        self.expect_silence(one)

    def test_each_datagram_of_the_application_sets_the_time_anew(self):
        server = self.answer_with("short", lambda data, sender, own: None)
        one, listen = self.client("short")
        for _ in range(8):
            one.sendto(b"still here", listen)
            self.expect_silence(one, within=0.25)  # less than the time-out; together more
        wait_until(lambda: len(server.seen) == 8, "all came")
        self.assertEqual(1, len({sender for _, sender in server.seen}), "one port all the time")
        server.socket.sendto(b"yes", server.seen[0][1])
        self.assertEqual(b"yes", one.recv(100))

    def test_replies_set_it_anew_where_that_is_set(self):
        server = self.answer_with("longer", lambda data, sender, own: None)
        one, listen = self.client("longer")
        one.sendto(b"subscribe", listen)
        wait_until(lambda: server.seen, "it came")
        for i in range(8):
            server.socket.sendto(f"{i}".encode(), server.seen[0][1])
            self.assertEqual(f"{i}".encode(), one.recv(100))
            self.expect_silence(one, within=0.25)

    def test_with_a_timeout_of_0_nothing_is_awaited(self):
        server = self.answer_with("silent", lambda data, sender, own: own.sendto(b"unwanted", sender))
        one, listen = self.client("silent")
        for i in range(50):
            one.sendto(f"trap {i}".encode(), listen)
        wait_until(lambda: len(server.seen) == 50, "all traps came")
        self.assertEqual([f"trap {i}".encode() for i in range(50)], [data for data, _ in server.seen])
        self.expect_silence(one)

    def test_ten_thousand_in_a_row_on_one_flow(self):
        self.answer_with("near", lambda data, sender, own: own.sendto(data, sender))
        one, listen = self.client("near")
        for i in range(10_000):
            data = i.to_bytes(4, "big")
            one.sendto(data, listen)
            self.assertEqual(data, one.recv(100))


class Cap(Gateways):
    topology = network(2, {"dns": udp("Server1", "Server2", reply_timeout_s=30)}, flows=10)

    def test_the_flow_that_was_used_longest_ago_goes(self):
        server = apps.UdpServer(lambda data, sender, own: own.sendto(data, sender), self.of("dns", "deliver"))
        self.servers.append(server)
        clients = []
        for i in range(30):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.addCleanup(one.close)
            one.settimeout(apps.DEADLINE)
            one.sendto(b"x", self.of("dns", "listen"))
            self.assertEqual(b"x", one.recv(10))
            clients.append(one)
        self.assertEqual(10, len(self.streams("Server1")))
        self.assertEqual(20, self.gateways("Server1")["flows"]["calling"]["evicted"])
        clients[0].sendto(b"again", self.of("dns", "listen"))
        self.assertEqual(b"again", clients[0].recv(10))
