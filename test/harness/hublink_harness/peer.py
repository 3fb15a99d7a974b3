"""Scripted peers: they speak links and data sockets by docs/protocol/links.md, and say what no honest node would."""
import os
import secrets
import socket
import ssl
import tempfile
import threading
import time

from . import cbor, scram

MAX_FRAME = 65536
NEWEST = 2  # the version of links that scripts speak
INCARNATION = secrets.randbits(63)  # of all links: one per name and process; another one is a second process of that name


class Ended(ConnectionError):
    """The node closed the connection."""


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        try:
            part = sock.recv(count - len(data))
        except TimeoutError:
            raise
        except OSError as error:
            raise Ended(str(error)) from error
        if not part:
            raise Ended("end of stream")
        data += part
    return data


def connect(address, seconds=10, source=None):
    """A plain TCP connection; `source` is the IP to come from."""
    return socket.create_connection(address, seconds, (source, 0) if source else None)


def tls(sock, keys, server_side=False):
    """TLS 1.3 with the certificate in `keys`; whom the other side trusts is its own business, here nobody is checked.
    `binding` is what the connection's two ends have in common."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server_side else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_cert_chain(os.path.join(keys, "cert.pem"), os.path.join(keys, "key.pem"))
    context.load_verify_locations(os.path.join(keys, "ca.pem"))
    context.verify_mode = ssl.CERT_REQUIRED if server_side else ssl.CERT_NONE
    with tempfile.NamedTemporaryFile("r") as key_log:
        context.keylog_filename = key_log.name
        try:
            made = context.wrap_socket(sock, server_side=server_side)
        except TimeoutError:
            raise
        except OSError as error:
            raise Ended(str(error)) from error
        made.binding = scram.tls_exporter(key_log.read(), made.cipher()[0])
    return made


class Link:
    """One end of a link. Numbers, waits and beats are taken care of; everything else is up to the script."""

    def __init__(self, sock, name, role, greet=True, newest=None, incarnation=INCARNATION):
        self.sock, self._number = sock, 0
        self._writing = threading.Lock()
        if greet:
            self.send("hello", oldest=1, newest=newest or NEWEST, name=name, role=role, incarnation=incarnation)
            self.peer = self.receive()

    @classmethod
    def dial(cls, address, keys, name, role, source=None, **options):
        return cls(tls(connect(address, source=source), keys), name, role, **options)

    def send_raw(self, data):
        with self._writing:
            try:
                self.sock.sendall(data)
            except OSError as error:
                raise Ended(str(error)) from error

    def send_frame(self, body):
        self.send_raw(len(body).to_bytes(4, "big") + body)

    def send(self, message, /, **fields):
        self.send_frame(cbor.encode({"t": message, **fields}))

    def receive(self):
        return cbor.decode(read_exactly(self.sock, int.from_bytes(read_exactly(self.sock, 4), "big")))

    def receive_kind(self, *kinds):
        """The next message of these kinds; beats that ask are answered, others are passed over."""
        while True:
            message = self.receive()
            if message["t"] in kinds:
                return message
            if message["t"] == "beat" and not message["answer"]:
                self.send("beat", answer=True)

    def ask(self, message, /, **fields):
        """Sends a request and waits for what answers it."""
        self._number += 1
        self.send(message, n=self._number, **fields)
        while (answer := self.receive_kind("opened", "failed"))["n"] != self._number:
            pass
        return answer

    def open(self, file, to=(), **more):
        return self.ask("open", **{"id": secrets.token_hex(8), "kind": "transfer", "transfer": secrets.token_hex(16), "attempt": 1,
                           "budget_ms": 5000, "hops_left": 32, "file": file, **({"to": list(to)} if to else {}), **more})

    def alive(self):
        """Asks for a beat, and waits for it."""
        self.send("beat", answer=False)
        while not self.receive_kind("beat")["answer"]:  # the node asks for one, too
            pass
        return True

    def wait_end(self, seconds=10):
        """Reads on until the node closes the link; False if it does not in time."""
        return ends(self.sock, seconds)

    def close(self):
        self.sock.close()


def ends(sock, seconds=10):
    deadline = time.monotonic() + seconds
    try:
        while (left := deadline - time.monotonic()) > 0:
            sock.settimeout(left)
            if not sock.recv(65536):
                return True
    except TimeoutError:
        return False
    except OSError:
        return True
    return False


def show_token(address, token, preamble=b"HLD\x01"):
    """A data socket that shows a token: (accepted?, the socket)."""
    sock = connect(address)
    sock.sendall(preamble + token)
    try:
        return read_exactly(sock, 1) == b"\0", sock
    except Ended:
        return False, sock


class Forwarder:
    """Takes TCP connections at one address and carries them to another: a second address of the same node."""

    def __init__(self, address, target):
        self._target = target
        self._listener = socket.create_server(address)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
            except OSError:
                return
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=pump, args=(one, other), daemon=True).start()

    def close(self):
        self._listener.close()


def pump(source, target, meddle=lambda part: part):
    """Carries bytes to the end of the stream; `meddle` may change a part, or return None to break off here."""
    try:
        while part := source.recv(65536):
            part = meddle(part)
            if part is None:
                break
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for sock in (source, target):
            sock.close()
