"""A collector of OpenTelemetry's spans, as far as OTLP/HTTP in JSON goes; and some that don't behave."""
import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The messages of opentelemetry-proto 1.x by proto3's JSON mapping: field -> how its value looks. What is not here is no field of theirs.
HEX = {8: re.compile(r"[0-9a-f]{16}"), 16: re.compile(r"[0-9a-f]{32}")}
NUMBER = re.compile(r"-?\d{1,19}")


def text(value): assert isinstance(value, str), value
def number(value): assert isinstance(value, int) and not isinstance(value, bool), value
def long(value): assert isinstance(value, str) and NUMBER.fullmatch(value) and -2 ** 63 <= int(value) < 2 ** 64, value
def trace_id(value): assert HEX[16].fullmatch(value) and int(value, 16), value
def span_id(value): assert HEX[8].fullmatch(value) and int(value, 16), value
def kind(value): assert value in range(1, 6), value
def code(value): assert value in (0, 1, 2), value


def some(message):
    def check(values):
        assert isinstance(values, list), values
        for value in values:
            message(value)
    return check


def message(required=(), **fields):
    def check(value):
        assert isinstance(value, dict), value
        assert not set(value) - set(fields), set(value) - set(fields)
        assert not set(required) - set(value), set(required) - set(value)
        for name, found in value.items():
            fields[name](found)
    return check


def attributes(values):
    some(message(("key", "value"), key=text, value=any_value))(values)
    keys = [value["key"] for value in values]
    assert len(keys) == len(set(keys)), f"keys are unique: {keys}"


def any_value(value):
    assert len(value) == 1, value
    message(stringValue=text, intValue=long, boolValue=lambda found: isinstance(found, bool))(value)


SCOPE = message(name=text, version=text, attributes=attributes)
SPAN = message(("traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano"), traceId=trace_id, spanId=span_id, parentSpanId=span_id,
               traceState=text, flags=number, name=text, kind=kind, startTimeUnixNano=long, endTimeUnixNano=long, attributes=attributes,
               status=message(code=code, message=text))
REQUEST = message(("resourceSpans",), resourceSpans=some(message(
    ("resource", "scopeSpans"), resource=message(attributes=attributes),
    scopeSpans=some(message(("scope", "spans"), scope=SCOPE, spans=some(SPAN))))))


def plain(attributes):
    return {entry["key"]: next(iter(entry["value"].values())) for entry in attributes}


class Span:
    def __init__(self, node, raw):
        self.node, self.name, self.kind = node, raw["name"], raw["kind"]
        self.trace, self.id, self.parent = raw["traceId"], raw["spanId"], raw.get("parentSpanId")
        self.begin, self.end = int(raw["startTimeUnixNano"]), int(raw["endTimeUnixNano"])
        self.said = {key.removeprefix("hublink."): value for key, value in plain(raw.get("attributes", [])).items()}
        self.status = raw.get("status", {})

    def __repr__(self):
        return f"{self.node} {self.name} {self.id} in {self.parent} {self.said} {self.status}"


class Collector:
    """Takes what is posted to it; `status` is what it answers, `body` with what. Use as a context."""

    def __init__(self, host="127.0.0.1", status=200, body=b"{}"):
        self.status, self.body = status, body
        self.requests, self.spans, self.wrong = [], [], []
        self._news = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                outer.take(self, self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self._server = Server((host, 0), Handler)
        self.endpoint = f"http://{host}:{self._server.server_port}/v1/traces"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def take(self, request, body):
        with self._news:
            self.requests.append((request.path, dict(request.headers)))
            try:
                whole = json.loads(body)
                REQUEST(whole)
                if self.status == 200:
                    for resource in whole["resourceSpans"]:
                        node = plain(resource["resource"]["attributes"])["service.instance.id"]
                        self.spans += [Span(node, raw) for scope in resource["scopeSpans"] for raw in scope["spans"]]
            except (AssertionError, KeyError, ValueError) as error:
                self.wrong.append(f"{error!r} in {body[:500]!r}")
            self._news.notify_all()

    def until(self, condition, what, within=20):
        """Waits until the condition on this collector holds; its value."""
        end = time.monotonic() + within
        with self._news:
            while not (value := condition()):
                assert self._news.wait(max(0, end - time.monotonic())), f"{what}: not within {within} s; there are\n" + "\n".join(map(repr, self.spans))
            return value

    def of(self, trace, **fields):
        return [span for span in self.spans if span.trace == trace and all(getattr(span, name) == value for name, value in fields.items())]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class Silent:
    """Takes connections, and neither reads nor says anything. Use as a context."""

    def __init__(self, host="127.0.0.1"):
        self._socket = socket.create_server((host, 0))
        self.endpoint = f"http://{host}:{self._socket.getsockname()[1]}/v1/traces"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()


class Slow(Silent):
    """Takes and answers a byte every tenth of a second."""

    def __init__(self, host="127.0.0.1"):
        super().__init__(host)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while not self._over.is_set():
            try:
                there, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._drip, args=(there,), daemon=True).start()

    def _drip(self, there):
        with there:
            try:
                for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b" " * 100000:
                    if self._over.wait(0.1):
                        return
                    there.sendall(bytes([byte]))
                    there.recv(1)
            except OSError:
                pass

    def __exit__(self, *_):
        self._over.set()
        super().__exit__()


def send_to(net, node, endpoint, **settings):
    """Lets a node send spans there from its next start on."""
    place = net.data(node) / "local.json"
    local = json.loads(place.read_text()) if place.exists() else {}
    local["traces"] = {"endpoint": endpoint, **settings}
    place.write_text(json.dumps(local))
