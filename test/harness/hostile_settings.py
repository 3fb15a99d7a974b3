"""What doesn't fit is refused with one line, and never taken as no rule: topology, local.json, users, commands, wrap."""
import copy
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

from hublink_harness import apps, cli
from hublink_harness.case import Scenario
from hublink_harness.managed import PASSWORD
from hublink_harness.topologies import three_hubs, transfer

from gateways import Gateways, address, network, ports

PROXY = {"enabled": True, "allow": ["10.2.0.0/16:5432"]}


def merged(tree, patch):
    """RFC 7386, but for null, which stays."""
    if not isinstance(patch, dict):
        return patch
    result = copy.deepcopy(tree) if isinstance(tree, dict) else {}
    for key, value in patch.items():
        result[key] = merged(result.get(key), value)
    return result


class Settings(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    topology["nodes"]["ServerA"]["proxy"] = {**PROXY, "socks": "127.1.1.1:1080"}
    topology["gateways"] = {"db": {"protocol": "tcp", "calling": "ServerA", "listen": address("127.1.1.1"), "called": "ServerB",
                                   "deliver": address("127.1.2.50")}}
    started = ("ServerB", "HOST2")

    def expect_not_started(self, node, *words, more=()):
        """`run` ends with exit code 2; its last line has these words."""
        result = cli.run(*self.net.run_command(node, more=more), deadline=20)
        self.expect_exit(cli.USAGE, result)
        self.assertNotIn("ready", result.out)
        for word in words:
            self.assertIn(word, result.err, str(result))
        self.assertLessEqual(len(result.err.splitlines()), 3, str(result))

    # -- the topology file

    def test_a_topology_that_misspells_a_rule(self):
        for patch, path, hint in (
            ({"proxy": {"alow": []}}, "nodes.ServerA.proxy.alow", 'did you mean "allow"?'),
            ({"proxy": {"enable": True}}, "nodes.ServerA.proxy.enable", 'did you mean "enabled"?'),
            ({"manager_from": ["127.1.1.0/24"]}, "nodes.ServerA.manager_from", 'did you mean "managers_from"?'),
            ({"managers_from": []}, "nodes.ServerA.managers_from", "must be a list of IP networks"),
            ({"managers_from": "127.1.1.0/24"}, "nodes.ServerA.managers_from", "must be a list of IP networks"),
            ({"managers_from": None}, "nodes.ServerA.managers_from", "must be a list of IP networks"),
            ({"limits": {"rate": "20MB"}}, "nodes.ServerA.limits.rate", "must be a rate"),
            ({"limits": {"spool": "64 KiB/s"}}, "nodes.ServerA.limits.spool", "must be an amount"),
            ({"proxy": {"allow": ["10.2.0.0/16"]}}, "nodes.ServerA.proxy.allow[0]", "must be a text such as"),
            ({"proxy": {"allow": ["10.2.0.0/16:80", "::1:80"]}}, "nodes.ServerA.proxy.allow[1]", "[2001:db8::7]:443"),
            ({"proxy": {"allow": {"10.2.0.0/16": 80}}}, "nodes.ServerA.proxy.allow", "must be a list"),
            ({"proxy": {"allow": None}}, "nodes.ServerA.proxy.allow", "must be a list"),
            ({"proxy": None}, "nodes.ServerA.proxy", "must be an object"),
        ):
            with self.subTest(path=path, patch=patch):
                file = self.net.directory / "altered.json"
                altered = merged(self.net.topology, {"nodes": {"ServerA": patch}})
                file.write_text(json.dumps(altered))
                result = self.expect_exit(cli.USAGE, cli.run("check", file))
                (line,) = [line for line in (result.out + result.err).splitlines() if line.startswith("nodes.")]
                self.assertTrue(line.startswith(path + ": "), line)
                self.assertIn(hint, line)
                self.net.differs_at("ServerA", lambda own: own.update(altered))
                self.expect_not_started("ServerA", path, hint)

    def test_a_rule_that_is_there_twice(self):
        text = json.dumps(self.net.topology).replace('"allow": [', '"allow": ["0.0.0.0/0:1-65535"], "allow": [', 1)
        file = self.net.directory / "twice.json"
        file.write_text(text)
        result = self.expect_exit(cli.USAGE, cli.run("check", file))
        self.assertIn("nodes.ServerA.proxy.allow: is there twice; keep one of them", result.out + result.err)

    # -- local.json

    def test_local_json(self):
        job = {"command": ["true"]}
        for text, words in (
            ('{"job": {}}', ("job", 'did you mean "jobs"?')),
            (json.dumps({"jobs": {"FILE01": {"presend": job}}}), ("jobs.FILE01.presend", 'did you mean "pre_send"?')),
            (json.dumps({"jobs": {"FILE01": {"pre_send": {**job, "timeout": 5}}}}), ("jobs.FILE01.pre_send.timeout", "timeout_s")),
            (json.dumps({"jobs": {"FILE01": {"pre_send": {**job, "timeout_s": 0}}}}), ("timeout_s", "from 1 to")),
            (json.dumps({"jobs": {"FILE01": {"pre_send": {"command": []}}}}), ("jobs.FILE01.pre_send.command", "must list a program")),
            (json.dumps({"jobs_at_once": 0}), ("jobs_at_once", "from 1 to")),
            ('{"jobs": {"*": {"pre_send": {"command": ["true"]}}, "*": {}}}', ("jobs.*", "is there twice")),
            ('{"jobs": []}', ("jobs", "must be an object")),
            ("", ("is no JSON",)),
        ):
            with self.subTest(text):
                (self.net.data("HOST1") / "local.json").write_text(text)
                self.expect_not_started("HOST1", *words)
        (self.net.data("HOST1") / "local.json").unlink()

    # -- users of the SOCKS listener

    def test_users_that_cant_be_read_are_not_nobody(self):
        self.net.differs_at("ServerA", lambda own: None)
        users = self.net.data("ServerA") / "socks.users"
        for text, words in (("anna\n", ("line 1", "is no user:password")), ("anna:x\nbert:\n", ("line 2",)), ("", ("names nobody",)),
                            ("anna:x\nanna:y\n", ("line 2", "is there already")), ("anna:x\rbert:y\n", ("line 1", "control character")),
                            ("anna:" + "x" * 256, ("line 1", "1 to 255 bytes"))):
            with self.subTest(text[:20]):
                users.write_text(text)
                users.chmod(0o600)
                self.expect_not_started("ServerA", str(users), *words)
        users.chmod(0o640)
        self.expect_not_started("ServerA", str(users), "chmod 600 it")
        users.unlink()
        users.symlink_to("not-mounted-yet")
        self.expect_not_started("ServerA", str(users), "can't be read")
        users.unlink()

    # -- commands at the control socket

    def test_a_command_with_a_field_that_does_not_fit(self):
        add = {"verb": "users-add", "user": "limited", "password": PASSWORD, "rights": "view"}
        for request, reason in (
            ({**add, "transfer": ["FILE01"]}, "users-add: there is no field 'transfer'; did you mean 'transfers'?"),
            ({**add, "transfers": "FILE01"}, "users-add: the field 'transfers' must be a list of names"),
            ({**add, "transfers": [""]}, "users-add: the field 'transfers' must be a list of names"),
            ({**add, "rights": ["view"]}, "users-add: the field 'rights' must be a text"),
            ({**add, "rights": ""}, "users-add: the field 'rights' must be a text"),
            ({"verb": "rate", "rate": 1000, "transfer": 5}, "rate: the field 'transfer' must be a text"),
            ({"verb": "rate", "rate": 1000, "transfer": ""}, "rate: the field 'transfer' must be a text"),
            ({"verb": "rate", "transfer": "3f0c"}, "rate: the field 'rate' is missing"),
            ({"verb": "rate", "rate": 1}, "the rate must be 0, for no limit, or at least 1KB/s"),
            ({"verb": "events", "transfer": 7}, "events: the field 'transfer' must be a text"),
            ({"verb": "hold", "at": ["HOST1"]}, "hold: the field 'at' must be a text"),
            ({"verb": "stored", "onlyfiles": ["FILE01"]}, "stored: there is no field 'onlyfiles'"),
        ):
            with self.subTest(request):
                answer = self.net.ask("ServerB", **request)
                self.assertEqual((cli.USAGE, "bad-config", "ServerB"), (answer["exit"], answer["error"]["code"], answer["error"]["hop"]))
                self.assertIn(reason, answer["error"]["reason"])
        self.assertEqual(["admin"], [user["user"] for user in self.net.ask("ServerB", verb="users-list")["users"]])

    def test_an_account_limited_to_nothing_at_all(self):
        result = self.net.cli("ServerB", "users", "add", "limited", "--transfers", "", env={"HUBLINK_PASSWORD": PASSWORD})
        self.expect_exit(cli.USAGE, result)
        self.assertEqual(1, len(result.err.splitlines()), str(result))
        self.assertEqual(["admin"], [user["user"] for user in self.net.ask("ServerB", verb="users-list")["users"]])


class Wrap(Gateways):
    """A program that counts on the gateway; a server that must see nobody who comes directly."""

    topology = network(2, {})
    topology["nodes"]["Server1"]["proxy"].update(socks=address("127.2.1.1"), called="Server2")
    PORT = ports.take()
    topology["nodes"]["Server2"]["proxy"]["allow"] = [f"127.2.2.50:{PORT}"]

    CALL = """
        import socket, sys
        one = socket.socket()
        try:
            one.connect((sys.argv[1], int(sys.argv[2])))
            print("connected", one.recv(100).decode())
        except OSError as error:
            print(type(error).__name__)
    """

    def setUp(self):
        super().setUp()
        self.there = ("127.2.2.50", self.PORT)
        self.callers = []
        self.server = apps.TcpServer(lambda connection: connection.sendall(connection.getpeername()[0].encode()), self.there)
        self.servers.append(self.server)
        self.door = self.net.topology["nodes"]["Server1"]["proxy"]["socks"]
        self.library = str(Path(cli.executable()).parent / "libhublink_wrap.so")

    def program(self):
        return [sys.executable, "-c", textwrap.dedent(self.CALL), self.there[0], str(self.there[1])]

    def wrapped(self, *words, env=None):
        return cli.run("wrap", "--gateway", self.door, *words, "--", *self.program(), env=env)

    def expect_refused(self, result, *words):
        self.expect_exit(cli.USAGE, result)
        self.assertEqual("", result.out)
        self.assertEqual(1, len(result.err.splitlines()), str(result))
        for word in words:
            self.assertIn(word, result.err, str(result))
        self.assertEqual(0, self.server.count, "it went out")

    def test_more_rules_than_the_library_had_room_for(self):
        many = [word for i in range(500) for word in ("--direct", f"10.9.{i % 250}.{i // 250}")]
        result = self.expect_exit(cli.DONE, self.wrapped(*many, "--only", "127.2.2.0/24"))
        self.assertEqual("connected 127.2.2.1\n", result.out, "the last rule counts as the first: it comes from the called gateway")
        too_many = [word for i in range(9000) for word in ("--only", f"10.9.9.9:{i + 1}")]
        self.server.count = 0
        self.expect_refused(self.wrapped(*too_many), "--only and --direct", "too many")

    def test_options_that_would_be_no_rule(self):
        for words, said in ((("--only", ""), "--only ''"), (("--only", "127.2.2.0/24", "--only", "127.2.2.50/24"), "--only '127.2.2.50/24'"),
                            (("--only", "127.2.2.0/24:80,443"), "--only"), (("--direct", "here"), "--direct 'here'"),
                            (("--names", "plant.*"), "--names 'plant.*'"), (("--names", "127.2.2.50"), "give it to --only"),
                            (("--names", "a b"), "--names 'a b'"), (("--names", "n" * 256), "--names")):
            with self.subTest(words):
                self.expect_refused(self.wrapped(*words), said)

    def test_a_gateway_that_is_none(self):
        for gateway in ("127.2.1.1", "127.2.1.1:0", "127.2.1.1:99999", "gateway:1080", "[" + "1" * 300 + "]:1080"):
            with self.subTest(gateway[:20]):
                self.expect_refused(cli.run("wrap", "--only", "127.2.2.0/24", "--", *self.program(), env={"HUBLINK_GATEWAY": gateway}), "is no gateway")

    def test_a_user_file_that_does_not_fit(self):
        file = self.net.directory / "user.txt"
        for text in ("", "anna", "anna:", "anna:x\nbert:y\n", "anna:x\ry", "anna:" + "x" * 256, "a" * 256 + ":x", "anna:x\0y"):
            with self.subTest(text[:20]):
                file.write_text(text, newline="")
                self.expect_refused(self.wrapped("--user-file", file, "--only", "127.2.2.0/24"), str(file), "user:password")

    def test_a_library_that_the_loader_would_pass_over(self):
        self.expect_refused(self.wrapped("--only", "127.2.2.0/24", env={"HUBLINK_WRAP_LIBRARY": "/nowhere/lib.so"}), "/nowhere/lib.so")
        self.expect_refused(self.wrapped("--only", "127.2.2.0/24", env={"HUBLINK_WRAP_LIBRARY": ""}), "HUBLINK_WRAP_LIBRARY")
        folder = self.net.directory / "my apps"
        folder.mkdir()
        (folder / "libhublink_wrap.so").symlink_to(self.library)
        (folder / "copy.so").write_bytes(Path(self.library).read_bytes())
        self.expect_refused(self.wrapped("--only", "127.2.2.0/24", env={"HUBLINK_WRAP_LIBRARY": str(folder / "copy.so")}), "a blank")

    def preloaded(self, **changed):
        """The program with the library, and an environment as wrap sets it, but for what is changed; None: not set."""
        variables = {"LD_PRELOAD": self.library, "HUBLINK_WRAP_GATEWAY": self.door, "HUBLINK_WRAP_RULES": "4 7f020200 24 1 65535;",
                     "HUBLINK_WRAP_REPLY_S": "5", **changed}
        env = {**os.environ, **{name: value for name, value in variables.items() if value is not None}}
        return subprocess.run(self.program(), env=env, capture_output=True, text=True, timeout=30)

    def file_of(self, text):
        file = self.net.directory / f"user{len(text)}.txt"
        file.write_text(text)
        return str(file)

    def test_the_library_goes_nowhere_with_what_it_cant_read(self):
        self.assertEqual("connected 127.2.2.1\n", self.preloaded().stdout)
        self.server.count = 0
        for name, value in (("HUBLINK_WRAP_GATEWAY", None), ("HUBLINK_WRAP_GATEWAY", ""), ("HUBLINK_WRAP_GATEWAY", "[" + "1" * 70 + "]:1080"),
                            ("HUBLINK_WRAP_GATEWAY", self.door + "x"), ("HUBLINK_WRAP_RULES", None), ("HUBLINK_WRAP_RULES", ""),
                            ("HUBLINK_WRAP_RULES", "4 0a000000 8 1 65535;4 7f020200 240 1 65535;"), ("HUBLINK_WRAP_RULES", "4 7f020200 24 1 65535"),
                            ("HUBLINK_WRAP_USER_FILE", self.file_of("anna")), ("HUBLINK_WRAP_USER_FILE", self.file_of("anna:" + "x" * 300)),
                            ("HUBLINK_WRAP_USER_FILE", "/none"), ("HUBLINK_WRAP_USER_FILE", ""), ("HUBLINK_WRAP_NAMES", ""),
                            ("HUBLINK_WRAP_NAMES", "n" * 300), ("HUBLINK_WRAP_REPLY_S", "3601"), ("HUBLINK_WRAP_REPLY_S", None)):
            with self.subTest(name, value=(value or "")[:30]):
                done = self.preloaded(**{name: value})
                self.assertEqual((2, ""), (done.returncode, done.stdout), done.stderr)
                self.assertEqual(f"libhublink_wrap.so: {name} can't be read, so the program would go out without the gateway; "
                                 "start it by hublink wrap\n", done.stderr)
        self.assertEqual(0, self.server.count)

    def test_a_program_that_writes_over_its_environment(self):
        """As those do that set their title: what the library was told stays."""
        script = """
            import ctypes, socket, sys
            libc = ctypes.CDLL(None)
            libc.getenv.restype = ctypes.c_void_p
            for name in (b"HUBLINK_WRAP_NAMES", b"HUBLINK_WRAP_RULES", b"HUBLINK_WRAP_GATEWAY"):
                place = libc.getenv(name)
                ctypes.memset(place, 0, len(ctypes.string_at(place)))
            print(socket.gethostbyname("db.plant.invalid"))
            one = socket.socket()
            one.connect((sys.argv[1], int(sys.argv[2])))
            print(one.recv(100).decode())
        """
        done = cli.run("wrap", "--gateway", self.door, "--only", "127.2.2.0/24", "--names", "*.plant.invalid", "--", sys.executable, "-c",
                       textwrap.dedent(script), *map(str, self.there))
        self.assertEqual("198.18.0.1\n127.2.2.1\n", done.out, str(done))

    def test_every_way_to_look_a_name_up(self):
        script = """
            import socket
            print(socket.gethostbyname("db.plant.invalid"), socket.gethostbyname_ex("DB.plant.invalid.")[2], socket.getaddrinfo("db.plant.invalid.", 80)[0][4][0])
        """
        done = cli.run("wrap", "--gateway", self.door, "--only", "127.2.2.0/24", "--names", "*.plant.invalid", "--", sys.executable, "-c",
                       textwrap.dedent(script))
        self.assertEqual("198.18.0.1 ['198.18.0.1'] 198.18.0.1\n", done.out, str(done))

    def test_an_outer_wraps_users_and_names_are_not_an_inner_ones(self):
        file = self.net.directory / "outer.txt"
        file.write_text("anna:x\n")
        inner = [cli.executable(), "wrap", "--gateway", self.door, "--only", "127.2.2.0/24", "--", "sh", "-c", "env | grep -c HUBLINK_WRAP_USER"]
        done = cli.run("wrap", "--gateway", self.door, "--user-file", file, "--only", "10.0.0.0/8", "--", *inner)
        self.assertEqual("0\n", done.out, str(done))
