"""Every command line that stands in README or on a page of the manual is run, as it stands there, in a network in which its names mean
something. What the page shows of the answer has to be like the answer. Lines that can't be run: commands_not_run.txt."""
import fnmatch
import json
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path

from hublink_harness import cli, events, namespaces, pages
from hublink_harness.case import Scenario
from hublink_harness.managed import PASSWORD
from hublink_harness.network import Network, die_with_parent
from hublink_harness.topologies import of_the_pages

NOT_RUN = Path(__file__).with_name("commands_not_run.txt")
LASTING = re.compile(r"hublink run |hublink events .*--follow|\S*examples/run-network\.sh ")
ALONE = re.compile(r"(exec )?\S*examples/run-network\.sh |nft ")  # what would be in the others' way
READY = re.compile(r"^ready |^hublink: following |^Ctrl-C stops them all", re.MULTILINE)
NOT_FOUND = 127  # says a shell of a program
WITHIN = 20  # seconds for any line

# Commands that are not whole without a word that is no option.
GO_ON = {"check", "plan", "keys", "bundle", "certificates", "install", "backup", "restore", "run", "send", "request", "cancel", "retry", "trace", "deliver", "ping", "rate", "wrap"}

# Where a command without --data is given.
PLACES = {"login": "MGR", "logout": "MGR", "sessions": "MGR", "apply": "MGR", "users": "ServerA", "tokens": "HOST1", "audit": "ServerA",
          "gateways": "ServerA", "streams": "ServerA", "stored": "ServerC", "deliver": "ServerC", "request": "HOST2"}
# What the reader puts in the place of a word in capitals; by the command's words before it, or wherever it stands.
MEANT = {"U": "op", "USER": "anna", "FILE": "FILE01", "HOST": "HOST2", "NODE": "HOST1", "COMMAND": "true", "ADDRESS": "127.1.3.1:40000",
         "ADDRESS-OF-ITS-SERVER": "127.1.3.1:40000", "NAME": "HOST3", "users NAME": "guest", "keys NAME": "HOST2", "keys revoke NAME": "HOST2",
         "keys DIR": "folder", "certificates DIR": "keys", "socks-users DIR": "ServerC", "run-network.sh DIR": "network", "DIR": "."}

# In the network's namespace: databases, and a client that has one of them open through the gateway.
DATABASES = """
import socket, sys, threading
def serve(listener):
    while True:
        there = listener.accept()[0]
        there.sendall(b"ready for queries\\n")
        kept.append(there)
kept = []
for address in sys.argv[1:]:
    threading.Thread(target=serve, args=[socket.create_server((address, 5432))], daemon=True).start()
print("serving", flush=True)
sys.stdin.read()
"""
APPLICATION = """
import socket, sys
there = socket.create_connection(("127.1.1.1", 15432))
print(there.recv(100).decode(), flush=True)
sys.stdin.read()
"""
PSQL = f"""#!{sys.executable}
import socket, sys
assert sys.argv[1] == "-h", sys.argv
print(socket.create_connection((sys.argv[2], 5432)).recv(100).decode())
"""


class OwnPorts(Network):
    """The addresses as they are written: the network has a namespace of its own."""

    def _with_ports(self, topology):
        return topology


