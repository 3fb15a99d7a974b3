"""What a gateway's destinations, and who asks for them, may not: the gateway's own machine, names of their choice, others' time."""
import os
import secrets
import socket
import struct
import threading
import time
from pathlib import Path

from hublink_harness import apps, cli, namespaces, peer
from hublink_harness.apps import connect, read_exactly, wait_until
from hublink_harness.case import Scenario
from hublink_harness.network import Network
from hublink_harness.topologies import three_hubs, transfer

from gateways import Gateways, address, gateway, network, pair, ports

OK, FAILED, NOT_ALLOWED, NET_UNREACHABLE, UNREACHABLE, REFUSED = range(6)
V4, NAME, V6 = 1, 3, 4
PORT, NAMED, MAPPED = (ports.take() for _ in range(3))


def machine_addresses():
    """Those of this machine's interfaces, but for loopback: (v4, v6)."""
    v4, v6 = set(), set()
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        try:
            one.connect(("203.0.113.1", 9))  # nothing is sent
            v4.add(one.getsockname()[0])
        except OSError:
            pass
    for line in Path("/proc/net/if_inet6").read_text().splitlines() if Path("/proc/net/if_inet6").exists() else ():
        v6.add(socket.inet_ntop(socket.AF_INET6, bytes.fromhex(line.split()[0])))
    return [a for a in v4 if not a.startswith("127.")], [a for a in v6 if a != "::1" and not a.startswith("fe80")]


class Socks(Gateways):
    """Applications at a SOCKS listener, and servers that must not be reached."""

    def door(self):
        return pair(self.net.topology["nodes"]["Server1"]["proxy"]["socks"])

    def ask(self, kind, host, port, command=1):
        """(reply code, connection, address in the reply)"""
        connection = connect(self.door())
        self.addCleanup(connection.close)
        connection.sendall(b"\5\1\0")
        self.assertEqual(b"\5\0", read_exactly(connection, 2))
        connection.sendall(struct.pack("BBBB", 5, command, 5 if command == 0x83 else 0, kind) + host + struct.pack("!H", port))
        head = read_exactly(connection, 4)
        rest = read_exactly(connection, {1: 6, 4: 18}[head[3]])
        return head[1], connection, (socket.inet_ntoa(rest[:4]), struct.unpack("!H", rest[4:6])[0])

    def ask_text(self, text, port, **options):
        family, kind = (socket.AF_INET6, V6) if ":" in text else (socket.AF_INET, V4)
        return self.ask(kind, socket.inet_pton(family, text), port, **options)

    def ask_name(self, name, port):
        return self.ask(NAME, bytes([len(name)]) + name.encode(), port)

    def at(self, ip, port, how=apps.echo):
        server = apps.TcpServer(how, (ip, port))
        self.servers.append(server)
        return server

    def expect_why(self, words):
        """Waits for it: the application has its reply before the stream is over."""
        wait_until(lambda: words in self.streams("Server1", "--closed")[0]["reason"], f"the reason is listed: {words}")


