"""What is measured side by side. Each has `send()`, which returns when the whole file is at the other end, and `close()`."""
import getpass
import os
import shutil
import socket
import subprocess
from pathlib import Path

from hublink_harness import cli
from hublink_harness.network import Network, die_with_parent
from hublink_harness.topologies import three_hubs, transfer
from hublink_harness.usage import cpu_seconds

HOST = "127.0.0.1"


def free_port(host=HOST):
    with socket.create_server((host, 0)) as sock:
        return sock.getsockname()[1]


def machine():
    """What the figures depend on: cores, and what connections over the loopback use (loopback.sh)."""
    with socket.create_server((HOST, 0)) as server, socket.create_connection(server.getsockname()) as one:
        control = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0").decode()
    return f"{os.cpu_count()} cores, TCP {control}"


def spawn(*words, **options):
    return subprocess.Popen([*map(str, words)], stdin=subprocess.DEVNULL, preexec_fn=die_with_parent, **options)


def stop(processes):
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


class Hublink:
    """HOST1 → ServerA → ServerB → HOST2, by `hublink send --wait`."""

    name = "hublink, sealed, 2 hubs"
    nodes = ("HOST1", "ServerA", "ServerB", "HOST2")

    def __init__(self, source, target):
        paths = {"send": {"path": str(source)}, "receive": {"path": str(target)}}
        self.net = Network(three_hubs(FILE01=transfer("HOST1", "HOST2", **paths))).start(*self.nodes)

    def send(self):
        result = self.net.cli("HOST1", "send", "FILE01", "--wait", deadline=300)
        assert result.code == cli.DONE, str(result)

    def cpu_seconds(self):
        return {name: cpu_seconds(self.net.running[name].pid) for name in self.nodes}

    def ping(self):
        """Milliseconds until a circuit to HOST2 is whole, links being up."""
        result = self.net.cli("HOST1", "ping", "HOST2", "--json")
        assert result.code == cli.DONE, str(result)
        return result.json()["micros"] / 1000

    def close(self):
        self.net.close()


class Chain:
    """Two bare splice relays between a sender and a receiver of the C programs in this directory."""

    def __init__(self, name, ends, relay, source, target):
        self.name, self._ends, self._source = name, ends, source
        ports = [free_port() for _ in range(3)]
        commands = [(relay, "relay", ports[0], ports[1]), (relay, "relay", ports[1], ports[2]), (ends, "recv", ports[2], target)]
        self._port = ports[0]
        self._running = []
        for command in commands:
            process = spawn(*command, stdout=subprocess.PIPE)
            self._running.append(process)
            assert process.stdout.readline() == b"ready\n"

    def cpu_seconds(self):
        return {"a bare splice relay": cpu_seconds(self._running[0].pid)}

    def send(self):
        subprocess.run([self._ends, "send", self._source, str(self._port)], check=True)

    def close(self):
        stop(self._running)


class Scp:
    """`scp -J` over two jump hosts, all of them sshd of this machine's own user on loopback."""

    name = "scp -J, 2 jump hosts"

    @staticmethod
    def missing():
        absent = [tool for tool in ("sshd", "scp", "ssh-keygen") if not shutil.which(tool)]
        return f"{', '.join(absent)} not found; apt-get install openssh-server openssh-client" if absent else None

    def __init__(self, work, source, target):
        self._source, self._target, self._work = source, target, work
        for key in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", work / key], check=True)
        shutil.copy(work / "user_key.pub", work / "authorized_keys")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self._running, self._hops = [], []
        for i in range(3):
            host, port = f"127.3.{i}.1", free_port(f"127.3.{i}.1")
            self._running.append(self._server(f"sshd{i}", host, port))
            self._hops.append(f"{getpass.getuser()}@{host}:{port}")
        (work / "ssh_config").write_text(
            f"IdentityFile {work}/user_key\nIdentitiesOnly yes\nStrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n"
            "LogLevel ERROR\nCompression no\nCiphers aes256-gcm@openssh.com\n")

    def _server(self, name, host, port):
        config = self._work / f"{name}.conf"
        config.write_text(
            f"ListenAddress {host}:{port}\nHostKey {self._work}/host_key\nAuthorizedKeysFile {self._work}/authorized_keys\n"
            "PidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n"
            "AllowTcpForwarding yes\nSubsystem sftp internal-sftp\n")
        process = spawn(shutil.which("sshd"), "-D", "-e", "-f", config, stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "listening on" in line:
                return process
        raise RuntimeError(f"sshd did not start with {config}")

    def send(self):
        first, second, last = self._hops
        jumps = f"{first},{second}"
        user_host, port = last.rsplit(":", 1)
        subprocess.run(["scp", "-q", "-F", self._work / "ssh_config", "-J", jumps, "-P", port, self._source, f"{user_host}:{self._target}"],
                       check=True, stdin=subprocess.DEVNULL)

    def close(self):
        stop(self._running)
