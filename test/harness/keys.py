"""`hublink run` refuses keys that are not this node's, one clear line each; neighbours refuse a revoked one."""
import shutil
import subprocess

from hublink_harness import cli, peer
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer


class Keys(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))

    @classmethod
    def prepare(cls, net):
        cls.keys = net.own_keys()
        cls.copy_of_good = net.directory / "good"
        shutil.copytree(cls.keys / "HOST1", cls.copy_of_good)
        cls.other = net.directory / "other-keys"
        made = cli.run("keys", net.file, "--out", cls.other)
        assert made.code == cli.DONE, str(made)
        net.start("ServerA", "ServerB", "HOST2")

    started = ("HOST3", "ServerC")

    def refused(self, keys, *words, more=()):
        result = cli.run(*self.net.run_command("HOST1", keys=keys, more=more), deadline=10)
        self.expect_refusal(result, cli.USAGE, *words)
        self.assertEqual("", result.out)

    def copy(self, **parts):
        """HOST1's keys with some files taken from elsewhere."""
        folder = self.net.directory / f"keys-of-{self.id().split('.')[-1]}"
        folder.mkdir()
        for file in ("ca", "cert", "key", "crl"):
            target = folder / f"{file}.pem"
            target.write_bytes((parts.get(file, self.keys / "HOST1") / f"{file}.pem").read_bytes())
            target.chmod(0o600)
        return folder

    def test_a_key_that_others_can_read(self):
        folder = self.copy()
        (folder / "key.pem").chmod(0o640)
        self.refused(folder, "key.pem", "600")

    def test_a_certificate_of_another_name(self):
        self.refused(self.keys / "HOST2", "HOST2", "HOST1")

    def test_a_certificate_of_another_role(self):
        self.net.differs_at("HOST1", lambda own: own["nodes"].update(
            HOST1={**own["nodes"]["HOST1"], "role": "manager"}) or own["transfers"].clear())
        try:
            self.refused(self.keys / "HOST1", "client", "manager")
        finally:
            self.net.differs_at("HOST1", lambda own: None)

    def test_a_role_that_disagrees_with_the_file(self):
        self.refused(self.keys / "HOST1", "client", "server", more=("--role", "server"))

    def test_a_certificate_of_another_ca(self):
        self.refused(self.copy(cert=self.other / "HOST1", key=self.other / "HOST1"), "cert.pem")

    def test_a_key_of_another_certificate(self):
        self.refused(self.copy(key=self.keys / "HOST2"), "private key", "certificate")

    def test_an_expired_certificate(self):
        folder = self.copy()
        request = ["openssl", "req", "-new", "-key", folder / "key.pem", "-subj", "/OU=client/CN=HOST1", "-out", folder / "csr.pem"]
        sign = ["openssl", "x509", "-req", "-in", folder / "csr.pem", "-CA", self.keys / "ca/cert.pem", "-CAkey", self.keys / "ca/key.pem",
                "-set_serial", "0x4711", "-days", "0", "-out", folder / "cert.pem"]
        for command in (request, sign):
            subprocess.run(command, check=True, capture_output=True)
        self.refused(folder, "expired")

    def test_a_certificate_of_another_family(self):
        folder = self.copy()
        request = ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key.pem", "-subj", "/OU=client/CN=HOST1",
                   "-out", folder / "csr.pem"]
        sign = ["openssl", "x509", "-req", "-in", folder / "csr.pem", "-CA", self.keys / "ca/cert.pem", "-CAkey", self.keys / "ca/key.pem",
                "-set_serial", "0x4712", "-days", "2", "-out", folder / "cert.pem"]
        for command in (request, sign):
            subprocess.run(command, check=True, capture_output=True)
        (folder / "key.pem").chmod(0o600)
        self.refused(folder, "cert.pem", "P-256", "hublink keys")
        shutil.copytree(folder, self.keys / "HOST1", dirs_exist_ok=True)
        self.addCleanup(shutil.copytree, self.copy_of_good, self.keys / "HOST1", dirs_exist_ok=True)
        again = cli.run("keys", self.net.file, "--out", self.keys)
        self.assertNotEqual(cli.DONE, again.code, str(again))
        self.assertIn("P-256", again.err)

    def test_no_keys(self):
        self.refused(self.net.directory / "nowhere", "nowhere")

    def test_not_a_certificate(self):
        folder = self.copy()
        (folder / "cert.pem").write_text("nonsense")
        self.refused(folder, "cert.pem")

    def test_making_keys_again_keeps_what_is_there(self):
        before = (self.keys / "HOST1/key.pem").read_bytes()
        self.expect_exit(cli.DONE, cli.run("keys", self.net.file, "--out", self.keys))
        self.assertEqual(before, (self.keys / "HOST1/key.pem").read_bytes())
        self.assertEqual(0o600, (self.keys / "HOST1/key.pem").stat().st_mode & 0o777)

    def test_z_revoked(self):
        self.expect_exit(cli.DONE, cli.run("keys", "revoke", "HOST1", "--out", self.keys))
        self.refused(self.keys / "HOST1", "revoked")
        self.net.stop("ServerA")
        self.net.start("ServerA")
        with self.assertRaises(peer.Ended):
            peer.Link.dial(self.net.address("ServerA"), self.keys / "HOST1", "HOST1", "client")
        server = self.net.running["ServerA"]
        self.net.traces.until(lambda: "revoked" in server.logged(), "ServerA's reason in its log")
