"""UFTP (multicast) as a contestant. Each receiver has a network namespace of its own, all on one bridge: on a shared loopback only one of
them would hear. Needs root."""
import itertools
import os
import shutil
import subprocess

from contestants import spawn, stop
from hublink_harness.namespaces import ip

RATE = 1_000_000  # kbit/s: UFTP has no rate control of its own by default, and is told one
BLOCK = 1400  # bytes, within an Ethernet frame
BUFFER = 4 << 20
_numbers = itertools.count()


class Uftp:
    name = "uftp, AES-256-GCM"
    copies_on_source_link = 1

    @staticmethod
    def missing():
        if not (shutil.which("uftp") and shutil.which("uftpd")):
            return "uftp not found; apt-get install uftp"
        if os.geteuid() != 0 or not shutil.which("ip"):
            return "multicast needs network namespaces: root, and ip from iproute2"
        return None

    def __init__(self, work, source, count):
        self._work, self._source, self._count = work, source, count
        self._ids = [f"0x{number + 16:08X}" for number in range(count)]
        self._mark = f"hb{os.getpid()}x{next(_numbers)}"
        self._spaces, self._running = [], []
        try:
            self._lay()
            for number in range(count):
                self._serve(number)
        except BaseException:
            self.close()
            raise

    def _space(self, name):
        space = f"{self._mark}{name}"
        ip("netns", "add", space)
        self._spaces.append(space)
        ip("-n", space, "link", "set", "lo", "up")
        return space

    def _lay(self):
        middle = self._space("")
        ip("-n", middle, "link", "add", "br0", "type", "bridge", "mcast_snooping", 0)
        self._connect(middle, "br0", 1)
        for number in range(self._count):
            space = self._space(f"r{number}")
            ip("link", "add", f"w{number}", "netns", middle, "type", "veth", "peer", "name", "eth0", "netns", space)
            ip("-n", middle, "link", "set", f"w{number}", "master", "br0", "up")
            self._connect(space, "eth0", 10 + number)

    @staticmethod
    def _connect(space, device, last):
        ip("-n", space, "addr", "add", f"10.9.0.{last}/24", "dev", device)
        ip("-n", space, "link", "set", device, "up")
        ip("-n", space, "route", "add", "224.0.0.0/4", "dev", device)

    def _serve(self, number):
        inbox, log = self._work / f"in{number}", (self._work / f"log{number}").open("wb")
        inbox.mkdir()
        self._running.append(spawn("ip", "netns", "exec", self._spaces[1 + number], "uftpd", "-d", "-E", "-t", "-I", "eth0", "-U",
                                   self._ids[number], "-D", inbox, "-B", BUFFER, stdout=log, stderr=log))

    def send(self):
        command = ["ip", "netns", "exec", self._spaces[0], "uftp", "-I", "br0", "-R", RATE, "-b", BLOCK, "-B", BUFFER, "-Y", "aes256-gcm",
                   "-h", "sha256", "-H", ",".join(self._ids), "-x", 1, self._source]
        done = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        size = self._source.stat().st_size
        got = [self._work / f"in{number}" / self._source.name for number in range(self._count)]
        assert done.returncode == 0 and all(file.exists() and file.stat().st_size == size for file in got), done.stdout + done.stderr
        for file in got:
            file.unlink()

    def close(self):
        stop(self._running)
        for space in self._spaces:
            subprocess.run(["ip", "netns", "delete", space], capture_output=True)
