"""A topology's segments as network namespaces, so that a client truly reaches nothing but its home server. Needs root.

Every segment is a namespace with its clients, every server one of its own. A segment is wired to its server; servers are
wired to their neighbours alone, and nobody forwards packets. And mount namespaces, for nodes whose machine has files of its own."""
import itertools
import json
import os
import socket
import subprocess
import tempfile
import unittest

from . import apps

_numbers = itertools.count()


def ip(*words):
    """Runs `ip WORDS…`; without the right to do so the test is skipped."""
    words = [str(word) for word in words]
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise unittest.SkipTest(f"network namespaces: `ip {' '.join(words)}`: {done.stderr.strip()}")
    return done.stdout


class Isolation:
    """Made for one topology; `close` removes it. Addresses 127.x.y.z become 10.x.y.z."""

    def __init__(self, topology):
        if os.geteuid() != 0:
            raise unittest.SkipTest("network namespaces need root")
        self._mark = f"hl{os.getpid()}x{next(_numbers)}"
        self._spaces = {}  # what it holds -> its name
        self._wires = itertools.count()
        nodes = self.place(topology)["nodes"]
        try:
            self._lay(nodes)
        except BaseException:
            self.close()
            raise

    def _lay(self, nodes):
        servers = {name: node for name, node in nodes.items() if node["role"] == "server"}
        for name, node in servers.items():
            at_hub, at_segment = self._wire(f"hub {name}", f"segment {name}")
            self._address(f"hub {name}", at_hub, node)
            for client in nodes.values():
                if client.get("home") == name:
                    self._address(f"segment {name}", at_segment, client)
        links = {tuple(sorted((name, beside))) for name, node in servers.items() for beside in node.get("neighbours", {})}
        for one, other in sorted(links):
            ends = self._wire(f"hub {one}", f"hub {other}")
            self._route(f"hub {one}", ends[0], servers[one], servers[other])
            self._route(f"hub {other}", ends[1], servers[other], servers[one])
        self._holder = {name: f"hub {name}" if name in servers else f"segment {node['home']}" for name, node in nodes.items()}

    def _space(self, what):
        if what not in self._spaces:
            name = f"{self._mark}-{len(self._spaces)}"
            ip("netns", "add", name)
            self._spaces[what] = name
            ip("-n", name, "link", "set", "lo", "up")
        return self._spaces[what]

    def _wire(self, one, other):
        number = next(self._wires)
        ends = f"w{number}a", f"w{number}b"
        ip("link", "add", ends[0], "netns", self._space(one), "type", "veth", "peer", "name", ends[1], "netns", self._space(other))
        for space, end in ((one, ends[0]), (other, ends[1])):
            ip("-n", self._space(space), "link", "set", end, "up")
        return ends

    def _address(self, space, device, node):
        ip("-n", self._space(space), "addr", "add", f"{node['address'].rsplit(':', 1)[0]}/24", "dev", device)

    def _route(self, space, device, here, there):
        here_ip, there_ip = (node["address"].rsplit(":", 1)[0] for node in (here, there))
        ip("-n", self._space(space), "route", "add", f"{there_ip}/32", "dev", device, "src", here_ip)

    def place(self, topology):
        return json.loads(json.dumps(topology).replace('"127.', '"10.'))

    def plain(self, line):
        """A story's line with the addresses of the plain topology."""
        return line.replace("(10.", "(127.")

    def prefix(self, node):
        return ["ip", "netns", "exec", self._spaces[self._holder[node]]]

    def close(self):
        for name in self._spaces.values():
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        self._spaces = {}


class Wired:
    """Namespaces as a test lays them: `spaces` maps each to its nodes, a wire is (space, its addresses, space, its addresses). Nobody
    forwards packets, and there are no routes but those of the wires. Addresses stay as they are."""

    def __init__(self, spaces, wires):
        if os.geteuid() != 0:
            raise unittest.SkipTest("network namespaces need root")
        mark = f"hl{os.getpid()}x{next(_numbers)}"
        self._names = {space: f"{mark}-{number}" for number, space in enumerate(spaces)}
        self._holder = {node: space for space, nodes in spaces.items() for node in nodes}
        self._devices = {}  # (space, address) -> device
        try:
            for name in self._names.values():
                ip("netns", "add", name)
                ip("-n", name, "link", "set", "lo", "up")
            for number, wire in enumerate(wires):
                self._lay(number, *wire)
        except BaseException:
            self.close()
            raise

    def _lay(self, number, one, of_one, other, of_other):
        ends = f"w{number}a", f"w{number}b"
        ip("link", "add", ends[0], "netns", self._names[one], "type", "veth", "peer", "name", ends[1], "netns", self._names[other])
        for space, device, addresses in ((one, ends[0], of_one), (other, ends[1], of_other)):
            for address in addresses:
                self.add(space, address, device)
            ip("-n", self._names[space], "link", "set", device, "up")

    def add(self, space, address, device):
        # Without duplicate address detection, which keeps an IPv6 address from use for a while.
        ip("-n", self._names[space], "addr", "add", address, "dev", device, *(["nodad"] if ":" in address else []))
        self._devices[space, address] = device

    def remove(self, space, address):
        """The device that it was on."""
        device = self._devices.pop((space, address))
        ip("-n", self._names[space], "addr", "del", address, "dev", device)
        return device

    def place(self, topology):
        return topology

    def plain(self, line):
        return line

    def prefix(self, node):
        return ["ip", "netns", "exec", self._names[self._holder[node]]]

    def close(self):
        for name in self._names.values():
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


