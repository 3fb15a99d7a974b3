"""docs/guide/your-own-network.md, run as it stands there, on one machine that is all of the guide's machines; and what `init`, `keys`,
`bundle`, `install` and `certificates` do besides. Needs root: /etc, /var/lib and the network are this test's own."""
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from hublink_harness import cli, mounts, namespaces, pages
from hublink_harness.service_manager import ServiceManager

GUIDE = pages.ROOT / "docs/guide/your-own-network.md"
UNIT = pages.ROOT / "cmake/packaging/hublink@.service.in"
MOST_STEPS = 6
CLONE_NEWNET = 0x40000000
ADDRESSES = ("10.1.0.1", "10.1.0.9", "10.1.0.11", "10.2.0.1", "10.2.0.11")
NODES = {"Head", "Plant", "Office", "Line1", "Desk"}
WITHIN = 60  # seconds for a block


def own_machine(scratch):
    """From now on this process and its children have another /etc, /var/lib, /run and network."""
    mounts.own_namespace()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise unittest.SkipTest(f"no network namespace: {os.strerror(ctypes.get_errno())}")
    namespaces.ip("link", "set", "lo", "up")
    for address in ADDRESSES:
        namespaces.ip("addr", "add", f"{address}/32", "dev", "lo")
    shutil.copytree("/etc", scratch / "etc", symlinks=True)
    mounts.mount(scratch / "etc", "/etc", None, mounts.MS_BIND)
    for place in ("/var/lib", "/run"):
        mounts.mount("tmpfs", place, "tmpfs")
    os.makedirs("/run/systemd/system")
    if "hublink:" not in Path("/etc/passwd").read_text(encoding="utf-8"):
        with open("/etc/passwd", "a", encoding="utf-8") as users, open("/etc/group", "a", encoding="utf-8") as groups:
            users.write("hublink:x:64990:64990::/var/lib/hublink:/usr/sbin/nologin\n")
            groups.write("hublink:x:64990:\n")