class OwnMachine(Socks):
    """`allow` has all of both families, and wide networks; but for one address by itself, none of the machine's own."""

    topology = network(2, {})
    topology["nodes"]["Server1"]["proxy"].update(socks=address("127.2.1.1"), called="Server2")
    topology["nodes"]["Server2"]["proxy"]["allow"] = ["0.0.0.0/0:1-65535", "::/0:1-65535", "64:ff9b::/96:1-65535", "192.0.0.0/8:1-65535",
                                                      "10.0.0.0/8:1-65535", f"127.0.0.1:{NAMED}"]
    topology["nodes"]["Server2"]["proxy"]["socks"] = address("127.2.2.1")

    SPELLINGS = ("127.0.0.1", "127.2.2.50", "127.255.255.254", "0.0.0.0", "0.1.2.3", "169.254.169.254", "255.255.255.255", "224.0.0.1",
                 "::1", "::", "fe80::1", "ff02::1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::127.0.0.1",
                 "2002:7f00:1::1", "2001:0:102:304:0:1:80ff:fffe", "2001:db8::5efe:127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe")

    def expect_not_allowed(self, answer):
        self.assertEqual(NOT_ALLOWED, answer[0])

    def test_every_spelling_of_its_addresses(self):
        servers = [self.at(ip, PORT) for ip in ("127.0.0.1", "127.2.2.50", "::1")]
        for text in self.SPELLINGS:
            with self.subTest(text):
                self.expect_not_allowed(self.ask_text(text, PORT))
                self.expect_why("is not in proxy.allow of Server2")
        mapped = bytes(10) + b"\xff\xff" + socket.inet_aton("127.0.0.1")
        self.expect_not_allowed(self.ask(V6, mapped, PORT))
        self.assertEqual([0, 0, 0], [server.count for server in servers])

    def test_addresses_of_its_interfaces(self):
        v4, v6 = machine_addresses()
        if not v4 and not v6:
            self.skipTest("this machine has loopback alone")
        for text in v4:
            with self.subTest(text):
                self.expect_not_allowed(self.ask_text(text, PORT))
                self.expect_not_allowed(self.ask_text("64:ff9b::" + text, PORT))
                self.expect_not_allowed(self.ask(V6, bytes(10) + b"\xff\xff" + socket.inet_aton(text), PORT))
                self.expect_not_allowed(self.ask_name(text, PORT))
        for text in v6:
            with self.subTest(text):
                self.expect_not_allowed(self.ask_text(text, PORT))

    def test_its_node_and_its_listeners(self):
        nodes = self.net.topology["nodes"]
        for text in (nodes["Server2"]["address"], nodes["Server2"]["proxy"]["socks"]):
            with self.subTest(text):
                self.expect_not_allowed(self.ask_text(*pair(text)))

    def test_names_that_lead_there(self):
        """By the C library's own spellings, and by the hosts file."""
        server = self.at("127.0.0.1", PORT)
        for name in ("localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0", "::1", "::ffff:127.0.0.1"):
            with self.subTest(name):
                self.assertIn(self.ask_name(name, PORT)[0], (NOT_ALLOWED, UNREACHABLE))
        self.assertEqual(0, server.count)

    def test_an_address_that_a_rule_names_is_meant(self):
        self.at("127.0.0.1", NAMED)
        for answer in (self.ask_text("127.0.0.1", NAMED), self.ask_name("localhost", NAMED), self.ask_name("127.1", NAMED)):
            code, connection, _ = answer
            self.assertEqual(OK, code)
            connection.sendall(b"hello")
            self.assertEqual(b"hello", read_exactly(connection, 5))

    def test_datagrams(self):
        server = apps.UdpServer(lambda *_: None, ("127.0.0.1", PORT))
        self.servers.append(server)
        before = self.gateways("Server2")["refused"].get("not-allowed", 0)
        texts = ("127.0.0.1", "127.2.2.50", "0.0.0.0", "255.255.255.255", "224.0.0.1", "::1", "64:ff9b::127.0.0.1", *machine_addresses()[0])
        for text in texts:
            code, _, port = self.ask_text(text, PORT, command=0x83)
            self.assertEqual(OK, code)
            with socket.socket(type=socket.SOCK_DGRAM) as one:
                one.sendto(b"hello", port)
                wait_until(lambda: self.gateways("Server2")["refused"].get("not-allowed", 0) > before, f"a refusal of {text}")
            before = self.gateways("Server2")["refused"]["not-allowed"]
        self.assertEqual([], server.seen)


class LoopbackIsNamed(OwnMachine):
    """A rule within 127.0.0.0/8 names loopback, but neither the node's own address nor a listener."""

    topology = network(2, {})
    topology["nodes"]["Server1"]["proxy"].update(socks=address("127.2.1.1"), called="Server2")
    topology["nodes"]["Server2"]["proxy"]["allow"] = ["127.0.0.0/8:1-65535"]
    topology["nodes"]["Server2"]["proxy"]["socks"] = address("127.0.0.1")

    def test_an_address_that_a_rule_names_is_meant(self):
        for ip in ("127.0.0.1", "127.2.2.50"):
            self.at(ip, PORT)
            self.assertEqual(OK, self.ask_text(ip, PORT)[0])

    test_every_spelling_of_its_addresses = test_addresses_of_its_interfaces = test_names_that_lead_there = test_datagrams = None


