"""Serves the console as a manager does: its files, /api/v1 and the live events, out of a MockNetwork. Run it to look at the pages:
python3 -B mock_node.py FOLDER, FOLDER as node/web/console/bundle.sh filled it."""
import hashlib
import http.server
import json
import pathlib
import sys
import threading
import urllib.parse

from mock_network import MockNetwork
from mock_verbs import VERBS, Refused

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/api/v1/events":
            return self.stream()
        if path.startswith("/api/"):
            return self.api("GET", path, {key: values[-1] for key, values in urllib.parse.parse_qs(query).items()})
        file = self.server.folder / ("index.html" if path == "/" else path.lstrip("/"))
        if path.count("/") > 1 or file.suffix not in TYPES or not file.is_file():
            return self.answer(404, b"", "text/plain")
        return self.answer(200, file.read_bytes(), TYPES[file.suffix])

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.api("POST", self.path, json.loads(body or b"{}"))

    def answer(self, status, body, kind, cookie=None):
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", len(body)),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            ("Set-Cookie", cookie),
        ):
            if value is not None:
                self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def user(self):
        cookie = self.headers.get("Cookie", "")
        return next((user for key, user in self.server.logins.items() if f"hublink={key}" in cookie), None)

    def api(self, method, path, fields):
        cookie = None
        self.server.requests.append((method, path, fields))
        try:
            with self.server.network.lock:
                verb = path.removeprefix("/api/v1/")
                if verb == "login":
                    content, cookie = self.login(**fields)
                else:
                    content = self.verb(method, verb, fields)
            self.answer(200, json.dumps({**content, "exit": 0}).encode(), "application/json", cookie)
        except Refused as refused:
            self.answer(refused.status, json.dumps(refused.body).encode(), "application/problem+json", cookie)

    def login(self, user, password):
        network = self.server.network
        right, *_ = network.users.get(user, (None,))
        rows = network.sessions(user) if network.nodes else []
        if right is None or right != password:
            rows = [
                row
                if row["state"] == "failed"
                else {
                    **row,
                    "state": "failed",
                    "code": "not-authenticated",
                    "hop": row["server"],
                    "reason": f"name or password is wrong (at {row['server']})",
                }
                for row in rows
            ]
            raise Refused("not-authenticated", "name or password is wrong", sessions=rows)
        key = hashlib.sha256(f"{user}{len(self.server.logins)}".encode()).hexdigest()
        self.server.logins[key] = user
        account = self.account(user)
        if account["role"] == "manager":
            account["sessions"] = rows
        return account, f"hublink={key}; HttpOnly; SameSite=Strict; Path=/"

    def account(self, user):
        _, rights, files = self.server.network.users[user]
        name = self.server.name
        role, network = self.server.network.nodes.get(name, {"role": "manager"})["role"], "three-hubs"
        return {
            "user": user,
            "rights": rights,
            "transfers": files,
            "csrf": f"csrf-{user}",
            "idle_s": 900,
            "until": "2028-01-01T00:00:00Z",
            "node": name,
            "role": role,
            "network": network,
        }

    def verb(self, method, verb, fields):
        user, network = self.user(), self.server.network
        if user is None:
            raise Refused("not-authenticated", "nobody is logged in here")
        if method == "POST" and self.headers.get("X-Hublink-CSRF") != f"csrf-{user}":
            raise Refused("not-authorised", "the CSRF token is missing")
        needs = VERBS.get((method, verb))
        if needs is None:
            raise Refused("bad-config", f"{verb}: no such command", 404)
        right, step = needs
        if right and right not in network.users[user][1]:
            raise Refused("not-authorised", f"{user} lacks the right {right}")
        return step(self, network, user, fields)

    def stream(self):
        if self.user() is None:
            return self.answer(401, b"{}", "application/problem+json")
        self.server.streams += 1
        if self.server.refuses_streams:
            return self.answer(503, b"{}", "application/problem+json")
        network = self.server.network
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.close_connection = True
        at = 0
        try:
            self.wfile.write(b'event: following\ndata: {"nodes": [], "missing": []}\n\n')
            while not self.server.ended:
                with network.heard:
                    network.heard.wait_for(lambda: len(network.events) > at or self.server.ended, timeout=1)
                    fresh, start = network.events[at:], at
                    at = len(network.events)
                for number, event in enumerate(fresh, start):
                    self.wfile.write(f"id: ring:{number}\ndata: {json.dumps(event)}\n\n".encode())
                self.wfile.write(b":\n\n")
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return


class MockNode(http.server.ThreadingHTTPServer):
    """`requests`: all that were made of the API, (method, path, fields); `streams`: how often somebody asked for the events."""

    daemon_threads = True

    def __init__(self, folder, network=None, port=0, name="MGR"):
        super().__init__(("127.0.0.1", port), Handler)
        self.name = name
        self.folder, self.network = pathlib.Path(folder), network or MockNetwork()
        self.logins, self.sent, self.requests, self.ended = {}, {}, [], False
        self.streams, self.refuses_streams = 0, False
        self.address = f"http://127.0.0.1:{self.server_port}/"
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a browser leaves when it likes
            super().handle_error(request, client_address)

    def stop(self):
        self.ended = True
        with self.network.heard:
            self.network.heard.notify_all()
        self.shutdown()
        self.thread.join()
        self.server_close()


if __name__ == "__main__":
    node = MockNode(sys.argv[1], port=8080)
    print(node.address, "users op, viewer, limited; password right", flush=True)
    node.thread.join()