class Book(Scenario):
    topology = of_the_pages()
    stopped = {}  # a line's process -> the node that it runs, and that runs without it before and after
    functions = set()  # of shells, that a page defines: no programs that may lack here

    @classmethod
    def setUpClass(cls):
        isolation = namespaces.OneNamespace()
        cls.addClassCleanup(isolation.close)
        cls.net = OwnPorts(cls.topology, isolation)
        cls.addClassCleanup(cls._close)
        cls.work = cls.net.directory
        cls.lay_out()
        namespaces.ip("-n", isolation.name, "addr", "add", "10.2.0.7/32", "dev", "lo")
        cls.beside(DATABASES, "10.2.0.7", "127.1.2.50")
        cls.net.start()
        cls.beside(APPLICATION)
        cls.commands_before()

    @classmethod
    def lay_out(cls):
        """What stands where the reader stands: the tree, the topology, keys, data directories."""
        (cls.work / "NET.json").symlink_to(cls.net.file)
        for name in ("HOST1", "ServerA", "MGR"):
            (cls.net.data(name) / "local.json").write_text(json.dumps({"web": {"listen": f"{cls.net.address(name)[0]}:8443"}}))
        cls.net.own_keys()
        for name in ("README.md", "examples", "test", "docs", "node", "cmake", "CMakeLists.txt"):
            (cls.work / name).symlink_to(pages.ROOT / name)
        build = Path(cli.executable()).resolve().parent
        (cls.work / "build").mkdir()
        (cls.work / "build" / "release").symlink_to(build)
        (cls.work / "DIR").symlink_to(".")
        bin = cls.work / "bin"
        bin.mkdir()
        (bin / "hublink").symlink_to(cli.executable())
        (bin / "psql").write_text(PSQL)
        (bin / "psql").chmod(0o755)
        cls.out = cls.work / "out"
        cls.out.mkdir()
        cls.watch = events.Watch()
        cls.addClassCleanup(cls.watch.close)
        cls.watch.add(cls.out)

    @classmethod
    def beside(cls, program, *words):
        process = subprocess.Popen([*cls.net.prefix(None), sys.executable, "-c", program, *words], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, preexec_fn=die_with_parent)
        cls.addClassCleanup(lambda: (process.stdin.close(), process.wait(10), process.stdout.close()))
        assert process.stdout.readline(), "it did not begin"

    @classmethod
    def commands_before(cls):
        """What the pages take for granted: accounts, a login, definitions that were applied, files, a stored transfer."""
        password = {"HUBLINK_PASSWORD": PASSWORD}
        for name in ("ServerA", "ServerB", "ServerC"):
            cls.done(cls.net.cli(name, "users", "add", "op", "--rights", "view,transfer,manage", env=password))
        cls.done(cls.net.cli("MGR", "login", "--user", "op", env=password))
        cls.done(cls.net.cli("MGR", "apply", cls.net.file))
        for file in ("FILE01", "FILE02", "FILE03", "FILE05", "REFUSED"):
            cls.net.write("HOST1", f"out/{file}", 1000)
        cls.net.write("HOST1", "out/report.bin", 1000)
        cls.net.write("HOST1", "out/SLOW", 1_000_000)
        cls.store_one()

    @classmethod
    def store_one(cls):
        result = cls.net.cli("HOST1", "send", "FILE05", "--wait")
        cls.done(result)
        return result.out.split()[0]

    @staticmethod
    def done(result):
        assert result.code == cli.DONE, str(result)

    def failed_one(self):
        """Its receiver has that file, and keeps it."""
        return [self.net.cli("HOST1", "send", "REFUSED", "--wait").out.split()[0] for _ in range(2)][-1]

    def slow_one(self):
        return self.net.send("HOST1", "SLOW")

    # -- one line ---------------------------------------------------------------------------------------------

    def environment(self, command):
        """What the pages say may stand there."""
        verb = next((word for word in command.text.split()[1:]), "")
        made = {**os.environ, "PATH": f"{self.work / 'bin'}:{os.environ['PATH']}", "HUBLINK_DATA": PLACES.get(verb, "HOST1"),
                "HUBLINK_PASSWORD": PASSWORD, "HUBLINK_GATEWAY": "127.1.1.1:1080", "HUBLINK": str(Path(cli.executable()).resolve())}
        if verb == "run":
            del made["HUBLINK_DATA"]
        if (self.work / "folder" / "ca").exists():
            made["HUBLINK_PASSPHRASE"] = PASSWORD
        return made

    def in_shell(self, text, command):
        prefix = self.net.prefix(None)
        if ALONE.match(text):
            own = namespaces.OneNamespace()
            self.addCleanup(own.close)
            prefix = own.prefix()
        return subprocess.Popen([*prefix, "bash", "-c", text], cwd=self.work, env=self.environment(command),
                                stdin=subprocess.DEVNULL, stdout=(self.out / "out").open("w"), stderr=(self.out / "err").open("w"),
                                start_new_session=True, preexec_fn=heed_ctrl_c)

    def said(self, name="out"):
        return (self.out / name).read_text(errors="replace")

    def expect_end(self, process, command, code=0, within=WITHIN):
        try:
            ended = process.wait(within)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            ended = f"nothing within {within} s"
        self.check(command, ended, code)

    def check(self, command, ended, code=0):
        if ended == NOT_FOUND and not shutil.which(command.words[0]) and command.words[0] not in self.functions:
            self.skipTest(f"there is no {command.words[0]} here")
        self.assertEqual(code, ended, f"{command}\n{self.said()}{self.said('err')}")

    def begin_lasting(self, command, text):
        """A line that goes on until it is stopped; a network or node of its own has no other beside it."""
        if name := re.search(r"hublink run .*--node (\S+)", text):
            self.net.stop(name[1])
        if "--join" in text:
            (self.net.data(name[1]) / "definition.signed").unlink(missing_ok=True)
        process = self.in_shell(f"exec {text}", command)
        if name:
            self.stopped[process.pid] = name[1]
        ready = lambda: READY.search(self.said() + self.said("err")) or process.poll() is not None
        if not self.watch.until(ready, WITHIN) or process.poll() is not None:
            self.expect_end(process, command, "it goes on", within=0.1)
        return process

    # -- blocks: their lines follow each other in one shell ---------------------------------------------------------

    def run_block(self, block):
        lasting = []
        shell = Shell(self, block[0])
        self.addCleanup(shell.close)
        for command in block:
            with self.subTest(str(command)):
                if is_left_out(command):
                    continue
                if LASTING.match(command.text):
                    lasting.append((self.begin_lasting(command, command.text), command))
                    continue
                if ALONE.match(command.text):
                    self.expect_end(self.in_shell(command.text, command), command)
                    continue
                if function := re.match(r"(\w+)\(\) \{", command.text):
                    self.functions.add(function[1])
                self.check(command, shell.run(command.text))
        for process, command in reversed(lasting):
            with self.subTest(str(command)):
                self.end_lasting(process, command)

    def end_lasting(self, process, command):
        follows = "--follow" in command.text
        os.killpg(process.pid, signal.SIGINT if follows else signal.SIGTERM)
        self.expect_end(process, command, -signal.SIGINT if follows else 0)
        if name := self.stopped.pop(process.pid, None):
            self.net.start(name)

    # -- the text: each line by itself --------------------------------------------------------------------------

    def run_span(self, command):
        if is_left_out(command):
            return
        if is_mention(command):
            return self.expect_known(command)
        text = self.meant(command)
        if LASTING.match(text):
            return self.end_lasting(self.begin_lasting(command, text), command)
        self.expect_end(self.in_shell(text, command), command)
        if command.shown:
            self.expect_like_shown(command)

    def expect_known(self, command):
        """A command that is named, or abbreviated: there is one of that name, with these options."""
        words = command.text.split()[1:]
        begins = [word for word in words if re.fullmatch(r"[a-z]+(-[a-z]+)*", word)]
        self.expect_end(self.in_shell(shlex.join(["hublink", *begins[:2], "--help"]), command), command)
        for word in words:
            if word.startswith("--") and len(word) > 2:
                self.assertIn(word, self.said(), str(command))

    def meant(self, command):
        """With what the reader puts in the place of words in capitals."""
        words = command.text.split()
        begins = [word.rsplit("/", 1)[-1] for word in words if re.fullmatch(r"[a-z./-]+", word)]

        def one(match):
            word = match[0]
            if word == "ID":
                return {"deliver": self.store_one, "retry": self.failed_one, "cancel": self.slow_one}.get(" ".join(begins[1:2]), self.sent)()
            kept = [MEANT[f"{' '.join(begins[at:to])} {word}"] for at in range(len(begins)) for to in range(len(begins), at, -1)
                    if f"{' '.join(begins[at:to])} {word}" in MEANT]
            self.assertTrue(kept or word in MEANT, f"{command}: nobody knows what {word} stands for")
            return kept[0] if kept else MEANT[word]

        return re.sub(r"(?<![\w.-])(?!(?:HOST|FILE)\d|MGR\b|NET\b)[A-Z][A-Z-]*(?![\w.])", one, command.text)

    def sent(self):
        """A transfer that is over."""
        if not hasattr(type(self), "done_id"):
            type(self).done_id = self.net.cli("HOST1", "send", "FILE01", "--wait").out.split()[0]
        return self.done_id

    def expect_like_shown(self, command):
        real = pages.json_documents(self.said())
        self.assertTrue(real, f"{command}: it says nothing")
        for document in real:
            wrong = [list(pages.misfits(shown, document, command.section)) for shown in pages.examples_of(document, command.shown)]
            self.assertFalse(wrong and all(wrong), f"{command}: {min(wrong, key=len, default='')}")

    # -- pages --------------------------------------------------------------------------------------------------

    def run_page(self, path):
        page = pages.read(path)
        for block in page.blocks:
            self.run_block(block)
        for command in page.spans:
            with self.subTest(str(command)):
                self.run_span(command)


