"""Envelopes and certificates that somebody made or changed: a real receiver opens the one that was made for it, and reads nothing before
it is believed."""
import hashlib
import subprocess

from cryptography.hazmat.primitives import serialization

from hublink_harness import cli, envelopes, peer, scripted_peer
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

CONTENT = b"what was sealed " * 1000


class ScriptedSender(Scenario):
    """HOST1 is scripted, all others are real."""

    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"), OTHERS=transfer("HOST3", "HOST2"))
    started = ("ServerA", "ServerB", "HOST2", "ServerC", "HOST3")

    @classmethod
    def prepare(cls, net):
        cls.keys = net.own_keys()

    def tearDown(self):
        """The others' files go through as before."""
        source = self.net.write("HOST3", "out/OTHERS", 10_000)
        self.expect_received("HOST2", self.send_and_wait("HOST3", "OTHERS"), source)

    def sender(self, identity=None):
        made = scripted_peer.Sender(identity or scripted_peer.Identity(self.net, "HOST1"), "ServerA", "FILE01", ["HOST2"])
        self.addCleanup(made.close)
        return made

    def inbox(self):
        file = self.net.data("HOST2") / "in/FILE01"
        return file.read_bytes() if file.exists() else None

    def expect_refused(self, sender, *codes, text=""):
        kind, fields = sender.answer()
        self.assertEqual("refusal", kind, fields)
        self.assertIn(fields["code"], codes, fields)
        self.assertIn(text, fields["text"])

    def try_envelope(self, make):
        """A transfer that is right but for the envelope, which `make(sender)` gives."""
        sender = self.sender()
        sender.offer()
        self.assertEqual("ready", sender.answer()[0])
        try:
            sender.header(len(CONTENT), sealed={"HOST2": make(sender)}, digest="sha256")
            sender.chunk(1, CONTENT, last=True)
        except peer.Ended:
            pass  # refused already
        return sender

    def expect_none_opens(self, *codes, **made):
        before = self.inbox()
        for what, make in made.items():
            with self.subTest(what):
                self.expect_refused(self.try_envelope(make), *codes)
                self.assertEqual(before, self.inbox())

    def test_an_envelope_by_the_page_opens(self):
        sender = self.try_envelope(lambda sender: sender.envelope("HOST2"))
        sender.end(len(CONTENT), "sha256:" + hashlib.sha256(CONTENT).hexdigest())
        self.assertEqual("receipt", sender.stream.hear()[0])
        self.assertEqual(CONTENT, self.inbox())

    def test_an_envelope_for_anything_else_does_not(self):
        other = "f" * 32
        self.expect_none_opens(
            "tampered",
            another_sender=lambda sender: sender.envelope("HOST2", sender="HOST3"),
            another_receiver=lambda sender: sender.envelope("HOST3"),
            another_transfer=lambda sender: sender.envelope("HOST2", transfer=other),
            another_generation=lambda sender: sender.envelope("HOST2", generation=2),
            another_attempt=lambda sender: sender.envelope("HOST2", attempt=2))

    def test_an_envelope_that_was_changed_does_not(self):
        def changed(at, value):
            def make(sender):
                sealed = bytearray(sender.envelope("HOST2"))
                sealed[at] ^= value
                return bytes(sealed)
            return make
        self.expect_none_opens("tampered", **{f"byte_{at}": changed(at, value) for at, value in
                                              ((0, 3), (1, 2), (1, 4), (2, 1), (65, 128), (66, 1), (97, 1), (98, 1), (113, 255))})

    def test_what_has_another_length_or_form_is_no_envelope(self):
        def by_openssl(sender):
            command = ["openssl", "cms", "-encrypt", "-binary", "-aes-256-gcm", "-keyid", "-recip", self.keys / "HOST2/cert.pem",
                       "-keyopt", "ecdh_kdf_md:sha256", "-outform", "DER"]
            return subprocess.run(command, input=sender.key, capture_output=True, check=True).stdout
        self.expect_none_opens(
            "bad-message", nothing=lambda sender: b"", cut=lambda sender: sender.envelope("HOST2")[:-1],
            longer=lambda sender: sender.envelope("HOST2") + b"\0", key_alone=lambda sender: sender.key, of_an_earlier_version=by_openssl)

    def test_a_stream_of_an_earlier_version_says_what_to_do(self):
        sender = self.sender()
        sender.offer()
        self.assertEqual("ready", sender.answer()[0])
        sender.header(len(CONTENT), suite="aes-256-gcm-stream")
        self.expect_refused(sender, "bad-message", text="upgrade")

    def test_an_offer_with_a_certificate_of_another_form_is_refused(self):
        good = scripted_peer.Identity(self.net, "HOST1").der
        content = good[4:]
        forms = {
            "a byte behind it": good + b"\0", "cut": good[:-1], "nothing": b"", "indefinite length": b"\x30\x80" + content + b"\0\0",
            "a longer length": b"\x30\x83\0" + good[2:], "4,097 bytes": good + bytes(4097 - len(good)),
            "an RSA key": self.issued("rsa:2048"), "a key on P-384": self.issued("ec:secp384r1"), "SHA-512": self.issued("ec:prime256v1", "-sha512"),
        }
        for what, der in forms.items():
            with self.subTest(what):
                identity = scripted_peer.Identity(self.net, "HOST1")
                identity.der = der
                sender = self.sender(identity)
                sender.offer()
                self.expect_refused(sender, "tampered", "bad-message")

    def issued(self, kind, digest="-sha256"):
        """A certificate of HOST1 for another key, made by the network's CA."""
        folder, (algorithm, size) = self.net.directory, kind.split(":")
        option = [f"ec_paramgen_curve:{size}"] if algorithm == "ec" else [f"rsa_keygen_bits:{size}"]
        request = ["openssl", "req", "-new", "-newkey", algorithm, "-pkeyopt", *option, "-nodes", "-keyout", folder / "odd.key",
                   "-subj", "/OU=client/CN=HOST1", "-out", folder / "odd.csr"]
        sign = ["openssl", "x509", "-req", "-in", folder / "odd.csr", "-CA", self.keys / "ca/cert.pem", "-CAkey", self.keys / "ca/key.pem",
                "-set_serial", "0x4711", "-days", "2", digest, "-out", folder / "odd.pem"]
        for command in (request, sign):
            subprocess.run(command, check=True, capture_output=True)
        return envelopes.certificate(folder / "odd.pem").public_bytes(serialization.Encoding.DER)


class EarlierVersion(Scenario):
    """A scripted HOST2 whose links speak the first version alone."""

    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST1")

    def test_is_sent_no_file_and_the_sender_learns_why(self):
        station = scripted_peer.Station(scripted_peer.Identity(self.net, "HOST2"), newest=1)
        self.addCleanup(station.close)
        self.net.write("HOST1", "out/FILE01", 1000)
        result = self.net.cli("HOST1", "send", "FILE01", "--wait")
        self.assertNotEqual(cli.DONE, result.code, str(result))
        for word in ("HOST2 speaks link version 1", "upgrade HOST2", "ServerB"):
            self.assertIn(word, result.err)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "ping", "ServerB"))
