"""Head office is not root here: what a manager's definition may touch on a client's machine, and what jobs see of the node."""
import ctypes
import json
import os
import socket
import stat
import subprocess

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

from apply import Applying
from hublink_harness.managed import managed

JOB = json.dumps({"jobs": {"*": {"post_receive": {"command": ["/bin/sh", "-c", "id >pwned"]}}}}).encode()
LANDLOCK_VERSION = 1
_libc = ctypes.CDLL(None)


def has_landlock():
    return _libc.syscall(444, None, ctypes.c_size_t(0), LANDLOCK_VERSION) > 0


def shell(script, **more):
    return {"command": ["sh", "-c", script], **more}


class ByDefinition(Applying):
    """A manager applies paths of his choice. Of HOST1's and HOST2's machines he gets nothing but in and out."""

    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), NAMED=transfer("HOST1", "HOST2")))

    def setUp(self):
        self.logged_in()

    def given(self, **paths):
        """Applies transfers HOST1 → HOST2: name → (send path, receive path)."""
        def change(net):
            for name, (send, receive) in paths.items():
                net["transfers"][name] = transfer("HOST1", "HOST2", send={"path": send}, receive={"path": receive})
        self.apply(change)
        self.net.traces.until(lambda: set(paths) <= self.known("HOST1", "sends") & self.known("HOST2", "receives"), "the definition at both ends", 20)

    def known(self, node, what):
        answer = self.net.ask(node, verb="definition", content=True)
        return set(answer["definitions"][0]["content"].get(what, {}))

    def refused(self, name, *words):
        result = self.net.cli("HOST1", "send", name, "--wait", deadline=40)
        self.assertEqual(cli.FAILED, result.code, str(result))
        for word in words:
            self.assertIn(word, result.err)

    def test_what_is_received_goes_nowhere_else(self):
        elsewhere = self.net.directory / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        inside = self.net.data("HOST2") / "in"
        inside.mkdir(exist_ok=True)
        (inside / "way").symlink_to(elsewhere)
        (inside / "up").symlink_to("..")
        paths = {"LOCAL": "local.json", "BACK": "in/../applied.json", "SIGNED": "definition.signed", "JOURNAL": "journal.sqlite-wal",
                 "UP": str(self.net.data("HOST2") / "in/../../HOST1/local.json"), "ABSOLUTE": str(elsewhere / "x"), "LINKED": "in/way/x", "AROUND": "in/up/local.json",
                 "DEEP": "in/way/deep/x", "SPOOL": "spool/x", "MAGIC": "/proc/self/cwd/HOST2/local.json",
                 "TOKENS": "tokens", "OWNKEY": str(self.net.keys / "HOST2/key.pem")}
        before = {file: file.read_bytes() for file in (self.net.keys / "HOST2").iterdir()}
        self.net.write("HOST1", "out/job", JOB).chmod(0o644)
        self.given(**{name: ("out/job", path) for name, path in paths.items()})
        for name in paths:
            with self.subTest(name):
                self.refused(name, "HOST2")
        self.assertFalse((self.net.data("HOST2") / "local.json").exists())
        self.assertFalse((self.net.data("HOST1") / "local.json").exists())
        self.assertEqual([], list(elsewhere.iterdir()))
        self.assertEqual(before, {file: file.read_bytes() for file in (self.net.keys / "HOST2").iterdir()})
        self.net.stop("HOST2")
        self.net.start("HOST2")
        source = self.net.write("HOST1", "out/FILE01", 100)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "FILE01"), source)
        self.assertFalse((self.net.data("HOST2") / "pwned").exists())

    def test_what_is_sent_comes_from_nowhere_else(self):
        key = self.net.keys / "HOST1/key.pem"
        outside = self.net.directory / "private"
        outside.write_text("nobody's business")
        out = self.net.data("HOST1") / "out"
        out.mkdir(exist_ok=True)
        (out / "link").symlink_to(key)
        (out / "folder").symlink_to(outside.parent)
        os.mkfifo(out / "fifo")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(out / "socket"))
        paths = {"KEYPATH": str(key), "BYLINK": "out/link", "JOURNAL": "journal.sqlite",
                 "PASSWD": "/etc/passwd", "BYFOLDER": "out/folder/private", "FIFO": "out/fifo", "SOCKET": "out/socket",
                 "ENVIRON": "/proc/self/environ", "DOTS": str(out / "../../private")}
        if os.geteuid() == 0:
            os.mknod(out / "device", stat.S_IFCHR | 0o666, os.makedev(1, 5))
            (out / "others").write_text("content")
            os.chown(out / "others", 65534, 65534)
            paths.update(DEVICE="out/device", OTHERS="out/others")
        if key.stat().st_dev == out.stat().st_dev:
            os.link(key, out / "hard")
            self.addCleanup((out / "hard").unlink)
            paths["BYHARDLINK"] = "out/hard"
        self.given(**{name: (path, f"in/{name}") for name, path in paths.items()})
        for name in paths:
            with self.subTest(name):
                self.refused(name, "HOST1")
                self.assertFalse((self.net.data("HOST2") / "in" / name).exists())

    def test_what_the_operator_himself_named_goes_on(self):
        """A path of the topology file that the operator starts his node with counts as his, also when a manager applies it."""
        path = self.net.directory / "shared/report"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"report")
        def named(net):
            net["transfers"]["NAMED"].update(send={"path": str(path)}, receive={"path": str(path.with_name("arrived"))})
        for node in ("HOST1", "HOST2"):
            self.net.stop(node)
            self.net.differs_at(node, named)
        self.net.start("HOST1", "HOST2")
        self.expect_exit(cli.DONE, self.login())
        self.apply(named)
        self.send_and_wait("HOST1", "NAMED")
        self.assertEqual(b"report", path.with_name("arrived").read_bytes())
        # Roots of his own take their place.
        local = self.net.data("HOST1") / "local.json"
        for roots, code in (([], cli.FAILED), ([str(path.parent)], cli.DONE)):
            local.write_text(json.dumps({"roots": roots}))
            self.net.stop("HOST1")
            self.net.start("HOST1")
            self.expect_exit(code, self.net.cli("HOST1", "send", "NAMED", "--wait"))
        local.unlink()


