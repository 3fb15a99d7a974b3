"""Trust that ended: certificates that expire, rights that a definition takes away, state that is put back on disk, a hub that hands on
what is old, or makes a status up. Real nodes, and short-lived certificates of the network's own CA."""
import json
import os
import shutil
import socket
import subprocess
import time
from datetime import datetime, timedelta, timezone

from hublink_harness import apps, cbor, cli
from hublink_harness.managed import managed
from hublink_harness.network import Network
from hublink_harness.topologies import chain, three_hubs, transfer

from apply import Applying

CA_CONFIG = """
[ca]
default_ca = it
[it]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = node
unique_subject = no
[any]
commonName = supplied
organizationalUnitName = supplied
[node]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyAgreement
extendedKeyUsage = serverAuth,clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def openssl(*words, **options):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ends_in(net, node, seconds):
    """Gives the node a certificate of the network's CA that ends so soon; its key stays."""
    keys = net.own_keys()
    folder = net.directory / f"ca-of-{node}"
    folder.mkdir()
    (folder / "index.txt").write_text("")
    (folder / "ca.cnf").write_text(CA_CONFIG.format(folder=folder))
    role = net.topology["nodes"][node]["role"]
    openssl("req", "-new", "-key", keys / node / "key.pem", "-subj", f"/OU={role}/CN={node}", "-out", folder / "csr.pem")
    end = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    text = "%y%m%d%H%M%SZ"
    openssl("ca", "-batch", "-notext", "-config", folder / "ca.cnf", "-cert", keys / "ca/cert.pem", "-keyfile", keys / "ca/key.pem",
            "-in", folder / "csr.pem", "-out", keys / node / "cert.pem", "-preserveDN",
            "-startdate", (end - timedelta(days=1)).strftime(text), "-enddate", end.strftime(text))


def statement(kind, body, keys):
    """A signed record, as docs/protocol/links.md has it."""
    packed = cbor.encode(body)
    signed = f"hublink 1 {kind}\0".encode() + bytes(32) + packed
    signature = openssl("dgst", "-sha256", "-sign", keys / "key.pem", input=signed)
    certificate = openssl("x509", "-in", keys / "cert.pem", "-outform", "DER")
    return cbor.encode({"body": packed, "sig": signature, "cert": certificate})


def ended_within(connection, seconds):
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


class Expired(Applying):
    """ServerB's certificate ends a few seconds after all has begun; HOST3 and ServerC go on as if nothing was."""
    LIFE = 25  # for the start, a login and an apply on a busy machine
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2", rate=100_000), FILE03=transfer("HOST1", "HOST3")))
    topology["nodes"]["HOST2"]["dial"] = "out"

    @classmethod
    def prepare(cls, net):
        cls.port, cls.other = net.ports.take(), net.ports.take()
        cls.echo = apps.TcpServer(lambda connection: connection.sendall(connection.recv(100)) or time.sleep(60), ("127.1.2.50", 0))
        cls.begun = time.monotonic()
        ends_in(net, "ServerB", cls.LIFE)

    @classmethod
    def gateways(cls, net):
        for server in ("ServerA", "ServerB"):
            net["nodes"][server]["proxy"] = {"enabled": True}
        net["gateways"] = {"db": {"protocol": "tcp", "calling": "ServerA", "called": "ServerB", "listen": f"127.1.1.1:{cls.port}",
                                  "deliver": "%s:%d" % cls.echo.address}}

    def test_all_of_it_ends(self):
        self.expect_exit(cli.DONE, self.login())
        self.applied(self.gateways)
        self.net.traces.until(lambda: [link["state"] for link in self.net.cli("ServerA", "gateways", "--json").json()["links"]] == ["up"],
                              "the gateway link")
        status = {row["node"]: row["certificate"] for row in self.net.cli("MGR", "status", "--json").json()}
        self.assertEqual("expires-soon", status["ServerB"]["state"])
        self.assertEqual("valid", status["ServerA"]["state"])
        self.assertIn("expires at", self.net.cli("ServerB", "status").out)
        self.net.write("HOST1", "out/FILE01", 5_000_000)
        sent = self.net.send("HOST1", "FILE01")
        self.net.traces.expect("HOST2", "told", transfer=sent)
        application = apps.connect(("127.1.1.1", self.port))
        application.sendall(b"before")
        self.assertEqual(b"before", application.recv(10))
        left = self.begun + self.LIFE - time.monotonic()
        self.assertGreater(left, 0, "the test took too long to begin")
        self.assertTrue(ended_within(application, left + 10), "a gateway's stream outlives its certificate")
        self.net.traces.until(lambda: not self.linked("ServerA", "ServerB"), "no link to ServerB", 10)
        self.net.traces.until(lambda: not self.linked("HOST2", "ServerB"), "no link of a client to ServerB", 10)
        self.net.traces.expect("MGR", "session_lost", server="ServerB")
        self.net.traces.expect("HOST2", "closed", transfer=sent)
        links = self.net.cli("ServerA", "gateways", "--json").json()["links"]
        self.assertFalse([link for link in links if link["state"] == "up"], links)
        self.assertIn("certificate", self.net.running["ServerB"].logged())
        self.assertEqual("ended", self.net.cli("ServerB", "status", "--json").json()["certificate"]["state"])
        self.assertTrue(self.linked("ServerA", "ServerC") or self.linked("ServerC", "ServerA"))
        source = self.net.write("HOST1", "out/FILE03", 10_000)
        self.expect_received("HOST3", self.send_and_wait("HOST1", "FILE03"), source)

    def linked(self, at, peer):
        return any(link["up"] for link in self.net.cli(at, "status", "--json").json()["links"] if link["peer"] == peer)


