"""What comes to a node's port from peers that mean no good, and that it costs nobody else anything."""
import os
import secrets
import socket
import tempfile
from pathlib import Path

from hublink_harness import cli, peer
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer


class Hostile(Scenario):
    """HOST1 is scripted; all others are real."""

    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"), OTHERS=transfer("HOST3", "HOST2"))
    started = ("ServerA", "ServerB", "HOST2", "ServerC", "HOST3")

    def setUp(self):
        self.links = []

    def tearDown(self):
        for link in self.links:
            link.close()
        self.expect_exit(cli.DONE, self.net.cli("ServerA", "ping", "HOST2", deadline=10))

    def link(self, name="HOST1", role="client", to="ServerA", keys=None, **options):
        link = peer.Link.dial(self.net.address(to), keys or self.net.keys / name, name, role, **options)
        self.links.append(link)
        return link

    def expect_failed(self, answer, code, hop):
        self.assertEqual(("failed", code, hop), (answer["t"], answer.get("code"), answer.get("hop")), answer)


class Circuits(Hostile):
    def test_a_client_asks_to_relay_for_somebody_else(self):
        answer = self.link().open("OTHERS", ["HOST2"])
        self.assertEqual(("failed", "ServerA"), (answer["t"], answer["hop"]))
        self.assertIn(answer["code"], ("not-authorised", "unknown-file"))

    def test_a_client_asks_for_a_destination_that_is_not_its_own(self):
        self.expect_failed(self.link().open("FILE01", ["HOST3"]), "not-authorised", "ServerA")

    def test_a_file_that_nobody_knows(self):
        self.assertIn(self.link().open("NOFILE", ["HOST2"])["code"], ("not-authorised", "unknown-file"))

    def test_a_client_of_another_server(self):
        try:
            self.expect_failed(self.link("HOST3").open("OTHERS", ["HOST2"]), "not-authorised", "ServerA")
        except peer.Ended:
            pass

    def test_a_client_is_asked_by_somebody_who_is_not_its_home_server(self):
        try:
            answer = self.link("ServerA", "server", to="HOST2").open("FILE01")
            self.expect_failed(answer, "not-authorised", "HOST2")
        except peer.Ended:
            pass

    def test_a_token_opens_one_socket_once(self):
        token = self.link().open("FILE01", ["HOST2"])["token"]
        first, sock = peer.show_token(self.net.address("ServerA"), token)
        self.assertTrue(first)
        again, other = peer.show_token(self.net.address("ServerA"), token)
        self.assertFalse(again)
        sock.close()
        other.close()

    def test_a_guessed_token(self):
        accepted, sock = peer.show_token(self.net.address("ServerA"), secrets.token_bytes(32))
        self.assertFalse(accepted)
        sock.close()

    def test_a_token_that_nobody_claimed_in_time(self):
        transfer = secrets.token_hex(16)
        token = self.link().open("FILE01", ["HOST2"], transfer=transfer)["token"]
        self.net.traces.expect("ServerA", "closed", transfer=transfer, within=20)
        accepted, sock = peer.show_token(self.net.address("ServerA"), token)
        self.assertFalse(accepted)
        sock.close()
        self.net.traces.expect("HOST2", "closed", transfer=transfer)

    def test_the_same_open_twice_is_a_loop(self):
        same = {"id": secrets.token_hex(8), "transfer": secrets.token_hex(16)}
        link = self.link()
        self.assertEqual("opened", link.open("FILE01", ["HOST2"], **same)["t"])
        self.expect_failed(link.open("FILE01", ["HOST2"], **same), "loop", "ServerA")

    def test_no_hops_left(self):
        self.assertEqual("loop", self.link().open("FILE01", ["HOST2"], hops_left=0)["code"])


