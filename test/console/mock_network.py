"""A network that is only made of answers: what a manager would say, in the shapes of docs/reference/json.md. Each look at a transfer moves it on."""
import copy
import datetime
import itertools
import json
import pathlib
import threading

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "three-hubs.json"
SIZE, STEPS = 64 << 20, 3


def stamp(ago_s=0.0):
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=ago_s)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def example():
    return json.loads(EXAMPLE.read_text())


def large(servers, clients):
    """That many servers in a ring with chords, and clients all over them."""
    nodes = {}
    for at in range(servers):
        nodes[f"Server{at:03}"] = {
            "role": "server",
            "address": f"10.{at // 250}.{at % 250}.1:40000",
            "segment": f"10.{at // 250}.{at % 250}.0/24",
            "neighbours": {f"Server{other % servers:03}": 1 for other in (at + 1, at + 7) if other % servers != at},
        }
    for at in range(clients):
        home = at % servers
        nodes[f"HOST{at:04}"] = {
            "role": "client",
            "address": f"10.{home // 250}.{home % 250}.{10 + at // servers}:30000",
            "home": f"Server{home:03}",
        }
    nodes["MGR"] = {"role": "manager", "address": "10.200.0.9:40000", "home": "Server000"}
    return {"network": "large", "nodes": nodes, "transfers": {"FILE01": {"from": "HOST0000", "to": ["HOST0001"]}}}


