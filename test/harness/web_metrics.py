"""What Prometheus reads: at a node without login, at a manager of all nodes."""
import shutil
import subprocess

from hublink_harness import cli, web
from hublink_harness.managed import Managed, managed
from hublink_harness.metrics import family, of_the_manual, samples, value
from hublink_harness.topologies import three_hubs, transfer

class Metrics(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))

    @classmethod
    def prepare(cls, net):
        cls.doors = {node: web.measure(net, node) for node in ("HOST1", "ServerA", "MGR")}
        cls.browsers = web.serve(net, "ServerA")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.net.write("HOST1", "out/FILE01", 100_000)

    def scrape(self, node, path="/metrics"):
        answer = self.doors[node].get(path)
        self.assertEqual(200, answer.status, str(answer))
        self.assertTrue(answer.fields["Content-Type"].startswith("text/plain; version=0.0.4"))
        return samples(answer.body.decode())

    def test_what_happens_is_counted(self):
        def counted():
            client, server = self.scrape("HOST1"), self.scrape("ServerA")
            return (value(client, "hublink_transfers_ended_total", side="sender", result="done"),
                    value(client, "hublink_transfer_bytes_total", side="sender"),
                    value(client, "hublink_transfer_duration_seconds_count", result="done"),
                    value(server, "hublink_circuits_asked_total", kind="transfer"),
                    value(server, "hublink_circuits_total", result="done"))

        self.expect_no_circuits("HOST1", "ServerA")  # of the test before, which would be counted, too
        before = counted()
        sent = self.send_and_wait("HOST1", "FILE01")
        self.net.traces.expect("ServerA", "closed", transfer=sent)
        ended, content, durations, asked, circuits = (after - earlier for after, earlier in zip(counted(), before))
        self.assertEqual((1, 100_000, 1, 1, 1), (ended, content, durations, asked, circuits))
        server = self.scrape("ServerA")
        self.assertEqual(1, value(server, "hublink_link_up", peer="ServerB"))
        self.assertEqual(1, value(server, "hublink_build_info", role="server"))
        self.assertGreater(value(server, "hublink_certificate_expiry_timestamp_seconds"), 1.7e9)
        for name in ("process_resident_memory_bytes", "process_open_fds", "hublink_disk_free_bytes", "process_cpu_seconds_total"):
            self.assertGreater(value(server, name), 0, name)

    def test_nothing_else_is_served_there(self):
        for path in ("/", "/api/v1/status", "/api/v1/login", "/metrics/network", "/metrics/..", "/metrics/"):
            self.assertEqual(404, self.doors["HOST1"].get(path).status, path)
        self.assertEqual(405, self.doors["HOST1"].ask("PUT", "/metrics").status)
        self.assertEqual(413, self.doors["HOST1"].post("/metrics", {"a": 1}).status)
        self.assertEqual(421, self.doors["HOST1"].get("/metrics", Host="evil.example").status)

    def test_beside_the_api_it_takes_a_right(self):
        self.assertEqual(401, self.browsers.get("/metrics").status)
        for rights, words, status in (("view", (), 200), ("transfer", (), 403), ("view", ("--transfers", "FILE01"), 403)):
            token = self.net.cli("ServerA", "tokens", "add", "scraper", "--rights", rights, *words).out.strip()
            self.assertEqual(status, self.browsers.with_token(token).get("/metrics").status, rights)
            self.net.cli("ServerA", "tokens", "remove", "scraper")

    def test_a_manager_has_those_of_all_nodes(self):
        alone = self.scrape("MGR", "/metrics/network")
        self.assertEqual(1, value(alone, "hublink_node_reachable"))
        self.logged_in()
        whole = self.scrape("MGR", "/metrics/network")
        nodes = set(self.net.topology["nodes"])
        self.assertEqual(nodes, {label for (name, own), _ in whole.items() for key, label in own if key == "node"})
        self.assertEqual(len(nodes), value(whole, "hublink_node_reachable"))
        self.assertEqual(len(nodes), value(whole, "hublink_build_info"))
        self.net.stop("HOST3")
        self.addCleanup(self.net.start, "HOST3")
        lame = self.scrape("MGR", "/metrics/network")
        self.assertEqual(0, lame["hublink_node_reachable", frozenset({("node", "HOST3"), ("hop", "ServerC")})])
        self.assertEqual(len(nodes) - 1, value(lame, "hublink_node_reachable"))

    def test_the_manual_has_each(self):
        self.logged_in()
        self.send_and_wait("HOST1", "FILE01")
        self.assertEqual(set(), {family(name) for name, _ in self.scrape("MGR", "/metrics/network")} - of_the_manual())

    def test_promtool_accepts_them(self):
        if not shutil.which("promtool"):
            self.skipTest("there is no promtool here")
        self.logged_in()
        self.send_and_wait("HOST1", "FILE01")
        for node, path in (("ServerA", "/metrics"), ("HOST1", "/metrics"), ("MGR", "/metrics/network")):
            text = self.doors[node].get(path).body
            checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
            self.assertEqual((0, b""), (checked.returncode, checked.stderr + checked.stdout))
