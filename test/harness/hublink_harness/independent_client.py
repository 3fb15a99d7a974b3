"""A client that sends one file, written from the protocol's pages alone, with Python's standard library and `cryptography`:

    python3 independent_client.py KEY-FOLDER HOME-ADDRESS HOME-NAME FILE-ID RECEIVER PATH

It shares nothing with hublink or with this harness, so that what the pages forget shows here. It makes one attempt, in full."""
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

RECORDS = {"offer": 0x01, "header": 0x02, "envelopes": 0x03, "chunk": 0x04, "end": 0x05, "abort": 0x06,
           "ready": 0x11, "progress": 0x12, "receipt": 0x13, "refusal": 0x14, "job_result": 0x15}
NAMES = {number: name for name, number in RECORDS.items()}
NOTHING = bytes(32)
CHUNK = 262_144


class Wrong(Exception):
    """What the other side said can't be believed, or it said no."""


# -- CBOR, of definite lengths and without tags -----------------------------------------------------------------

def cbor(value):
    def head(major, count):
        for extra, form in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
            if count < 24:
                return bytes([major << 5 | count])
            if count < 1 << 8 * struct.calcsize(form):
                return bytes([major << 5 | extra]) + struct.pack(form, count)
        raise ValueError(count)
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(entry) for key, entry in value.items())


def read_cbor(data):
    value, rest = _item(data)
    if rest:
        raise Wrong("bytes behind the end of a message")
    return value


def _item(data):
    major, count, data = data[0] >> 5, data[0] & 31, data[1:]
    if major == 7:
        return {20: False, 21: True}[count], data
    if count >= 24:
        size = {24: 1, 25: 2, 26: 4, 27: 8}[count]
        count, data = int.from_bytes(data[:size], "big"), data[size:]
    if major == 0:
        return count, data
    if major in (2, 3):
        return (data[:count] if major == 2 else data[:count].decode()), data[count:]
    items = []
    for _ in range(count * (major - 3)):
        item, data = _item(data)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2]))), data


# -- hashes with lengths, statements, envelopes, chunks ------------------------------------------------------------

def hash_of_parts(*parts):
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def file_tag(open_id, file):
    return hash_of_parts(b"hublink file", open_id.encode(), file.encode())


def numbers(generation, attempt):
    return generation.to_bytes(4, "big") + attempt.to_bytes(4, "big")


def to_be_signed(kind, answered, body):
    return b"hublink 1 " + kind.encode() + b"\0" + answered + body


def point(public):
    return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def envelope_info(network, transfer, generation, attempt, sender, receiver):
    return hash_of_parts(b"hublink envelope", network, transfer.encode(), numbers(generation, attempt), sender.encode(), receiver.encode())


def envelope_cipher(agreed, enc, receiver, info):
    """RFC 9180, base mode, one message: its cipher and nonce. `agreed` is what both key pairs make, `enc` and `receiver` are points."""
    kem, suite = b"KEM\x00\x10", b"HPKE\x00\x10\x00\x01\x00\x02"

    def extract(suite_id, salt, label, secret):
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite_id + label + secret, "sha256")

    def expand(suite_id, secret, label, about, size):
        return hmac.digest(secret, size.to_bytes(2, "big") + b"HPKE-v1" + suite_id + label + about + b"\1", "sha256")[:size]

    shared = expand(kem, extract(kem, b"", b"eae_prk", agreed), b"shared_secret", enc + receiver, 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    return AESGCM(expand(suite, secret, b"key", context, 32)), expand(suite, secret, b"base_nonce", context, 12)


def seal_envelope(key, receiver, info, fresh):
    """`fresh` is a key pair that is used once."""
    enc = point(fresh.public_key())
    cipher, nonce = envelope_cipher(fresh.exchange(ec.ECDH(), receiver), enc, point(receiver), info)
    return b"\1" + enc + cipher.encrypt(nonce, key, b"")


def chunk_place(transfer, generation, attempt, index, last):
    """(nonce, associated data)"""
    return (index.to_bytes(8, "big") + bytes(3) + bytes([last]),
            bytes.fromhex(transfer) + numbers(generation, attempt) + index.to_bytes(8, "big"))


def seal_chunk(key, transfer, generation, attempt, index, last, content):
    nonce, about = chunk_place(transfer, generation, attempt, index, last)
    return AESGCM(key).encrypt(nonce, content, about)


# -- who we are, and whom we believe -------------------------------------------------------------------------------

class Keys:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.ca, self.own = (x509.load_pem_x509_certificate((self.folder / f"{name}.pem").read_bytes()) for name in ("ca", "cert"))
        self.key = serialization.load_pem_private_key((self.folder / "key.pem").read_bytes(), None)
        self.revoked = x509.load_pem_x509_crl((self.folder / "crl.pem").read_bytes())
        self.name, self.role = subject(self.own)
        self.network = hashlib.sha256(point(self.ca.public_key())).digest()

    def statement(self, kind, answered, body, certificate=False):
        """(the record's body, the statement's hash)"""
        signed = to_be_signed(kind, answered, body)
        fields = {"body": body, "sig": self.key.sign(signed, ec.ECDSA(hashes.SHA256()))}
        if certificate:
            fields["cert"] = self.own.public_bytes(serialization.Encoding.DER)
        return cbor(fields), hashlib.sha256(signed).digest()

    def believe(self, kind, answered, record, client):
        """(fields, hash, public key) of a statement that this client signed."""
        said = read_cbor(record)
        shown = x509.load_der_x509_certificate(said["cert"])
        self.ca.public_key().verify(shown.signature, shown.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256()))
        if not is_valid_now(shown) or self.revoked.get_revoked_certificate_by_serial_number(shown.serial_number):
            raise Wrong(f"the certificate with {kind} does not count now")
        if subject(shown) != (client, "client") or not isinstance(shown.public_key().curve, ec.SECP256R1):
            raise Wrong(f"{kind} comes from {subject(shown)}, not from the client {client}")
        return *signed_by(shown.public_key(), kind, answered, record), shown.public_key()


