"""What carries a TCP port from one side to the other, side by side. Each has `name`, `door` (where applications connect), `pids`, `close()`."""
import getpass
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

from contestants import spawn, stop
from hublink_harness import apps, cli
from hublink_harness.network import Ports

ports = Ports()
HAPROXY = """
global
  maxconn 4000
  nbthread 1
defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen all
  bind {listen}
  server next {next}
"""
STUNNEL = """
foreground = yes
pid =
debug = err
sslVersion = TLSv1.3
[all]
{client}accept = {listen}
connect = {next}
{keys}
"""


class Line:
    """Two ends and what leads there: loopback, or two namespaces with a shaped line between them."""

    def __init__(self, left="127.1.1.1", right="127.1.2.1", prefixes=((), ())):
        self.left, self.right, self.prefixes = left, right, prefixes

    def reach(self, prefix, ip, port):
        code = f"import socket; socket.create_connection(('{ip}', {port}), 1).close()"
        return subprocess.run([*prefix, "python3", "-c", code], capture_output=True).returncode == 0


class Contestant:
    one_way = False

    def __init__(self, work, line, target):
        self.work = work
        self.folder = Path(work) / f"{type(self).__name__}-{ports.take()}"
        self.folder.mkdir()
        self.line, self.target = line, target
        self.processes = []
        self.door = (line.left, ports.take())
        self.middle = (line.right, ports.take())
        self.start()
        apps.wait_until(lambda: line.reach(line.prefixes[0], *self.door), f"{self.name} serves")

    def run(self, side, *command, **options):
        log = (self.folder / f"log{len(self.processes)}").open("w")
        self.processes.append(spawn(*self.line.prefixes[side], *command, stdout=log, stderr=log, **options))

    @property
    def pids(self):
        return [process.pid for process in self.processes]

    def keys(self):
        """A certificate for TLS between two programs, P-256 as hublink's."""
        path = self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=bench",
                        "-keyout", path, "-out", self.folder / "cert.pem"], check=True, capture_output=True)
        path.write_text(path.read_text() + (self.folder / "cert.pem").read_text())
        return path

    def close(self):
        stop(self.processes)


def text(where):
    return "%s:%d" % where


class Direct(Contestant):
    """Nothing between: what the machine itself gives."""
    name = "direct"

    def start(self):
        self.door = self.target


class Hublink(Contestant):
    name = "hublink"

    def start(self):
        nodes = {"Left": (self.line.left, {"Right": 1}), "Right": (self.line.right, {})}
        names = list(nodes)
        net = {"network": "bench",
               "nodes": {name: {"role": "server", "address": text((ip, ports.take())), "segment": f"{ip}/32", "neighbours": beside, "proxy": {"enabled": True}}
                         for name, (ip, beside) in nodes.items()},
               "gateways": {kind: {"protocol": kind, "calling": "Left", "called": "Right", "listen": text(self.door), "deliver": text(self.target)}
                            for kind in ("tcp", "udp")}}
        file = self.folder / "net.json"
        file.write_text(json.dumps(net))
        result = cli.run("keys", file, "--out", self.folder / "keys")
        assert result.code == cli.DONE, str(result)
        for side in (1, 0):
            name = names[side]
            self.run(side, cli.executable(), "run", file, "--node", name, "--data", self.folder / name, "--keys", self.folder / "keys" / name)

        def linked():
            result = cli.run("gateways", "--json", "--data", self.folder / "Left")
            return result.code == cli.DONE and any(link["state"] == "up" for link in result.json()["links"])

        apps.wait_until(linked, "the gateway link is up")


class OneHublink(Contestant):
    """One server as both gateways."""
    name = "1 hublink"

    def start(self):
        net = {"network": "bench",
               "nodes": {"Only": {"role": "server", "address": text((self.line.left, ports.take())), "segment": f"{self.line.left}/32", "proxy": {"enabled": True}}},
               "gateways": {kind: {"protocol": kind, "calling": "Only", "called": "Only", "listen": text(self.door), "deliver": text(self.target)}
                            for kind in ("tcp", "udp")}}
        file = self.folder / "net.json"
        file.write_text(json.dumps(net))
        result = cli.run("keys", file, "--no-passphrase", "--out", self.folder / "keys")
        assert result.code == cli.DONE, str(result)
        self.run(0, cli.executable(), "run", file, "--node", "Only", "--data", self.folder / "Only", "--keys", self.folder / "keys" / "Only")