class Plain:
    """Nodes in what they are started in, at the addresses of their topology."""

    def place(self, topology):
        return topology

    def plain(self, line):
        return line

    def prefix(self, _node=None):
        return []

    def close(self):
        """Nothing is left of it."""


class WithoutOverride(Plain):
    """Root who may do with a file what its mode says, and no more."""

    def prefix(self, _node=None):
        return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


class OneNamespace(Plain):
    """All nodes in one namespace of its own, in which only loopback exists. Addresses stay as they are."""

    def __init__(self):
        self.name = f"hl{os.getpid()}x{next(_numbers)}"
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "set", "lo", "up")

    def prefix(self, _node=None):
        return ["ip", "netns", "exec", self.name]

    def close(self):
        subprocess.run(["ip", "netns", "delete", self.name], check=False)


class Machines(Plain):
    """Machines on one line, each in a namespace of its own: name -> address. A node runs on the machine of its name."""

    def __init__(self, addresses):
        if os.geteuid() != 0:
            raise unittest.SkipTest("network namespaces need root")
        mark = f"hl{os.getpid()}x{next(_numbers)}"
        self._line = f"{mark}-line"
        self._spaces = {name: f"{mark}-{i}" for i, name in enumerate(addresses)}
        try:
            ip("netns", "add", self._line)
            ip("-n", self._line, "link", "add", "line", "type", "bridge")
            ip("-n", self._line, "link", "set", "line", "up")
            for name, address in addresses.items():
                self._plug_in(name, address)
        except BaseException:
            self.close()
            raise

    def _plug_in(self, name, address):
        space = self._spaces[name]
        ip("netns", "add", space)
        ip("link", "add", "eth", "netns", space, "type", "veth", "peer", "name", space[-12:], "netns", self._line)
        ip("-n", self._line, "link", "set", space[-12:], "master", "line", "up")
        ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth")
        for device in ("lo", "eth"):
            ip("-n", space, "link", "set", device, "up")

    def prefix(self, node=None):
        return ["ip", "netns", "exec", self._spaces[node]]

    def unplug(self, name):
        """From now on it is silent, as a machine without power."""
        ip("-n", self._line, "link", "set", self._spaces[name][-12:], "down")

    def close(self):
        for name in (self._line, *self._spaces.values()):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


class OwnFiles(Plain):
    """Some nodes in a mount namespace, with files of their own in the place of the machine's: path -> text."""

    def __init__(self, nodes, texts):
        self._nodes = nodes
        self._files = {}
        for path, text in texts.items():
            file = tempfile.NamedTemporaryFile("w", prefix="hublink-own.", suffix=".txt")
            file.write(text)
            file.flush()
            os.chmod(file.name, 0o644)
            self._files[path] = file
        if os.geteuid() != 0:
            raise unittest.SkipTest("mount namespaces need root")
        tried = subprocess.run([*self._within(), "true"], capture_output=True, text=True)
        if tried.returncode != 0:
            raise unittest.SkipTest(f"mount namespaces: {tried.stderr.strip()}")

    def _within(self):
        mounts = "".join(f"mount --bind {file.name} {path} && " for path, file in self._files.items())
        return ["unshare", "--mount", "sh", "-c", mounts + 'exec "$@"', "sh"]

    def prefix(self, node):
        return self._within() if node in self._nodes else []

    def close(self):
        for file in self._files.values():
            file.close()


class HostsFile(OwnFiles):
    """Some nodes as on a machine whose /etc/hosts knows these names (name -> address), and no others."""

    def __init__(self, nodes, names):
        super().__init__(nodes, {"/etc/hosts": "".join(f"{address} {name}\n" for name, address in names.items())})


class NameServer(OwnFiles):
    """Some nodes as on a machine that asks one name server for everything; that knows these names (name -> IPv4 address), and writes
    down in `asked` what it was asked for. It says nothing of names that begin with `silent`; they wait `patience` seconds. Needs port
    53 of an address of loopback."""

    ADDRESS = "127.66.0.53"

    def __init__(self, nodes, names, silent=None, patience=1):
        super().__init__(nodes, {"/etc/resolv.conf": f"nameserver {self.ADDRESS}\noptions timeout:{patience} attempts:1\n",
                                 "/etc/nsswitch.conf": "hosts: dns\n", "/etc/hosts": ""})
        self._names = {name.lower(): address for name, address in names.items()}
        self._spelt = {name.lower(): name for name in names}
        self._silent = silent
        self.asked = []
        try:
            self._server = apps.UdpServer(self._answer, (self.ADDRESS, 53))
        except OSError as error:
            raise unittest.SkipTest(f"a name server at {self.ADDRESS}: {error}") from error

    def _answer(self, question, sender, own):
        end, labels = 12, []
        while length := question[end]:
            labels.append(question[end + 1:end + 1 + length].decode())
            end += 1 + length
        name = ".".join(labels).lower()
        self.asked.append(self._spelt.get(name, name))
        if self._silent and name.startswith(self._silent):
            return
        wants_v4 = question[end + 1:end + 3] == b"\0\1"
        known = self._names.get(name)
        head = question[:2] + (b"\x81\x80" if known else b"\x81\x83") + b"\0\1"
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(known) if known and wants_v4 else b""
        own.sendto(head + (b"\0\1" if answer else b"\0\0") + b"\0\0\0\0" + question[12:end + 5] + answer, sender)

    def close(self):
        self._server.close()
        super().close()
