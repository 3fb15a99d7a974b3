"""A scripted hub in the place of a server: makes circuits as an honest one does, and meddles with what they carry."""
import secrets
import socket
import threading

from . import peer


class Hub:
    """Stands at the address of `name` and leads every transfer to `receiver` (a client's name). `forth` and `back` make the
    functions that change the bytes, one a circuit (see `peer.pump`)."""

    def __init__(self, net, name, receiver, forth=None, back=None):
        self._net, self._name, self._receiver = net, name, receiver
        self.forth = forth or (lambda: lambda part: part)
        self.back = back or (lambda: lambda part: part)
        self._waiting = {}  # token -> socket of the far side
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
        far_address = self._net.address(self._receiver)
        far = peer.Link.dial(far_address, self._net.keys / self._name, self._name, "server")
        far.sock.settimeout(None)
        number = message.pop("n")
        told = {key: value for key, value in message.items() if key not in ("t", "to")}
        answer = far.ask("open", **told)
        if answer["t"] == "failed":
            link.send("failed", **{**{k: v for k, v in answer.items() if k != "t"}, "n": number})
            return
        accepted, sock = peer.show_token(far_address, answer["token"])
        assert accepted
        token = secrets.token_bytes(32)
        self._waiting[token] = sock
        link.send("opened", n=number, token=token, receivers=[self._receiver])
        self._spawn(self._keep, far)

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
        far.settimeout(None)
        self._spawn(peer.pump, near, far, self.forth())
        self._spawn(peer.pump, far, near, self.back())

    def close(self):
        self._listener.close()
        for sock in self._sockets:
            sock.close()