class Fences(Scenario):
    """What a node gives up when it starts."""

    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        (net.data("HOST2") / "local.json").write_text(json.dumps({"jobs": {"*": {"post_receive": shell("true")}}}))

    def facts(self, node, thread=""):
        with open(f"/proc/{self.net.running[node].pid}/{thread}status", encoding="utf-8") as file:
            return dict(line.split(":\t", 1) for line in file.read().splitlines())

    def test_no_thread_has_more_rights_than_the_node(self):
        """But for the one that ends a node which hangs: it is there before all else, and opens nothing."""
        self.net.write("HOST1", "out/FILE01", 1000)
        self.send_and_wait("HOST1", "FILE01")
        for node in ("ServerA", "HOST1", "HOST2"):
            threads = os.listdir(f"/proc/{self.net.running[node].pid}/task")
            rights = {(facts["CapEff"], facts["NoNewPrivs"], facts["Seccomp"]) for thread in threads
                      if (facts := self.facts(node, f"task/{thread}/"))["Name"] != "hublink-end"}
            self.assertEqual(1, len(rights), node)

    def test_privileges_where_no_jobs_are_set(self):
        bind, override, search, resource = (1 << number for number in (10, 1, 2, 24))
        for node in ("ServerA", "HOST1"):
            facts = self.facts(node)
            self.assertEqual("1", facts["NoNewPrivs"], node)
            for capabilities in ("CapEff", "CapPrm", "CapInh"):
                self.assertEqual(0, int(facts[capabilities], 16) & ~(bind | override | search | resource), (node, capabilities))
        self.assertEqual("0", self.facts("HOST2")["NoNewPrivs"])

    def test_the_kernel_holds_it_to_its_roots(self):
        if not has_landlock():
            self.skipTest("this kernel has no Landlock")
        self.assertIn("held to it by the kernel", self.net.running["ServerA"].logged())

    def test_no_core_with_keys(self):
        """SIGABRT with any core size allowed."""
        node = self.net.running.pop("HOST1")
        subprocess.run(["prlimit", f"--pid={node.pid}", "--core=unlimited"], check=True)
        node.signal(6)
        node.process.stdout.close()
        _, status = os.waitpid(node.pid, 0)
        node.process.returncode = -6
        self.net.start("HOST1")
        self.assertEqual(6, os.WTERMSIG(status))
        self.assertFalse(os.WCOREDUMP(status))


