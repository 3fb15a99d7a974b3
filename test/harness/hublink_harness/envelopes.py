"""Envelopes for a receiver's certificate: HPKE by docs/protocol/stream.md, "Key, envelopes, chunks", in words of our own."""
import hashlib
import hmac

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEM, HPKE = b"KEM\x00\x10", b"HPKE\x00\x10\x00\x01\x00\x02"


def seal(net, sender, receiver, transfer, generation, attempt, key):
    """The content key, sealed by anybody for the certificate of a node of the network."""
    public = certificate(net.keys / receiver / "cert.pem").public_key()
    fresh = ec.generate_private_key(ec.SECP256R1())
    enc = written(fresh.public_key())
    agreed = extract(KEM, b"", b"eae_prk", fresh.exchange(ec.ECDH(), public))
    shared = expand(KEM, agreed, b"shared_secret", enc + written(public), 32)
    about = info(net, sender, receiver, transfer, generation, attempt)
    context = b"\0" + extract(HPKE, b"", b"psk_id_hash", b"") + extract(HPKE, b"", b"info_hash", about)
    secret = extract(HPKE, shared, b"secret", b"")
    cipher, nonce = AESGCM(expand(HPKE, secret, b"key", context, 32)), expand(HPKE, secret, b"base_nonce", context, 12)
    return b"\x01" + enc + cipher.encrypt(nonce, key, b"")


def info(net, sender, receiver, transfer, generation, attempt):
    network = hashlib.sha256(written(certificate(net.keys / receiver / "ca.pem").public_key())).digest()
    parts = (b"hublink envelope", network, transfer.encode(), generation.to_bytes(4, "big") + attempt.to_bytes(4, "big"),
             sender.encode(), receiver.encode())
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def certificate(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def written(public):
    return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def extract(suite, salt, label, secret):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + secret, "sha256")


def expand(suite, secret, label, about, size):
    """32 bytes at most: one step."""
    return hmac.digest(secret, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + about + b"\x01", "sha256")[:size]
