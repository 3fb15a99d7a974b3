"""A scripted hub in the place of a server: makes circuits as an honest one does, and meddles with what they carry."""
import secrets
import socket
import threading

from . import peer


class Hub:
    """Stands at the address of `name` and leads every transfer to `receiver` (a client's name, or the next server's). `forth` and `back`
    make the functions that change the bytes, one a circuit (see `peer.pump`). `added`: a client that gets a copy of all that goes forth."""

    def __init__(self, net, name, receiver, forth=None, back=None):
        self._net, self._name, self._receiver = net, name, receiver
        self.forth = forth or (lambda: lambda part: part)
        self.back = back or (lambda: lambda part: part)
        self.added = None
        self._waiting = {}  # token -> socket of the far side
        self._copies = {}  # token -> socket of the one that was added
        self._sockets = []
        self._listener = socket.create_server(net.address(name))
        self._listener.settimeout(None)
        self._spawn(self._accept)

    def _spawn(self, work, *words):
        threading.Thread(target=work, args=words, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(sock)
            self._spawn(self._serve, sock)

    def _serve(self, sock):
        try:
            if sock.recv(1, socket.MSG_PEEK) == b"\x16":
                self._serve_link(peer.Link(peer.tls(sock, self._net.keys / self._name, server_side=True), self._name, "server"))
            else:
                self._serve_data(sock)
        except (peer.Ended, TimeoutError):
            sock.close()

    def _serve_link(self, link):
        while True:
            message = link.receive_kind("open")
            self._spawn(self._open, link, message)

    def _open(self, link, message):
        number = message.pop("n")
        told = {key: value for key, value in message.items() if key not in ("t", "to")}
        answer, sock = self._lead(self._receiver, told)
        if answer["t"] == "failed":
            link.send("failed", **{**{k: v for k, v in answer.items() if k != "t"}, "n": number})
            return
        token = secrets.token_bytes(32)
        self._waiting[token] = sock
        if self.added:
            self._copies[token] = self._lead(self.added, told)[1]
        link.send("opened", n=number, token=token, receivers=answer.get("receivers", [self._receiver]))

    def _lead(self, receiver, told):
        """(its answer, the data socket)"""
        address = self._net.address(receiver)
        far = peer.Link.dial(address, self._net.keys / self._name, self._name, "server")
        far.sock.settimeout(None)
        answer = far.ask("open", **told)
        if answer["t"] == "failed":
            return answer, None
        accepted, sock = peer.show_token(address, answer["token"])
        assert accepted
        sock.settimeout(None)
        self._spawn(self._keep, far)
        return answer, sock

    def _keep(self, link):
        """Answers beats for as long as the link lasts."""
        try:
            link.receive_kind("goodbye")
        except peer.Ended:
            link.close()

    def _serve_data(self, near):
        preamble = peer.read_exactly(near, 36)
        far = self._waiting.pop(preamble[4:])
        near.sendall(b"\0")
        near.settimeout(None)
        forth = self.forth()
        if copy := self._copies.pop(preamble[4:], None):
            forth = _copied_to(copy, forth)
            self._spawn(_drain, copy)
        self._spawn(peer.pump, near, far, forth)
        self._spawn(peer.pump, far, near, self.back())

    def close(self):
        self._listener.close()
        for sock in self._sockets:
            sock.close()


def _copied_to(sock, meddle):
    """`meddle`, whose result goes to `sock` too, for as long as that listens."""

    def both(part):
        part = meddle(part)
        try:
            sock.sendall(part)
        except OSError:
            pass
        return part

    return both


def _drain(sock):
    try:
        while sock.recv(65536):
            pass
    except OSError:
        sock.close()