class TakenAway(Applying):
    """What a definition grants no more ends within a minute; everything else goes on."""
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2", rate=20_000), FILE02=transfer("HOST2", "HOST1", rate=20_000)))

    @classmethod
    def prepare(cls, net):
        cls.ports = [net.ports.take() for _ in range(2)]
        cls.echo = apps.TcpServer(lambda connection: connection.sendall(connection.recv(100)) or time.sleep(90), ("127.1.2.50", 0))

    def setUp(self):
        self.logged_in()

    def gateways(self, net, *names):
        for server in ("ServerA", "ServerB"):
            net["nodes"][server]["proxy"] = {"enabled": True}
        net["gateways"] = {name: {"protocol": "tcp", "calling": "ServerA", "called": "ServerB", "listen": f"127.1.1.1:{port}",
                                  "deliver": "%s:%d" % self.echo.address}
                           for name, port in zip(("db", "web"), self.ports, strict=True) if name in names}

    def gateway_is_up(self):
        return [link["state"] for link in self.net.cli("ServerA", "gateways", "--json").json()["links"]] == ["up"]

    def application(self, port):
        application = apps.connect(("127.1.1.1", port))
        application.sendall(b"hello")
        self.assertEqual(b"hello", application.recv(10))
        return application

    def test_a_gateway_pair(self):
        self.applied(lambda net: self.gateways(net, "db", "web"))
        self.net.traces.until(self.gateway_is_up, "the gateway link")
        gone, stays = map(self.application, self.ports)
        self.applied(lambda net: self.gateways(net, "web"))
        self.assertTrue(ended_within(gone, 10))
        self.assertFalse(ended_within(stays, 1))
        streams = self.net.cli("ServerB", "streams", "--json").json()
        self.assertEqual(["web"], [stream["gateway"] for stream in streams])
        self.applied()
        self.assertTrue(ended_within(stays, 10))

    def test_a_file_and_a_client(self):
        """HOST1 sends FILE01 no more; its link, and FILE02, go on."""
        sent = {}
        for file, node in (("FILE01", "HOST1"), ("FILE02", "HOST2")):
            self.net.write(node, f"out/{file}", 2_000_000)
            sent[file] = self.net.send(node, file)
        self.net.traces.expect("HOST2", "told", transfer=sent["FILE01"])
        self.net.traces.expect("HOST1", "told", transfer=sent["FILE02"])

        def without(net):
            del net["transfers"]["FILE01"]

        self.applied(without)
        for node in ("HOST2", "ServerA"):
            self.net.traces.expect(node, "closed", transfer=sent["FILE01"], within=40)
        states = {row["transfer"]: row for row in self.net.cli("HOST1", "history", "--json").json()}
        self.net.traces.until(lambda: self.state("HOST1", sent["FILE01"]) == "failed", "FILE01 has failed", 30)
        self.assertIn("FILE01", self.row("HOST1", sent["FILE01"])["reason"])
        self.assertEqual("running", self.state("HOST2", sent["FILE02"]), states)
        self.net.cli("HOST2", "cancel", sent["FILE02"])

    def row(self, node, sent):
        rows = self.net.cli(node, "transfers", "--json").json() + self.net.cli(node, "history", "--json").json()
        return next(row for row in rows if row["transfer"] == sent)

    def state(self, node, sent):
        return self.row(node, sent)["state"]


