"""Nobody takes all of something: one client, one account or one stranger that takes what it can, beside an honest network."""
import secrets
import socket
import ssl
import statistics
import threading
import time
from pathlib import Path

from hublink_harness import apps, cbor, cli, peer, scripted_peer
from hublink_harness.managed import Managed, managed
from hublink_harness.network import Ports
from hublink_harness.topologies import client, three_hubs, transfer

ports = Ports()
CIRCUITS = 64  # a neighbour
SPOOL = 8 << 20
SLACK = 0.15  # s: of a machine that others use, too


def resident_kib(pid):
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])


def pair(text):
    ip, port = text.rsplit(":", 1)
    return ip, int(port)


def network():
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), FILE03=transfer("HOST1", "HOST2", "HOST3"),
                                  EVILF=transfer("EVIL", "HOST2"), EVILB=transfer("EVIL", "HOST2", "HOST3")))
    nodes = topology["nodes"]
    nodes["EVIL"] = client("127.1.1.66", "ServerA")
    for name in ("ServerA", "ServerB"):
        nodes[name].update(proxy={"enabled": True}, limits={"circuits": CIRCUITS, "spool": SPOOL})
    topology["gateways"] = {"db": {"protocol": "tcp", "calling": "ServerA", "listen": f"127.1.1.1:{ports.take()}", "called": "ServerB",
                                   "deliver": f"127.1.2.50:{ports.take()}"}}
    return topology


class Attack(threading.Thread):
    """Does `step` again and again while it is on. What it runs into (a node that hangs up) is no failure of the test."""

    def __init__(self, step):
        super().__init__(daemon=True)
        self._step, self._on, self._idle, self._over, self.steps = step, threading.Event(), threading.Event(), False, 0
        self._idle.set()
        self.start()

    def run(self):
        while not self._over:
            if not self._on.wait(0.1):
                continue
            self._idle.clear()
            while self._on.is_set():
                self.steps += 1
                try:
                    self._step()
                except (peer.Ended, OSError, ssl.SSLError):
                    pass
            self._idle.set()

    def __enter__(self):
        self._on.set()

    def __exit__(self, *_):
        self._on.clear()
        self._idle.wait(10)

    def end(self):
        self._over = True
        self._on.clear()
        self.join(10)


