"""Secrets stay: who may own and write what a node believes, what its memory keeps, the CA's key, received modes."""
import os
import pty
import re
import struct
import subprocess

from hublink_harness import cli
from hublink_harness.apps import connect, read_exactly
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

from gateways import Gateways, address, network, pair

NOBODY = 65534


class Folders(Scenario):
    """A node refuses to start on what others may have written, with a line each."""

    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST2")

    @classmethod
    def prepare(cls, net):
        net.own_keys()

    def refused(self, path, *words):
        result = cli.run(*self.net.run_command("HOST1"), deadline=10)
        self.expect_refusal(result, cli.USAGE, str(path), *words)
        self.assertEqual("", result.out)

    def paths(self):
        data, keys = self.net.data("HOST1"), self.net.keys / "HOST1"
        (data / "local.json").write_text("{}")
        (data / "definition.signed").write_text("{}")
        return [data, data / "local.json", data / "definition.signed", keys, *(keys / f"{name}.pem" for name in ("key", "cert", "ca", "crl"))]

    def test_what_others_may_write(self):
        for path in self.paths():
            for mode in (0o020, 0o002):
                with self.subTest(path=path, mode=oct(mode)):
                    before = path.stat().st_mode & 0o7777
                    path.chmod(before | mode)
                    self.refused(path, "can be written by others", "chmod")
                    path.chmod(before)

    def test_what_belongs_to_others(self):
        if os.geteuid() != 0:
            self.skipTest("only root gives files away")
        for path in self.paths():
            with self.subTest(path=path):
                os.chown(path, NOBODY, NOBODY)
                self.refused(path, "belongs to user 65534")
                os.chown(path, 0, 0)

    def test_received_modes_are_below_the_umask(self):
        source = self.net.write("HOST1", "out/FILE01", 10)
        for name in ("local.json", "definition.signed"):
            (self.net.data("HOST1") / name).unlink(missing_ok=True)
        self.net.start("HOST1")
        self.addCleanup(self.net.stop, "HOST1")
        source.chmod(0o6777)
        self.send_and_wait("HOST1", "FILE01")
        umask = os.umask(0)
        os.umask(umask)
        self.assertEqual(0o666 & ~umask, (self.net.data("HOST2") / "in/FILE01").stat().st_mode & 0o7777)


class Authority(Scenario):
    """The CA's key, encrypted with a passphrase."""

    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA",)
    PASSPHRASE = "a long passphrase"

    def keys(self, out, *words, **env):
        return cli.run("keys", *words, "--out", out, env=env)

    def make(self, out, *words, **env):
        return self.keys(out, self.net.file, *words, **env)

    def is_encrypted(self, out):
        return "BEGIN ENCRYPTED PRIVATE KEY" in (out / "ca/key.pem").read_text()

    def test_with_a_passphrase(self):
        out, file = self.net.directory / "keys1", self.net.directory / "passphrase"
        file.write_text(self.PASSPHRASE + "\nmore\n")
        self.expect_exit(cli.DONE, self.make(out, "--passphrase-file", file))
        self.assertTrue(self.is_encrypted(out))
        self.assertIn("BEGIN PRIVATE KEY", (out / "HOST1/key.pem").read_text())
        opened = subprocess.run(["openssl", "pkey", "-in", out / "ca/key.pem", "-passin", f"file:{file}", "-noout"], capture_output=True)
        self.assertEqual(0, opened.returncode, opened.stderr)
        self.expect_exit(cli.DONE, self.make(out))  # nothing is to be signed
        subprocess.run(["rm", "-r", out / "HOST1"], check=True)
        self.expect_refusal(self.make(out), cli.USAGE, "encrypted", "--passphrase-file", "HUBLINK_PASSPHRASE")
        self.expect_refusal(self.make(out, HUBLINK_PASSPHRASE="another passphrase"), cli.USAGE, "ca/key.pem", "not that of the key")
        self.assertFalse((out / "HOST1").exists())
        self.expect_exit(cli.DONE, self.make(out, HUBLINK_PASSPHRASE=self.PASSPHRASE))
        self.expect_refusal(self.keys(out, "revoke", "HOST1"), cli.USAGE, "encrypted")
        self.expect_exit(cli.DONE, self.keys(out, "revoke", "HOST1", HUBLINK_PASSPHRASE=self.PASSPHRASE))

    def test_a_script_without_one(self):
        out = self.net.directory / "keys2"
        result = self.expect_exit(cli.DONE, self.make(out))
        self.assertIn("the CA's key is not encrypted", result.err)
        self.assertFalse(self.is_encrypted(out))
        self.assertNotIn("encrypted", self.make(self.net.directory / "keys3", "--no-passphrase").err)
        self.expect_refusal(self.keys(out, "lock"), cli.USAGE, "no passphrase was given")
        self.expect_exit(cli.DONE, self.keys(out, "lock", HUBLINK_PASSPHRASE=self.PASSPHRASE))
        self.assertTrue(self.is_encrypted(out))
        self.expect_refusal(self.make(self.net.directory / "keys4", HUBLINK_PASSPHRASE="short"), cli.USAGE, "8 to 1,024")

    def test_at_a_terminal(self):
        out = self.net.directory / "keys5"
        shown = self.type_at_terminal(["keys", self.net.file, "--out", out], self.PASSPHRASE, self.PASSPHRASE)
        self.assertTrue(self.is_encrypted(out), shown)
        self.assertNotIn(self.PASSPHRASE, shown)
        other = self.net.directory / "keys6"
        self.assertIn("differ", self.type_at_terminal(["keys", self.net.file, "--out", other], self.PASSPHRASE, "something else"))
        self.assertFalse((other / "ca").exists())

    def type_at_terminal(self, words, *lines):
        """All that the terminal showed."""
        child, terminal = pty.fork()
        if child == 0:
            os.execv(cli.executable(), ["hublink", *map(str, words)])
        shown = b""
        waiting = list(lines)
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:  # its other side is closed
                break
            if not part:
                break
            shown += part
            if waiting and shown.rstrip(b" ").endswith(b":"):
                os.write(terminal, waiting.pop(0).encode() + b"\n")
        os.waitpid(child, 0)
        os.close(terminal)
        return shown.decode(errors="replace")


