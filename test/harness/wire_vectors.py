"""The protocol's test vectors are what a client makes that was written from its pages. What hublink makes of them: vectors_test.cpp."""
import json
import unittest

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from hublink_harness import pages, vectors

KEPT = json.loads((pages.ROOT / "docs/protocol/vectors.json").read_text(encoding="utf-8"))


class Vectors(unittest.TestCase):
    maxDiff = None

    def test_they_are_as_they_stand_there(self):
        self.assertEqual(KEPT, vectors.made(bytes.fromhex(KEPT["statement"]["signature"])))

    def test_the_signature_is_right(self):
        kept = KEPT["statement"]
        vectors.SENDER.public_key().verify(bytes.fromhex(kept["signature"]), bytes.fromhex(kept["signed"]), ec.ECDSA(hashes.SHA256()))

    def test_frames_are_read_as_they_were_meant(self):
        for frame in KEPT["frames"]:
            with self.subTest(frame["what"]):
                body = bytes.fromhex(frame["bytes"])[4:]
                self.assertEqual(frame["message"], vectors.in_json(vectors.client.read_cbor(body)))