class Shares(Managed):
    topology = network()
    started = ("ServerA", "ServerB", "ServerC", "HOST1", "HOST2", "HOST3", "MGR")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = apps.TcpServer(apps.echo, pair(cls.topology["gateways"]["db"]["deliver"]))
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        self.evil = scripted_peer.Identity(self.net, "EVIL")
        self.net.write("HOST1", "out/FILE01", 1000)
        apps.wait_until(self.gateway, "the gateway carries")
        self.send_and_wait("HOST1", "FILE01")

    # -- the honest network

    def gateway(self):
        try:
            with apps.connect(pair(self.net.topology["gateways"]["db"]["listen"])) as application:
                application.sendall(b"hello")
                return apps.read_exactly(application, 5) == b"hello"
        except (OSError, EOFError):
            return False

    def honest(self):
        """Seconds of each thing that honest nodes do."""
        took = {}

        def timed(name, work):
            began = time.monotonic()
            work()
            took[name] = time.monotonic() - began

        timed("send", lambda: self.send_and_wait("HOST1", "FILE01"))
        timed("gateway", lambda: self.assertTrue(self.gateway()))
        timed("login", lambda: self.expect_exit(cli.DONE, self.login()))
        self.net.cli("MGR", "logout")
        return took

    def expect_no_harm(self, attack, rounds=3):
        """The honest network's medians with the attack and without it, in turn: what else the machine does slows down both.
        Where it did more in one of the two, they are taken anew, twice at most."""
        self.addCleanup(attack.end)
        for _ in range(3):
            harm = self.harm_of(attack, rounds)
            if not harm:
                break
        self.assertGreater(attack.steps, 0)
        self.assertEqual([], harm)

    def harm_of(self, attack, rounds):
        usual, under = [], []
        for _ in range(rounds):
            usual.append(self.honest())
            with attack:
                under.append(self.honest())
        harm = []
        for name in usual[0]:
            before, beside = (statistics.median(each[name] for each in all_of) for all_of in (usual, under))
            if beside > 2 * before + SLACK:
                harm.append(f"{name}: {before:.3f} s, beside the attack {beside:.3f} s")
        return harm

    # -- what one client asks its home server for

    def link(self):
        link = self.evil.link("ServerA")
        self.addCleanup(link.close)
        return link

    def told_of_evil(self):
        return self.net.traces.all(node="ServerA", event="told", **{"from": "EVIL"})

    def test_circuits_between_two_hubs(self):
        link, held = self.link(), []
        while (answer := link.open("EVILF", ["HOST2"]))["t"] == "opened":
            accepted, sock = peer.show_token(self.net.address("ServerA"), answer["token"])
            self.assertTrue(accepted)
            self.addCleanup(sock.close)
            held.append(sock)
            self.assertLessEqual(len(held), CIRCUITS)  # some of them over the third hub
        self.assertEqual(("busy", "ServerA"), (answer["code"], answer["hop"]), answer)
        self.assertGreater(len(held), CIRCUITS / 2)
        self.expect_no_harm(Attack(lambda: link.open("EVILF", ["HOST2"])))

    def test_opens_that_are_refused(self):
        link, number = self.link(), 0
        names = [f"n{i:04}xxxxxxxx" for i in range(4000)]
        opens = [cbor.encode({"t": "open", "n": i, "id": secrets.token_hex(8), "kind": "transfer", "transfer": secrets.token_hex(16),
                              "attempt": 1, "budget_ms": 1, "hops_left": 1, "file": "NOSUCH", "to": names}) for i in range(8)]

        def flood():
            nonlocal number
            for frame in opens:
                number += 1
                link.send_frame(frame)
            for _ in opens:
                link.receive_kind("failed")

        trace = self.net.data("ServerA") / "events.jsonl"
        before, told_before = trace.stat().st_size, len(self.told_of_evil())
        self.expect_no_harm(Attack(flood))
        self.assertGreater(number, 20)
        self.assertLess(trace.stat().st_size - before, 512 << 10)
        single = len(self.told_of_evil()) - told_before
        self.assertLess(single, 20)
        # The end of the minute, or of the node, brings the sum.
        self.net.stop("ServerA")
        sums = [event for event in self.net.traces.all(node="ServerA", event="refused") if "count" in event]
        self.assertIn("more opens of EVIL in the last minute: unknown-file", sums[-1]["reason"])
        self.assertLessEqual(number, single + sum(event["count"] for event in sums) + 16)
        self.net.start("ServerA")

    def test_names_that_a_ping_brings_along(self):
        answer = self.link().ask("open", id=secrets.token_hex(8), kind="ping", transfer=secrets.token_hex(16), attempt=1,
                                 budget_ms=3000, hops_left=9, to=[f"exfil{i}.example" for i in range(50)])
        self.assertEqual(("failed", "bad-message"), (answer["t"], answer["code"]), answer)

    def test_links_of_one_client(self):
        links = [self.another_link() for _ in range(40)]
        self.assertTrue(links[0].wait_end())
        self.assertTrue(links[35].wait_end())
        for link in links[36:]:
            self.assertTrue(link.alive())
        self.expect_no_harm(Attack(lambda: self.another_link().close()), rounds=2)

    def another_link(self):
        """Of the same process, as it says: so none of them is dead."""
        link = peer.Link.dial(self.net.address("ServerA"), self.evil.keys, "EVIL", "client", greet=False)
        self.addCleanup(link.close)
        link.send("hello", oldest=1, newest=1, name="EVIL", role="client", incarnation=77)
        link.receive_kind("hello")
        return link

    # -- before anybody is known

    def test_handshakes_of_strangers(self):
        """From many addresses, without a certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        number = 0

        def shake():
            nonlocal number
            number += 1
            sock = socket.create_connection(self.net.address("ServerA"), 10, (f"127.66.0.{1 + number % 100}", 0))
            with context.wrap_socket(sock) as stranger:
                stranger.settimeout(10)
                stranger.recv(1)

        self.expect_no_harm(Attack(shake))

    def test_a_greeting_is_short(self):
        link = peer.Link.dial(self.net.address("ServerA"), self.evil.keys, "EVIL", "client", greet=False)
        self.addCleanup(link.close)
        link.send_raw((2000).to_bytes(4, "big") + bytes(100))
        self.assertTrue(link.wait_end())

    def test_a_command_in_parts_before_login(self):
        before = resident_kib(self.net.running["ServerA"].pid)
        manager = scripted_peer.Identity(self.net, "MGR")
        for identity in (manager, self.evil):
            for _ in range(4):
                session = scripted_peer.Session(identity, "ServerA")
                self.addCleanup(session.close)
                sent = 0
                with self.assertRaises((peer.Ended, OSError)):
                    while sent < 64 << 20:
                        session.send(b"x" * 32_768, more=True)
                        sent += 32_768
        self.assertLess(resident_kib(self.net.running["ServerA"].pid) - before, 16 << 10)

    # -- the spool

    def claim(self, size):
        """An offer of a broadcast that says so of itself; the answer's kind."""
        sender = scripted_peer.Sender(self.evil, "ServerA", "EVILB", ["ServerB"])
        self.addCleanup(sender.close)
        sender.offer(to_receivers=False, broadcast=True, size=size)
        return sender.answer()[0]

    def test_room_that_is_only_claimed(self):
        for _ in range(6):
            self.claim(SPOOL * 6 // 10)
        self.assertEqual("refusal", self.claim(SPOOL))
        source = self.net.write("HOST1", "out/FILE03", SPOOL * 6 // 10)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "FILE03"), source)
        for server in ("ServerA", "ServerB"):
            self.net.stop(server)
            self.net.start(server)
        self.expect_received("HOST3", self.send_and_wait("HOST1", "FILE03"), source)