def signed_by(public, kind, answered, record):
    """(fields, hash) of a statement that this key signed."""
    said = read_cbor(record)
    signed = to_be_signed(kind, answered, said["body"])
    public.verify(said["sig"], signed, ec.ECDSA(hashes.SHA256()))
    return read_cbor(said["body"]), hashlib.sha256(signed).digest()


def is_valid_now(certificate):
    if hasattr(certificate, "not_valid_before_utc"):  # since cryptography 42
        return certificate.not_valid_before_utc <= datetime.now(timezone.utc) <= certificate.not_valid_after_utc
    return certificate.not_valid_before <= datetime.utcnow() <= certificate.not_valid_after


def subject(certificate):
    return tuple(certificate.subject.get_attributes_for_oid(what)[0].value for what in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME))


# -- the two kinds of connection -----------------------------------------------------------------------------------

def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise Wrong("the connection ended")
        data += part
    return data


class Link:
    """To the home server: TLS 1.3 with both certificates, `hello` both ways, then frames."""

    def __init__(self, keys, address, home):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False  # the name is the node's, in CN, and looked at below
        context.load_verify_locations(keys.folder / "ca.pem")
        context.load_verify_locations(keys.folder / "crl.pem")
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        context.load_cert_chain(keys.folder / "cert.pem", keys.folder / "key.pem")
        self.sock = context.wrap_socket(socket.create_connection(address, 10))
        peer = subject(x509.load_der_x509_certificate(self.sock.getpeercert(binary_form=True)))
        self.say({"t": "hello", "oldest": 2, "newest": 2, "name": keys.name, "role": keys.role, "incarnation": secrets.randbits(64)})
        greeting = self.hear()
        if peer != (home, "server") or greeting["t"] != "hello" or (greeting["name"], greeting["role"]) != peer:
            raise Wrong(f"{peer} is not the server {home}")
        if not greeting["oldest"] <= 2 <= greeting["newest"]:
            raise Wrong("no version in common")

    def say(self, message):
        body = cbor(message)
        self.sock.sendall(len(body).to_bytes(4, "big") + body)

    def hear(self):
        return read_cbor(read_exactly(self.sock, int.from_bytes(read_exactly(self.sock, 4), "big")))

    def open(self, **fields):
        """The token of the circuit that this makes."""
        self.say({"t": "open", "n": 1, **fields})
        while True:
            message = self.hear()
            if message["t"] == "beat" and not message["answer"]:
                self.say({"t": "beat", "answer": True})
            elif message["t"] == "opened" and message["n"] == 1:
                return message["token"]
            elif message["t"] == "failed" and message["n"] == 1:
                raise Wrong(f"{message['code']}: {message['text']} (at {message.get('hop', '?')})")