class Names(Socks):
    """Nobody is asked for a name unless a rule could allow what it leads to: the two servers have a name server that counts."""

    topology = network(2, {})
    nodes = topology["nodes"]
    nodes["Server1"]["proxy"].update(socks=address("127.2.1.1"), called="Server2")
    nodes["Server2"]["proxy"]["allow"] = [f"127.2.2.50:{PORT}"]

    @classmethod
    def setUpClass(cls):
        cls.dns = namespaces.NameServer(cls.topology["nodes"], {"db.plant.example": "127.2.2.50", "rebound.attacker.example": "127.2.2.1"})
        cls.addClassCleanup(cls.dns.close)
        cls.net = Network(cls.topology, cls.dns)
        cls.addClassCleanup(cls._close)
        cls.net.start()

    def test_1_no_rule_has_the_port(self):
        for name in ("stolen-content-1.attacker.example", "stolen-content-2.attacker.example"):
            self.assertEqual(NOT_ALLOWED, self.ask_name(name, 80)[0])
            self.expect_why("no rule in proxy.allow of Server2 has port 80, so")
        self.assertEqual([], self.dns.asked)

    def test_2_a_name_that_a_rule_could_allow(self):
        self.at("127.2.2.50", PORT)
        self.assertEqual(OK, self.ask_name("db.plant.example", PORT)[0])
        self.assertIn("db.plant.example", self.dns.asked)

    def test_3_a_name_that_leads_to_the_gateway_itself(self):
        self.assertEqual(NOT_ALLOWED, self.ask_name("rebound.attacker.example", PORT)[0])


class NamesOfPings(Scenario):
    """A client's ping names hosts that nobody knows; HOST1 is scripted. ServerA asks the system for its own network's names alone."""

    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    topology["nodes"]["ServerC"]["resolver"] = "system"
    started = ("ServerA", "ServerB", "ServerC", "HOST2", "HOST3")

    @classmethod
    def setUpClass(cls):
        names = {"HOST2": "127.1.2.12", "HOST3": "127.1.3.13", "ServerA": "127.1.1.1", "ServerB": "127.1.2.1"}
        cls.dns = namespaces.NameServer(("ServerA", "ServerB", "ServerC"), names)
        cls.addClassCleanup(cls.dns.close)
        cls.net = Network(cls.topology, cls.dns)
        cls.addClassCleanup(cls._close)
        cls.net.start(*cls.started)

    def ping(self, names, node="HOST1", role="client", to="ServerA"):
        link = peer.Link.dial(self.net.address(to), self.net.keys / node, node, role)
        self.addCleanup(link.close)
        return link.ask("open", id=secrets.token_hex(8), kind="ping", transfer=secrets.token_hex(16), attempt=1, budget_ms=5000, hops_left=9, to=names)

    def test_names_of_a_clients_choice(self):
        names = [f"exfil-{i:04}.secret-data.example" for i in range(50)]
        began = time.monotonic()
        self.assertEqual("bad-message", self.ping(names)["code"])
        for name in names[:3]:
            answer = self.ping([name])
            self.assertEqual(("failed", "no-route", "ServerA"), (answer["t"], answer["code"], answer["hop"]))
            self.assertIn("is no node that the definition of ServerA names", answer["text"])
        self.assertLess(time.monotonic() - began, 2)
        self.assertEqual([], [name for name in self.dns.asked if "exfil" in name])

    def test_names_of_a_hubs_choice(self):
        """At a server that leaves names to the system: ServerB is scripted for a moment."""
        answer = self.ping(["exfil-9999.secret-data.example"], node="ServerB", role="server", to="ServerC")
        self.assertEqual(("failed", "no-route", "ServerC"), (answer["t"], answer["code"], answer["hop"]))
        self.assertEqual([], [name for name in self.dns.asked if "exfil" in name])

    def test_names_of_the_network_are_looked_up(self):
        self.expect_exit(cli.DONE, self.net.cli("ServerC", "ping", "HOST2"))
        self.assertIn("HOST2", self.dns.asked)


