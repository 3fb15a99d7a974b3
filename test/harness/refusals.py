"""What can not be done is refused at the hop where it shows, soon, with one clear line that names the hop."""
import os
import subprocess

from hublink_harness import cli, namespaces
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer


class Refused(Scenario):
    def refused(self, file, code, *words, node="HOST1"):
        """A `send --wait` that fails so; it ends in the history with the same reason."""
        result = self.net.cli(node, "send", file, "--wait")
        self.expect_refusal(result, code, *words)
        if result.out:
            (row,) = self.net.cli(node, "history", "--json").json()[:1]
            self.assertEqual((result.out.split()[0], "failed"), (row["transfer"], row["state"]))
            for word in words:
                self.assertIn(word, row["reason"])
        return result


class AtTheSender(Refused):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"), FOLDER=transfer("HOST1", "HOST2"), OTHERS=transfer("HOST3", "HOST2"))

    def test_unknown_file_id(self):
        self.refused("NOFILE", cli.REFUSED, "NOFILE")

    def test_a_file_that_another_client_sends(self):
        self.refused("OTHERS", cli.REFUSED, "OTHERS")

    def test_a_send_at_a_server(self):
        self.refused("FILE01", cli.REFUSED, "ServerA", "no client", node="ServerA")

    def test_file_missing(self):
        self.refused("FILE01", cli.FAILED, "out/FILE01", "HOST1")

    def test_not_a_regular_file(self):
        (self.net.data("HOST1") / "out/FOLDER").mkdir(parents=True)
        self.refused("FOLDER", cli.FAILED, "out/FOLDER", "HOST1")



class Unreadable(Refused):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA", "HOST1")

    @classmethod
    def isolate(cls):
        return namespaces.WithoutOverride() if os.geteuid() == 0 else None

    def test_file_unreadable(self):
        self.net.write("HOST1", "out/FILE01", 10).chmod(0)
        self.refused("FILE01", cli.FAILED, "out/FILE01", "HOST1")


class OnTheWay(Refused):
    """Every server has its own mistake, in a topology file of its own."""

    topology = three_hubs(
        NOWHERE=transfer("HOST1", "HOST3"),
        STRANGER=transfer("HOST1", "HOST2"),
        FORGOTTEN=transfer("HOST1", "HOST2", placement="manual", via=["ServerC"]),
        UNWANTED=transfer("HOST3", "HOST2"),
    )

    @classmethod
    def prepare(cls, net):
        def nowhere(own):
            own["nodes"]["ServerA"]["hosts"] = {"HOST2": "127.1.2.12", "HOST3": "127.9.9.9"}

        def stranger(own):
            own["nodes"]["HOST2"].update(home="ServerC", address="127.1.3.50:30000")
            own["nodes"]["ServerB"]["hosts"] = {"HOST2": "127.1.2.12"}

        def forgotten(own):
            del own["transfers"]["FORGOTTEN"]

        net.differs_at("ServerA", nowhere)
        net.differs_at("ServerB", stranger)
        net.differs_at("ServerC", forgotten)
        for file in net.topology["transfers"]:
            net.write("HOST1", f"out/{file}", 10)

    def test_no_route(self):
        self.refused("NOWHERE", cli.UNREACHABLE, "HOST3", "127.9.9.9", "ServerA")

    def test_not_registered(self):
        self.refused("STRANGER", cli.REFUSED, "HOST2", "not registered", "ServerB")

    def test_no_definition_at_a_server_on_the_way(self):
        self.refused("FORGOTTEN", cli.REFUSED, "FORGOTTEN", "ServerC")


class NextHopDown(Refused):
    topology = three_hubs(TO2=transfer("HOST1", "HOST2"), TO3=transfer("HOST1", "HOST3"), FROM2=transfer("HOST2", "HOST1"))
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    def setUp(self):
        for file, node in (("TO2", "HOST1"), ("TO3", "HOST1"), ("FROM2", "HOST2")):
            self.net.write(node, f"out/{file}", 10)

    def test_1_a_server(self):
        self.refused("TO3", cli.UNREACHABLE, "ServerC")

    def test_2_the_receiver(self):
        self.net.stop("HOST2")
        self.addCleanup(self.net.start, "HOST2")
        self.refused("TO2", cli.UNREACHABLE, "HOST2")

    def test_3_the_home_server(self):
        self.net.kill("ServerB")
        self.addCleanup(self.net.start, "ServerB")
        self.refused("FROM2", cli.UNREACHABLE, "ServerB", node="HOST2")

    def test_4_everything_is_there_again(self):
        self.send_and_wait("HOST1", "TO2")
        self.send_and_wait("HOST2", "FROM2")


class AtTheReceiver(Refused):
    topology = three_hubs(
        DENIED=transfer("HOST1", "HOST2", receive={"path": "/proc/denied/file" if os.geteuid() == 0 else "denied/file"}),
        FULL=transfer("HOST1", "HOST2", receive={"path": "small/full"}),
        KEPT=transfer("HOST1", "HOST2", if_exists="refuse"),
        FOLDER=transfer("HOST1", "HOST2", receive={"path": "folder"}),
    )

    def test_no_permission(self):
        (self.net.data("HOST2") / "denied").mkdir(mode=0o500)
        self.net.write("HOST1", "out/DENIED", 10)
        self.refused("DENIED", cli.FAILED, "HOST2")
        self.assertIn("denied", self.net.cli("HOST2", "history").out)

    def test_no_space(self):
        small = self.net.data("HOST2") / "small"
        small.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True).returncode != 0:
            self.skipTest("a small file system can not be mounted here")
        self.addCleanup(subprocess.run, ["umount", small], check=True)
        self.net.write("HOST1", "out/FULL", 4_000_000)
        self.refused("FULL", cli.NO_SPACE, "HOST2")
        self.expect_nothing_in(small)

    def test_the_target_exists_and_must_stay(self):
        kept = self.net.write("HOST2", "in/KEPT", b"the old one")
        self.net.write("HOST1", "out/KEPT", b"the new one")
        self.refused("KEPT", cli.FAILED, "exists", "HOST2")
        self.assertEqual(b"the old one", kept.read_bytes())

    def test_the_target_is_a_folder(self):
        (self.net.data("HOST2") / "folder").mkdir()
        self.net.write("HOST1", "out/FOLDER", 10)
        self.refused("FOLDER", cli.FAILED, "not a regular file", "HOST2")
