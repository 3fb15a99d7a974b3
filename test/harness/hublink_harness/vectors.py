"""Test vectors of the protocol, made with the client that was written from its pages: `python3 -m hublink_harness.vectors` prints them.

They stand in docs/protocol/vectors.json, and hublink's own code is held against them by test/unit/protocol/vectors_test.cpp."""
import hashlib
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from . import independent_client as client

TRANSFER, GENERATION, ATTEMPT = "019b00112233445566778899aabbccdd", 2, 3
OPEN_ID, FILE = "00112233445566aa", "FILE01"
TOKEN, NONCE, CONTENT_KEY = (bytes(range(first, first + 32)) for first in (0x20, 0x40, 0x60))
CA, SENDER, RECEIVER, FRESH = (ec.derive_private_key(int.from_bytes(hashlib.sha256(name).digest(), "big"), ec.SECP256R1())
                               for name in (b"vectors: ca", b"vectors: HOST1", b"vectors: HOST2", b"vectors: used once"))
NETWORK = hashlib.sha256(client.point(CA.public_key())).digest()
MESSAGES = {
    "hello of a client": {"t": "hello", "oldest": 1, "newest": 2, "name": "HOST1", "role": "client", "incarnation": 0x0123456789ABCDEF},
    "open": {"t": "open", "n": 1, "id": OPEN_ID, "kind": "transfer", "transfer": TRANSFER, "attempt": ATTEMPT, "budget_ms": 10000,
             "hops_left": 32, "file": FILE, "to": ["HOST2"]},
    "opened": {"t": "opened", "n": 1, "token": TOKEN},
    "failed": {"t": "failed", "n": 1, "code": "hop-down", "hop": "ServerA", "text": "can't reach 127.1.2.1:40000: Connection refused"},
    "a beat that asks": {"t": "beat", "answer": False},
    "returned": {"t": "returned", "transfer": TRANSFER},
}
OFFER = {"version": 1, "transfer": TRANSFER, "attempt": ATTEMPT, "generation": GENERATION, "sequence": 1767225600000,
         "time_ms": 1767225600000, "sender": "HOST1", "recipients": ["HOST2"], "nonce": NONCE, "file_tag": client.file_tag(OPEN_ID, FILE)}


def in_json(value):
    """Bytes as {"hex": …}."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    return {key: in_json(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def pair(key):
    pkcs8 = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {"private_pkcs8": pkcs8.hex(), "public": client.point(key.public_key()).hex()}


def framed(message):
    body = client.cbor(message)
    return (len(body).to_bytes(4, "big") + body).hex()


def made(signature=None):
    """All of them. `signature`: of the offer, since another one is right, too, each time that it is signed."""
    body = client.cbor(OFFER)
    signed = client.to_be_signed("offer", client.NOTHING, body)
    info = client.envelope_info(NETWORK, TRANSFER, GENERATION, ATTEMPT, "HOST1", "HOST2")
    commitment = client.hash_of_parts(b"hublink key", TRANSFER.encode(), client.numbers(GENERATION, ATTEMPT), CONTENT_KEY)
    metadata = client.cbor({"name": b"report.bin", "size": 11, "mode": 0o640})
    contents = [metadata, b"hello ", b"world"]
    sealed = [client.seal_chunk(CONTENT_KEY, TRANSFER, GENERATION, ATTEMPT, index, index == 2, content) for index, content in enumerate(contents)]
    return {
        "frames": [{"what": what, "message": in_json(message), "bytes": framed(message)} for what, message in MESSAGES.items()],
        "preamble": {"token": TOKEN.hex(), "bytes": (b"HLD\x01" + TOKEN).hex()},
        "file_tag": {"open_id": OPEN_ID, "file": FILE, "tag": client.file_tag(OPEN_ID, FILE).hex()},
        "statement": {"type": "offer", "answered": client.NOTHING.hex(), "fields": in_json(OFFER), "body": body.hex(), "signed": signed.hex(),
                      "hash": hashlib.sha256(signed).hexdigest(), "signer": pair(SENDER),
                      "signature": (signature or SENDER.sign(signed, ec.ECDSA(hashes.SHA256()))).hex()},
        "envelope": {"ca_public": client.point(CA.public_key()).hex(), "network": NETWORK.hex(), "transfer": TRANSFER, "generation": GENERATION,
                     "attempt": ATTEMPT, "sender": "HOST1", "receiver": "HOST2", "info": info.hex(), "receiver_key": pair(RECEIVER),
                     "used_once": pair(FRESH), "content_key": CONTENT_KEY.hex(),
                     "bytes": client.seal_envelope(CONTENT_KEY, RECEIVER.public_key(), info, FRESH).hex()},
        "commitment": {"content_key": CONTENT_KEY.hex(), "transfer": TRANSFER, "generation": GENERATION, "attempt": ATTEMPT,
                       "commitment": commitment.hex()},
        "chunks": [{"index": index, "last": index == 2, "content": content.hex(), "sealed": chunk.hex(),
                    "record": (len(chunk).to_bytes(4, "big") + b"\x04" + chunk).hex()}
                   for index, (content, chunk) in enumerate(zip(contents, sealed))],
    }


if __name__ == "__main__":
    print(json.dumps(made(), indent=2))