class Shell:
    """A bash in the network's namespace that runs one line after the other."""

    def __init__(self, book, command):
        self._out = book.out
        self._ends, end = os.pipe()
        self._process = subprocess.Popen([*book.net.prefix(None), "bash"], cwd=book.work, env=book.environment(command), text=True,
                                         stdin=subprocess.PIPE, pass_fds=[end], start_new_session=True)
        self._end = end

    def run(self, line):
        """Its exit code, or what was wrong."""
        self._process.stdin.write(f"eval {shlex.quote(line)} </dev/null >{self._out}/out 2>{self._out}/err\necho $? >&{self._end}\n")
        self._process.stdin.flush()
        if not select.select([self._ends], [], [], WITHIN)[0]:
            return f"nothing within {WITHIN} s"
        return int(os.read(self._ends, 100))

    def close(self):
        self._process.stdin.close()
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(10)
        for end in (self._ends, self._end):
            os.close(end)


def heed_ctrl_c():
    """As at a terminal, also where this test itself was begun in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def is_mention(command):
    """No whole line: a name alone, with an option perhaps where it would go on, or an abbreviation."""
    program, *words = command.text.split()
    named = r"(--)?[a-z]+(-[a-z]+)*" if GO_ON.intersection(words[:1]) else r"[a-z]+(-[a-z]+)*"
    return program == "hublink" and ("…" in command.text or all(re.fullmatch(named, word) for word in words))


def left_out():
    rows = [line.split(" ## ") for line in NOT_RUN.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {pattern: reason for pattern, reason in rows}


def is_left_out(command):
    return any(fnmatch.fnmatchcase(command.text, pattern) for pattern in left_out())


class Listed(unittest.TestCase):
    """Of the list itself: it needs no network."""

    def test_each_pattern_fits_a_line_and_has_its_reason(self):
        every = [command.text for path in pages.all_pages() for page in [pages.read(path)]
                 for command in [*page.spans, *(line for block in page.blocks for line in block)]]
        for pattern, reason in left_out().items():
            with self.subTest(pattern):
                self.assertTrue(reason.strip())
                self.assertTrue(any(fnmatch.fnmatchcase(line, pattern) for line in every), "no line of any page fits it")


def a_test_of(path):
    return lambda self: self.run_page(path)


for _path in pages.all_pages():
    if _path.name == "your-own-network.md":  # has a network of its own: own_network.py
        continue
    _page = pages.read(_path)
    if _page.blocks or _page.spans:
        setattr(Book, "test_" + re.sub(r"\W+", "_", _page.name.removesuffix(".md")), a_test_of(_path))
