"""Management sessions with many servers, as processes on one machine: times of login, status, listings and apply, and what a session costs.

HUBLINK names the executable; `python3 test/bench/sessions.py [SERVERS]`, 100 by default, in a tree of two branches a server."""
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "harness"))
from hublink_harness import cli  # noqa: E402
from hublink_harness.managed import PASSWORD, manager  # noqa: E402
from hublink_harness.network import Network  # noqa: E402
from hublink_harness.topologies import server  # noqa: E402


def tree(servers):
    nodes = {}
    for i in range(1, servers + 1):
        beside = {f"Server{child}": 1 for child in (2 * i, 2 * i + 1) if child <= servers}
        nodes[f"Server{i}"] = server(f"127.{3 + i // 200}.{i % 200 + 1}.1", f"127.{3 + i // 200}.{i % 200 + 1}.0/24", beside)
    nodes["MGR"] = manager("127.3.2.9", "Server1")
    return {"network": f"tree-of-{servers}", "nodes": nodes, "transfers": {}}


def resident(pid):
    """MiB"""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty"):
            return int(line.split()[1]) / 1024
    return 0


def timed(what, work):
    began = time.monotonic()
    result = work()
    print(f"{what:<32} {time.monotonic() - began:8.2f} s", flush=True)
    return result


def main(servers):
    with Network(tree(servers)) as net:
        names = [f"Server{i}" for i in range(1, servers + 1)]
        timed(f"start of {servers} servers", lambda: net.start(within=300))
        timed("an account at each", lambda: [net.cli(name, "users", "add", "op", "--rights", "view,manage", env={"HUBLINK_PASSWORD": PASSWORD})
                                             for name in names])
        idle = [resident(net.running[name].pid) for name in names]
        mine = resident(net.running["MGR"].pid)
        result = timed("login to all", lambda: net.cli("MGR", "login", "--user", "op", "--json", deadline=300, env={"HUBLINK_PASSWORD": PASSWORD}))
        assert result.code == cli.DONE, str(result)
        for verb in ("sessions", "status", "transfers"):
            result = timed(f"{verb} of all", lambda: net.cli("MGR", verb, "--json", deadline=300))
            assert result.code == cli.DONE and (verb == "transfers" or len(result.json()) == servers), str(result)
        for what in ("apply to all", "apply to all once more"):
            result = timed(what, lambda: net.cli("MGR", "apply", net.file, "--json", deadline=300))
            assert result.code == cli.DONE and len(result.json()) == servers + 1, str(result)
        timed("apply where nothing is missing", lambda: net.cli("MGR", "apply", "--json", deadline=300))
        busy = [resident(net.running[name].pid) for name in names]
        print(f"{'private memory of an idle server':<32} {sum(idle) / servers:8.2f} MiB")
        print(f"{'after login, listings, apply':<32} {sum(busy) / servers:8.2f} MiB")
        print(f"{'of the manager, per session':<32} {(resident(net.running['MGR'].pid) - mine) / servers:8.3f} MiB")
        timed("logout", lambda: net.cli("MGR", "logout"))


if __name__ == "__main__":
    os.environ.setdefault("HUBLINK", str(Path(__file__).parent.parent.parent / "build/release/hublink"))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