class Links(Hostile):
    def test_a_certificate_of_another_ca(self):
        with tempfile.TemporaryDirectory() as other:
            self.expect_exit(cli.DONE, cli.run("keys", self.net.file, "--out", other))
            with self.assertRaises(peer.Ended):
                self.link(keys=Path(other) / "HOST1")
        server = self.net.running["ServerA"]
        self.net.traces.until(lambda: "certificate" in server.logged(), "ServerA's reason in its log")

    def test_a_hello_with_another_name(self):
        with self.assertRaises(peer.Ended):
            link = self.link("HOST2", keys=self.net.keys / "HOST1")
            link.open("FILE01", ["HOST2"])

    def test_a_hello_with_another_role(self):
        with self.assertRaises(peer.Ended):
            link = self.link("HOST1", role="server")
            link.open("FILE01", ["HOST2"])

    def test_no_common_version(self):
        link = self.link(greet=False)
        link.send("hello", oldest=900, newest=901, name="HOST1", role="client", incarnation=1)
        self.assertTrue(link.wait_end())

    def test_a_request_before_hello(self):
        link = self.link(greet=False)
        link.send("open", n=1, id=secrets.token_hex(8), kind="transfer", transfer=secrets.token_hex(16), attempt=1,
                  budget_ms=5000, hops_left=9, file="FILE01", to=["HOST2"])
        self.assertTrue(link.wait_end())

    def test_silence_instead_of_hello(self):
        self.assertTrue(self.link(greet=False).wait_end(15))

    def test_a_frame_over_the_limit(self):
        link = self.link()
        link.send_raw((peer.MAX_FRAME + 1).to_bytes(4, "big") + b"\0" * 100)
        self.assertTrue(link.wait_end())

    def test_a_frame_of_no_bytes(self):
        link = self.link()
        link.send_raw(b"\0\0\0\0")
        self.assertTrue(link.wait_end())

    def test_malformed_messages(self):
        for body in (b"\xff", b"\xa1", b"\x01", b"\xa1at\x05", b"\x9f" * 1000, os.urandom(1000), b"\xa1\x61t\x64open"):
            with self.subTest(body=body[:20]):
                link = self.link()
                link.send_frame(body)
                self.assertTrue(link.wait_end())

    def test_an_unknown_type_with_a_number_is_answered(self):
        self.assertEqual("failed", self.link().ask("dance", steps=3)["t"])

    def test_an_unknown_type_without_a_number_is_passed_over(self):
        link = self.link()
        link.send("dance", steps=3)
        self.assertTrue(link.alive())

    def test_unknown_fields_are_passed_over(self):
        self.assertEqual("opened", self.link().open("FILE01", ["HOST2"], colour="blue")["t"])


class Port(Hostile):
    def test_garbage(self):
        for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + os.urandom(500), os.urandom(4000), b"H" * 36, b"HLD\x02" + b"\0" * 32):
            with self.subTest(garbage=garbage[:20]):
                sock = peer.connect(self.net.address("ServerA"))
                try:
                    sock.sendall(garbage)
                except OSError:
                    pass
                self.assertTrue(peer.ends(sock, 15))
                sock.close()

    def test_a_thousand_silent_connections_hold_no_service_up(self):
        silent = []
        try:
            for i in range(1000):
                sock = socket.socket()
                sock.setblocking(False)
                sock.bind((f"127.66.0.{1 + i % 100}", 0))
                sock.connect_ex(self.net.address("ServerA"))
                silent.append(sock)
            source = self.net.write("HOST3", "out/OTHERS", 100_000)
            link = self.link()
            self.assertEqual("opened", link.open("FILE01", ["HOST2"])["t"])
            result = self.expect_exit(cli.DONE, self.net.cli("ServerA", "ping", "HOST2", deadline=10))
            self.assertLess(result.seconds, 5)
            transfer = self.send_and_wait("HOST3", "OTHERS")
            self.expect_received("HOST2", transfer, source)
            for sock in silent:
                self.assertTrue(peer.ends(sock, 20))
        finally:
            for sock in silent:
                sock.close()
