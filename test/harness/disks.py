"""Disks that can't all that a local one can: the next best safe way is gone, the log says so once, and what makes publishing
impossible is found before the first byte."""
import errno
import os
import subprocess
import unittest

from hublink_harness import cli, fuse, mounts
from hublink_harness.case import Scenario
from hublink_harness.topologies import chain, transfer

REAL = ("tmpfs", "overlay", "vfat", "exfat", "nfs")


def into(path, **more):
    return transfer("HOST1", "HOST2", send={"path": "out/file"}, receive={"path": path}, **more)


class Odd(Scenario):
    """HOST2 receives on a file system that does what the test says."""

    topology = chain(1, PLAIN=into("in/odd/plain"), DEEP=into("in/odd/new/deep/file"), REFUSED=into("in/odd/refused", if_exists="refuse"),
                     LONG=into("in/odd/" + "n" * 140), MOUNTED=into("in/odd/mounted"),
                     STICKY=into("in/odd/sticky/file"), IMMUTABLE=into("in/immutable"))

    @classmethod
    def prepare(cls, net):
        cls.disk = fuse.Share(net.directory / "under", net.data("HOST2") / "in/odd")
        cls.addClassCleanup(cls.disk.close)
        cls.source = net.write("HOST1", "out/file", 700_000)

    def setUp(self):
        self.disk.refuse()
        self.disk.blocks, self.disk.names, self.disk.unstable = True, 255, False
        self.disk.seen.clear()

    def under(self, name):
        return self.net.directory / "under" / name

    def delivered(self, file, name):
        self.send_and_wait("HOST1", file)
        self.assertEqual(self.source.read_bytes(), self.under(name).read_bytes())
        self.assertEqual([], [left for left in os.listdir(self.under(name).parent) if "hublink" in left])

    def said_once(self, words):
        self.assertEqual(1, (self.net.data("HOST2") / "hublink.log").read_text().count(words), words)

    def refused_before_content(self, file, *words):
        result = self.net.cli("HOST1", "send", file, "--wait")
        self.assertEqual(cli.FAILED, result.code, str(result))
        self.expect_reason("HOST2", result.out.split()[0], *words)
        self.assertEqual(0, self.disk.count("write"), self.disk.seen)

    def test_directories_that_cannot_be_synced(self):
        for error in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTTY):
            with self.subTest(errno.errorcode[error]):
                self.disk.refuse(fsyncdir=error)
                self.delivered("PLAIN", "plain")
                self.delivered("DEEP", "new/deep/file")
                for part in ("new/deep/file", "new/deep", "new"):
                    path = self.under(part)
                    path.unlink() if path.is_file() else path.rmdir()
        self.said_once("can't sync a directory (Invalid argument)")

    def test_a_directory_whose_sync_failed_is_no_success(self):
        self.disk.refuse(fsyncdir=errno.EIO)
        result = self.net.cli("HOST1", "send", "PLAIN", "--wait", deadline=60)
        self.assertNotEqual(cli.DONE, result.code, str(result))

    def test_files_that_cannot_be_synced(self):
        self.disk.refuse(fsync=errno.EINVAL)
        self.delivered("PLAIN", "plain")
        self.said_once("can't sync a file")

    def test_modes_that_cannot_be_set(self):
        for error in (errno.EPERM, errno.EOPNOTSUPP):
            for mode in (0o644, 0o755, 0o600):
                with self.subTest(f"{errno.errorcode[error]} {mode:o}"):
                    self.disk.refuse(chmod=error)
                    self.source.chmod(mode)
                    self.delivered("PLAIN", "plain")
        self.said_once("does not let modes be set")

    def test_a_rename_that_can_only_replace(self):
        """As on NFS, 9p and plain FUSE; with hard links, and without."""
        for links in (None, errno.EPERM):
            with self.subTest(links=links):
                if links:
                    self.disk.refuse(link=links)
                self.delivered("REFUSED", "refused")
                other = self.net.cli("HOST1", "send", "REFUSED", "--wait")
                self.assertEqual(cli.FAILED, other.code, str(other))
                self.assertIn("exists already", other.err)
                self.under("refused").unlink()
        self.said_once("can rename a file only over what has its new name")

    def test_a_file_system_that_says_nothing_of_its_blocks(self):
        self.disk.blocks = False
        self.delivered("PLAIN", "plain")

    def test_no_rename_at_all(self):
        for error in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EACCES):
            with self.subTest(errno.errorcode[error]):
                self.disk.refuse(rename=error)
                self.refused_before_content("PLAIN", "can't rename")

    def test_short_names(self):
        """As eCryptfs has them: the target's name fits, so its partial file's has to."""
        self.disk.names = 143
        self.delivered("LONG", "n" * 140)

    def test_a_name_that_is_too_long_there(self):
        self.disk.names = 100
        self.refused_before_content("LONG", "File name too long")

    def test_inode_numbers_that_change(self):
        self.disk.unstable = True
        self.delivered("PLAIN", "plain")

    def test_files_that_are_not_made_longer(self):
        """Zeros at the end were not written: they are a hole, which takes a truncate."""
        content = self.source.read_bytes()
        self.source.write_bytes(content + bytes(300_000))
        self.addCleanup(self.source.write_bytes, content)
        self.disk.refuse(truncate=errno.EPERM)
        self.delivered("PLAIN", "plain")

    def test_a_single_file_that_is_mounted(self):
        """As containers do it: no rename can take its place."""
        target = self.net.data("HOST2") / "in/odd/mounted"
        target.write_bytes(b"before")
        mounts.mount(self.source, target, None, mounts.MS_BIND)
        self.addCleanup(mounts.unmount, target)
        self.disk.seen.clear()
        self.refused_before_content("MOUNTED", "it is mounted there")

    def test_a_file_of_another_user_in_a_sticky_directory(self):
        folder = self.net.data("HOST2") / "in/odd/sticky"
        folder.mkdir()
        (folder / "file").write_bytes(b"before")
        for path, mode in ((folder / "file", 0o666), (folder, 0o1777)):
            os.chown(path, 65534, 65534)
            path.chmod(mode)
        self.disk.seen.clear()
        self.refused_before_content("STICKY", "belongs to user 65534")

    def test_an_immutable_file(self):
        target = self.net.data("HOST2") / "in/immutable"
        target.write_bytes(b"before")
        done = subprocess.run(["chattr", "+i", target], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"chattr: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["chattr", "-i", target], check=True)
        self.refused_before_content("IMMUTABLE", "immutable")


class Sources(Scenario):
    """HOST1 sends from such a file system."""

    topology = chain(1, FILE=transfer("HOST1", "HOST2"))

    @classmethod
    def prepare(cls, net):
        cls.disk = fuse.Share(net.directory / "under", net.data("HOST1") / "out")
        cls.addClassCleanup(cls.disk.close)

    def test_inode_numbers_that_change(self):
        self.disk.unstable = True
        source = self.net.write("HOST1", "out/FILE", 700_000)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "FILE"), source)


