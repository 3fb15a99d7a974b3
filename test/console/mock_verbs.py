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


def at_manager(handler, network):
    return network.nodes.get(handler.server.name, {}).get("role") != "server"


def asked_servers(handler, network, fields):
    """Who is asked: at a manager all servers, or the one that `at` names, and who of them can't be."""
    if not at_manager(handler, network):
        return [handler.server.name], []
    named = [fields["at"]] if fields.get("at") else network.servers()
    if not set(named) <= set(network.servers()):
        raise Refused("bad-config", f"say at which server, with --at; {fields['at']} is none (at MGR)")
    missing = [{"node": name, "reason": why[2]} for name in named if (why := network.why_not(name))]
    return [name for name in named if not network.why_not(name)], missing


def gathered(key, rows_of):
    """As a verb whose rows are of every server answers: each with its node at a manager."""

    def step(handler, network, user, fields):
        asked, missing = asked_servers(handler, network, fields)
        if not at_manager(handler, network):
            return {key: rows_of(network, asked[0], fields)}
        rows = [{"node": name, **row} for name in asked for row in rows_of(network, name, fields)]
        return {key: rows, **({"missing": missing} if missing else {})}

    return step


def gateways_of(network, name):
    """As docs/reference/json.md has it, with bytes that go on."""
    applied = network.applied.get("gateways", {}).items()
    names = [
        {"name": gateway, **entry, "state": "listening" if entry["calling"] == name else "serving", "streams": 1}
        for gateway, entry in applied
        if name in (entry["calling"], entry.get("called"))
    ]
    peer = {"ServerA": "ServerB", "ServerB": "ServerA"}.get(name)
    link = {
        "peer": peer,
        "state": "up",
        "dialled": name == "ServerA",
        "since": "2026-01-01T00:00:00.000000Z",
        "streams": 1,
        "opened": 17,
        "accepted": 0,
        "round_trip_micros": 210,
    }
    links = [{**link, "bytes_out": 100_000 * next(network.ids), "bytes_in": 734_003}] if peer else []
    return {"enabled": bool(peer), "gateways": names, "links": links, "refused": {"not-allowed": 2} if name == "ServerA" else {}}


def gateways(handler, network, user, fields):
    asked, missing = asked_servers(handler, network, fields)
    if not at_manager(handler, network):
        return {"gateways": gateways_of(network, asked[0])}
    return {"servers": [{"node": name, **gateways_of(network, name)} for name in asked], **({"missing": missing} if missing else {})}


def streams_of(network, name, fields):
    if name not in ("ServerA", "ServerB"):
        return []
    row = {
        "number": 17,
        "gateway": network.gateway_name,
        "peer": "ServerB" if name == "ServerA" else "ServerA",
        "side": "calling" if name == "ServerA" else "called",
        "protocol": "tcp",
        "from": "127.1.1.77:43210",
        "to": "127.1.2.50:5432",
    }
    return [{**row, "state": "open", "bytes": 512, "bytes_back": 70400, "opened": stamp(60)}]


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


def users_of(network, name, fields):
    return [
        {"user": user, "rights": rights, "transfers": files, "made": "2026-01-01T00:00:00.000000Z", "failures": 0}
        for user, (_, rights, files) in network.accounts_at(name).items()
    ]


def account_change(step):
    """Accounts are changed at one server: the one that `at` names, at a manager."""

    def at_a_server(handler, network, user, fields):
        if at_manager(handler, network) and not fields.get("at"):
            raise Refused("bad-config", "say at which server, with --at; none was named (at MGR)")
        (name,), missing = asked_servers(handler, network, fields) if not fields.get("at") else ([fields["at"]], [])
        if why := network.why_not(name):
            raise Refused(why[0], why[2], hop=why[1])
        return step(network.accounts_at(name), fields, name)

    return at_a_server


@account_change
def users_add(accounts, fields, name):
    if fields["user"] in accounts:
        raise Refused("bad-config", f"there is a user {fields['user']} already (at {name})")
    accounts[fields["user"]] = (fields["password"], fields["rights"].split(","), fields.get("transfers", []))
    return {}


