"""The other side of independent_client.py, written in the same way: a client that receives files, each whole and in one attempt.

    python3 independent_receiver.py KEY-FOLDER ADDRESS FILE-ID SENDER PATH"""
import hashlib
import secrets
import socket
import ssl
import sys
import threading
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if __package__:
    from . import independent_client as wire
else:  # as a program
    import independent_client as wire


def open_envelope(envelope, own, info):
    """The content key, by the steps of RFC 9180 that seal_envelope takes from the other end."""
    if len(envelope) != 114 or envelope[0] != 1:
        raise wire.Wrong("no envelope of this form")
    enc = envelope[1:66]
    agreed = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), enc))
    cipher, nonce = wire.envelope_cipher(agreed, enc, wire.point(own.public_key()), info)
    return cipher.decrypt(nonce, envelope[66:], b"")


def open_chunk(key, transfer, generation, attempt, index, last, sealed):
    nonce, about = wire.chunk_place(transfer, generation, attempt, index, last)
    return AESGCM(key).decrypt(nonce, sealed, about)


class Circuit(wire.Circuit):
    def __init__(self, sock):
        self.sock = sock

    def next(self, wanted):
        head = wire.read_exactly(self.sock, 5)
        body, name = wire.read_exactly(self.sock, int.from_bytes(head[:4], "big")), wire.NAMES.get(head[4], hex(head[4]))
        if name == "progress" != wanted:
            return self.next(wanted)
        if name != wanted:
            raise wire.Wrong(f"{name} instead of {wanted}")
        return body


class Receiver:
    """Listens at its address, answers its home server, and takes every file of that ID. `received` are (content, what was signed for)."""

    def __init__(self, folder, address, file, sender):
        self.keys, self.file, self.sender = wire.Keys(folder), file, sender
        self.expected, self.received, self.wrong = {}, [], []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.context.load_cert_chain(self.keys.folder / "cert.pem", self.keys.folder / "key.pem")
        for name in ("ca.pem", "crl.pem"):
            self.context.load_verify_locations(self.keys.folder / name)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        self.context.num_tickets = 0
        self.listener = socket.create_server(address)
        self.news = threading.Condition()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[sock], daemon=True).start()

    def serve(self, sock):
        try:
            sock.settimeout(30)
            if sock.recv(1, socket.MSG_PEEK) == b"\x16":
                self.answer_link(self.context.wrap_socket(sock, server_side=True))
            else:
                self.answer_data(sock)
        except Exception as error:
            with self.news:
                self.wrong.append(error)
                self.news.notify_all()
        finally:
            sock.close()

    def answer_link(self, sock):
        def say(message):
            body = wire.cbor(message)
            sock.sendall(len(body).to_bytes(4, "big") + body)

        say({"t": "hello", "oldest": 2, "newest": 2, "name": self.keys.name, "role": self.keys.role, "incarnation": secrets.randbits(64)})
        while True:
            message = wire.read_cbor(wire.read_exactly(sock, int.from_bytes(wire.read_exactly(sock, 4), "big")))
            if message["t"] == "beat" and not message["answer"]:
                say({"t": "beat", "answer": True})
            elif message["t"] == "open" and (message["kind"], message.get("file")) == ("transfer", self.file):
                token = secrets.token_bytes(32)
                self.expected[token] = message
                say({"t": "opened", "n": message["n"], "token": token})
            elif "n" in message:
                say({"t": "failed", "n": message["n"], "code": "unknown-file", "hop": self.keys.name, "text": "nothing else comes here"})

    def answer_data(self, sock):
        preamble = wire.read_exactly(sock, 36)
        asked = self.expected.pop(preamble[4:], None)
        if preamble[:4] != b"HLD\x01" or asked is None:
            raise wire.Wrong("no token of ours")
        sock.sendall(b"\0")
        taken = self.receive(Circuit(sock), asked)
        sock.shutdown(socket.SHUT_WR)
        with self.news:
            self.received.append(taken)
            self.news.notify_all()
        sock.recv(1)

    def receive(self, circuit, asked):
        keys = self.keys
        offer, offer_hash, sender_key = keys.believe("offer", wire.NOTHING, circuit.next("offer"), self.sender)
        transfer, generation, attempt = (offer[field] for field in ("transfer", "generation", "attempt"))
        if (offer["sender"], offer["recipients"], transfer, offer["file_tag"]) != (
                self.sender, [keys.name], asked["transfer"], wire.file_tag(asked["id"], self.file)):
            raise wire.Wrong(f"an offer of something else: {offer}")
        ready, ready_hash = keys.statement("ready", offer_hash, wire.cbor(
            {"receiver": keys.name, "nonce": secrets.token_bytes(32), "checkpoint": 0}), certificate=True)
        circuit.say("ready", ready)

        header, header_hash = wire.signed_by(sender_key, "header", ready_hash, circuit.next("header"))
        envelopes = circuit.next("envelopes")
        if hashlib.sha256(envelopes).digest() != header["envelopes"] or (header["start"], header["digest"]) != (1, "sha256"):
            raise wire.Wrong("a header of something else")
        info = wire.envelope_info(keys.network, transfer, generation, attempt, self.sender, keys.name)
        key = open_envelope(wire.read_cbor(envelopes)[keys.name], keys.key, info)
        metadata = wire.read_cbor(open_chunk(key, transfer, generation, attempt, 0, False, circuit.next("chunk")))
        size, chunk = metadata["size"], header["chunk"]
        count = max(1, -(-size // chunk))
        content = b"".join(open_chunk(key, transfer, generation, attempt, index, index == count, circuit.next("chunk"))
                           for index in range(1, count + 1))
        end, _ = wire.signed_by(sender_key, "end", header_hash, circuit.next("end"))
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        if (end["size"], end["digest"], len(content)) != (size, digest, size):
            raise wire.Wrong("not the file that was sent")
        receipt = {"transfer": transfer, "attempt": attempt, "generation": generation, "sender": self.sender, "receiver": keys.name,
                   "size": size, "digest": digest, "header": header_hash}
        circuit.say("receipt", keys.statement("receipt", header_hash, wire.cbor(receipt), certificate=True)[0])
        return content, receipt

    def wait(self, count, seconds=30):
        """Until so many files are there, or something went wrong."""
        with self.news:
            assert self.news.wait_for(lambda: self.wrong or len(self.received) >= count, seconds), "nothing came"
        return self.received[count - 1:]

    def close(self):
        self.listener.close()


def main(folder, address, file, sender, path):
    host, _, port = address.rpartition(":")
    receiver = Receiver(folder, (host, int(port)), file, sender)
    print("listening", flush=True)
    for content, receipt in receiver.wait(1, 600):
        Path(path).write_bytes(content)
        print(receipt["transfer"], receipt["size"], receipt["digest"])


if __name__ == "__main__":
    main(*sys.argv[1:])
