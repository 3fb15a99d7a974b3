"""Stands in for systemd, for one unit template: starts it as its lines say, waits for READY=1, counts signs of life. The programs
`systemctl` and `sudo` that it puts into a directory ask it."""
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from . import cli
from .network import die_with_parent

SYSTEMCTL = """#!{python} -I
import json, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect("{where}")
    asked.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
    answer = json.loads(asked.makefile().readline())
print(answer["said"], end="", file=sys.stderr)
sys.exit(answer["code"])
"""
SUDO = '#!/bin/sh\nexec "$@"\n'
WITHIN = 20  # seconds until a unit is ready


class Unit:
    """One instance that runs."""

    def __init__(self, process, told):
        self.process, self.told, self.signs = process, told, []


class ServiceManager:
    def __init__(self, template, directory):
        self._lines = template.read_text(encoding="utf-8").replace("@CMAKE_INSTALL_FULL_BINDIR@/hublink", cli.executable())
        self._directory = directory
        self.units, self.enabled = {}, set()
        self.bin = directory / "bin"
        self.bin.mkdir(parents=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / "manager"))
        self._listener.listen()
        for name, text in (("systemctl", SYSTEMCTL.format(python=sys.executable, where=directory / "manager")), ("sudo", SUDO)):
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                asked = self._listener.accept()[0]
            except OSError:
                return
            with asked:
                verb, *words = json.loads(asked.makefile().readline())
                code, said = self._do(verb, words[-1])
                asked.sendall(json.dumps({"code": code, "said": said}).encode() + b"\n")

    def _do(self, verb, unit):
        node = re.fullmatch(r"hublink@(.+)\.service", unit)[1]
        if verb == "enable":
            self.enabled.add(node)
        elif verb in ("start", "restart"):
            self.stop(node)
            return self._start(node)
        elif verb == "stop":
            self.stop(node)
        elif verb == "reload":
            self.units[node].process.send_signal(signal.SIGHUP)
        else:
            return 1, f"systemctl {verb}: nobody knows how\n"
        return 0, ""

    def _setting(self, name, node):
        found = re.findall(rf"^{name}=(.*)$", self._lines, re.MULTILINE)
        return [value.replace("%i", node) for value in found]

    def _environment(self, node, credentials, told):
        variables = {"PATH": os.environ["PATH"], "CREDENTIALS_DIRECTORY": str(credentials), "NOTIFY_SOCKET": told,
                     "WATCHDOG_USEC": "1000000"}
        for file in self._setting("EnvironmentFile", node):
            lines = Path(file).read_text(encoding="utf-8").splitlines()
            variables |= dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        return variables

    @staticmethod
    def _words(line, variables):
        for word in line.split():
            if re.fullmatch(r"\$\w+", word):
                yield from variables[word[1:]].split()
            else:
                yield re.sub(r"\$\{(\w+)\}", lambda named: variables[named[1]], word)

    def _start(self, node):
        account = pwd.getpwnam(self._setting("User", node)[0])
        credentials = self._directory / f"{node}.credentials"
        shutil.rmtree(credentials, ignore_errors=True)
        credentials.mkdir(mode=0o700)
        for line in self._setting("LoadCredential", node):
            name, file = line.split(":", 1)
            shutil.copy(file, credentials / name)
            (credentials / name).chmod(0o400)
        for path in (credentials, *credentials.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)
        told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        where = self._directory / f"{node}.told"
        where.unlink(missing_ok=True)
        told.bind(str(where))
        where.chmod(0o777)
        told.settimeout(WITHIN)
        variables = self._environment(node, credentials, str(where))
        log = (self._directory / f"{node}.log").open("ab")
        with log:
            process = subprocess.Popen(list(self._words(self._setting("ExecStart", node)[0], variables)), stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log, env=variables, cwd="/", user=account.pw_uid, group=account.pw_gid, extra_groups=[],
                                       preexec_fn=die_with_parent)
        unit = self.units[node] = Unit(process, told)
        try:
            while "READY=1" not in unit.signs:
                unit.signs += told.recv(4096).decode().split("\n")
        except TimeoutError:
            return 1, f"hublink@{node}: it is not ready: {self.said(node)}\n"
        return 0, ""

    def said(self, node):
        return (self._directory / f"{node}.log").read_text(errors="replace")

    def next_sign(self, node, within=5):
        """What the unit says next."""
        self.units[node].told.settimeout(within)
        return self.units[node].told.recv(4096).decode()

    def stop(self, node):
        """The exit code; None if it does not run."""
        if not (unit := self.units.pop(node, None)):
            return None
        unit.process.terminate()
        try:
            return unit.process.wait(20)
        finally:
            unit.told.close()

    def close(self):
        self._listener.close()
        for node in list(self.units):
            self.stop(node)
