"""Serves the console as a manager does: its files, /api/v1 and the live events, out of a MockNetwork. Run it to look at the pages:
python3 -B mock_node.py FOLDER, FOLDER as node/web/console/bundle.sh filled it."""
import hashlib
import http.server
import json
import pathlib
import sys
import threading
import urllib.parse

from mock_network import MockNetwork, stamp

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
STATUS = {"not-authenticated": 401, "not-authorised": 403, "unknown-file": 404, "bad-config": 400, "hop-down": 502, "conflict": 409}


class Refused(Exception):
    def __init__(self, code, detail, status=None, **more):
        super().__init__(detail)
        self.status = status or STATUS.get(code, 500)
        self.body = {"type": f"urn:hublink:error:{code}", "title": code, "status": self.status, "detail": detail, "code": code, **more}


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


def status(handler, network, *_):
    nodes, missing = network.status()
    return {"nodes": nodes, "missing": missing}


def gateways(handler, network, *_):
    """As docs/reference/json.md has it, with bytes that go on."""
    names = [{"name": name, **entry, "state": "listening", "streams": 1} for name, entry in network.applied.get("gateways", {}).items()]
    link = {
        "peer": "ServerB",
        "state": "up",
        "dialled": True,
        "since": "2026-01-01T00:00:00.000000Z",
        "streams": 1,
        "opened": 17,
        "accepted": 0,
        "round_trip_micros": 210,
    }
    return {
        "gateways": {
            "enabled": True,
            "gateways": names,
            "links": [{**link, "bytes_out": 100_000 * next(network.ids), "bytes_in": 734_003}],
            "refused": {"not-allowed": 2},
        }
    }


def streams(handler, network, *_):
    row = {
        "number": 17,
        "gateway": "db",
        "peer": "ServerB",
        "side": "calling",
        "protocol": "tcp",
        "from": "127.1.1.77:43210",
        "to": "127.1.2.50:5432",
    }
    return {"streams": [{**row, "state": "open", "bytes": 512, "bytes_back": 70400, "opened": stamp(60)}]}


def listing(over):
    def step(handler, network, user, fields):
        if not over:
            network.look()
        limited = network.users[user][2]
        rows = [row for row in network.rows(over) if not limited or row["file"] in limited]
        for field, key in (("transfer", "transfer"), ("file", "file"), ("state", "state")):
            rows = [row for row in rows if field not in fields or row[key] == fields[field]]
        first, limit = (int(fields.get("page", 1)) - 1) * int(fields.get("limit", 100)), int(fields.get("limit", 100))
        return {"history" if over else "transfers": rows[first : first + limit], "more": len(rows) > first + limit}

    return step


def steer(change):
    def step(handler, network, user, fields):
        row = network.transfers.get(fields["transfer"])
        if row is None:
            raise Refused("unknown-file", f"no transfer {fields['transfer']}")
        change(network, row)
        return {"record": {"transfer": row["transfer"], "state": row["state"]}}

    return step


def cancel(network, row):
    row.update(state="cancelled", ended=stamp(), reason="cancelled by op")
    network.told("closed", row["way"][1], row["transfer"], bytes=row["bytes"], bytes_back=0, result="cancelled")


def send(handler, network, user, fields):
    key = handler.headers.get("Idempotency-Key")
    if key not in handler.server.sent or key is None:
        if fields["file"] not in (network.applied or {}).get("transfers", {}):
            raise Refused("unknown-file", f"{fields['file']}: no definition (at MGR)", hop="MGR")
        handler.server.sent[key] = network.send(fields["file"])
    return {"record": {key: value for key, value in handler.server.sent[key].items() if key not in ("way", "looked")}}


def request(handler, network, user, fields):
    row = network.send(fields["file"], **({"resend_of": "0" * 32} if fields.get("resend") else {"requested_by": fields["at"]}))
    return {"record": {"transfer": row["transfer"], "file": row["file"]}}


def topology(handler, network, *_):
    if network.applied is None:
        raise Refused("bad-config", "nothing was applied", 404)
    return {"topology": json.dumps(network.applied), "version": network.version}


def apply(handler, network, user, fields):
    if "topology" not in fields:
        return {"nodes": network.bring()}
    wanted = json.loads(fields["topology"])
    digest = hashlib.sha256((fields["topology"] + str(network.version)).encode()).hexdigest()
    if fields.get("dry_run"):
        return {"difference": network.difference(wanted), "hash": digest}
    if fields.get("hash") != digest:
        raise Refused("bad-config", "it would not be what was shown any more; look again", 409)
    return {"nodes": network.apply(wanted)}


def plan(handler, network, user, fields):
    wanted = json.loads(fields["topology"]) if "topology" in fields else network.applied
    return {"plan": network.plan(wanted, fields["file"])}