class Circuit:
    """The data socket that the token opens, and the records on it."""

    def __init__(self, address, token):
        self.sock = socket.create_connection(address, 10)
        self.sock.sendall(b"HLD\x01" + token)
        if read_exactly(self.sock, 1) != b"\0":
            raise Wrong("the token was refused")

    def say(self, kind, body):
        self.sock.sendall(len(body).to_bytes(4, "big") + bytes([RECORDS[kind]]) + body)

    def hear(self, wanted, offer_hash, keys, receiver):
        """The body of the next record, which is the wanted one; progress is passed over."""
        while True:
            size, kind = struct.unpack(">IB", read_exactly(self.sock, 5))
            body = read_exactly(self.sock, size)
            name = NAMES.get(kind, hex(kind))
            if name == wanted:
                return body
            if name == "refusal":
                said, _, _ = keys.believe("refusal", offer_hash, body, receiver)
                raise Wrong(f"{said['code']}: {said['text']} (at {receiver})")
            if name != "progress":
                raise Wrong(f"{name} instead of {wanted}")


def send_file(folder, address, home, file, receiver, content):
    """Sends these bytes, and returns what the receipt says."""
    keys = Keys(folder)
    now = int(time.time() * 1000)
    transfer, open_id = f"{now:012x}" + secrets.token_hex(10), secrets.token_hex(8)
    link = Link(keys, address, home)
    token = link.open(id=open_id, kind="transfer", transfer=transfer, attempt=1, budget_ms=10_000, hops_left=32, file=file, to=[receiver])
    circuit = Circuit(address, token)

    offer, offer_hash = keys.statement("offer", NOTHING, cbor({
        "version": 1, "transfer": transfer, "attempt": 1, "generation": 1, "sequence": now, "time_ms": now, "sender": keys.name,
        "recipients": [receiver], "nonce": secrets.token_bytes(32), "file_tag": file_tag(open_id, file)}), certificate=True)
    circuit.say("offer", offer)
    ready, ready_hash, public = keys.believe("ready", offer_hash, circuit.hear("ready", offer_hash, keys, receiver), receiver)
    if ready["receiver"] != receiver or "receipt" in ready:
        raise Wrong("a READY for something else")

    key = secrets.token_bytes(32)
    info = envelope_info(keys.network, transfer, 1, 1, keys.name, receiver)
    envelopes = cbor({receiver: seal_envelope(key, public, info, ec.generate_private_key(ec.SECP256R1()))})
    header, header_hash = keys.statement("header", ready_hash, cbor({
        "suite": "hpke-p256-aes-256-gcm-stream", "transfer": transfer, "attempt": 1, "generation": 1, "chunk": CHUNK, "start": 1,
        "digest": "sha256", "envelopes": hashlib.sha256(envelopes).digest()}))
    circuit.say("header", header)
    circuit.say("envelopes", envelopes)
    circuit.say("chunk", seal_chunk(key, transfer, 1, 1, 0, False, cbor({"name": b"", "size": len(content), "mode": 0o644})))
    chunks = [content[at:at + CHUNK] for at in range(0, len(content), CHUNK)] or [b""]
    for index, chunk in enumerate(chunks, 1):
        circuit.say("chunk", seal_chunk(key, transfer, 1, 1, index, index == len(chunks), chunk))
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    circuit.say("end", keys.statement("end", header_hash, cbor({"size": len(content), "digest": digest}))[0])

    receipt, _, _ = keys.believe("receipt", header_hash, circuit.hear("receipt", offer_hash, keys, receiver), receiver)
    said = [receipt[field] for field in ("transfer", "generation", "sender", "receiver", "size", "digest", "header")]
    if said != [transfer, 1, keys.name, receiver, len(content), digest, header_hash]:
        raise Wrong(f"a receipt for something else: {receipt}")
    circuit.sock.shutdown(socket.SHUT_WR)
    if circuit.sock.recv(1):
        raise Wrong("something behind the receipt")
    circuit.sock.close()
    link.sock.close()
    return receipt


def main(folder, address, home, file, receiver, path):
    host, _, port = address.rpartition(":")
    try:
        receipt = send_file(folder, (host, int(port)), home, file, receiver, Path(path).read_bytes())
    except (Wrong, InvalidSignature, OSError) as error:
        sys.exit(f"not sent: {error}")
    print(receipt["transfer"], receipt["size"], receipt["digest"])


if __name__ == "__main__":
    main(*sys.argv[1:])
