"""Certificates are renewed while nodes run, and nobody who uses the network notices. HUBLINK_RENEWAL_LIFE is how long the first ones
live, in seconds, and each one after it as long; HUBLINK_RENEWAL_SECONDS how long the network is used: 180 and 1800 for the long run."""
import os
import shutil
import threading
import time
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from hublink_harness import apps, cli
from hublink_harness.managed import managed
from hublink_harness.topologies import client, three_hubs, transfer

from apply import Applying

LIFE = int(os.environ.get("HUBLINK_RENEWAL_LIFE", "40"))
SECONDS = int(os.environ.get("HUBLINK_RENEWAL_SECONDS", "75"))


def lives_for(keys, node, seconds, lived=2):
    """A certificate of that CA for the node's key, in place of the one that it has, as the CA keeps those that it made; it has lived so long."""
    ca_key = serialization.load_pem_private_key((keys / "ca/key.pem").read_bytes(), None)
    ca = x509.load_pem_x509_certificate((keys / "ca/cert.pem").read_bytes())
    before = x509.load_pem_x509_certificate((keys / node / "cert.pem").read_bytes())
    begin = datetime.now(timezone.utc) - timedelta(seconds=lived)
    made = (x509.CertificateBuilder().subject_name(before.subject).issuer_name(ca.subject).public_key(before.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(begin + timedelta(seconds=seconds)))
    for extension in before.extensions:
        made = made.add_extension(extension.value, extension.critical)
    pem = made.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (keys / node / "cert.pem").write_bytes(pem)
    (keys / "ca/issued" / f"{node}.pem").write_bytes(pem)


class Shortlived(Applying):
    """All certificates are made anew, with a short life; the manager has the CA, if somebody is to have it."""
    life, lived = LIFE, 2
    entrusted = True

    @classmethod
    def prepare(cls, net):
        keys = net.own_keys()
        for node in net.topology["nodes"]:
            lives_for(keys, node, cls.life, cls.lived)
        for recipients in keys.glob("*/recipients.pem"):
            names = [x509.load_pem_x509_certificate(part.encode() + b"-----END CERTIFICATE-----\n").subject
                     .get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
                     for part in recipients.read_text().split("-----END CERTIFICATE-----\n") if part.strip()]
            recipients.write_text("".join((keys / name / "cert.pem").read_text() for name in names))
        if cls.entrusted:
            done = cli.run("keys", "entrust", "--out", keys, "--data", net.data("MGR"))
            assert done.code == cli.DONE, str(done)
        shutil.rmtree(keys / "ca")

    def renewals(self, node):
        return self.net.traces.all(node=node, event="renewed")

    def certificate_of(self, node):
        """As it stands by the node's own word."""
        rows = self.net.cli(node, "certificates", "--json").json()
        return next(row for row in rows if row["node"] == node)


class Use:
    """Somebody who does something again and again until all is over; what went wrong is kept."""

    def __init__(self, what, every=0.0):
        self.what, self.every, self.times, self.problem = what, every, 0, None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while not self.over.is_set():
                self.what()
                self.times += 1
                self.over.wait(self.every)
        except Exception as error:  # shown where the test looks at it
            self.problem = error

    def end(self):
        self.over.set()
        self.thread.join(60)


class Running(Shortlived):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), FILE02=transfer("HOST3", "HOST1"),
                                  FILE04=transfer("HOST1", "HOST2", "HOST3"), FILE05=transfer("HOST2", "HOST3", store="always")))
    topology["nodes"]["HOST4"] = client("127.1.3.14", "ServerC")
    for _server in ("ServerA", "ServerB"):
        topology["nodes"][_server]["proxy"] = {"enabled": True}

    @classmethod
    def setUpClass(cls):
        gateway = {"protocol": "tcp", "calling": "ServerA", "called": "ServerB"}
        for key, ip in (("listen", "127.1.1.1"), ("deliver", "127.1.2.50")):
            with apps.socket.create_server((ip, 0)) as free:
                gateway[key] = f"{ip}:{free.getsockname()[1]}"
        cls.topology["gateways"] = {"echo": gateway}
        super().setUpClass()

    def setUp(self):
        self.logged_in()
        self.applied()

    def place(self, key):
        ip, port = self.net.topology["gateways"]["echo"][key].rsplit(":", 1)
        return ip, int(port)

    def test_nobody_notices(self):
        self.nodes = [node for node in self.net.topology["nodes"] if node != "HOST4"]
        first = {node: self.certificate_of(node)["until"] for node in self.nodes}
        server = apps.TcpServer(apps.echo, self.place("deliver"))
        self.addCleanup(server.close)
        self.whole_run = apps.connect(self.place("listen"))
        self.addCleanup(self.whole_run.close)
        self.arriving = []  # (transfer, its receivers)
        uses = {what: Use(getattr(self, what), every) for what, every in
                (("sends", 0.5), ("sends_the_other_way", 1), ("broadcasts", 2), ("stores", 2), ("echoes", 0.3), ("calls", 1), ("manages", 3))}
        self.revoke_one()
        self.await_the_end(uses)
        for what, use in uses.items():
            use.end()
            self.assertIsNone(use.problem, what)
            self.assertGreater(use.times, 3, what)
        for transfer, receivers in self.arriving:
            for node in receivers:
                self.net.traces.expect(node, "received", transfer=transfer, within=20)
        self.expect_no_failed_attempt()
        self.expect_renewed(first)
        self.what_is_left()

    # -- who uses the network

    def sent(self, node, file, size):
        self.net.write(node, f"out/{file}", size)
        done = self.net.cli(node, "send", file, "--wait")
        assert done.code == cli.DONE, str(done)
        return done.out.split()[0]

    def sends(self):
        self.sent("HOST1", "FILE01", 300_000)

    def sends_the_other_way(self):
        self.sent("HOST3", "FILE02", 1_000)

    def broadcasts(self):
        self.arriving.append((self.sent("HOST1", "FILE04", 50_000), ("HOST2", "HOST3")))

    def stores(self):
        self.arriving.append((self.sent("HOST2", "FILE05", 20_000), ("HOST3",)))

    def echoes(self):
        """One stream, all the time."""
        said = os.urandom(5_000)
        self.whole_run.sendall(said)
        assert apps.read_exactly(self.whole_run, len(said)) == said

    def calls(self):
        with apps.connect(self.place("listen")) as connection:
            connection.sendall(b"hello")
            assert apps.read_exactly(connection, 5) == b"hello"

    def manages(self):
        states = {server: row["state"] for server, row in self.sessions().items()}
        assert set(states.values()) == {"in"}, states

    # -- and what comes of it

    def revoke_one(self):
        self.expect_exit(cli.DONE, self.net.cli("MGR", "revoke", "HOST4", "--json"))

    def await_the_end(self, uses):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and not any(use.problem for use in uses.values()):
            threading.Event().wait(1)

    def expect_no_failed_attempt(self):
        self.assertEqual([], [event for event in self.net.traces.all(event="closed") if event["result"] != "done"
                              and event.get("kind") in ("transfer", "request")])
        again = [event for event in self.net.traces.all(event="told") if event.get("attempt", 1) > 1]
        self.assertEqual([], [event for event in again if event["file"] != "FILE05"])  # who stored it asks what became of it
        self.assertEqual([], self.net.traces.all(event="session_lost"))
        for node in ("HOST1", "HOST2", "HOST3"):
            # Who stored a file asks at growing distances what became of it.
            self.net.traces.until(lambda node=node: all(row["state"] != "spooled" for row in self.history(node)), f"{node} knows of all", 150)
            self.assertEqual([], [row for row in self.history(node) if row["state"] != "done"])
            self.assertEqual([], [row for row in self.history(node) if row.get("attempts", 1) > 1 and row["file"] != "FILE05"])

    def history(self, node):
        return self.net.cli(node, "history", "--json").json()

    def expect_renewed(self, first):
        for node in self.nodes:
            events, now = self.renewals(node), self.certificate_of(node)
            self.assertGreaterEqual(len(events), SECONDS // LIFE, node)
            self.assertEqual(first[node], events[0]["before"])
            self.assertLess(first[node], now["until"])
            self.assertIn("renews", now)
        self.assertEqual([], self.renewals("HOST4"))
        self.assertFalse(list(self.net.data("HOST4").glob("keys.renewed/[0-9]*")))

    def what_is_left(self):
        """Two pairs at most: that in use, and the one before it. A backup has the one in use; a node starts anew with it."""
        folders = sorted(self.net.data("HOST2").glob("keys.renewed/[0-9]*"), key=lambda path: int(path.name))
        self.assertLessEqual(len(folders), 2)
        self.assertEqual(0o600, (folders[-1] / "key.pem").stat().st_mode & 0o777)
        backup, restored = self.net.directory / "HOST2.backup", self.net.directory / "restored"
        self.expect_exit(cli.DONE, self.net.cli("HOST2", "backup", backup, "--keys", self.net.keys / "HOST2"))
        restored.mkdir(mode=0o700)
        self.expect_exit(cli.DONE, cli.run("restore", backup, "--data", restored / "data", "--keys", restored / "keys"))
        newest = max(self.net.data("HOST2").glob("keys.renewed/[0-9]*"), key=lambda path: int(path.name))
        self.assertIn((restored / "keys/key.pem").read_text(), [(folder / "key.pem").read_text() for folder in {folders[-1], newest}])
        self.net.stop("HOST2")
        self.net.start("HOST2")
        self.send_and_wait("HOST1", "FILE01")


class ByHand(Shortlived):
    """Certificates that are not due yet, and have lived for more than half of their time."""
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))
    life, lived = 4000, 2200

    def setUp(self):
        self.logged_in()

    def until_of(self, node):
        return self.certificate_of(node)["until"]

    def test_a_node_is_renewed_when_somebody_says_so(self):
        for node, words in (("HOST1", ("MGR", "renew", "--at", "HOST1")), ("ServerB", ("MGR", "renew", "--at", "ServerB")),
                            ("MGR", ("MGR", "renew")), ("HOST2", ("HOST2", "renew")), ("ServerC", ("ServerC", "renew"))):
            with self.subTest(node):
                before = self.until_of(node)
                said = self.expect_exit(cli.DONE, self.net.cli(*words, "--json")).json()
                self.assertGreater(said["until"], before)
                self.assertEqual(said["until"], self.until_of(node))
                self.assertEqual(said["until"], self.net.traces.expect(node, "renewed")["until"])
                again = self.net.cli(*words)
                self.expect_refusal(again, cli.REFUSED, node, "half of its time")
        self.net.write("HOST1", "out/FILE01", 1000)
        self.send_and_wait("HOST1", "FILE01")

    def test_what_comes_too_early_changes_no_plan(self):
        self.expect_exit(cli.DONE, self.net.cli("HOST3", "renew"))
        planned = self.certificate_of("HOST3")["renews"]
        self.expect_refusal(self.net.cli("HOST3", "renew"), cli.REFUSED, "half of its time")
        row = self.certificate_of("HOST3")
        self.assertEqual((planned, None), (row["renews"], row.get("not_renewed")))

    def test_a_name_that_is_none(self):
        self.expect_refusal(self.net.cli("MGR", "renew", "--at", "HOST9"), cli.USAGE, "HOST9", "server or client")


class NobodySigns(Shortlived):
    """No manager has the CA: each node says so once, and in its status, and asks again."""
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))
    started = ("ServerA", "HOST1", "MGR")
    life, entrusted = 30, False

    def said(self, node):
        return [line for line in (self.net.data(node) / "hublink.log").read_text().splitlines() if "is not renewed yet" in line]

    def test_why_there_is_none(self):
        def why(node):
            return self.certificate_of(node).get("not_renewed", "")

        for node in self.started:
            if node != "MGR":  # nobody is logged in there, who could ask
                self.net.traces.until(lambda node=node: why(node), f"{node} says why", 28)
                self.assertIn("no manager that signs", why(node))
            self.net.traces.until(lambda node=node: self.said(node), f"the log of {node} says why", 28)
        for node in self.started:
            lines = self.said(node)
            self.assertEqual(1, len(lines), lines)
            self.assertIn(f"the certificate of {node}", lines[0])
            self.assertEqual([], self.renewals(node))
