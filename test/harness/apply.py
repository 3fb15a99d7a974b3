"""Definitions from the manager: signed, pushed, handed on, taken up by running nodes; what is refused; who was away catches up."""
import copy
import json

from hublink_harness import cli
from hublink_harness.managed import Managed, managed
from hublink_harness.topologies import three_hubs, transfer

SERVERS = ("ServerA", "ServerB", "ServerC")
NODES = ("HOST1", "HOST2", "HOST3", *SERVERS)


class Applying(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2")))

    def changed(self, change=lambda net: None):
        """A topology file: the one that the network was started with, changed."""
        net = copy.deepcopy(self.net.topology)
        change(net)
        file = self.net.directory / "changed.json"
        file.write_text(json.dumps(net))
        return file

    def apply(self, change=lambda net: None, *words):
        return self.net.cli("MGR", "apply", self.changed(change), "--json", *words)

    def with_file(self, name, receiver="HOST3"):
        def change(net):
            net["transfers"][name] = transfer("HOST1", receiver)
        return change

    def applied(self, *change):
        """An apply that reaches everybody; the version."""
        result = self.expect_exit(cli.DONE, self.apply(*change))
        self.assertEqual({"applied"}, {row["state"] for row in result.json()}, result)
        return self.versions()["HOST1"]

    def status(self):
        return {row["node"]: row["definition"] for row in self.net.cli("MGR", "status", "--json").json()}

    def versions(self):
        return {node: row["version"] for node, row in self.status().items()}

    def up_to_date(self, nodes=NODES, within=20):
        self.net.traces.until(lambda: not any(self.status().get(node, {"drift": True})["drift"] for node in nodes),
                              "the version that was applied, everywhere", within)


class Apply(Applying):
    def setUp(self):
        self.logged_in()

    def test_all_nodes_take_it_up_while_they_run(self):
        source = self.net.write("HOST1", "out/FILE05", 10_000)
        self.expect_refusal(self.net.cli("HOST1", "send", "FILE05"), cli.REFUSED, "FILE05")
        version = self.applied(self.with_file("FILE05"))
        self.assertEqual({version}, set(self.versions().values()))
        self.assertFalse(any(row["drift"] for row in self.status().values()))
        self.expect_received("HOST3", self.send_and_wait("HOST1", "FILE05"), source)
        self.expect_exit(cli.DONE, self.net.cli("MGR", "send", "FILE05", "--wait"))
        self.net.traces.expect("HOST3", "definition", version=version, result="taken", **{"from": "ServerC"})
        self.assertLess(version, self.applied())
        self.expect_refusal(self.net.cli("HOST1", "send", "FILE05"), cli.REFUSED, "FILE05")

    def test_a_restart_goes_by_what_was_applied(self):
        version = self.applied(self.with_file("FILE06"))
        self.net.write("HOST1", "out/FILE06", 100)
        for node in ("HOST1", "ServerA"):
            self.net.stop(node)
            self.net.start(node)
        self.expect_exit(cli.DONE, self.login())
        self.assertEqual({version}, set(self.versions().values()))
        self.send_and_wait("HOST1", "FILE06")
        self.assertIn("not by", (self.net.directory / "HOST1.log").read_text())

    def test_a_transfer_under_way_goes_on_by_the_old_one(self):
        def slow(net):
            net["transfers"]["FILE01"]["rate"] = 500_000

        def gone(net):
            del net["transfers"]["FILE01"]

        self.applied(slow)
        source = self.net.write("HOST1", "out/FILE01", 1_500_000)
        sent = self.net.send("HOST1", "FILE01")
        self.net.traces.expect("HOST2", "told", transfer=sent)
        self.applied(gone)
        self.expect_received("HOST2", sent, source)
        self.expect_refusal(self.net.cli("HOST1", "send", "FILE01"), cli.REFUSED, "FILE01")

    def test_links_follow(self):
        def without_direct_way(net):
            self.with_file("FILE07")(net)
            del net["nodes"]["ServerA"]["neighbours"]["ServerC"]
            del net["nodes"]["ServerC"]["neighbours"]["ServerA"]

        self.applied(without_direct_way)
        self.net.write("HOST1", "out/FILE07", 100)
        sent = self.send_and_wait("HOST1", "FILE07")
        self.assertEqual("ServerB", self.net.traces.expect("ServerA", "next", transfer=sent)["hop"])
        self.net.cli("MGR", "logout")
        self.net.traces.until(lambda: not any(link["peer"] == "ServerC" for link in self.links("ServerA")), "no link to ServerC")
        self.expect_exit(cli.DONE, self.login())
        self.applied(self.with_file("FILE07"))
        sent = self.send_and_wait("HOST1", "FILE07")
        self.assertEqual("ServerC", self.net.traces.expect("ServerA", "next", transfer=sent)["hop"])

    def links(self, node):
        return self.net.cli(node, "status", "--json").json()["links"]

    def test_gateways_come_and_go(self):
        port = self.net.ports.take()

        def gateway(net):
            for server in ("ServerA", "ServerB"):
                net["nodes"][server]["proxy"] = {"enabled": True, "idle_s": 1}
            net["gateways"] = {"db": {"protocol": "tcp", "calling": "ServerA", "called": "ServerB",
                                      "listen": f"127.1.1.1:{port}", "deliver": "127.1.2.50:5432"}}

        def listed():
            shape = self.net.cli("ServerA", "gateways", "--json").json()
            return shape["enabled"], [(one["name"], one["state"]) for one in shape["gateways"]], [one["state"] for one in shape["links"]]

        self.assertEqual((False, [], []), listed())
        def with_socks(net):
            gateway(net)
            net["nodes"]["ServerA"]["proxy"]["socks"] = f"127.1.1.1:{self.net.ports.take()}"

        self.applied(gateway)
        self.net.traces.until(lambda: listed() == (True, [("db", "listening")], ["up"]), "the gateway and its link")
        both = (True, [("db", "listening"), ("socks", "listening")], ["up"])
        changed = self.changed(with_socks)
        for _ in range(2):  # the second time both stay
            self.expect_exit(cli.DONE, self.net.cli("MGR", "apply", changed))
            self.net.traces.until(lambda: listed() == both, "both listeners")
        self.applied()
        self.net.traces.until(lambda: listed() == (False, [], []), "no gateway, and no link")

    def test_what_would_change(self):
        before = self.applied()
        rows = {row["node"]: row for row in self.expect_exit(cli.DONE, self.apply(self.with_file("FILE08"), "--dry-run")).json()}
        self.assertEqual(sorted((*NODES, "MGR")), sorted(rows))
        self.assertEqual([{"op": "add", "path": "/sends/FILE08"}], rows["HOST1"]["changes"])
        self.assertEqual([{"op": "add", "path": "/receives/FILE08"}], rows["HOST3"]["changes"])
        self.assertEqual([], rows["HOST2"]["changes"])
        self.assertEqual([{"op": "add", "path": "/directory/senders/FILE08"}], rows["MGR"]["changes"])
        text = self.net.cli("MGR", "apply", self.changed(self.with_file("FILE08")), "--dry-run").out
        self.assertIn("stays as it is", text)
        self.assertEqual({before}, set(self.versions().values()))

    def test_what_is_refused_changes_nothing(self):
        before = self.applied()

        def broken(net):
            net["nodes"]["HOST1"]["home"] = "ServerX"

        def other(net):
            net["network"] = "elsewhere"

        def unmanaged(net):
            del net["nodes"]["MGR"]

        self.assertIn("ServerX", self.expect_exit(cli.USAGE, self.apply(broken)).err)
        self.assertIn("elsewhere", self.expect_exit(cli.USAGE, self.apply(other)).err)
        self.assertIn("manager", self.expect_exit(cli.USAGE, self.apply(unmanaged)).err)
        self.expect_refusal(self.net.cli("ServerA", "apply", self.changed()), cli.USAGE, "ServerA", "no manager")
        self.assertEqual({before}, set(self.versions().values()))

    def test_rights(self):
        for server in SERVERS:
            self.add_user(server, "viewer", "view,transfer")
        before = self.applied()
        self.net.cli("MGR", "logout")
        self.expect_exit(cli.DONE, self.login(user="viewer"))
        result = self.expect_exit(cli.REFUSED, self.apply())
        self.assertEqual({"failed"}, {row["state"] for row in result.json() if row["node"] != "MGR"})
        self.assertEqual({before}, set(self.versions().values()))


class Away(Applying):
    def setUp(self):
        self.logged_in()

    def test_a_client_that_was_away(self):
        self.net.stop("HOST3")
        rows = {row["node"]: row for row in self.expect_exit(cli.UNREACHABLE, self.apply()).json()}
        self.assertEqual("failed", rows["HOST3"]["state"])
        self.assertIn("ServerC", rows["HOST3"]["reason"])
        self.assertEqual({"applied"}, {row["state"] for row in rows.values() if row["node"] != "HOST3"})
        self.assertIn("HOST3", self.status()["ServerC"]["behind"])
        self.net.start("HOST3")
        self.up_to_date()
        # The client acts on it before its hub has the answer.
        self.net.traces.until(lambda: "behind" not in self.status()["ServerC"], "ServerC knows that HOST3 has it")

    def test_a_server_that_was_away_and_its_clients(self):
        self.net.stop("ServerC")
        rows = {row["node"]: row for row in self.expect_exit(cli.UNREACHABLE, self.apply()).json()}
        self.assertEqual({"ServerC", "HOST3"}, {row["node"] for row in rows.values() if row["state"] == "failed"})
        self.net.start("ServerC")
        drifting = self.net.cli("ServerC", "status", "--json").json()["definition"]["version"]
        self.assertLess(drifting, self.status()["ServerA"]["wanted"])
        self.expect_exit(cli.DONE, self.login())
        self.up_to_date()

    def test_what_is_missing_comes_with_the_next_apply_too(self):
        self.net.stop("HOST3")
        self.expect_exit(cli.UNREACHABLE, self.apply())
        self.net.start("HOST3")
        self.expect_exit(cli.DONE, self.net.cli("MGR", "apply"))
        self.up_to_date(within=1)

    def test_one_that_the_home_server_altered_is_refused(self):
        self.net.stop("HOST2")
        self.expect_exit(cli.UNREACHABLE, self.apply(self.with_file("FILE09", "HOST2")))
        self.net.stop("ServerB")
        kept = self.net.data("ServerB") / "definitions" / "HOST2.signed"
        genuine = kept.read_bytes()
        kept.write_bytes(genuine.replace(b'"source":"HOST1"', b'"source":"HOST3"'))
        self.assertNotEqual(genuine, kept.read_bytes())
        self.net.start("ServerB", "HOST2")
        refused = self.net.traces.expect("HOST2", "definition", result="refused")
        self.assertIn("not what a manager signed", refused["reason"])
        # At first its hub may not have reached it.
        self.net.traces.until(lambda: "not what a manager signed" in self.net.cli("ServerB", "status", "--json").json()["definition"]
                              .get("behind", {}).get("HOST2", ""), "what the client refused")
        self.expect_refusal(self.net.cli("HOST2", "request", "FILE09"), cli.REFUSED, "FILE09")
        self.expect_exit(cli.DONE, self.login())
        self.up_to_date()


class Killed(Applying):
    """A server that dies at the worst moments has the old definition or the new one, and catches up."""

    def test_a_server(self):
        for point, kept in (("before-definition", False), ("before-replace", False), ("after-definition", True)):
            with self.subTest(point):
                self.expect_exit(cli.DONE, self.login())
                before = self.applied()
                self.net.stop("ServerB")
                self.net.start("ServerB", fault=point)
                self.expect_exit(cli.DONE, self.login())
                rows = {row["node"]: row for row in self.expect_exit(cli.UNREACHABLE, self.apply()).json()}
                self.net.await_death("ServerB")
                self.assertEqual("failed", rows["ServerB"]["state"])
                self.net.start("ServerB")
                has = self.net.cli("ServerB", "status", "--json").json()["definition"]["version"]
                self.assertEqual(kept, has > before)
                self.expect_exit(cli.DONE, self.login())
                self.up_to_date()
                self.send_file01()

    def test_the_manager(self):
        """It knows what it was about to apply, and goes on at the next login."""
        self.expect_exit(cli.DONE, self.login())
        self.applied()
        self.net.stop("MGR")
        self.net.start("MGR", fault="before-definition")
        self.expect_exit(cli.DONE, self.login())
        self.assertNotEqual(cli.DONE, self.apply(self.with_file("FILE10")).code)
        self.net.await_death("MGR")
        self.net.start("MGR")
        self.expect_exit(cli.DONE, self.login())
        self.up_to_date()
        self.assertIn("FILE10", (self.net.data("HOST1") / "definition.signed").read_bytes().decode(errors="replace"))

    def send_file01(self):
        source = self.net.write("HOST1", "out/FILE01", 1000)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "FILE01"), source)
