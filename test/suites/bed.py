"""What the suites run in: two gateways with a hub between them, in a network namespace with a destination at THERE. Needs root."""
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
sys.dont_write_bytecode = True

from hublink_harness import cli  # noqa: E402
from hublink_harness.network import Network  # noqa: E402
from hublink_harness.topologies import chain  # noqa: E402

THERE = "10.77.0.1"
SOCKS, REDIRECT = "127.2.1.1:1080", 1081
WRAP = [cli.executable(), "wrap", "--gateway", SOCKS]


# Redis' suite puts a regular file in the place of /dev/null.
OWN_DEVICES = """mkdir -p /tmp/hublink-dev && mount -t tmpfs -o mode=755 none /tmp/hublink-dev && (cd /tmp/hublink-dev
    mknod -m 666 null c 1 3; mknod -m 666 zero c 1 5; mknod -m 666 full c 1 7; mknod -m 666 random c 1 8; mknod -m 666 urandom c 1 9; mknod -m 666 tty c 5 0
    ln -s /proc/self/fd fd; ln -s fd/0 stdin; ln -s fd/1 stdout; ln -s fd/2 stderr; ln -s pts/ptmx ptmx; mkdir -m 1777 shm; mkdir pts
    mount -t devpts -o newinstance,ptmxmode=666 none pts) && mount --move /tmp/hublink-dev /dev && """


def go_inside(own_devices=False):
    """This process, and all that it begins, in a network namespace of its own."""
    if os.environ.get("HUBLINK_SUITE_INSIDE"):
        return
    os.environ["HUBLINK_SUITE_INSIDE"] = "1"
    setup = f"{OWN_DEVICES if own_devices else ''}ip link set lo up && ip address add {THERE}/32 dev lo && exec \"$@\""
    os.execvp("unshare", ["unshare", "--net", "--mount", "sh", "-c", setup, "sh", sys.executable, *sys.argv])


def network(tcp, udp, allow):
    """`tcp`, `udp`: ports that are listened to at the calling side, and delivered at THERE."""
    topology = chain(3)
    nodes = topology["nodes"]
    del nodes["HOST1"], nodes["HOST2"]
    nodes["Server1"]["proxy"] = {"enabled": True, "socks": SOCKS, "redirect": f"127.0.0.1:{REDIRECT}", "called": "Server3"}
    nodes["Server3"]["bind"] = "127.2.3.1"  # so that `redirect` knows its dials
    nodes["Server3"]["proxy"] = {"enabled": True, "allow": allow}
    topology["gateways"] = {
        f"{protocol}{port}": {"protocol": protocol, "calling": "Server1", "called": "Server3", "listen": f"127.2.1.1:{port}", "deliver": f"{THERE}:{port}"}
        for protocol, ports in (("tcp", tcp), ("udp", udp)) for port in ports}
    return Network(topology)


def redirect(ports):
    """What programs send to THERE goes to the calling gateway, but for the called gateway's own."""
    chosen = ", ".join(map(str, ports))
    rules = f"""add table ip hublink
        add chain ip hublink out {{ type nat hook output priority -100; }}
        add rule ip hublink out ip saddr 127.2.1.1-127.2.3.1 return
        add rule ip hublink out ip daddr {THERE} tcp dport {{ {chosen} }} redirect to :{REDIRECT}"""
    subprocess.run(["nft", rules], check=True, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})


def no_redirect():
    subprocess.run(["nft", "delete table ip hublink"], check=True, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
