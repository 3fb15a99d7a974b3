"""A program, or a browser, that asks a node over HTTPS."""
import http.client
import json
import socket
import ssl
from dataclasses import dataclass, field

from .managed import PASSWORD

PORT = 8443
CSRF = "X-Hublink-CSRF"
COOKIE = "__Host-hublink"


def context():
    """Whose certificate that is, other tests look at: no system's certificates are loaded, which takes its time for each request."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


@dataclass
class Answer:
    status: int
    fields: dict
    body: bytes

    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {self.fields} {self.body[:1000]!r}"


@dataclass
class Door:
    """One listener of a node; what is said on top of each request: a token, or a cookie."""

    host: str
    port: int = PORT
    said: dict = field(default_factory=dict)
    clear: bool = False

    @property
    def authority(self):
        return f"{self.host}:{self.port}"

    @property
    def origin(self):
        return f"https://{self.authority}"

    def connect(self, timeout=30):
        plain = socket.create_connection((self.host, self.port), timeout)
        return plain if self.clear else context().wrap_socket(plain, server_hostname=None)

    def raw(self, data, timeout=10):
        """What comes back until the server closes, or is silent for so long."""
        with self.connect(timeout) as there:
            there.sendall(data)
            got = b""
            try:
                while part := there.recv(65536):
                    got += part
            except (TimeoutError, ssl.SSLError, ConnectionError):
                pass
            return got

    def ask(self, method, path, body=None, timeout=60, **fields):
        """`fields`: with `_` for `-`; None leaves one out."""
        kind = http.client.HTTPConnection(self.host, self.port, timeout=timeout) if self.clear else \
            http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context())
        said = {**self.said, **{name.replace("_", "-"): value for name, value in fields.items()}}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            said.setdefault("Content-Type", "application/json")
        try:
            kind.request(method, path, body, {name: value for name, value in said.items() if value is not None})
            got = kind.getresponse()
            return Answer(got.status, dict(got.getheaders()), got.read())
        finally:
            kind.close()

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.ask("POST", path, {} if body is None else body, **options)

    def with_token(self, text):
        return Door(self.host, self.port, {"Authorization": f"Bearer {text}"}, self.clear)

    def log_in(self, user="op", password=PASSWORD):
        """The answer, and who comes with its cookie."""
        answer = self.post("/api/v1/login", {"user": user, "password": password})
        if answer.status != 200:
            return answer, None
        cookie = answer.fields["Set-Cookie"].split(";")[0]
        return answer, Door(self.host, self.port, {"Cookie": cookie, CSRF: answer.json()["csrf"], "Origin": self.origin})


def serve(net, node, host=None, **settings):
    """Lets a node serve HTTP from its next start on; its door."""
    host = host or net.address(node)[0]
    port = net.ports.take()
    place = net.data(node) / "local.json"
    local = json.loads(place.read_text()) if place.exists() else {}
    local["web"] = {"listen": f"{host}:{port}", **settings}
    place.write_text(json.dumps(local))
    return Door(host, port)


def measure(net, node, host=None):
    """Lets a node serve metrics from its next start on; its door."""
    host = host or net.address(node)[0]
    port = net.ports.take()
    place = net.data(node) / "local.json"
    local = json.loads(place.read_text()) if place.exists() else {}
    local["metrics"] = {"listen": f"{host}:{port}"}
    place.write_text(json.dumps(local))
    return Door(host, port, clear=True)


class Events:
    """A reader of /api/v1/events."""

    def __init__(self, door, path="/api/v1/events", last=None):
        self.sock = door.connect(20)
        fields = {"Host": door.authority, **door.said, **({"Last-Event-ID": last} if last else {})}
        self.sock.sendall((f"GET {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode())
        self.file = self.sock.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass
        self.last = last

    def __iter__(self):
        """(name, data) of each message."""
        name, data = "message", None
        for line in self.file:
            key, _, value = line.decode().rstrip("\n").partition(": ")
            if key == "event":
                name = value
            elif key == "id":
                self.last = value
            elif key == "data":
                data = json.loads(value)
            elif not key and data is not None:
                yield name, data
                name, data = "message", None

    def expect(self, wanted, **fields):
        """The first message of that name (or event of that kind) with these fields."""
        for name, data in self:
            if wanted in (name, data.get("event")) and all(data.get(key) == value for key, value in fields.items()):
                return data
        raise AssertionError(f"the events ended before {wanted} {fields}")

    def close(self):
        self.file.close()
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
