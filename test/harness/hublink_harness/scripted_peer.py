"""Nodes whose every word is a script's: a client or server that is asked, a manager that asks, a sender of a sealed stream.

Each has a real certificate of the network; connections and frames are those of peer.py. What they say is right by default,
and each field can be given another value."""
import hashlib
import json
import secrets
import socket
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import cbor, envelopes, peer, scram

# Records of a circuit (docs/protocol/stream.md, "Records").
TYPES = {"offer": 0x01, "header": 0x02, "envelopes": 0x03, "chunk": 0x04, "end": 0x05, "abort": 0x06, "batch": 0x07, "segment": 0x08,
         "ready": 0x11, "progress": 0x12, "receipt": 0x13, "refusal": 0x14, "job_result": 0x15, "spool_ready": 0x16, "branch": 0x17,
         "request": 0x21, "answer": 0x22}
NAMES = {number: name for name, number in TYPES.items()}
NOTHING = bytes(32)  # what a statement answers that answers nothing
PART = 32_768  # bytes of a command or report in one frame


def hash_of_parts(*parts):
    """SHA-256 over the parts, each behind its length."""
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def tag_of_file(open_id, file):
    return hash_of_parts(b"hublink file", open_id.encode(), file.encode())


def in_background(work, *words):
    threading.Thread(target=work, args=words, daemon=True).start()


class Statement:
    """A body that was signed: `record` is what goes over the wire, `hash` what the next one answers."""

    def __init__(self, identity, kind, body, answered=NOTHING, certificate=False):
        self.body = body if isinstance(body, bytes) else cbor.encode(body)
        signed = b"hublink 1 " + kind.encode() + b"\0" + answered + self.body
        self.hash = hashlib.sha256(signed).digest()
        self.record = cbor.encode({"body": self.body, "sig": identity.sign(signed), **({"cert": identity.der} if certificate else {})})


class Identity:
    """A node's name, certificate and key."""

    def __init__(self, net, name):
        self.net, self.name, self.keys = net, name, net.keys / name
        self.role = net.topology["nodes"][name]["role"]
        self._key = serialization.load_pem_private_key((self.keys / "key.pem").read_bytes(), None)
        self.der = x509.load_pem_x509_certificate((self.keys / "cert.pem").read_bytes()).public_bytes(serialization.Encoding.DER)

    def sign(self, data):
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))

    def link(self, to, **options):
        """A link to a running node; its beats are answered only while the script listens."""
        return peer.Link.dial(self.net.address(to), self.keys, self.name, self.role, **options)

    def circuit(self, home, kind, **told):
        """Opens a circuit through `home`: (its data socket, the link). AssertionError with the answer if it is refused."""
        link = self.link(home)
        answer = link.ask("open", **{"id": secrets.token_hex(8), "kind": kind, "transfer": secrets.token_hex(16), "attempt": 1,
                                     "budget_ms": 8000, "hops_left": 32, **told})
        if answer["t"] != "opened":
            link.close()
            raise AssertionError(f"{home} refused a circuit to {self.name}: {answer}")
        accepted, sock = peer.show_token(self.net.address(home), answer["token"])
        assert accepted, f"{home} does not take the token that it gave"
        in_background(keep_up, link)
        return sock, link


def keep_up(link):
    """Answers beats until the link ends."""
    try:
        link.sock.settimeout(None)
        link.receive_kind("goodbye")
    except (peer.Ended, TimeoutError, ValueError):
        link.close()