def memory_of(pid):
    """What a process has written to and may read, piece by piece."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for row in maps:
            begin, end, rights, path = re.match(r"(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)", row).groups()
            if not rights.startswith("rw") or path.startswith("[v"):
                continue
            memory.seek(int(begin, 16))
            try:
                yield memory.read(int(end, 16) - int(begin, 16))
            except OSError:
                pass


class Socks(Gateways):
    """Users of a SOCKS listener: kept as hashes, and nowhere else."""

    topology = network(3, {})
    topology["nodes"]["Server1"]["proxy"]["socks"] = address("127.2.1.1")

    @classmethod
    def prepare(cls, net):
        result = cli.run("socks-users", "set", "anna", "--data", net.data("Server1"), env={"HUBLINK_PASSWORD": "wipe this away"})
        assert result.code == cli.DONE, str(result)

    def login(self, user, password):
        connection = connect(pair(self.net.topology["nodes"]["Server1"]["proxy"]["socks"]))
        self.addCleanup(connection.close)
        connection.sendall(b"\5\1\2")
        self.assertEqual(b"\5\2", read_exactly(connection, 2))
        connection.sendall(b"\1" + struct.pack("B", len(user)) + user + struct.pack("B", len(password)) + password)
        return read_exactly(connection, 2)[1]

    def test_the_file_has_a_hash(self):
        file = self.net.data("Server1") / "socks.users"
        self.assertEqual(0o600, file.stat().st_mode & 0o777)
        self.assertRegex(file.read_text(), r"\Aanna:\$argon2id\$\S+\n\Z")

    def test_memory_keeps_no_password(self):
        if os.geteuid() != 0:
            self.skipTest("only root reads a node's memory")
        self.assertEqual(0, self.login(b"anna", b"wipe this away"))
        self.assertEqual(1, self.login(b"anna", b"wipe that wrong one"))
        pid = self.net.running["Server1"].pid
        self.net.ask("Server1", verb="status")
        for password in (b"wipe this away", b"wipe that wrong one"):
            self.assertFalse(any(password in piece for piece in memory_of(pid)), password)

    def test_guessing_is_slow_and_holds_up_nobody(self):
        import threading
        import time
        self.assertEqual(0, self.login(b"anna", b"wipe this away"))
        began = time.monotonic()
        guesses = [threading.Thread(target=self.login, args=(b"anna", b"guess %d" % number)) for number in range(6)]
        for guess in guesses:
            guess.start()
        self.assertEqual(0, self.login(b"anna", b"wipe this away"))  # was right before
        self.assertLess(time.monotonic() - began, 2)
        for guess in guesses:
            guess.join()
        self.assertGreater(time.monotonic() - began, 2)  # the sixth wrong one of an address

    def test_a_file_that_cannot_be_used_lets_nobody_in(self):
        file = self.net.data("Server1") / "socks.users"
        good = file.read_text()
        self.net.stop("Server1")
        file.write_text("anna\n")
        result = cli.run(*self.net.run_command("Server1"), deadline=10)
        file.write_text(good)
        self.net.start("Server1")
        self.expect_refusal(result, cli.USAGE, "socks.users, line 1")
