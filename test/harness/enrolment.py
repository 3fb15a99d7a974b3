"""Nodes that make their key themselves: by a one-time code, whatever stands between them and the manager, and by files."""
import shutil
import socket
import threading
import time

from hublink_harness import cbor, cli
from hublink_harness.managed import managed
from hublink_harness.topologies import client, three_hubs, transfer

from apply import Applying

HEAD, ANSWER_HEAD = 6, 4


def exactly(connection, size):
    data = b""
    while len(data) < size:
        got = connection.recv(size - len(data))
        if not got:
            raise EOFError(f"{len(data)} of {size} bytes")
        data += got
    return data


def request_of(connection):
    head = exactly(connection, HEAD)
    return exactly(connection, int.from_bytes(head[4:], "big"))


def framed(request):
    return b"EHL\x01" + len(request).to_bytes(2, "big") + request


def answer_of(connection):
    return exactly(connection, int.from_bytes(exactly(connection, ANSWER_HEAD), "big"))


def ask(where, data):
    """What a server answers to these bytes; nothing: it hung up."""
    with socket.create_connection(where, 30) as connection:
        connection.settimeout(30)
        connection.sendall(data)
        try:
            return cbor.decode(answer_of(connection))
        except (EOFError, ConnectionError):
            return None


class Middle:
    """A hub that a node takes for its server: it may alter what goes there, and what comes back."""

    def __init__(self, target, request=lambda data: data, answer=lambda data: data):
        self.target, self.request, self.answer = target, request, answer
        self.seen = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, socket.create_connection(self.target, 30) as onwards:
                try:
                    self.seen.append(request_of(connection))
                    onwards.sendall(framed(self.request(self.seen[-1])))
                    body = self.answer(answer_of(onwards))
                    connection.sendall(len(body).to_bytes(4, "big") + body)
                except (EOFError, OSError):
                    pass

    def close(self):
        self.listener.close()


