"""Both sides of a login by docs/protocol/logins.md, in words of their own."""
import base64
import ctypes
import ctypes.util
import functools
import hashlib
import hmac
import secrets

HEADER = b"p=tls-exporter,,"


def expand_label(secret, label, context, length, digest):
    """HKDF-Expand-Label of TLS 1.3, for one block."""
    label = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(label)]) + label + bytes([len(context)]) + context
    return hmac.digest(secret, info + b"\1", digest)[:length]


def tls_exporter(key_log, cipher):
    """The channel binding of RFC 9266, from what OpenSSL says of one handshake's secrets."""
    digest = "sha384" if cipher.endswith("SHA384") else "sha256"
    (secret,) = [bytes.fromhex(line.split()[2]) for line in key_log.splitlines() if line.startswith("EXPORTER_SECRET ")]
    nothing = hashlib.new(digest, b"").digest()
    derived = expand_label(secret, b"EXPORTER-Channel-Binding", nothing, len(nothing), digest)
    return expand_label(derived, b"exporter", nothing, 32, digest)


@functools.cache
def stretch(password, salt, passes, memory_kib):
    """Argon2id, 32 bytes."""
    sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
    sodium.sodium_init()
    made = ctypes.create_string_buffer(32)
    text = password.encode()
    failed = sodium.crypto_pwhash(made, ctypes.c_ulonglong(32), text, ctypes.c_ulonglong(len(text)), salt, ctypes.c_ulonglong(passes),
                                  ctypes.c_size_t(memory_kib << 10), 2)
    assert failed == 0
    return made.raw


def keyed(key, text):
    return hmac.digest(key, text if isinstance(text, bytes) else text.encode(), "sha256")


def xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other))


def fields(text):
    return dict(part.split("=", 1) for part in text.split(","))


class Client:
    """The asking side. `binding`: of the link."""

    def __init__(self, user, password, binding):
        self.user, self.password, self.binding = user, password, binding
        self.nonce = secrets.token_hex(16)
        self.bare = f"n={user},r={self.nonce}"

    def first(self):
        return HEADER.decode() + self.bare

    def final(self, server_first, key=None):
        """`key`: the salted password, where it is known already."""
        said = fields(server_first)
        key = key or stretch(self.password, base64.b64decode(said["s"]), int(said["i"]), int(said["m"]))
        before = f"c={base64.b64encode(HEADER + self.binding).decode()},r={said['r']}"
        about = f"{self.bare},{server_first},{before}"
        client_key = keyed(key, "Client Key")
        proof = xor(client_key, keyed(hashlib.sha256(client_key).digest(), about))
        self.signature = keyed(keyed(key, "Server Key"), about)
        return f"{before},p={base64.b64encode(proof).decode()}"

    def accepts(self, server_final):
        return base64.b64decode(fields(server_final)["v"]) == self.signature