class Jobs(Scenario):
    """A job runs as the node's user, and gets at its key by no way."""

    WAYS = {
        "READ": "cat $KEYS/key.pem",
        "LIST": "ls $KEYS | grep .",
        "PARENT": "cat /proc/$PPID/root$KEYS/key.pem",
        "INIT": "cat /proc/1/root$KEYS/key.pem",
        "UNMOUNT": "umount $KEYS && cat $KEYS/key.pem",
        "LAZY": "umount -l $KEYS && cat $KEYS/key.pem",
        "ENTER": "nsenter --mount --target 1 cat $KEYS/key.pem",
        "ANEW": "unshare --user --map-root-user --mount sh -c \"umount $KEYS && cat $KEYS/key.pem\"",
        "MEMORY": "dd if=/proc/$PPID/mem bs=4096 skip=$((0x$(grep -m1 heap /proc/$PPID/maps | cut -d- -f1) / 4096)) count=1",
        "FILES": "ls -l /proc/$PPID/fd | grep -e '->'",
    }
    topology = three_hubs(OPEN=transfer("HOST1", "HOST2"), FACTS=transfer("HOST1", "HOST2"), MISSING=transfer("HOST1", "HOST2"),
                          **{name: transfer("HOST1", "HOST2") for name in WAYS})
    started = ("ServerA", "ServerB", "HOST1")

    def run_with(self, jobs, **more):
        keys = self.net.keys / "HOST2"
        for job in jobs.values():
            job["command"][-1] = job["command"][-1].replace("$KEYS", str(keys))
        (self.net.data("HOST2") / "local.json").write_text(
            json.dumps({"jobs": {name: {"post_receive": {**job, "wait": True}} for name, job in jobs.items()}, **more}))
        os.environ["HUBLINK_PASSWORD"] = "for the node alone"
        self.addCleanup(os.environ.pop, "HUBLINK_PASSWORD")
        self.net.start("HOST2")
        self.addCleanup(self.net.stop, "HOST2")

    def job_of(self, name):
        self.net.write("HOST1", f"out/{name}", 10)
        result = self.net.cli("HOST1", "send", name, "--wait")
        transfer = result.out.split()[0]
        (row,) = [row for row in self.net.cli("HOST1", "history", "--json").json() if row["transfer"] == transfer]
        return row["jobs"][0]

    def test_no_way_to_the_key(self):
        self.run_with({name: shell(f"if {{ {way}; }} >found-{name} 2>&1; then echo got it; else echo nothing; exit 1; fi")
                       for name, way in self.WAYS.items()})
        body = (self.net.keys / "HOST2/key.pem").read_text().splitlines()[1]
        for name in self.WAYS:
            with self.subTest(name):
                self.assertEqual("failed", self.job_of(name)["result"])
                found = self.net.data("HOST2") / f"found-{name}"
                self.assertNotIn(body, found.read_text(errors="replace"))

    def test_what_a_job_has(self):
        self.run_with({"FACTS": shell("env >facts; cat /proc/$PPID/environ >>facts; echo >>facts; ls /proc/self/fd | wc -l >count; echo x >in/made; cat in/made >>facts; id -u >>facts"),
                       "MISSING": {"command": ["./no-such-program"]}})
        self.assertEqual("done", self.job_of("FACTS")["result"])
        facts = (self.net.data("HOST2") / "facts").read_text().splitlines()
        self.assertIn("HUBLINK_FILE=FACTS", facts)
        self.assertNotIn("for the node alone", "".join(facts))
        self.assertEqual(["x", str(os.geteuid())], facts[-2:])
        self.assertEqual("4", (self.net.data("HOST2") / "count").read_text().strip())  # 0 to 2, and that of ls
        job = self.job_of("MISSING")
        self.assertEqual("can't run ./no-such-program: No such file or directory", job["reason"], job)

    def test_a_program_that_a_definition_could_replace(self):
        (self.net.data("HOST2") / "local.json").write_text(json.dumps({"jobs": {"*": {"post_receive": {"command": ["./in/load"]}}}}))
        result = cli.run(*self.net.run_command("HOST2"), deadline=10)
        self.expect_refusal(result, cli.USAGE, "jobs.*.post_receive", "./in/load", "definitions may put files")

    def test_the_operator_may_let_them(self):
        self.run_with({"OPEN": shell("grep -c PRIVATE $KEYS/key.pem")}, confine_jobs=False)
        self.assertEqual(("done", "2"), (self.job_of("OPEN")["result"], self.job_of("OPEN")["said"]))
