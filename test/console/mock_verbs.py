"""What a MockNode answers to each verb, in the shapes of docs/reference/json.md, and the right that it takes."""
import hashlib
import json

from mock_network import stamp

STATUS = {"not-authenticated": 401, "not-authorised": 403, "unknown-file": 404, "bad-config": 400, "hop-down": 502, "conflict": 409}


class Refused(Exception):
    def __init__(self, code, detail, status=None, **more):
        super().__init__(detail)
        self.status = status or STATUS.get(code, 500)
        self.body = {"type": f"urn:hublink:error:{code}", "title": code, "status": self.status, "detail": detail, "code": code, **more}


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


def keep_places(handler, network, user, fields):
    changes = fields["places"]
    network.places = {name: place for name, place in {**network.places, **(changes or {})}.items() if place and changes is not None}
    return {}


def keep_draft(handler, network, user, fields):
    version, _ = network.drafts.get(user, (0, None))
    if fields["version"] != version:
        raise Refused("superseded", f"this draft was changed elsewhere meanwhile: it is at version {version}", 409)
    network.drafts[user] = (version + 1, fields["draft"])
    return {"version": version + 1}


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
    ("GET", "places"): ("view", lambda handler, network, *_: {"places": network.places}),
    ("POST", "places/keep"): ("manage", keep_places),
    ("GET", "draft"): (
        "manage",
        lambda handler, network, user, _: dict(zip(("version", "draft"), network.drafts.get(user, (0, None)))),
    ),
    ("POST", "draft/keep"): ("manage", keep_draft),
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