class Enrolling(Applying):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST3"), FILE04=transfer("HOST1", "HOST2", "HOST4"),
                                  FILE05=transfer("HOST1", "HOST2", "HOST3")))
    topology["nodes"]["HOST4"] = client("127.1.3.14", "ServerC")
    started = ("MGR", "ServerA", "ServerB", "ServerC", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        keys = net.own_keys()
        cls.expect_entrusted(net, keys)
        shutil.rmtree(keys / "HOST3")

    @staticmethod
    def expect_entrusted(net, keys):
        done = cli.run("keys", "entrust", "--out", keys, "--data", net.data("MGR"))
        assert done.code == cli.DONE, str(done)
        assert (net.data("MGR") / "ca/key.pem").stat().st_mode & 0o777 == 0o600

    def setUp(self):
        self.logged_in()

    def invite(self, node, *words):
        return self.expect_exit(cli.DONE, self.net.cli("MGR", "invite", node, "--json", *words)).json()["code"]

    def run_with(self, node, code, at=None, keys=None, deadline=40):
        self.net.joins[node] = at or self.net.topology["nodes"]["ServerC"]["address"]
        self.addCleanup(self.net.joins.pop, node, None)
        return cli.run(*self.net.run_command(node, keys=keys or self.fresh(node), more=("--code", code)), deadline=deadline)

    def fresh(self, node):
        self.count = getattr(self, "count", 0) + 1
        return self.net.directory / f"keys-of-{node}-{self.count}"

    def starts(self, node, *more):
        self.net.joins[node] = self.net.topology["nodes"]["ServerC"]["address"]
        self.net.begin(node, more=more).wait_ready(time.monotonic() + 40)


class ByCode(Enrolling):
    def test_a_node_gets_its_certificate_by_itself(self):
        self.expect_refusal(self.net.cli("HOST1", "invite", "HOST3"), cli.USAGE, "no manager")
        self.expect_refusal(self.net.cli("MGR", "invite", "HOST9"), cli.USAGE, "HOST9", "--role")
        self.expect_refusal(self.net.cli("MGR", "invite", "HOST3", "--role", "server"), cli.USAGE, "client in the topology")
        self.apply()
        old, code = self.invite("HOST3"), self.invite("HOST3")
        self.nothing_of_it_is_kept(code)
        self.codes_that_are_none(code)
        self.between(code)
        self.expect_refusal(self.run_with("HOST3", old), cli.USAGE, "HOST3", "hublink invite", within=20)
        self.expect_refusal(self.run_with("HOST4", code), cli.USAGE, "the code is for HOST3, not for HOST4", within=20)
        self.starts("HOST3", "--code", code)
        self.assertEqual(0o600, (self.net.keys / "HOST3/key.pem").stat().st_mode & 0o777)
        source = self.net.write("HOST1", "out/FILE01", 10_000)
        self.expect_received("HOST3", self.send_and_wait("HOST1", "FILE01"), source)
        self.broadcasts_are_sealed_for_its_own_key()
        self.expect_refusal(self.run_with("HOST3", code), cli.USAGE, "was used already", "hublink invite HOST3", within=20)
        self.net.stop("HOST3")
        self.starts("HOST3", "--code", code)  # as a unit starts it again: it has its certificate
        self.one_that_was_signed_here_can_be_revoked()

    def broadcasts_are_sealed_for_its_own_key(self):
        """Not for that of the folder that `hublink keys` made for it, whose certificate the manager has, too."""
        self.assertIn("hublink apply brings this one", (self.net.data("MGR") / "hublink.log").read_text())
        rows = {row["node"]: row["state"] for row in self.apply().json()}
        self.assertEqual({"HOST4"}, {node for node, state in rows.items() if state != "applied"}, rows)
        source = self.net.write("HOST1", "out/FILE05", 10_000)
        transfer = self.send_and_wait("HOST1", "FILE05")
        for node in ("HOST2", "HOST3"):
            self.expect_received(node, transfer, source)

    def nothing_of_it_is_kept(self, code):
        for file in self.net.data("MGR").rglob("*"):
            if file.is_file():
                content = file.read_bytes()
                self.assertNotIn(code.encode(), content, file)
                self.assertNotIn(code.replace("-", "").encode(), content, file)
        self.assertEqual(0o600, (self.net.data("MGR") / "invitations.json").stat().st_mode & 0o777)

    def codes_that_are_none(self, code):
        for wrong, words in ((code[:-1], "too short"), (code + "0", "too long"), (code[:-1] + "U", "character")):
            self.expect_refusal(self.run_with("HOST3", wrong), cli.USAGE, words)

    def between(self, code):
        """What a hub on the way can do: break it off, and nothing else."""
        server = self.net.address("ServerC")
        other = self.net.directory / "other-keys"
        self.expect_exit(cli.DONE, cli.run("keys", self.net.file, "--out", other))

        def renamed(data):
            return cbor.encode({**cbor.decode(data), "node": "HOST4"})

        def rekeyed(data):
            request = cbor.decode(data)
            return cbor.encode({**request, "proof": bytes(64)})

        def of_another_ca(_):
            return cbor.encode({"certificate": (other / "HOST3/cert.pem").read_bytes(), "ca": (other / "ca/cert.pem").read_bytes(),
                                "list": (other / "ca/crl.pem").read_bytes()})

        def of_another_node(_):
            return cbor.encode({"certificate": (self.net.keys / "HOST1/cert.pem").read_bytes(),
                                "ca": (self.net.keys / "ca/cert.pem").read_bytes(), "list": (self.net.keys / "ca/crl.pem").read_bytes()})

        for change, words in (({"request": renamed}, ("not signed with the key",)), ({"request": rekeyed}, ("no code of HOST3",)),
                              ({"answer": of_another_ca}, ("another network's CA",)), ({"answer": of_another_node}, ("HOST1", "HOST3")),
                              ({"answer": lambda _: b"\xa0"}, ("bytes within bounds",)), ({"answer": lambda _: b"nonsense"}, ("CBOR",))):
            middle = Middle(server, **change)
            keys = self.fresh("HOST3")
            result = self.run_with("HOST3", code if "request" in change else self.invite("HOST4"), at=middle.address, keys=keys)
            middle.close()
            self.expect_refusal(result, result.code, *words, within=20)
            self.assertNotIn(result.code, (cli.DONE, -9), str(result))
            self.assertFalse((keys / "cert.pem").exists())
        for data in (b"EHL\x02\x00\x01x", b"EHL\x01\x00\x00", b"EHL\x01\xff\xff" + bytes(100), b"EHL\x01\x00\x04\xa0\xa0\xa0\xa0", b"E"):
            with socket.create_connection(server, 10) as stranger:
                stranger.sendall(data)
                stranger.shutdown(socket.SHUT_WR)
                stranger.settimeout(20)
                while stranger.recv(4096):
                    pass
        self.assertEqual("bad-message", ask(server, framed(cbor.encode({"node": "HOST3"})))["code"])

    def one_that_was_signed_here_can_be_revoked(self):
        rows = {row["node"]: row for row in self.net.cli("MGR", "revoke", "HOST3", "--json").json()}
        self.assertEqual({"HOST3": "revoked", "HOST4": "failed"}, {node: row["state"] for node, row in rows.items() if "list" not in row})
        self.net.stop("HOST3")
        shutil.copy(self.net.data("ServerC") / "crl.pem", self.net.keys / "HOST3/crl.pem")
        result = cli.run(*self.net.run_command("HOST3"), deadline=20)
        self.expect_refusal(result, cli.USAGE, "revoked")


class Waits(Enrolling):
    def test_until_a_manager_is_there(self):
        self.apply()
        code = self.invite("HOST3")
        self.net.cli("MGR", "logout")
        self.net.joins["HOST3"] = self.net.topology["nodes"]["ServerC"]["address"]
        waiting = self.net.begin("HOST3", more=("--code", code))
        self.net.traces.until(lambda: "waits for its certificate" in (self.net.directory / "HOST3.log").read_text(), "it waits", 40)
        key = (self.net.keys / "HOST3/key.pem").read_bytes()
        self.net.kill("HOST3")
        self.expect_exit(cli.DONE, self.login())
        waiting = self.net.begin("HOST3", more=("--code", code))
        waiting.wait_ready(time.monotonic() + 40)
        self.assertEqual(key, (self.net.keys / "HOST3/key.pem").read_bytes(), "the key of the first try")


class ByFiles(Enrolling):
    def test_a_backup_with_keys_has_the_ca_of_its_manager(self):
        self.apply()
        self.invite("HOST3")
        data, keys, file = self.net.data("MGR"), self.net.keys / "MGR", self.net.directory / "MGR.backup"
        again = self.net.directory / "again"
        for number, (words, kept) in enumerate((((), False), (("--keys", keys), True))):
            self.expect_exit(cli.DONE, cli.run("backup", file, "--data", data, *words))
            self.expect_exit(cli.DONE, cli.run("restore", file, "--data", again / str(number), "--keys", again / f"keys-{number}"))
            self.assertEqual(kept, b"PRIVATE KEY" in file.read_bytes())
            self.assertEqual(kept, (again / str(number) / "ca").exists())
            self.assertEqual((data / "invitations.json").read_bytes(), (again / str(number) / "invitations.json").read_bytes())
        for path in (data / "ca").rglob("*.pem"):
            copy = again / "1/ca" / path.relative_to(data / "ca")
            self.assertEqual(path.read_bytes(), copy.read_bytes(), path)
            self.assertEqual(0o600, copy.stat().st_mode & 0o777)
        self.expect_exit(cli.DONE, cli.run("restore", file, "--data", again / "2"))
        self.assertFalse((again / "2/ca").exists())

    def test_a_ca_that_no_node_reaches(self):
        away = self.net.directory / "away"
        shutil.copytree(self.net.keys / "ca", away / "ca")
        made = self.expect_exit(cli.DONE, cli.run("keys", "request", "HOST3", "--out", self.net.keys))
        request = self.net.keys / "HOST3/request.pem"
        self.assertNotIn("PRIVATE", request.read_text())
        done = self.expect_exit(cli.DONE, cli.run("sign", request, "--keys", away, "--out", self.net.directory / "signed"))
        fingerprint = made.err.split("The key is ")[1].strip()
        self.assertIn(fingerprint, done.err)
        for file in ("ca.pem", "crl.pem", "cert.pem"):
            shutil.copy(self.net.directory / "signed" / file, self.net.keys / "HOST3" / file)
        self.apply()
        self.starts("HOST3")
        self.expect_refusal(cli.run("keys", "request", "HOST3", "--out", self.net.keys), cli.USAGE, "has a certificate already")
        self.expect_refusal(cli.run("sign", self.net.keys / "HOST3/cert.pem", "--keys", away), cli.USAGE, "no signing request")
        self.expect_refusal(cli.run("sign", request, "--keys", self.net.directory / "nowhere"), cli.USAGE, "no CA")
        altered = self.net.directory / "altered.pem"
        lines = request.read_text().splitlines()
        lines[2] = lines[2][::-1]
        altered.write_text("\n".join(lines) + "\n")
        self.assertNotEqual(cli.DONE, cli.run("sign", altered, "--keys", away).code)
