"""Nodes that start with their keys alone, and certificates that are revoked while all runs."""
import json
import os
import shutil
import signal
import time

from hublink_harness import cli
from hublink_harness.managed import managed
from hublink_harness.topologies import client, server, three_hubs, transfer

from apply import Applying


def growing():
    net = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), FILE04=transfer("HOST1", "HOST4")))
    net["nodes"]["ServerD"] = server("127.1.4.1", "127.1.4.0/24", {"ServerC": 1})
    net["nodes"]["HOST4"] = client("127.1.4.14", "ServerD")
    return net


class Join(Applying):
    """The network was started without ServerD, HOST4 and HOST3's file; they come with an apply."""
    topology = growing()
    started = ("MGR", "ServerA", "ServerB", "ServerC", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        def small(topology):
            for node in ("ServerD", "HOST4", "HOST3"):
                del topology["nodes"][node]
            del topology["transfers"]["FILE04"]
        for node in cls.started:
            net.differs_at(node, small)

    def address(self, node):
        return self.net.topology["nodes"][node]["address"]

    def joining(self, node, at):
        self.net.joins[node] = self.address(at)
        running = self.net.begin(node)
        return lambda: running.wait_ready(time.monotonic() + 20)

    def test_a_network_grows(self):
        self.expect_exit(cli.DONE, self.login())
        self.addCleanup(self.net.cli, "MGR", "logout")
        ready = self.joining("ServerD", "ServerC")  # nobody knows it yet
        self.net.traces.until(lambda: "waits for its definition" in (self.net.directory / "ServerD.log").read_text(), "ServerD waits")
        result = self.expect_exit(cli.UNREACHABLE, self.apply())
        self.assertEqual({"HOST3", "HOST4", "ServerD"}, {row["node"] for row in result.json() if row["state"] == "failed"})
        self.assertEqual(self.address("ServerD"), ready())
        self.add_user("ServerD", "op", "view,transfer,manage")
        self.expect_exit(cli.DONE, self.login())
        self.net.traces.until(lambda: "HOST4" in self.net.cli("ServerD", "status", "--json").json()["definition"].get("behind", {}),
                              "ServerD waits for HOST4")
        for node, home in (("HOST4", "ServerD"), ("HOST3", "ServerC")):
            self.assertEqual(self.address(node), self.joining(node, home)())
        self.up_to_date(("HOST1", "HOST2", "HOST3", "HOST4", "ServerA", "ServerB", "ServerC", "ServerD"))
        source = self.net.write("HOST1", "out/FILE04", 10_000)
        self.expect_received("HOST4", self.send_and_wait("HOST1", "FILE04"), source)
        self.starts_again_with_what_it_has(source)

    def starts_again_with_what_it_has(self, source):
        self.net.stop("HOST4")
        self.net.joins["HOST4"] = "127.1.4.77:9"  # nobody is there
        self.net.start("HOST4")
        self.expect_received("HOST4", self.send_and_wait("HOST1", "FILE04"), source)

    def test_what_is_refused(self):
        for words, said in ((["--join", "nowhere"], "nowhere"), ([], "--join"), ([self.net.file, "--join", "127.1.1.1:1"], "--join")):
            result = cli.run("run", *words, "--node", "HOST3", "--data", self.net.data("HOST3"), "--keys", self.net.keys / "HOST3")
            self.expect_refusal(result, cli.USAGE, said)

    def test_a_lone_node_that_waits_can_be_ended(self):
        self.net.joins["HOST3"] = "127.1.3.77:9"
        self.addCleanup(self.net.joins.pop, "HOST3")
        waiting = self.net.begin("HOST3")
        self.net.traces.until(lambda: "waits for its definition" in (self.net.directory / "HOST3.log").read_text(), "HOST3 waits")
        waiting.signal(signal.SIGTERM)
        self.assertEqual(0, waiting.wait_end())
        del self.net.running["HOST3"]


class Broadcasts(Applying):
    """Certificates of recipients come with the definition: HOST1 has its keys alone, and HOST4 is added by an apply."""
    topology = growing()
    topology["transfers"] = {"FILE04": transfer("HOST1", "HOST2", "HOST3", "HOST4"), "FILE05": transfer("HOST1", "HOST4", store="always")}
    started = ("MGR", "ServerA", "ServerB", "ServerC", "ServerD", "HOST2", "HOST3")

    @classmethod
    def prepare(cls, net):
        os.unlink(net.own_keys() / "HOST1" / "recipients.pem")
        for node in cls.started:
            net.differs_at(node, cls.before)

    @staticmethod
    def before(topology):
        del topology["nodes"]["HOST4"]
        topology["transfers"] = {"FILE04": transfer("HOST1", "HOST2", "HOST3")}

    def setUp(self):
        self.logged_in()

    def begin_joining(self, node, home):
        self.net.joins[node] = self.net.topology["nodes"][home]["address"]
        return self.net.begin(node)

    def take_off(self, node):
        if node in self.net.running:
            self.net.stop(node)

    def test_a_receiver_that_an_apply_adds(self):
        self.addCleanup(self.take_off, "HOST1")
        joining = self.begin_joining("HOST1", "ServerA")
        self.net.cli("MGR", "apply", self.changed(self.before), "--json")
        joining.wait_ready(time.monotonic() + 20)
        source = self.net.write("HOST1", "out/FILE04", 300_000)
        sent = self.send_and_wait("HOST1", "FILE04")
        for receiver in ("HOST2", "HOST3"):
            self.expect_received(receiver, sent, source)
        rows = {row["node"]: row for row in self.expect_exit(cli.DONE, self.apply(lambda net: None, "--dry-run")).json()}
        self.assertIn({"op": "add", "path": "/certificates/HOST4"}, rows["HOST1"]["changes"])
        self.assertNotIn("certificates", str(rows["HOST2"]["changes"]))
        self.apply()  # HOST4 is not there yet
        self.begin_joining("HOST4", "ServerD").wait_ready(time.monotonic() + 20)
        self.addCleanup(self.take_off, "HOST4")
        self.up_to_date((*self.started[1:], "HOST1", "HOST4"))
        for file, receivers in (("FILE04", ("HOST2", "HOST3", "HOST4")), ("FILE05", ("HOST4",))):
            source = self.net.write("HOST1", f"out/{file}", 300_000)
            sent = self.send_and_wait("HOST1", file)
            for receiver in receivers:
                self.expect_received(receiver, sent, source)
        self.names_stay_where_they_were()
        self.new_keys_of_a_receiver()

    def names_stay_where_they_were(self):
        """The certificates are in the sender's definition alone, which its home server hands on."""
        certificate = self.status_of("HOST1")["certificates"]["HOST4"]
        for node in (*self.started, "HOST4"):
            for file in self.net.data(node).rglob("*.signed"):
                self.assertEqual(file.stem == "HOST1", certificate in file.read_bytes().decode(errors="replace"), file)

    def status_of(self, node):
        text = (self.net.data(node) / "definition.signed").read_bytes().decode(errors="replace")
        return json.JSONDecoder().raw_decode(text[text.index('{"role"'):])[0]

    def new_keys_of_a_receiver(self):
        self.net.stop("HOST4")
        shutil.rmtree(self.net.keys / "HOST4")
        self.expect_exit(cli.DONE, cli.run("keys", self.net.file, "--out", self.net.keys))
        os.unlink(self.net.keys / "HOST1" / "recipients.pem")
        self.net.start("HOST4")
        self.applied()
        source = self.net.write("HOST1", "out/FILE04", 1_000)
        self.expect_received("HOST4", self.send_and_wait("HOST1", "FILE04"), source)

    def test_a_certificate_that_the_manager_lacks(self):
        before = self.status()

        def more(net):
            net["nodes"]["HOST9"] = client("127.1.4.19", "ServerD")
            net["transfers"]["FILE04"]["to"].append("HOST9")

        for words in ((), ("--dry-run",)):
            self.expect_refusal(self.apply(more, *words), cli.USAGE, "MGR/recipients.pem", "HOST9", "HOST1", "hublink keys")
        self.assertEqual(before, self.status())


class Revoked(Applying):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2", rate=200_000)))
    topology["nodes"]["HOST1"]["dial"] = "out"

    @classmethod
    def prepare(cls, net):
        net.own_keys()

    def test_a_revoked_client_and_a_revoked_server(self):
        self.expect_exit(cli.DONE, self.login())
        self.applied()
        self.net.write("HOST1", "out/FILE01", 5_000_000)
        sent = self.net.send("HOST1", "FILE01")
        self.net.traces.expect("HOST2", "told", transfer=sent)
        first = self.status()["ServerA"]["list"]
        self.revoke("HOST1")
        rows = {row["node"]: row for row in self.net.cli("MGR", "apply", "--json").json()}
        self.assertEqual({"HOST1"}, {node for node, row in rows.items() if row["state"] == "failed"})
        for node in ("ServerA", "ServerB"):
            self.assertIn(self.net.traces.expect(node, "closed", transfer=sent)["result"], ("cut", "failed"))
        self.net.traces.expect("HOST2", "closed", transfer=sent)
        self.assertFalse(self.link_up("ServerA", "HOST1"))
        self.assertEqual({first + 1}, {row["list"] for row in self.status().values()})
        self.net.stop("HOST2")  # what a restart knows
        self.net.start("HOST2")
        self.assertEqual(first + 1, self.net.cli("HOST2", "status", "--json").json()["definition"]["list"])
        self.revoke("ServerC")
        self.net.cli("MGR", "apply")
        self.net.traces.expect("MGR", "session_lost", server="ServerC")
        self.net.traces.until(lambda: not any(self.link_up(node, "ServerC") for node in ("ServerA", "ServerB")), "no link to ServerC")
        self.assertEqual({first + 2}, {self.status()[node]["list"] for node in ("ServerA", "ServerB", "HOST2")})

    def revoke(self, node):
        result = cli.run("keys", "revoke", node, "--out", self.net.keys)
        self.assertEqual(cli.DONE, result.code, str(result))

    def link_up(self, at, peer):
        links = self.net.cli(at, "status", "--json").json()["links"]
        return any(link["up"] for link in links if link["peer"] == peer)
