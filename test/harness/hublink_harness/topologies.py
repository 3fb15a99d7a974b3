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


def of_the_pages():
    """The example network, with what README and the manual speak of besides: a manager, a store, gateways."""
    proxies = {"ServerA": {"enabled": True, "socks": "127.1.1.1:1080", "called": "ServerB"},
               "ServerB": {"enabled": True, "allow": ["10.2.0.7:5432"]}}
    segments = {"ServerA": 1, "ServerB": 2, "ServerC": 3}
    nodes = {name: server(f"127.1.{number}.1", f"127.1.{number}.0/24", {other: 1 for other in segments if other != name},
                          **({"proxy": proxies[name]} if name in proxies else {})) for name, number in segments.items()}
    nodes |= {f"HOST{number}": client(f"127.1.{number}.1{number}", name) for name, number in segments.items()}
    nodes["MGR"] = {"role": "manager", "address": "127.1.0.9:40000", "home": "ServerA"}
    return {
        "network": "three-hubs", "nodes": nodes,
        "transfers": {"FILE01": transfer("HOST1", "HOST2", send={"path": "out/report.bin"}, receive={"path": "in/report.bin"}),
                      "FILE02": transfer("HOST1", "HOST2", placement="manual", via=["ServerC"]),
                      "FILE03": transfer("HOST1", "HOST2", "HOST3"), "FILE05": transfer("HOST1", "HOST3", store="only"), "REFUSED": transfer("HOST1", "HOST2", if_exists="refuse"),
                      "SLOW": transfer("HOST1", "HOST2", rate="1KB/s")},
        "gateways": {"db": {"protocol": "tcp", "calling": "ServerA", "listen": "127.1.1.1:15432", "called": "ServerB",
                            "deliver": "127.1.2.50:5432"}}}