class Ssh(Contestant):
    name = "ssh -L"

    def start(self):
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        shutil.copy(self.folder / "user.pub", self.folder / "authorized")
        os.makedirs("/run/sshd", exist_ok=True)
        config = self.folder / "config"
        config.write_text(f"ListenAddress {text(self.middle)}\nHostKey {self.folder}/host\nAuthorizedKeysFile {self.folder}/authorized\n"
                          "PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nMaxSessions 10000\n")
        self.run(1, shutil.which("sshd"), "-D", "-e", "-f", config)
        apps.wait_until(lambda: self.line.reach(self.line.prefixes[0], *self.middle), "sshd serves")
        self.run(0, "ssh", "-N", "-F", "none", "-i", self.folder / "user", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known",
                 "-o", "BatchMode=yes", "-c", "aes128-gcm@openssh.com", "-L", f"{text(self.door)}:{text(self.target)}", "-p", self.middle[1],
                 f"{getpass.getuser()}@{self.middle[0]}")

    @property
    def pids(self):
        children = [int(pid) for process in self.processes for pid in
                    Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        deeper = [int(pid) for child in children for pid in Path(f"/proc/{child}/task/{child}/children").read_text().split()]
        return super().pids + children + deeper


class Haproxy(Contestant):
    name = "2 HAProxy, TLS"

    def start(self):
        key = self.keys()
        for side, listen, following in ((1, f"{text(self.middle)} ssl crt {key} ssl-min-ver TLSv1.3 ciphersuites TLS_AES_128_GCM_SHA256", text(self.target)),
                                        (0, text(self.door), f"{text(self.middle)} ssl verify none ssl-min-ver TLSv1.3")):
            config = self.folder / f"config{side}"
            config.write_text(HAPROXY.format(listen=listen, next=following))
            self.run(side, "haproxy", "-f", config, "-db")


class Stunnel(Contestant):
    name = "2 stunnel"

    def start(self):
        key = self.keys()
        for side, client, listen, following, keys in ((1, "", self.middle, self.target, f"cert = {key}\nciphersuites = TLS_AES_128_GCM_SHA256"),
                                                      (0, "client = yes\n", self.door, self.middle, "")):
            config = self.folder / f"config{side}"
            config.write_text(STUNNEL.format(client=client, listen=text(listen), next=text(following), keys=keys))
            self.run(side, "stunnel", config)


class Socat(Contestant):
    name = "2 socat, plain"

    def start(self):
        for side, listen, following in ((1, self.middle, self.target), (0, self.door, self.middle)):
            self.run(side, "socat", "-b", "262144", f"TCP-LISTEN:{listen[1]},bind={listen[0]},reuseaddr,fork,backlog=1024,nodelay", f"TCP:{text(following)},nodelay")

    @property
    def pids(self):
        return super().pids + [int(pid) for process in self.processes for pid in
                               Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


class OneSocat(Contestant):
    """What one process that copies costs."""
    name = "1 socat, plain"

    def start(self):
        self.run(0, "socat", "-b", "262144", f"TCP-LISTEN:{self.door[1]},bind={self.door[0]},reuseaddr,fork,backlog=1024,nodelay", f"TCP:{text(self.target)},nodelay")

    @property
    def pids(self):
        return super().pids + [int(pid) for process in self.processes for pid in
                               Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


class BareTls(Contestant):
    """No mux, no checks, one direction: what TLS costs on this machine."""
    name = "bare C, TLS, one way"
    one_way = True

    def start(self):
        program = Path(self.work) / "limit_tls"
        self.run(1, program, "far", text(self.middle), text(self.target), self.keys())
        self.run(0, program, "near", text(self.door), text(self.middle))


ALL = (Direct, Hublink, OneHublink, Ssh, Haproxy, Stunnel, Socat, OneSocat, BareTls)
