"""Topologies that several suites use. Addresses as in the scenario pages; ports are replaced by free ones."""


def server(address, segment, neighbours=None, **more):
    return {"role": "server", "address": f"{address}:40000", "segment": segment, "neighbours": neighbours or {}, **more}


def client(address, home, **more):
    return {"role": "client", "address": f"{address}:30000", "home": home, **more}


def transfer(source, *receivers, **more):
    return {"from": source, "to": list(receivers), **more}


def three_hubs(**transfers):
    """The example network; `transfers` stand in for its own."""
    return {
        "network": "three-hubs",
        "nodes": {
            "ServerA": server("127.1.1.1", "127.1.1.0/24", {"ServerB": 1, "ServerC": 1}),
            "ServerB": server("127.1.2.1", "127.1.2.0/24", {"ServerA": 1, "ServerC": 1}),
            "ServerC": server("127.1.3.1", "127.1.3.0/24", {"ServerA": 1, "ServerB": 1}),
            "HOST1": client("127.1.1.11", "ServerA"),
            "HOST2": client("127.1.2.12", "ServerB"),
            "HOST3": client("127.1.3.13", "ServerC"),
        },
        "transfers": transfers,
    }


def chain(servers, **transfers):
    """Server1 – Server2 – … in a line; HOST1 is registered with the first, HOST2 with the last."""
    nodes = {}
    for i in range(1, servers + 1):
        beside = {f"Server{i + 1}": 1} if i < servers else {}
        nodes[f"Server{i}"] = server(f"127.2.{i}.1", f"127.2.{i}.0/24", beside)
    nodes["HOST1"] = client("127.2.1.11", "Server1")
    nodes["HOST2"] = client(f"127.2.{servers}.12", f"Server{servers}")
    return {"network": f"chain-of-{servers}", "nodes": nodes, "transfers": transfers}