class Real(Scenario):
    """Each file system that this kernel and machine have."""

    topology = chain(1, **{f"{kind}.{name}": into(f"in/{kind}/{path}", **more) for kind in REAL
                           for name, path, more in (("F", "f.bin", {}), ("X", "x.bin", {"if_exists": "refuse"}), ("D", "new/d.bin", {}))})

    @classmethod
    def prepare(cls, net):
        mounts.own_namespace()
        cls.source = net.write("HOST1", "out/file", 700_000)
        cls.skipped = {}
        for kind in REAL:
            at, scratch = net.data("HOST2") / "in" / kind, net.directory / f"scratch-{kind}"
            scratch.mkdir()
            try:
                mounts.mounted(kind, at, scratch)
                cls.addClassCleanup(mounts.unmount, at)
            except (unittest.SkipTest, OSError) as why:
                cls.skipped[kind] = str(why)

    def check(self, kind):
        if kind in self.skipped:
            self.skipTest(self.skipped[kind])
        at = self.net.data("HOST2") / "in" / kind
        for name, path in (("F", "f.bin"), ("F", "f.bin"), ("X", "x.bin"), ("D", "new/d.bin")):
            with self.subTest(name):
                transfer_id = self.send_and_wait("HOST1", f"{kind}.{name}")
                self.expect_received("HOST2", transfer_id, self.source)
        again = self.net.cli("HOST1", "send", f"{kind}.X", "--wait")
        self.assertEqual(cli.FAILED, again.code, str(again))
        self.assertIn("exists already", again.err)
        self.assertEqual([], [name for name in os.listdir(at) if "hublink" in name])

    def test_tmpfs(self):
        self.check("tmpfs")

    def test_overlay(self):
        self.check("overlay")

    @unittest.skipUnless(mounts.has("vfat"), "this kernel has no vfat")
    def test_vfat(self):
        self.check("vfat")

    def test_exfat(self):
        self.check("exfat")

    @unittest.skipUnless(os.environ.get("HUBLINK_NFS"), "NFS: HUBLINK_NFS=DIR, a directory on one")
    def test_nfs(self):
        self.check("nfs")