@account_change
def users_set(accounts, fields, name):
    old = accounts[fields["user"]]
    accounts[fields["user"]] = (old[0], fields.get("rights", ",".join(old[1])).split(","), fields.get("transfers", old[2]))
    return {}


@account_change
def users_passwd(accounts, fields, name):
    accounts[fields["user"]] = (fields["password"], *accounts[fields["user"]][1:])
    return {}


@account_change
def users_remove(accounts, fields, name):
    accounts.pop(fields["user"], None)
    return {}


def tokens_at(handler, network, fields):
    return network.tokens.setdefault(fields.get("at") or handler.server.name, [])


def tokens_add(handler, network, user, fields):
    row = {"name": fields["name"], "rights": fields["rights"].split(","), "until": "2028-01-01T00:00:00.000000Z"}
    tokens_at(handler, network, fields).append(row)
    return {"token": {"name": fields["name"], "text": "hlt_0123456789abcdef"}}


def tokens_remove(handler, network, user, fields):
    rows = tokens_at(handler, network, fields)
    rows[:] = [row for row in rows if row["name"] != fields["name"]]
    return {}


def invite(handler, network, user, fields):
    if network.ca_elsewhere:
        raise Refused("bad-config", f"this manager holds no CA: {handler.server.name}", 400)
    return {"node": fields["node"], "role": "client", "code": "7Q2M-0000-0000", "until": "2026-01-02T00:00:00.000000Z"}


def revoke(handler, network, user, fields):
    network.list += 1
    rows = [{"node": name, "state": "told", "list": network.list} for name in network.nodes if name not in network.stopped]
    rows += [{"node": name, "state": "failed", "code": "hop-down", "reason": "no answer"} for name in network.stopped]
    rows = [{"node": row["node"], "state": "revoked"} if row["node"] == fields["node"] else row for row in rows]
    return {"list": network.list, "nodes": rows, "exit": 6 if network.stopped else 0}


def renew(handler, network, user, fields):
    until = "2031-05-06T00:00:00.000000Z"
    network.renewed[fields.get("at", handler.server.name)] = until
    return {"renewed": {"until": until}}


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
    ("POST", "invite"): ("manage", invite),
    ("POST", "revoke"): ("manage", revoke),
    ("POST", "renew"): ("manage", renew),
    ("POST", "send"): ("transfer", send),
    ("POST", "request"): ("transfer", request),
    ("POST", "cancel"): ("transfer", steer(cancel)),
    ("POST", "retry"): ("transfer", steer(lambda network, row: row.update(state="running", looked=0) or row.pop("ended", 0))),
    ("POST", "rate"): (
        "manage",
        lambda handler, network, user, fields: network.transfers[fields["transfer"]].update(rate=fields["rate"]) or {},
    ),
    ("GET", "gateways"): ("view", gateways),
    ("GET", "streams"): ("view", gathered("streams", streams_of)),
    ("POST", "hold"): ("manage", lambda *_: {}),
    ("POST", "release"): ("manage", lambda *_: {}),
    ("GET", "stored"): ("view", gathered("stored", lambda network, name, _: [row for row in network.stored if row["at"] == name])),
    ("POST", "deliver"): ("transfer", deliver),
    ("GET", "users/list"): ("users", gathered("users", users_of)),
    ("POST", "users/add"): ("users", users_add),
    ("POST", "users/set"): ("users", users_set),
    ("POST", "users/passwd"): ("users", users_passwd),
    ("POST", "users/remove"): ("users", users_remove),
    ("GET", "audit"): ("users", gathered("audit", lambda network, name, _: [row for row in network.audit if row.get("at", name) == name])),
    ("GET", "tokens/list"): ("users", lambda handler, network, user, fields: {"tokens": tokens_at(handler, network, fields)}),
    ("POST", "tokens/add"): ("users", tokens_add),
    ("POST", "tokens/remove"): ("users", tokens_remove),
}