class Destinations(Gateways):
    """Servers behind a gateway that mean no good, and an honest one beside them."""

    topology = network(2, {name: gateway("Server1", "Server2") for name in ("honest", "flood", "deaf", "slam")})
    topology["gateways"]["chatty"] = {**gateway("Server1", "Server2", reply_timeout_s=1), "protocol": "udp"}
    topology["gateways"]["honest-udp"] = {**gateway("Server1", "Server2"), "protocol": "udp"}

    def echo_time(self):
        began = time.monotonic()
        connection = self.call("honest")
        connection.sendall(b"x" * 1000)
        self.assertEqual(b"x" * 1000, read_exactly(connection, 1000))
        connection.close()
        return time.monotonic() - began

    def usual(self):
        return sorted(self.echo_time() for _ in range(20))[10]

    def test_one_that_sends_without_end_to_who_does_not_read(self):
        self.serve("honest", apps.echo)
        self.serve("flood", lambda connection: [connection.sendall(b"y" * (1 << 20)) for _ in range(1000)])
        usual = self.usual()
        held = [self.call("flood") for _ in range(20)]
        wait_until(lambda: sum(row["bytes_back"] for row in self.streams("Server1") if row["gateway"] == "flood") > 1 << 20, "floods stand")
        self.assertLess(self.usual(), 2 * usual + 0.05)
        for one in held:
            apps.reset(one)

    def test_one_that_never_reads_and_one_that_hangs_up(self):
        self.serve("honest", apps.echo)
        release = threading.Event()
        self.addCleanup(release.set)
        self.serve("deaf", lambda connection: release.wait(20))
        self.serve("slam", apps.reset)
        one = self.call("deaf")
        one.settimeout(0.5)
        with self.assertRaises(TimeoutError):  # as at a server without a gateway: it takes no more
            while True:
                one.sendall(b"z" * (1 << 20))
        for _ in range(50):
            self.expect_refused("slam")
        self.assertLess(self.echo_time(), 2)

    def test_answers_end_with_their_time_however_many_come(self):
        """One datagram, whose sender may be forged, to a server that answers without end: docs/reference/gateways.md, "Where not to listen"."""
        over = threading.Event()
        self.addCleanup(over.set)

        def answer(data, sender, own):
            while not over.is_set():
                own.sendto(b"a" * 1000, sender)
                time.sleep(0.001)

        server = apps.UdpServer(answer, self.of("chatty", "deliver"))
        self.addCleanup(server.close)
        self.addCleanup(over.set)
        one = socket.socket(type=socket.SOCK_DGRAM)
        self.addCleanup(one.close)
        one.settimeout(apps.DEADLINE)
        one.sendto(b"?", self.of("chatty", "listen"))
        one.recv(2000)
        began = last = time.monotonic()
        one.settimeout(1)
        try:
            while time.monotonic() - began < 10:
                one.recv(2000)
                last = time.monotonic()
        except TimeoutError:
            pass
        self.assertLess(last - began, 1.6, "nothing comes back behind reply_timeout_s, for what was asked once")

    def test_answers_from_elsewhere_reach_nobody(self):
        elsewhere = socket.socket(type=socket.SOCK_DGRAM)
        elsewhere.bind(("127.2.2.50", 0))
        self.addCleanup(elsewhere.close)

        def answer(data, sender, own):
            elsewhere.sendto(b"forged", sender)
            own.sendto(b"true", sender)

        server = apps.UdpServer(answer, self.of("honest-udp", "deliver"))
        self.servers.append(server)
        one = socket.socket(type=socket.SOCK_DGRAM)
        self.addCleanup(one.close)
        one.settimeout(apps.DEADLINE)
        one.sendto(b"?", self.of("honest-udp", "listen"))
        self.assertEqual(b"true", one.recv(100))
        one.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            one.recv(100)
        self.assertEqual(1, self.gateways("Server2")["flows"]["called"]["wrong_source"])
