"""A broadcast point whose every word is a script's: it ends the sender's circuit, and feeds receivers what it likes of it."""
import hashlib
import secrets

from . import cbor, peer
from .scripted_peer import TYPES, Station, Statement, Stream

NO_CHUNKS = {"chunks": 0, "chunk": 0, "complete": False}


def unpacked(batch):
    """The envelopes of a batch: behind the first bytes of their SHA-256."""
    content = batch[8:]
    assert hashlib.sha256(content).digest()[:8] == batch[:8], "a batch with another sum"
    return cbor.decode(content)


class Held:
    """What came from the sender in one attempt: bodies of records."""

    def __init__(self, told, offer):
        self.told, self.offer = told, offer
        self.header = self.metadata = self.end = None
        self.envelopes, self.chunks = {}, []

    @property
    def offer_hash(self):
        return hashlib.sha256(b"hublink 1 offer\0" + bytes(32) + cbor.decode(self.offer)["body"]).digest()


class Point(Station):
    """Stands at the address of the server `identity`. `hops`: receiver → who is asked next for it. What it does is `script(point, held,
    sender)`, called once the sender's stream is there; `receivers` are told in the answer to `open`."""

    def __init__(self, identity, hops, script=None):
        self.hops, self.script = hops, script or honest
        self.receivers = list(hops)
        self.attempts = []  # Held, in order
        super().__init__(identity)

    def _serve_link(self, link):
        while True:
            told = link.receive_kind("open")
            token = secrets.token_bytes(32)
            self._waiting[token] = told
            link.send("opened", n=told["n"], token=token, receivers=self.receivers)

    def serve(self, told, sock):
        sender = Stream(sock, seconds=20)
        kind, offer = sender.hear()
        assert kind == "offer", kind
        held = Held(told, offer)
        self.attempts.append(held)
        self.say(sender, held, "spool_ready", NO_CHUNKS)
        if not cbor.decode(cbor.decode(offer)["body"]).get("cancel"):
            self._take(sender, held)
        self.script(self, held, sender)
        try:
            while sender.sock.recv(65_536):  # until the sender has closed
                pass
        except OSError:
            pass
        sender.close()

    def _take(self, sender, held):
        while held.end is None:
            kind, body = sender.hear()
            if kind == "header":
                held.header = body
            elif kind == "batch":
                held.envelopes.update(unpacked(body))
            elif kind == "chunk" and held.metadata is None:
                held.metadata = body
            elif kind == "chunk":
                held.chunks.append(body)
            elif kind == "end":
                held.end = body

    def say(self, sender, held, kind, fields):
        """A statement of its own, in answer to the offer."""
        sender.say(kind, Statement(self.identity, kind, fields, held.offer_hash, certificate=True).record)

    def branch(self, receiver, held):
        """The circuit to a receiver, on which the offer is: its stream."""
        hop = self.hops[receiver]
        link = self.identity.link(hop)
        told = {name: value for name, value in held.told.items() if name not in ("t", "n", "to", "only")}
        answer = link.ask("open", **told, **({} if hop == receiver else {"to": [receiver]}))
        assert answer["t"] == "opened", answer
        accepted, sock = peer.show_token(self.identity.net.address(hop), answer["token"])
        assert accepted
        stream = Stream(sock, link, seconds=20)
        stream.say("offer", held.offer)
        return stream

    def feed(self, receiver, held, **instead):
        """All that a receiver gets, of which `instead` says what is different; its answer: (kind, body)."""
        branch = self.branch(receiver, held)
        try:
            kind, body = branch.hear()
            if kind != "ready" or "receipt" in cbor.decode(cbor.decode(body)["body"]):
                return kind, body
            give = {"header": held.header, "envelope": held.envelopes.get(receiver), "metadata": held.metadata,
                    "chunks": held.chunks, "end": held.end, **instead}
            try:
                branch.say("segment", (1).to_bytes(8, "big"))
                branch.say("header", give["header"])
                branch.say("envelopes", cbor.encode({receiver: give["envelope"]} if give["envelope"] else {}))
                branch.say("chunk", give["metadata"])
                for chunk in give["chunks"]:
                    branch.say("chunk", chunk)
                if give["end"]:
                    branch.say("end", give["end"])
            except peer.Ended:
                pass  # it has refused already
            return branch.hear()
        except peer.Ended:
            return None, b""
        finally:
            branch.close()

    def pass_on(self, sender, receiver, kind, body):
        """A receiver's own word, as it came; none, if its circuit was cut by a later attempt: the point says so itself."""
        if kind is None:
            return self.word(sender, receiver, "cut")
        if kind == "ready":  # which brings the receipt of an earlier attempt
            kind, body = "receipt", cbor.decode(cbor.decode(body)["body"])["receipt"]
        sender.say("branch", cbor.encode({"name": receiver, "type": TYPES[kind], "body": body}))

    def word(self, sender, receiver, code):
        """Its own word for a receiver."""
        sender.say("branch", cbor.encode({"name": receiver, "code": code, "text": "says the point"}))


def honest(point, held, sender):
    for receiver in point.hops:
        point.pass_on(sender, receiver, *point.feed(receiver, held))