def hang_up(sock):
    """Ends it for who reads it on another thread, and closes it then: a descriptor that was closed may be another's already."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        pass  # it has ended already


class Stream:
    """The bytes of a circuit, in records. `said` and `heard` are (name of the type, body)."""

    def __init__(self, sock, link=None, seconds=15):
        self.sock, self._link = sock, link
        sock.settimeout(seconds)

    def say(self, kind, body):
        number = TYPES[kind] if isinstance(kind, str) else kind
        try:
            self.sock.sendall(len(body).to_bytes(4, "big") + bytes([number]) + body)
        except OSError as error:
            raise peer.Ended(str(error)) from error

    def hear(self, passing=("progress",)):
        """The next record that is not passed over; peer.Ended when there is none."""
        while True:
            head = peer.read_exactly(self.sock, 5)
            body = peer.read_exactly(self.sock, int.from_bytes(head[:4], "big"))
            kind = NAMES.get(head[4], hex(head[4]))
            if kind not in passing:
                return kind, body

    def hear_statement(self):
        """(kind, the fields that were signed, the body that has them); ValueError where it is none"""
        kind, record = self.hear()
        body = cbor.decode(record)["body"]
        return kind, cbor.decode(body), body

    def close(self):
        self.sock.close()
        if self._link:
            hang_up(self._link.sock)


class Sender:
    """Sends one file to one receiver as a client does, a step at a time; every step takes fields that differ."""

    def __init__(self, identity, home, file, to=(), transfer=None, attempt=1, **told):
        self.identity, self.file, self.to = identity, file, list(to)
        self.transfer, self.attempt, self.generation = transfer or secrets.token_hex(16), attempt, 1
        self.open_id = secrets.token_hex(8)
        sock, link = identity.circuit(home, "transfer", id=self.open_id, transfer=self.transfer, attempt=attempt, file=file,
                                      **({"to": self.to} if self.to else {}), **told)
        self.stream = Stream(sock, link)
        self.key = secrets.token_bytes(32)

    def offer(self, to_receivers=True, **differs):
        now = int(time.time() * 1000)
        body = {"version": 1, "transfer": self.transfer, "attempt": self.attempt, "generation": self.generation, "sequence": now,
                "time_ms": now, "sender": self.identity.name, "nonce": secrets.token_bytes(32),
                "file_tag": tag_of_file(self.open_id, self.file), **({"recipients": self.to} if to_receivers else {}), **differs}
        self.transfer, self.attempt, self.generation = body["transfer"], body["attempt"], body["generation"]
        self.offered = Statement(self.identity, "offer", body, certificate=True)
        self.stream.say("offer", self.offered.record)

    def answer(self):
        """What the other side says to the offer: (kind, fields)."""
        kind, fields, body = self.stream.hear_statement()
        if kind == "ready":
            signed = b"hublink 1 ready\0" + self.offered.hash + body
            self.ready_hash = hashlib.sha256(signed).digest()
        return kind, fields

    def envelope(self, receiver, **differs):
        about = {"sender": self.identity.name, "transfer": self.transfer, "generation": self.generation, "attempt": self.attempt,
                 **differs}
        return envelopes.seal(self.identity.net, receiver=receiver, key=self.key, **about)

    def header(self, size, name=b"", mode=0o644, chunk=262_144, start=1, sealed=None, **differs):
        """Header, envelopes (`sealed`: others) and chunk 0."""
        sealed = cbor.encode(sealed or {receiver: self.envelope(receiver) for receiver in self.to})
        body = {"suite": "hpke-p256-aes-256-gcm-stream", "transfer": self.transfer, "attempt": self.attempt, "generation": self.generation,
                "chunk": chunk, "start": start, "digest": "xxh128", "envelopes": hashlib.sha256(sealed).digest(), **differs}
        self.headed = Statement(self.identity, "header", body, self.ready_hash)
        self.stream.say("header", self.headed.record)
        self.stream.say("envelopes", sealed)
        self.chunk(0, cbor.encode({"name": name, "size": size, "mode": mode}))

    def chunk(self, index, content, last=False):
        nonce = index.to_bytes(8, "big") + bytes(3) + bytes([last])
        about = (bytes.fromhex(self.transfer) + self.generation.to_bytes(4, "big") + self.attempt.to_bytes(4, "big")
                 + index.to_bytes(8, "big"))
        self.stream.say("chunk", AESGCM(self.key).encrypt(nonce, content, about))

    def end(self, size, digest):
        self.stream.say("end", Statement(self.identity, "end", {"size": size, "digest": digest}, self.headed.hash).record)

    def close(self):
        self.stream.close()


class Session:
    """A management session that a script dials: a manager's with a server, or a server's with a client of its own."""

    def __init__(self, identity, home, to=()):
        sock, self._carrier = identity.circuit(home, "management", **({"to": list(to)} if to else {}))
        self.link = peer.Link(peer.tls(sock, identity.keys), identity.name, identity.role)
        self._number = 0
        self.ended = None  # the code and text of why

    def send(self, body, more=False):
        """A command: a request as a dict, or the bytes that stand for one. `more`: it is left open."""
        self._number += 1
        whole = json.dumps(body).encode() if isinstance(body, dict) else body
        say_in_parts(self.link, "command", self._number, whole, more)
        return self._number

    def ask(self, body, seconds=30):
        """(what it failed with, or None; the answer's lines) of a command."""
        return self.answer(self.send(body), seconds)

    def answer(self, number, seconds=30):
        """Of a command that was sent; number 0: why the session ended, as its code and text."""
        self.link.sock.settimeout(seconds)
        text = b""
        while True:
            report = self.link.receive_kind("report")
            if report["n"] == 0:
                self.ended = report["code"], report["text"]
            if report["n"] == number == 0:
                return self.ended
            if report["n"] != number:
                continue
            text += report["body"] + (b"" if report.get("more") else b"\n")
            if report.get("last"):
                lines = text.decode(errors="replace").splitlines()
                last = json.loads(lines[-1]) if lines and lines[-1] else {}
                return report.get("code") or last.get("error", {}).get("code"), lines

    def login(self, user, password, key=None):
        """The code of why it failed, or None."""
        login = scram.Client(user, password, self.link.sock.binding)
        code, lines = self.say(login.first())
        if code is None:
            code, lines = self.say(login.final(json.loads(lines[-1])["scram"], key))
        assert code or login.accepts(json.loads(lines[-1])["scram"]), "the server does not know the account"
        return code

    def say(self, text):
        return self.ask({"verb": "login", "scram": text}, 60)

    def close(self):
        self.link.close()
        hang_up(self._carrier.sock)


def say_in_parts(link, kind, number, whole, more=False):
    parts = [whole[at:at + PART] for at in range(0, len(whole), PART)] or [b""]
    ending = {"last": True} if kind == "report" else {}
    for part in parts[:-1]:
        link.send(kind, n=number, body=part, more=True)
    link.send(kind, n=number, body=parts[-1], **({"more": True} if more else ending))


class Station:
    """Stands at a node's address in its place: takes links, opens every circuit, and gives each to `serve(told, socket)`."""

    def __init__(self, identity, serve=None, newest=None):
        self.identity, self.serve, self.newest = identity, serve or self.serve, newest
        self.wrong = []  # what ended a conversation otherwise than by its end
        self._waiting, self._sockets = {}, []
        self._listener = socket.create_server(identity.net.address(identity.name))
        in_background(self._accept)

    def serve(self, told, sock):
        """A circuit that nobody serves stays open."""

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            in_background(self._converse, sock)

    def _converse(self, sock):
        try:
            if sock.recv(1, socket.MSG_PEEK) == b"\x16":
                self._serve_link(self.secured(sock))
            else:
                self._sockets.append(sock)
                told = self._waiting.pop(peer.read_exactly(sock, 36)[4:])
                sock.sendall(b"\0")
                self.serve(told, sock)
        except (peer.Ended, TimeoutError):
            sock.close()
        except Exception as error:  # of the script's own making: shown by the test
            self.wrong.append(error)
            sock.close()

    def secured(self, sock):
        """The link inside a connection that was taken."""
        secure = peer.tls(sock, self.identity.keys, server_side=True)
        self._sockets.append(secure)
        return peer.Link(secure, self.identity.name, self.identity.role, newest=self.newest)

    def _serve_link(self, link):
        while True:
            told = link.receive_kind("open")
            token = secrets.token_bytes(32)
            self._waiting[token] = told
            link.send("opened", n=told["n"], token=token)

    def close(self):
        hang_up(self._listener)  # wakes who accepts; close alone would leave the address in use
        self._listener.close()
        for sock in self._sockets:
            hang_up(sock)


class Answerer(Station):
    """A node that answers what it is asked in management sessions by `answer(request)`: bytes, a dict, or None for no answer.
    `asked` are the requests, in order."""

    def __init__(self, identity, answer):
        super().__init__(identity)
        self.answer, self.asked = answer, []

    def serve(self, told, sock):
        link = self.secured(sock)
        link.sock.settimeout(None)
        line = b""
        while (message := link.receive_kind("command", "drain"))["t"] == "command":
            line += message["body"]
            if message.get("more"):
                continue
            request, line = json.loads(line), b""
            self.asked.append(request)
            if (answer := self.answer(request)) is not None:
                say_in_parts(link, "report", message["n"], json.dumps(answer).encode() if isinstance(answer, dict) else answer)
        hang_up(link.sock)


def control(net, node, line, seconds=30):
    """All lines that a node's control socket answers to one line of bytes."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(seconds)
        sock.connect(str(net.data(node) / "control.sock"))
        sock.sendall(line + b"\n")
        return [json.loads(answer) for answer in sock.makefile()]