def accounts(step):
    """Accounts are a server's."""

    def at_a_server(handler, network, user, fields):
        if network.nodes.get(handler.server.name, {}).get("role") != "server":
            raise Refused("bad-config", "MGR is no server: it has no accounts (at MGR)")
        return step(handler, network, user, fields)

    return at_a_server


@accounts
def users_list(handler, network, *_):
    return {
        "users": [
            {"user": name, "rights": rights, "transfers": files, "made": "2026-01-01T00:00:00.000000Z", "failures": 0}
            for name, (_, rights, files) in network.users.items()
        ]
    }


@accounts
def users_change(handler, network, user, fields):
    old = network.users.get(fields["user"], ("", [], []))
    network.users[fields["user"]] = (
        fields.get("password", old[0]),
        fields.get("rights", ",".join(old[1])).split(","),
        fields.get("transfers", old[2]),
    )
    return {}


@accounts
def users_remove(handler, network, user, fields):
    network.users.pop(fields["user"], None)
    return {}


def tokens_add(handler, network, user, fields):
    network.tokens.append({"name": fields["name"], "rights": fields["rights"].split(","), "until": "2028-01-01T00:00:00.000000Z"})
    return {"token": {"name": fields["name"], "text": "hlt_0123456789abcdef"}}


def tokens_remove(handler, network, user, fields):
    network.tokens = [row for row in network.tokens if row["name"] != fields["name"]]
    return {}


def deliver(handler, network, user, fields):
    network.stored = [row for row in network.stored if row["transfer"] != fields["transfer"]]
    return {"stored": []}


def logout(handler, network, user, fields):
    handler.server.logins = {
        key: name for key, name in handler.server.logins.items() if f"hublink={key}" not in handler.headers.get("Cookie", "")
    }
    return {}


VERBS = {
    ("GET", "account"): (None, lambda handler, network, user, _: handler.account(user)),
    ("GET", "sessions"): (None, lambda handler, network, user, _: {"sessions": network.sessions(user)}),
    ("POST", "logout"): (None, logout),
    ("GET", "status"): ("view", status),
    ("GET", "transfers"): ("view", listing(False)),
    ("GET", "history"): ("view", listing(True)),
    ("GET", "trace"): (
        "view",
        lambda handler, network, user, fields: {"trace": [event for event in network.events if event["transfer"] == fields["transfer"]]},
    ),
    ("GET", "topology"): ("view", topology),
    ("POST", "check"): ("view", lambda handler, network, user, fields: {"check": network.check(fields["topology"])}),
    ("POST", "plan"): ("view", plan),
    ("POST", "apply"): ("manage", apply),
    ("POST", "send"): ("transfer", send),
    ("POST", "request"): ("transfer", request),
    ("POST", "cancel"): ("transfer", steer(cancel)),
    ("POST", "retry"): ("transfer", steer(lambda network, row: row.update(state="running", looked=0) or row.pop("ended", 0))),
    ("POST", "rate"): (
        "manage",
        lambda handler, network, user, fields: network.transfers[fields["transfer"]].update(rate=fields["rate"]) or {},
    ),
    ("GET", "gateways"): ("view", gateways),
    ("GET", "streams"): ("view", streams),
    ("POST", "hold"): ("manage", lambda *_: {}),
    ("POST", "release"): ("manage", lambda *_: {}),
    ("GET", "stored"): (
        "view",
        lambda handler, network, user, fields: {"stored": [row for row in network.stored if row["at"] == fields["at"]]},
    ),
    ("POST", "deliver"): ("transfer", deliver),
    ("GET", "users/list"): ("users", users_list),
    ("POST", "users/add"): ("users", users_change),
    ("POST", "users/set"): ("users", users_change),
    ("POST", "users/passwd"): ("users", users_change),
    ("POST", "users/remove"): ("users", users_remove),
    ("GET", "audit"): ("users", accounts(lambda handler, network, *_: {"audit": network.audit})),
    ("GET", "tokens/list"): ("users", lambda handler, network, *_: {"tokens": network.tokens}),
    ("POST", "tokens/add"): ("users", tokens_add),
    ("POST", "tokens/remove"): ("users", tokens_remove),
}


class MockNode(http.server.ThreadingHTTPServer):
    """`requests`: all that were made of the API, (method, path, fields)."""

    daemon_threads = True

    def __init__(self, folder, network=None, port=0, name="MGR"):
        super().__init__(("127.0.0.1", port), Handler)
        self.name = name
        self.folder, self.network = pathlib.Path(folder), network or MockNetwork()
        self.logins, self.sent, self.requests, self.ended = {}, {}, [], False
        self.address = f"http://127.0.0.1:{self.server_port}/"
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

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