class Guide(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(tempfile.mkdtemp(prefix="hublink-own."))
        cls.addClassCleanup(shutil.rmtree, cls.scratch, True)
        cls.scratch.chmod(0o755)
        mounts.own_namespace()
        mounts.mount("tmpfs", cls.scratch, "tmpfs", 0, "mode=755")
        cls.addClassCleanup(mounts.unmount, cls.scratch)
        own_machine(cls.scratch)
        cls.machine = ServiceManager(UNIT, cls.scratch / "systemd")
        cls.addClassCleanup(cls.machine.close)
        (cls.machine.bin / "hublink").symlink_to(cli.executable())
        cls.work = cls.scratch / "work"
        cls.work.mkdir()
        for block in pages.read(GUIDE).blocks:
            cls.run_block(block)
        cls.arrived = Path("/var/lib/hublink/Line1/in/FILE01").read_bytes()

    @classmethod
    def run_block(cls, block):
        for command in block:
            done = cls.shell(command.text)
            assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}\n{cls.logs()}"

    @classmethod
    def shell(cls, line, **variables):
        return subprocess.run(["bash", "-c", line], cwd=cls.work, text=True, capture_output=True, timeout=WITHIN, check=False,
                              stdin=subprocess.DEVNULL,
                              env={**os.environ, "PATH": f"{cls.machine.bin}:{os.environ['PATH']}", "HUBLINK_PASSWORD": "correct horse",
                                   **variables})

    @classmethod
    def logs(cls):
        return "\n".join(f"-- {node}\n{cls.machine.said(node)}" for node in cls.machine.units)

    def fails(self, line, code, *words, **variables):
        done = self.shell(line, **variables)
        self.assertEqual(code, done.returncode, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        return done

    def works(self, line, **variables):
        done = self.shell(line, **variables)
        self.assertEqual(0, done.returncode, f"{line}\n{done.stdout}{done.stderr}")
        return done

    def test_it_takes_few_steps(self):
        steps = re.findall(r"^\*\*(\d+)\. ", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
        self.assertEqual([str(number) for number in range(1, len(steps) + 1)], steps)
        self.assertLessEqual(len(steps), MOST_STEPS)

    def test_what_the_guide_leaves_behind(self):
        self.assertEqual(Path("/etc/os-release").read_bytes(), self.arrived)
        self.assertEqual(NODES, set(self.machine.units))
        self.assertEqual(NODES, self.machine.enabled)
        for node in NODES:
            config, data = Path("/etc/hublink", node), Path("/var/lib/hublink", node)
            self.assertEqual((0, 0o600), (config.joinpath("key.pem").stat().st_uid, config.joinpath("key.pem").stat().st_mode & 0o777))
            self.assertEqual(0o700, data.stat().st_mode & 0o777)
            self.assertNotEqual(0, data.stat().st_uid)

    def test_no_password_lands_in_the_journal(self):
        for server in ("Head", "Plant"):
            self.assertIn("whose password nobody knows", self.machine.said(server))
        self.works("hublink users passwd admin --data /var/lib/hublink/Head", HUBLINK_PASSWORD="another horse")

    def test_file02_comes_back(self):
        shutil.copy("/etc/passwd", "/var/lib/hublink/Line1/out/FILE02")
        self.works("hublink send FILE02 --wait --data /var/lib/hublink/Line1")
        self.assertEqual(Path("/etc/passwd").read_bytes(), Path("/var/lib/hublink/Office/in/FILE02").read_bytes())

    def test_signs_of_life(self):
        unit = self.machine.units["Line1"]
        self.addCleanup(self.works, "systemctl restart hublink@Line1.service")
        self.addCleanup(unit.process.send_signal, signal.SIGCONT)
        unit.process.send_signal(signal.SIGSTOP)
        with self.assertRaises(TimeoutError):
            for _ in range(1000):  # what was on its way
                self.machine.next_sign("Line1", within=1.5)
        unit.process.send_signal(signal.SIGCONT)
        self.assertEqual("WATCHDOG=1", self.machine.next_sign("Line1"))

    def test_a_reload_reads_the_revocation_list(self):
        kept = self.work / "keys-before"
        shutil.copytree(self.work / "keys", kept)
        self.addCleanup(shutil.rmtree, kept)
        self.works("hublink init extra.json --network plants --server Head=10.1.0.1 --client Lost=10.1.0.77@Head")
        self.works("hublink keys extra.json --out keys && hublink keys revoke Lost --out keys")
        before = json.loads(self.works("hublink status --json --data /var/lib/hublink/Plant").stdout)["definition"]["list"]
        shutil.copy(self.work / "keys/ca/crl.pem", "/etc/hublink/Plant/crl.pem")
        self.works("systemctl reload hublink@Plant.service")
        self.assertTrue(self.comes(lambda: json.loads(
            self.works("hublink status --json --data /var/lib/hublink/Plant").stdout)["definition"]["list"] == before + 1))

    def comes(self, what):
        """Within some seconds; each look takes a moment itself."""
        return any(what() for _ in range(200))

    def test_certificates(self):
        rows = json.loads(self.works("hublink certificates --keys keys --json").stdout)
        self.assertLessEqual(NODES, {row["node"] for row in rows})
        self.assertEqual({"valid"}, {row["state"] for row in rows if row["node"] in NODES})
        rows = json.loads(self.works("hublink certificates --json --data /var/lib/hublink/Desk").stdout)
        self.assertEqual({("Head", "valid"), ("Plant", "valid"), ("Office", "valid"), ("Line1", "valid")},
                         {(row["node"], row["state"]) for row in rows if row["node"] != "Desk"})
        self.works("hublink certificates --keys /etc/hublink/Head")
        self.fails("hublink certificates --keys /var/empty-or-not-there", cli.USAGE, "can't be read")

    def test_check_with_keys(self):
        self.works("hublink check net.json --keys keys")
        self.works("hublink init wider.json --network plants --server Head=10.1.0.1 --client New=10.1.0.12@Head")
        self.fails("hublink check wider.json --keys keys", cli.USAGE, "nodes.New", "hublink keys")
        self.works("hublink keys wider.json --out soon --days 40")
        self.assertIn("nodes.New: its certificate ends at", self.works("hublink check wider.json --keys soon").stderr)

    def test_new_keys_by_a_new_bundle(self):
        before = Path("/etc/hublink/Office/cert.pem").read_bytes()
        Path("/etc/hublink/Office/notes.txt").write_text("mine")
        self.works("mkdir old && mv keys/Office old/ && hublink keys net.json --out keys && hublink bundle Office --keys keys")
        self.works("hublink install Office.bundle")
        self.assertNotEqual(before, Path("/etc/hublink/Office/cert.pem").read_bytes())
        self.assertEqual("mine", Path("/etc/hublink/Office/notes.txt").read_text())
        self.assertEqual([], [path for path in Path("/etc/hublink").iterdir() if path.name.startswith(".")])
        self.works("cp /etc/passwd /var/lib/hublink/Office/out/FILE01 && hublink send FILE01 --wait --data /var/lib/hublink/Office")

    def test_a_bundle_with_a_password(self):
        self.works("mkdir -p locked && hublink bundle Line1 --locked --out locked")
        self.assertIn("ENCRYPTED", (self.work / "locked/Line1.bundle").read_text())
        self.fails("hublink install locked/Line1.bundle --root image", cli.USAGE, "password", HUBLINK_PASSWORD="another one")
        self.works("hublink install locked/Line1.bundle --root image")
        self.assertIn("PRIVATE KEY", (self.work / "image/etc/hublink/Line1/key.pem").read_text())
        self.assertIn("HUBLINK_START=/etc/hublink/Line1/net.json", (self.work / "image/etc/hublink/Line1/environment").read_text())

    def test_a_bundle_without_the_topology(self):
        self.works("mkdir -p joins && hublink bundle Line1 --join --out joins && hublink install joins/Line1.bundle --root joined")
        place = self.work / "joined/etc/hublink/Line1"
        self.assertFalse((place / "net.json").exists())
        self.assertIn("HUBLINK_START=--join 10.2.0.1:40000", (place / "environment").read_text())
        self.assertNotIn("10.1.0", (self.work / "joins/Line1.bundle").read_text())

    def test_bundles_that_are_none(self):
        good = json.loads((self.work / "Head.bundle").read_text())

        def with_(**fields):
            made = {key: value for key, value in {**good, **fields}.items() if value is not None}
            return json.dumps(made)

        other = {**good["keys"], "cert.pem": json.loads((self.work / "Plant.bundle").read_text())["keys"]["cert.pem"]}
        for number, (text, words) in enumerate((
                ("", ("is no bundle",)), ("[]", ("is no bundle",)), ("{}", ("does not say",)), (with_(hublink_bundle=2), ("later version",)),
                (with_(node="../../tmp/x"), ("no name",)), (with_(network=7), ("is no text",)), (with_(role="king"), ("role",)),
                (with_(keys={**good["keys"], "../evil": "x"}), ("keys that are none",)), (with_(keys={}), ("ca.pem is missing",)),
                (with_(more="x"), ("nobody knows",)), (with_(topology=None), ("either a topology",)), (with_(join="x:1"), ("either a topology",)),
                (with_(topology="{"), ("topology", "no JSON")), (with_(node="Nobody"), ("no server Nobody",)), (with_(role="client"), ("no client Head",)),
                (with_(keys=other), ("keys can't be used",)), (with_(network="others"), ("of network plants, not of others",)))):
            with self.subTest(words):
                (self.work / f"bad{number}").write_text(text)
                done = self.fails(f"hublink install bad{number} --root bad", cli.USAGE, f"bad{number}", *words)
                self.assertEqual(1, len(done.stderr.strip().splitlines()), done.stderr)
        self.assertEqual([], list((self.work / "bad").rglob("*.pem")) if (self.work / "bad").exists() else [])

    def test_another_network_of_that_name_is_left_alone(self):
        self.works("mkdir other && cd other && hublink init --network other --server Head=10.1.0.1 && hublink keys net.json --out keys"
                   " && hublink bundle")
        self.fails("hublink install other/Head.bundle", cli.USAGE, "another network")

    def test_what_init_refuses(self):
        for words, said in (("", "--network NAME"), ("--server A=1.2.3.4", "--network is missing"), ("--network x", "no server"),
                            ("--network 'a b' --server A=1.2.3.4", "network"), ("--network x --server A", "NAME=ADDRESS"),
                            ("--network x --server A=nowhere:99999", "NAME=ADDRESS"), ("--network x --server 'a b=1.2.3.4'", "is no name"),
                            ("--network x --server A=1.2.3.4 --client C=1.2.3.5", "NAME=ADDRESS@SERVER"),
                            ("--network x --server A=1.2.3.4 --client C=1.2.3.5@B", "B"),
                            ("--network x --server A=1.2.3.4 --link A", "SERVER,SERVER"),
                            ("--network x --server A=1.2.3.4 --transfer F=A", "FILE=FROM:TO")):
            with self.subTest(words):
                self.fails(f"hublink init new.json {words}", cli.USAGE, said)
                self.assertFalse((self.work / "new.json").exists())
        self.fails("hublink init net.json --network x --server A=1.2.3.4", cli.USAGE, "is there already")

    def test_init_with_everything(self):
        self.works("hublink init all.json --network all --server A=127.0.0.1 --server B=127.0.0.1 --server C=c.example:4000 --link A,B"
                   " --link B,C --client X=127.0.0.1@A,out --client Y=127.0.0.2@B --manager M=127.0.0.1@A --transfer F1=X:Y --transfer F2=Y:X")
        net = json.loads((self.work / "all.json").read_text())
        nodes = net["nodes"]
        self.assertEqual({"F1", "F2"}, set(net["transfers"]))
        self.assertEqual("out", nodes["X"]["dial"])
        self.assertEqual({"B": 1}, nodes["A"]["neighbours"])
        self.assertEqual({"C": 1}, nodes["B"]["neighbours"])
        self.assertEqual(len(nodes), len({node["address"] for node in nodes.values()}))
        self.assertEqual("c.example:4000", nodes["C"]["address"])


class Asked(unittest.TestCase):
    """`init` at a terminal."""

    def test_a_conversation(self):
        with tempfile.TemporaryDirectory() as scratch:
            lines = ["not a name", "asked", "nonsense", "A=127.0.0.1", "B=127.0.0.2", "", "X=127.0.0.3@A", "Y=127.0.0.4@B", "", ""]
            script = ["script", "-qec", f"{cli.executable()} init", "/dev/null"]
            if not shutil.which("script"):
                self.skipTest("script is not installed")
            done = subprocess.run(script, input="".join(f"{line}\n" for line in lines), cwd=scratch, text=True, capture_output=True,
                                  timeout=20, check=False)
            self.assertEqual(0, done.returncode, done.stdout)
            self.assertIn("nonsense", done.stdout)
            net = json.loads(Path(scratch, "net.json").read_text())
            self.assertEqual({"A", "B", "X", "Y"}, set(net["nodes"]))
            self.assertEqual("asked", net["network"])