class MockNetwork:
    """`stopped`: nodes that don't answer; `cut`: pairs of nodes without a line; both may be changed while it runs."""

    def __init__(self, topology=None):
        self.lock = threading.RLock()
        self.topology = example() if topology is None else topology
        self.applied = copy.deepcopy(self.topology)
        self.version = 1767225600000
        self.stopped, self.cut = set(), set()
        self.users = {
            "op": ("right", ["view", "transfer", "manage", "users"], []),
            "viewer": ("right", ["view"], []),
            "limited": ("right", ["view", "transfer"], ["FILE01"]),
        }
        self.accounts = {}  # by server, of those where they are not as `users`
        self.gateway_name = "db"
        self.list, self.ca_elsewhere = 1, False  # the number of the newest list of revoked certificates
        self.renewed = {}  # by node: until when its newer certificate counts
        self.transfers, self.events, self.tokens, self.stored = {}, [], {}, []
        self.audit = []
        self.places, self.drafts = {}, {}  # by user: version and draft
        self.ids = itertools.count(1)
        self.heard = threading.Condition(self.lock)

    # -- who is there

    @property
    def nodes(self):
        return self.topology.get("nodes", {}) if self.topology else {}

    def servers(self):
        return [name for name, node in self.nodes.items() if node["role"] == "server"]

    def accounts_at(self, server):
        return self.accounts.setdefault(server, dict(self.users))

    def lines(self, name):
        node = self.nodes.get(name, {})
        near = set(node.get("neighbours", {})) | {other for other, one in self.nodes.items() if name in one.get("neighbours", {})}
        return sorted(other for other in near if frozenset((name, other)) not in self.cut)

    def way(self, start, end, without=()):
        """Servers from start to end, the fewest; [] if there is none. Stopped ones are passed by if they are in `without`."""
        seen, ways = {start}, [[start]]
        for way in ways:
            if way[-1] == end:
                return way
            for other in self.lines(way[-1]):
                if other not in seen and other not in without:
                    seen.add(other)
                    ways.append(way + [other])
        return []

    def why_not(self, name):
        """The reason and hop why a node can't be reached from the manager, or None."""
        if not self.stopped and not self.cut:
            return None
        home = self.nodes["MGR"]["home"]
        target = name if self.nodes[name]["role"] == "server" else self.nodes[name]["home"]
        way = self.way(home, target)
        if not way:
            return "line-down", home, f"{name}: no answer from {self.nodes[target]['address']} (at {home})"
        for before, hop in zip(["MGR"] + way, way + ([name] if name != target else [])):
            if hop in self.stopped:
                return "hop-down", before, f"{name}: can't reach {self.nodes[hop]['address']}: Connection refused (at {before})"
        if name in self.stopped:
            return "hop-down", target, f"{name}: can't reach {self.nodes[name]['address']}: Connection refused (at {target})"
        return None

    # -- listings

    def status(self):
        rows, missing = [], []
        for name, node in self.nodes.items():
            if node["role"] == "manager":
                continue  # who asks
            why = self.why_not(name)
            if why:
                missing.append({"node": name, "reason": why[2]})
                continue
            peers = self.lines(name) if node["role"] == "server" else [node["home"]]
            links = [
                {
                    "peer": peer,
                    "role": self.nodes[peer]["role"],
                    "up": peer not in self.stopped,
                    "circuits": self.circuits(name, peer),
                    "bytes_out": 1000000 * next(self.ids),
                    "bytes_in": 5000,
                    "round_trip_micros": 900 + 100 * len(peer),
                }
                for peer in peers
            ]
            rows.append(
                {
                    "node": name,
                    "role": node["role"],
                    "network": self.topology["network"],
                    "address": node["address"],
                    "listen": [node["address"]],
                    "links": links,
                    "definition": {"version": self.version, "list": self.list, "applied": "2026-01-01T00:00:00.000000Z"},
                    "certificate": {"state": "valid", "until": self.renewed.get(name, "2028-01-01T00:00:00.000000Z")},
                    "transfers": {
                        "queued": 0,
                        "running": sum(row["state"] == "running" and row["from"] == name for row in self.transfers.values()),
                    },
                }
            )
        return rows, missing

    def circuits(self, one, other):
        return sum(row["state"] == "running" and {one, other} <= set(row["way"]) for row in self.transfers.values())

    def sessions(self, user):
        rows = []
        for server in self.servers():
            why = self.why_not(server)
            rows.append(
                {"server": server, "state": "failed", "user": user, "since": stamp(), "code": why[0], "hop": why[1], "reason": why[2]}
                if why
                else {"server": server, "state": "in", "user": user, "since": stamp(60)}
            )
        return rows

    # -- transfers

    def told(self, event, node, transfer, **more):
        with self.heard:
            self.events.append({"time": stamp(), "node": node, "event": event, "transfer": transfer, **more})
            self.heard.notify_all()

    def members(self, names):
        return [one for name in names for one in self.topology.get("groups", {}).get(name, [name])]

    def steps(self, topology, file):
        """The hops of a file by the fewest servers: (steps, point, failures)."""
        entry, nodes = topology["transfers"][file], topology["nodes"]
        was, self.topology = self.topology, topology
        try:
            home, receivers = nodes[entry["from"]]["home"], self.members(entry["to"])
            point = entry.get("broadcast_at") or (entry.get("via") or [None])[-1]
            if len(receivers) > 1 and not point:
                point = min(
                    self.servers(),
                    key=lambda server: (
                        len(self.way(home, server)) + sum(len(self.way(server, nodes[one]["home"])) for one in receivers),
                        server,
                    ),
                )
            stops = [
                *entry.get("via", []),
                *([entry["broadcast_at"]] if entry.get("broadcast_at") else []),
                *([point] if point and len(receivers) > 1 else []),
            ]
            trunk = [entry["from"], home]
            for stop in stops:
                trunk += self.way(trunk[-1], stop)[1:]
            branches = [[*self.way(trunk[-1], nodes[one]["home"])[1:], one] for one in receivers]
        finally:
            self.topology = was
        hops, seen = [], set()
        for way in [trunk, *([trunk[-1]] + branch for branch in branches)]:
            for before, hop in zip(way, way[1:]):
                if (before, hop) not in seen:
                    seen.add((before, hop))
                    rest = receivers if way is trunk else [way[-1]]
                    hops.append(
                        {
                            "node": before,
                            "host": rest[0],
                            "address": nodes[rest[0]]["address"].rsplit(":", 1)[0],
                            "hop": hop,
                            "dialled": nodes[hop]["address"],
                            "by": "registered" if hop in receivers else "route",
                            "told": {
                                "file": file,
                                **({} if before == entry["from"] else {"destination": rest[0] if len(rest) == 1 else rest}),
                            },
                        }
                    )
        return hops, point if len(receivers) > 1 else None

    def plan(self, topology, file):
        hops, point = self.steps(topology, file)
        entry = topology["transfers"][file]
        plan = {
            "file": file,
            "from": entry["from"],
            "to": entry["to"],
            "placement": entry.get("placement", "auto"),
            "steps": hops,
            "arrived": self.members(entry["to"]),
            "failures": [],
        }
        if point and plan["placement"] == "auto":
            plan["broadcast_point"] = {
                "server": point,
                "why": f"{point} (cost 2): of equal cost, first by name",
            }
        return plan

    def send(self, file, **more):
        entry = self.applied["transfers"][file]
        transfer = f"{next(self.ids):032x}"
        hops, _ = self.steps(self.applied, file)
        row = {
            "transfer": transfer,
            "file": file,
            "from": entry["from"],
            "to": {name: "pending" for name in self.members(entry["to"])},
            "state": "running",
            "bytes": 0,
            "size": SIZE,
            "started": stamp(),
            "side": "sender",
            "attempt": 1,
            "way": [hops[0]["node"], *(hop["hop"] for hop in hops)],
            "looked": 0,
            **more,
        }
        self.transfers[transfer] = row
        for hop in hops:
            if hop["hop"] in self.stopped:
                reason = f"{hop['hop']}: can't reach {hop['dialled']}: Connection refused (at {hop['node']})"
                self.told("refused", hop["node"], transfer, by=hop["node"], reason=reason)
                row.update(
                    state="failed",
                    ended=stamp(),
                    reason=reason,
                    to={name: "failed" for name in row["to"]},
                    broken=[{"attempt": 1, "ended": stamp(), "reason": reason}],
                )
                break
            self.told(
                "told",
                hop["hop"],
                transfer,
                kind="transfer",
                **{"from": hop["node"]},
                file=file,
                **{key: value for key, value in hop["told"].items() if key == "destination"},
            )
            if hop["hop"] not in row["to"]:
                self.told("opened", hop["hop"], transfer, hop=hop["hop"])
        return row

    def look(self):
        """What is running moves on by one step, the last of which ends it."""
        for row in self.transfers.values():
            if row["state"] != "running" or row.get("stands"):
                continue
            row["looked"] += 1
            row["bytes"] = SIZE * row["looked"] // STEPS
            if row["looked"] < STEPS:
                continue
            for name in row["way"][1:]:
                self.told(
                    "received" if name in row["to"] else "closed",
                    name,
                    row["transfer"],
                    **(
                        {
                            "file": row["file"],
                            "path": f"in/{row['file']}",
                            "bytes": SIZE,
                            "digest": "xxh128:" + "0" * 32,
                            "from": row["from"],
                        }
                        if name in row["to"]
                        else {"bytes": SIZE + 1000, "bytes_back": 900, "result": "done"}
                    ),
                )
            row.update(state="done", ended=stamp(), to={name: "done" for name in row["to"]}, digest="xxh128:" + "0123456789abcdef" * 2)
            self.told("sent", row["from"], row["transfer"], file=row["file"], receivers=row["to"], bytes=SIZE)

    def rows(self, over):
        shown = [
            {key: value for key, value in row.items() if key not in ("way", "looked", "stands")}
            for row in self.transfers.values()
            if ("ended" in row) == over
        ]
        return sorted(shown, key=lambda row: row["started"], reverse=True)

    # -- definitions

    def check(self, text):
        try:
            topology = json.loads(text)
        except ValueError as wrong:
            return {"network": "", "valid": False, "problems": [{"path": "line 1, column 1", "message": str(wrong)}]}
        nodes, problems = topology.get("nodes", {}), []
        addresses = {}
        for name, node in nodes.items():
            if node["role"] != "server" and node.get("home") not in nodes:
                problems.append(
                    {"path": f"nodes.{name}.home", "message": f"there is no node {node.get('home')}; add it or correct the name"}
                )
            if node.get("address") in addresses:
                problems.append({"path": f"nodes.{name}.address", "message": f"{addresses[node['address']]} has this address, too"})
            addresses[node.get("address")] = name
        for name, entry in topology.get("transfers", {}).items():
            if entry.get("from") not in nodes:
                problems.append({"path": f"transfers.{name}.from", "message": "names no client"})
            if not entry.get("to"):
                problems.append({"path": f"transfers.{name}.to", "message": "names nobody"})
        return {"network": topology.get("network", ""), "valid": not problems, "problems": problems}

    def difference(self, topology):
        was, rows = self.applied["nodes"] if self.applied else {}, []
        for name in {**topology["nodes"], **was}:
            if name not in topology["nodes"]:
                rows.append({"node": name, "removed": True})
                continue
            changes = [] if was.get(name) == topology["nodes"][name] else [{"op": "replace" if name in was else "add", "path": "/address"}]
            for file, entry in topology.get("transfers", {}).items():
                old = (self.applied or {}).get("transfers", {}).get(file)
                if entry != old and name in (entry["from"], *entry["to"]):
                    changes.append(
                        {"op": "replace" if old else "add", "path": f"/{'sends' if entry['from'] == name else 'receives'}/{file}"}
                    )
            rows.append({"node": name, "changes": changes})
        return rows

    def apply(self, topology):
        self.applied, self.topology = copy.deepcopy(topology), topology
        self.version += 1
        return self.bring()

    def bring(self):
        rows = []
        for name in self.nodes:
            why = self.why_not(name) if name != "MGR" else None
            rows.append({"node": name, "state": "failed", "code": why[0], "reason": why[2]} if why else {"node": name, "state": "applied"})
        return rows
