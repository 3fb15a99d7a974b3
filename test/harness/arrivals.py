"""Who may read what a node receives, and where it may be put, is its own operator's to say: `mode`, `owner`, `group`, `require_mount`
and `targets` of local.json."""
import json
import os
import shutil
import subprocess
import unittest

from hublink_harness import cli, mounts
from hublink_harness.case import Scenario
from hublink_harness.namespaces import Plain
from hublink_harness.topologies import chain, transfer

UMASK = 0o027
APPLICATION = 33


class Receiving(Scenario):
    """HOST2 starts anew for each test, with a `local.json` of its own and umask 027."""

    topology = chain(1, FILE=transfer("HOST1", "HOST2"), OTHER=transfer("HOST1", "HOST2"),
                     DEEP=transfer("HOST1", "HOST2", receive={"path": "in/share/new/deep"}))
    started = ("Server1", "HOST1")

    def tearDown(self):
        if "HOST2" in self.net.running:
            self.net.stop("HOST2")

    def begin(self, **local):
        if "HOST2" in self.net.running:
            self.net.stop("HOST2")
        (self.net.data("HOST2") / "local.json").write_text(json.dumps(local))
        before = os.umask(UMASK)
        try:
            self.net.start("HOST2")
        finally:
            os.umask(before)

    def arrived(self, file="FILE", sent=0o644):
        self.net.write("HOST1", f"out/{file}", 1000).chmod(sent)
        self.send_and_wait("HOST1", file)
        return (self.net.data("HOST2") / "in" / file).stat()

    def modes(self, file="FILE"):
        return [self.arrived(file, sent).st_mode & 0o7777 for sent in (0o644, 0o600, 0o777)]

    def refused(self, file, *words):
        self.net.write("HOST1", f"out/{file}", 1000)
        result = self.net.cli("HOST1", "send", file, "--wait")
        self.assertEqual(cli.FAILED, result.code, str(result))
        self.expect_reason("HOST2", result.out.split()[0], *words)


class Modes(Receiving):
    def test_as_programs_make_files(self):
        self.begin()
        self.assertEqual([0o640] * 3, self.modes())

    def test_the_sender_s(self):
        self.begin(mode="sender")
        self.assertEqual([0o640, 0o600, 0o750], self.modes())

    def test_one_for_all_and_one_for_a_file(self):
        self.begin(mode="0600", targets={"OTHER": {"mode": "0664"}})
        self.assertEqual([0o600] * 3, self.modes())
        self.assertEqual([0o664] * 3, self.modes("OTHER"))

    def test_a_default_acl_counts(self):
        if not shutil.which("setfacl"):
            self.skipTest("setfacl is not installed")
        inbox = self.net.data("HOST2") / "in"
        inbox.mkdir(exist_ok=True)
        done = subprocess.run(["setfacl", "-d", "-m", f"u:{APPLICATION}:r,o::-", inbox], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"setfacl: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["setfacl", "-k", inbox], check=True)
        self.begin()
        for sent in (0o600, 0o777):
            self.arrived(sent=sent)
            has = subprocess.run(["getfacl", "-pcn", inbox / "FILE"], capture_output=True, text=True, check=True).stdout
            self.assertIn(f"user:{APPLICATION}:r--\n", has)
            self.assertIn("other::---", has)

    def test_what_is_no_mode_is_named(self):
        for local, where in (({"mode": "rw"}, "mode"), ({"mode": "4755"}, "mode"), ({"mode": 640}, "mode"),
                             ({"targets": {"FILE": {"mode": "0040"}}}, "targets.FILE.mode"),
                             ({"targets": {"FILE": {"owner": "nobody-of-that-name"}}}, "targets.FILE.owner"),
                             ({"require_mount": "yes"}, "require_mount")):
            with self.subTest(where):
                (self.net.data("HOST2") / "local.json").write_text(json.dumps(local))
                result = cli.run(*self.net.run_command("HOST2"))
                self.assertEqual(cli.USAGE, result.code, str(result))
                self.assertIn(where + ": must be ", result.err)


class WithoutChown(Plain):
    """Root who may not change whose a file is."""

    def prefix(self, _node=None):
        return ["setpriv", "--bounding-set=-chown"]


@unittest.skipIf(os.geteuid() != 0, "only root can give files away")
class Owners(Receiving):
    def test_owner_and_group(self):
        self.begin(group=APPLICATION, mode="0640", targets={"OTHER": {"owner": APPLICATION, "mode": "0400"}})
        found = self.arrived()
        self.assertEqual((0, APPLICATION, 0o640), (found.st_uid, found.st_gid, found.st_mode & 0o7777))
        for _ in range(2):
            found = self.arrived("OTHER")
            self.assertEqual((APPLICATION, APPLICATION, 0o400), (found.st_uid, found.st_gid, found.st_mode & 0o7777))

    def test_a_group_that_the_node_may_not_give(self):
        """Found before the content comes."""
        before, self.net.isolation = self.net.isolation, WithoutChown()
        try:
            self.begin(group=APPLICATION)
        finally:
            self.net.isolation = before
        self.refused("FILE", "can't give", f"group {APPLICATION}")
        self.expect_nothing_in(self.net.data("HOST2") / "in", ".FILE*")


class Mounts(Receiving):
    def share(self):
        mounts.own_namespace()
        share = self.net.data("HOST2") / "in/share"
        share.mkdir(parents=True, exist_ok=True)
        return share

    def test_a_directory_that_must_be_mounted(self):
        for local in ({"require_mount": True}, {"targets": {"DEEP": {"require_mount": True}}}, {"require_mount": ["in/share"]}):
            with self.subTest(local):
                share = self.share()
                self.begin(**local)
                self.refused("DEEP", "not mounted")
                self.assertEqual([], list(share.iterdir()))
                mounts.mount("tmpfs", share, "tmpfs")
                try:
                    self.send_and_wait("HOST1", "DEEP")
                finally:
                    mounts.unmount(share)

    def test_others_are_not_held_to_it(self):
        self.share()
        self.begin(require_mount=["in/share"])
        self.arrived()


class Paths(Scenario):
    topology = chain(1, FILE=transfer("HOST1", "HOST2"))

    def test_a_path_that_leads_out_is_refused(self):
        for side in ("send", "receive"):
            for path in ("in/../../x", "../x", "out/./../../x", ".."):
                with self.subTest(side=side, path=path):
                    net = json.loads(self.net.file.read_text())
                    net["transfers"]["FILE"][side] = {"path": path}
                    file = self.net.directory / "leads-out.json"
                    file.write_text(json.dumps(net))
                    for result in (cli.run("check", file), cli.run("run", file, "--node", "HOST2", "--data", self.net.directory / "none")):
                        self.assertEqual(cli.USAGE, result.code, str(result))
                        self.assertIn(f"transfers.FILE.{side}.path: leads out of the node's data directory", result.err)
