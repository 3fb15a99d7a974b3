"""A client that somebody else might have written from the protocol's pages: it sends files through two hubs and gets receipts, and it
receives what hublink sends and signs for it."""
import subprocess
import sys

from hublink_harness import cli, independent_client, independent_receiver
from hublink_harness.case import Scenario
from hublink_harness.topologies import chain, transfer


class Independent(Scenario):
    topology = chain(2, FILE01=transfer("HOST1", "HOST2", digest="sha256"), FILE02=transfer("HOST1", "HOST2", digest="sha256", if_exists="refuse"))
    started = ("Server1", "Server2", "HOST2")

    def send(self, file, content, receiver="HOST2"):
        return independent_client.send_file(self.net.keys / "HOST1", self.net.address("Server1"), "Server1", file, receiver, content)

    def test_files_of_all_sizes_arrive(self):
        for size in (0, 1, independent_client.CHUNK - 1, independent_client.CHUNK, independent_client.CHUNK + 1, 3_000_000):
            with self.subTest(size=size):
                content = bytes(index * 7 % 251 for index in range(size))
                receipt = self.send("FILE01", content)
                self.assertEqual(content, (self.net.data("HOST2") / "in/FILE01").read_bytes())
                row = [row for row in self.net.cli("HOST2", "history", "--json").json() if row["transfer"] == receipt["transfer"]]
                self.assertEqual([("done", size, receipt["digest"])], [(one["state"], one["size"], one["digest"]) for one in row])

    def test_each_hop_is_told_what_it_needs(self):
        told = self.send("FILE01", b"some bytes")["transfer"]
        self.net.traces.until(lambda: self.net.traces.all(event="closed", transfer=told, node="Server1"), "the circuit is over")
        self.assertEqual(["Server1", "Server2", "HOST2"], [event["node"] for event in self.net.traces.all(event="told", transfer=told)])

    def test_a_no_is_understood(self):
        self.send("FILE02", b"first")
        with self.assertRaisesRegex(independent_client.Wrong, r"^file-exists: .* \(at HOST2\)$"):
            self.send("FILE02", b"second")
        with self.assertRaisesRegex(independent_client.Wrong, r"^unknown-file: "):
            self.send("FILE03", b"nobody knows it")

    def test_as_a_program(self):
        source = self.net.write("HOST1", "out/some", b"by hand")
        address = ":".join(map(str, self.net.address("Server1")))
        run = subprocess.run([sys.executable, "-B", independent_client.__file__, self.net.keys / "HOST1", address, "Server1", "FILE01", "HOST2", source],
                             capture_output=True, text=True)
        self.assertEqual((cli.DONE, ""), (run.returncode, run.stderr))
        self.assertEqual(b"by hand", (self.net.data("HOST2") / "in/FILE01").read_bytes())


class IndependentReceiver(Scenario):
    topology = chain(2, FILE01=transfer("HOST1", "HOST2", digest="sha256"))
    started = ("Server1", "Server2", "HOST1")

    def setUp(self):
        self.receiver = independent_receiver.Receiver(self.net.keys / "HOST2", self.net.address("HOST2"), "FILE01", "HOST1")
        self.addCleanup(self.receiver.close)

    def test_it_takes_files_of_all_sizes_and_hublink_believes_its_receipts(self):
        for count, size in enumerate((0, 1, 262_144, 262_145, 3_000_000), 1):
            with self.subTest(size=size):
                source = self.net.write("HOST1", "out/FILE01", size)
                sent = self.send_and_wait("HOST1", "FILE01")
                (content, receipt), = self.receiver.wait(count)
                self.assertEqual((source.read_bytes(), sent), (content, receipt["transfer"]))
        self.assertEqual([], self.receiver.wrong)
