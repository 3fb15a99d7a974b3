"""A network of hublink processes: free ports, keys, start, stop."""
import copy
import ctypes
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from . import cli, events

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_key_cache = {}  # names and roles -> directory; one per test process


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Ports:
    """Port numbers that no other test process gets: each is held on an address that no node uses."""

    def __init__(self):
        self._held = []

    def take(self):
        holder = socket.create_server(("127.255.255.254", 0))
        self._held.append(holder)
        return holder.getsockname()[1]

    def close(self):
        for holder in self._held:
            holder.close()


class Node:
    """One running node: `data` is its directory, `log` where its standard error goes."""

    def __init__(self, name, data, process, log):
        self.name, self.data, self.process, self.log = name, data, process, log

    @property
    def pid(self):
        return self.process.pid

    def logged(self):
        """Standard error and hublink.log."""
        logs = [file for file in (self.log, self.data / "hublink.log") if file.exists()]
        return "".join(file.read_text(errors="replace") for file in logs)

    def wait_ready(self, deadline):
        """The address after `ready NAME`; whatever else the node prints first is kept for the message."""
        seen = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in seen:
                if not selector.select(max(0, deadline - time.monotonic())):
                    raise events.Missing(f"{self.name} is not ready in time; it logged\n{self.logged()}")
                part = os.read(self.process.stdout.fileno(), 4096)
                if not part:
                    code = self.process.wait()
                    raise events.Missing(f"{self.name} ended with {code} before it was ready; it logged\n{self.logged()}")
                seen += part
        word, name, address = seen.decode().split("\n")[0].split(" ")
        assert (word, name) == ("ready", self.name), seen
        return address

    def signal(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def wait_end(self, seconds=10):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        finally:
            self.process.stdout.close()


class Network:
    """Starts the nodes of a topology. Use as a context, or call `close`.

    Addresses keep their IP and get free ports (equal ports stay equal where the IPs differ). `isolation` maps nodes to network
    namespaces (see namespaces.py)."""

    def __init__(self, topology, isolation=None):
        self.directory = Path(tempfile.mkdtemp(prefix="hublink-net."))
        self.ports = Ports()
        self.isolation = isolation
        self.topology = self._with_ports(copy.deepcopy(topology))
        self.file = self.directory / "net.json"
        self.file.write_text(json.dumps(self.topology, indent=2))
        self._own_files = {}  # node -> a topology file of its own
        self.environments = {}  # node -> variables of its own
        self.programs = {}  # node -> another executable
        self.joins = {}  # node -> the address where it asks for its definition, instead of a file
        self.keys = make_keys(self.topology, self.file)
        self.traces = events.Traces()
        self.running = {}
        self.ended_badly = []
        for name in self.topology["nodes"]:
            self.data(name).mkdir(exist_ok=True)
            self.traces.add(name, self.data(name))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- before the start -------------------------------------------------------------------------------------

    def _with_ports(self, topology):
        if self.isolation:
            topology = self.isolation.place(topology)
        given = {}  # (ip, port asked for) -> free port
        for node in topology["nodes"].values():
            ip, port = node["address"].rsplit(":", 1)
            same = [free for (other, asked), free in given.items() if asked == port and other != ip]
            taken = [free for (other, _), free in given.items() if other == ip]
            given[ip, port] = next((free for free in same if free not in taken), None) or self.ports.take()
            node["address"] = f"{ip}:{given[ip, port]}"
            if listens := node.get("listen"):  # with the node's own port
                moved = [where.removesuffix(f":{port}") + f":{given[ip, port]}" if where.endswith(f":{port}") else where
                         for where in ([listens] if isinstance(listens, str) else listens)]
                node["listen"] = moved[0] if isinstance(listens, str) else moved
        return topology

    def differs_at(self, node, change):
        """Gives a node a topology file of its own: `change` gets a copy of the network's."""
        own = copy.deepcopy(self.topology)
        change(own)
        self._own_files[node] = self.directory / f"{node}.json"
        self._own_files[node].write_text(json.dumps(own, indent=2))

    def own_keys(self):
        """Keys that this network may change (revoke, loosen) without harm to others."""
        own = self.directory / "keys"
        if self.keys != own:
            shutil.copytree(self.keys, own)
            self.keys = own
        return own

    # -- nodes ------------------------------------------------------------------------------------------------

    def data(self, node):
        return self.directory / node

    def address(self, node):
        """(ip, port)"""
        ip, port = self.topology["nodes"][node]["address"].rsplit(":", 1)
        return ip, int(port)

    def run_command(self, node, keys=None, more=()):
        begins_with = ["--join", self.joins[node]] if node in self.joins else [self._own_files.get(node, self.file)]
        return ["run", *begins_with, "--node", node, "--data", self.data(node), "--keys", keys or self.keys / node, *more]

    def prefix(self, node):
        return self.isolation.prefix(node) if self.isolation else []

    def begin(self, node, more=(), fault=None):
        """`fault`: see docs/reference/faults.md"""
        log = self.directory / f"{node}.log"
        program = cli.executable_with_faults() if fault else self.programs.get(node, cli.executable())
        command = [*self.prefix(node), program, *map(str, self.run_command(node, more=more))]
        with log.open("ab") as stderr:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
                                       cwd=self.directory, preexec_fn=die_with_parent,
                                       env={**os.environ, **self.environments.get(node, {}),
                                            **({"HUBLINK_FAULT": fault} if fault else {})})
        self.running[node] = Node(node, self.data(node), process, log)
        return self.running[node]

    def start(self, *nodes, within=20, fault=None):
        """Starts these nodes (all of the topology by default) and waits until they serve."""
        nodes = nodes or tuple(self.topology["nodes"])
        begun = [self.begin(node, fault=fault) for node in nodes]
        deadline = time.monotonic() + within
        for node in begun:
            node.wait_ready(deadline)
        return self

    def stop(self, *nodes):
        """SIGTERM; a node that does not end cleanly is remembered, and fails the test at the end."""
        nodes = nodes or tuple(self.running)
        for node in nodes:
            self.running[node].signal(signal.SIGTERM)
        for node in nodes:
            code = self.running[node].wait_end()
            if code != 0:
                self.ended_badly.append(f"{node} ended with {'SIGKILL after 10 s' if code is None else code}")
            del self.running[node]

    def kill(self, node):
        self.running[node].signal(signal.SIGKILL)
        self.running.pop(node).wait_end()

    def await_death(self, node, within=20):
        """Waits until the node has died of its fault."""
        code = self.running.pop(node).wait_end(within)
        assert code == -signal.SIGKILL, f"{node} should have killed itself within {within} s; it ended with {code}"

    def close(self):
        self.stop()
        self.traces.close()
        self.ports.close()
        if not os.environ.get("HUBLINK_KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)

    # -- commands and files -----------------------------------------------------------------------------------

    def cli(self, node, *words, **options):
        """`hublink WORDS… --data DIR-of-node`"""
        return cli.run(*words, "--data", self.data(node), **options)

    def ask_line(self, node, line):
        """Gives a running node one line at its control socket: the last line of the answer."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(60)
            control.connect(str(self.data(node) / "control.sock"))
            control.sendall(line.encode() + b"\n")
            *_, last = control.makefile()
        return json.loads(last)

    def ask(self, node, **request):
        return self.ask_line(node, json.dumps(request))

    def send(self, node, file, *words, **options):
        """The transfer's id of a `send` that must be journalled."""
        result = self.cli(node, "send", file, *words, **options)
        assert result.code == cli.DONE, str(result)
        return result.out.split()[0]

    def write(self, node, path, content):
        """Makes a source file: bytes, or so many random bytes."""
        target = self.data(node) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(os.urandom(content) if isinstance(content, int) else content)
        return target

    def story(self, transfer):
        where = {name: node["address"] for name, node in self.topology["nodes"].items()}
        return [self.isolation.plain(line) if self.isolation else line for line in self.traces.story(transfer, where)]

    def describe(self):
        """What a failed test shows: every node's log and trace, their last lines."""
        text = []
        for name in self.topology["nodes"]:
            log = self.directory / f"{name}.log"
            if log.exists() and log.stat().st_size:
                text.append(f"-- {name} stderr\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:]))
        text.append("-- events\n" + "\n".join(json.dumps(e) for e in self.traces.all()[-60:]))
        return "\n".join(text)


def make_keys(topology, file):
    """Keys for these names and roles, made once in a test process; a sender's folder has its recipients' certificates."""
    recipients = {(entry["from"], *sorted(entry["to"])) for entry in topology.get("transfers", {}).values()
                  if len(entry["to"]) > 1 or "store" in entry}
    wanted = frozenset((name, node["role"]) for name, node in topology["nodes"].items()), frozenset(recipients)
    if wanted not in _key_cache:
        out = Path(tempfile.mkdtemp(prefix="hublink-keys."))
        result = cli.run("keys", file, "--out", out)
        assert result.code == cli.DONE, str(result)
        _key_cache[wanted] = out
    return _key_cache[wanted]


def drop_keys():
    for directory in _key_cache.values():
        shutil.rmtree(directory, ignore_errors=True)