class OnDisk(Applying):
    """What lies in a node's directory counts only as far as somebody signed it who may."""
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))

    @classmethod
    def prepare(cls, net):
        net.own_keys()

    def setUp(self):
        self.logged_in()

    def refused(self, node, *words):
        result = cli.run(*self.net.run_command(node), deadline=10)
        self.expect_exit(cli.USAGE, result)
        lines = result.err.strip().splitlines()
        self.assertEqual(1, len(lines), result)
        for word in words:
            self.assertIn(word, lines[-1])

    def stored(self, node="HOST1"):
        return self.net.data(node) / "definition.signed"

    def changed_content(self):
        body = cbor.decode(cbor.decode(self.stored().read_bytes())["body"])
        content = json.loads(body["content"])
        content["sends"]["FILE01"]["path"] = "/etc/passwd"
        return {**body, "content": json.dumps(content).encode()}

    def test_a_definition_that_no_manager_signed(self):
        self.applied()
        self.net.stop("HOST1")
        genuine = self.stored().read_bytes()
        self.addCleanup(self.put_back, genuine)
        stranger = self.net.directory / "stranger"
        stranger.mkdir()
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", stranger / "key.pem",
                "-out", stranger / "cert.pem", "-subj", "/OU=manager/CN=MGR", "-days", "9")
        for keys in (stranger, self.net.keys / "ServerA", self.net.keys / "HOST1"):
            with self.subTest(keys):
                self.stored().write_bytes(statement("definition", self.changed_content(), keys))
                self.refused("HOST1", "definition.signed")

    def put_back(self, genuine):
        self.stored().write_bytes(genuine)
        self.net.start("HOST1")

    def test_an_older_definition(self):
        self.applied()
        older = self.stored().read_bytes()
        self.applied()
        newest = self.stored().read_bytes()
        self.net.stop("HOST1")
        self.addCleanup(self.put_back, newest)
        self.stored().write_bytes(older)
        self.refused("HOST1", "definition.signed", "had version")

    def test_an_older_list(self):
        self.applied()
        self.expect_exit(cli.DONE, cli.run("keys", "revoke", "HOST3", "--out", self.net.keys))
        self.net.cli("MGR", "apply")
        self.net.traces.until(lambda: (self.net.data("HOST2") / "crl.pem").exists(), "the list at HOST2")
        self.net.stop("HOST2")
        self.addCleanup(self.net.start, "HOST2")
        newest = (self.net.data("HOST2") / "crl.pem").read_bytes()
        (self.net.data("HOST2") / "crl.pem").unlink()
        folder = self.net.keys / "HOST2"
        in_folder = (folder / "crl.pem").read_bytes()
        (folder / "crl.pem").write_bytes((self.net.directory / "first.crl").read_bytes())
        self.refused("HOST2", "known.signed", "crl.pem")
        (folder / "crl.pem").write_bytes(in_folder)
        (self.net.data("HOST2") / "crl.pem").write_bytes(newest)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.copy(cls.net.keys / "HOST2" / "crl.pem", cls.net.directory / "first.crl")


class Joining(Applying):
    """A node without a directory takes nothing older than what a manager calls the newest."""
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))
    started = ("MGR", "ServerA", "ServerB", "ServerC", "HOST1", "HOST2")

    def kept(self):
        return self.net.data("ServerC") / "definitions" / "HOST3.signed"

    def waits_for(self, words):
        log = self.net.directory / "HOST3.log"
        self.net.traces.until(lambda: words in log.read_text(), f"HOST3 says: {words}")

    def test_a_hub_that_hands_on_an_old_one(self):
        self.expect_exit(cli.DONE, self.login())
        self.apply(self.with_file("OLD"))
        self.net.traces.until(self.kept().exists, "ServerC keeps the definition of HOST3")
        old, old_word = self.kept().read_bytes(), (self.net.data("ServerC") / "known.signed").read_bytes()
        self.apply(self.with_file("NEW"))
        newest = self.kept().read_bytes()
        self.assertNotEqual(old, newest)
        self.net.stop("ServerC")
        self.kept().write_bytes(old)
        self.net.start("ServerC")
        self.net.joins["HOST3"] = self.net.topology["nodes"]["ServerC"]["address"]
        joining = self.net.begin("HOST3")
        self.waits_for("calls the newest")
        self.assertFalse((self.net.data("HOST3") / "definition.signed").exists())
        self.expect_exit(cli.DONE, self.login())  # the manager finds what is missing, and brings it
        joining.wait_ready(time.monotonic() + 20)
        self.assertIn(b"NEW", (self.net.data("HOST3") / "definition.signed").read_bytes())
        self.net.stop("HOST3")
        self.lost_directory()
        del old_word

    def lost_directory(self):
        """It starts by its topology file, and is handed the newest at once."""
        shutil.rmtree(self.net.data("HOST3"))
        self.net.data("HOST3").mkdir()
        del self.net.joins["HOST3"]
        self.net.start("HOST3")
        self.expect_exit(cli.DONE, self.net.cli("HOST3", "ping", "ServerC"))
        self.net.traces.until((self.net.data("HOST3") / "definition.signed").exists, "the newest definition at HOST3")


class Status(Applying):
    """A client's status is its own: nobody on the way can make one up."""
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))

    def setUp(self):
        self.logged_in()

    def test_it_is_signed(self):
        rows = {row["node"]: row for row in self.net.cli("MGR", "status", "--json").json()}
        self.assertEqual({"HOST1", "HOST2", "HOST3", "ServerA", "ServerB", "ServerC"}, set(rows))
        answer = self.net.ask("HOST1", verb="status", nonce="0" * 32)
        signed = cbor.decode(cbor.decode(bytes.fromhex(answer["status"]["signed"]))["body"])
        self.assertEqual("0" * 32, signed["nonce"])
        self.assertEqual("HOST1", json.loads(signed["content"])["node"])
        self.assertNotIn("signed", self.net.cli("HOST1", "status", "--json").json())
