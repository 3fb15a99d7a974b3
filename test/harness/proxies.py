"""Whom a client dials: the server that its `proxies` name for a host, or, of a direct transfer, the other client."""
import copy
import json

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import client, three_hubs, transfer


def with_proxies(topology, **proxies):
    for name, rows in proxies.items():
        topology["nodes"][name]["proxies"] = rows
    return topology


class OwnProxies(Scenario):
    topology = with_proxies(
        three_hubs(FILE01=transfer("HOST1", "HOST2"), HOME=transfer("HOST1", "HOST3"), BACK=transfer("HOST2", "HOST1"),
                   BOTH=transfer("HOST1", "HOST2", "HOST3")),
        HOST1={"HOST2": "ServerC"})

    def test_the_server_that_is_named_for_the_receiver(self):
        source = self.net.write("HOST1", "out/FILE01", 3_000_000)
        sent = self.send_and_wait("HOST1", "FILE01")
        self.expect_story(
            sent,
            # 1. HOST1 dials the server that its detailed host information has for HOST2; tells it file and destination.
            "HOST1 next ServerC (127.1.3.1): ServerC, by definition",
            "ServerC told by HOST1: FILE01, destination HOST2",
            # 2.–5. From there on as from its home.
            "ServerC next HOST2 (127.1.2.12): ServerB, by route",
            "ServerB told by ServerC: FILE01, destination HOST2",
            "ServerB next HOST2 (127.1.2.12): HOST2, by registered",
            "HOST2 told by ServerB: FILE01",
        )
        self.expect_received("HOST2", sent, source)
        self.assertEqual([], self.net.traces.all(node="ServerA", transfer=sent))

    def test_its_home_for_all_others(self):
        source = self.net.write("HOST1", "out/HOME", 1_000)
        sent = self.send_and_wait("HOST1", "HOME")
        self.assertIn("ServerA told by HOST1: HOME, destination HOST3", self.net.story(sent))
        self.expect_received("HOST3", sent, source)
        source = self.net.write("HOST1", "out/BOTH", 1_000)
        sent = self.send_and_wait("HOST1", "BOTH")  # HOST3 too: no server is named for both
        self.assertEqual("HOST1 next ServerA (127.1.1.1): ServerA, by definition", self.net.story(sent)[0])
        for receiver in ("HOST2", "HOST3"):
            self.expect_received(receiver, sent, source)

    def test_requests_find_the_sender_at_its_home_and_the_receiver_dials_its_proxy(self):
        source = self.net.write("HOST1", "out/FILE01", 1_000)
        self.expect_exit(cli.DONE, self.net.cli("HOST2", "request", "FILE01", "--wait"))
        (told,) = self.net.traces.all(node="HOST1", event="told", kind="request")
        self.assertEqual("ServerA", told["from"])
        received = self.net.traces.expect("HOST2", "received", file="FILE01")
        self.expect_received("HOST2", received["transfer"], source)
        self.assertIn("ServerC told by HOST1: FILE01, destination HOST2", " ".join(self.net.story(received["transfer"])))
        self.net.write("HOST2", "out/BACK", 1_000)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "request", "BACK", "--wait"))
        (told,) = self.net.traces.all(node="ServerC", event="told", kind="request", source="HOST2")
        self.assertEqual("HOST1", told["from"])

    def test_pings_go_the_same_way(self):
        pinged = self.expect_exit(cli.DONE, self.net.cli("HOST1", "ping", "HOST2"))
        self.assertIn("ServerC", pinged.out)
        self.assertNotIn("ServerA", pinged.out)

    def test_plan_shows_it(self):
        shown = self.expect_exit(cli.DONE, cli.run("plan", self.net.file, "FILE01")).out
        self.assertIn("1. HOST1 dials ServerC at ", shown)
        steps = json.loads(cli.run("plan", self.net.file, "FILE01", "--json").out)["steps"]
        self.assertEqual(["ServerC", "ServerB", "HOST2"], [step["hop"] for step in steps])
        nodes = json.loads(cli.run("plan", self.net.file, "--json").out)["nodes"]
        self.assertEqual(["HOST1"], nodes["ServerC"]["guests"])
        self.assertNotIn("guests", nodes["ServerA"])

    def test_no_server_takes_a_client_that_its_definition_does_not_name(self):
        self.net.stop("HOST1")
        self.net.differs_at("HOST1", lambda own: own["nodes"]["HOST1"].update(proxies={"HOST2": "ServerB", "HOST3": "ServerB"}))
        self.net.start("HOST1")
        self.net.write("HOST1", "out/FILE01", 10)
        result = self.net.cli("HOST1", "send", "FILE01", "--wait", deadline=30)
        self.assertIn(result.code, (cli.UNREACHABLE, cli.REFUSED), result)
        self.assertEqual([], self.net.traces.all(node="ServerB", event="told", **{"from": "HOST1"}))
        self.net.stop("HOST1")
        self.net.differs_at("HOST1", lambda own: own["nodes"]["HOST1"].update(proxies={"HOST2": "ServerC"}))
        self.net.start("HOST1")


def neighbours(**transfers):
    """HOST1, HOST4 and HOST5 in the segment of ServerA."""
    topology = three_hubs(**transfers)
    for number in (4, 5):
        topology["nodes"][f"HOST{number}"] = client(f"127.1.1.1{number}", "ServerA")
    return topology


class Direct(Scenario):
    topology = neighbours(FILE01=transfer("HOST1", "HOST4", placement="direct"), HUBS=transfer("HOST1", "HOST4"),
                          BACK=transfer("HOST4", "HOST1", placement="direct"),
                          LATER=transfer("HOST1", "HOST4", placement="direct", retry={"count": 30, "every_s": 1}))

    def test_one_hop_and_no_server(self):
        source = self.net.write("HOST1", "out/FILE01", 3_000_000)
        sent = self.send_and_wait("HOST1", "FILE01")
        self.expect_story(sent,
                          "HOST1 next HOST4 (127.1.1.14): HOST4, by definition",
                          "HOST4 told by HOST1: FILE01")
        received = self.expect_received("HOST4", sent, source, file="FILE01")
        self.assertEqual("HOST1", received["from"])
        self.assertEqual({"HOST4": "done"}, self.net.traces.expect("HOST1", "sent", transfer=sent)["receivers"])
        self.expect_all_closed(sent, ["HOST1", "HOST4"])
        self.assertEqual([], self.net.traces.all(node="ServerA", transfer=sent))

    def test_without_a_hub(self):
        self.net.stop("ServerA", "ServerB", "ServerC")
        for name, asked in (("FILE01", ("HOST1", "send")), ("BACK", ("HOST1", "request"))):
            source = self.net.write("HOST4" if name == "BACK" else "HOST1", f"out/{name}", 500_000)
            self.expect_exit(cli.DONE, self.net.cli(asked[0], asked[1], name, "--wait", deadline=30))
            to = "HOST1" if name == "BACK" else "HOST4"
            received = [event for event in self.net.traces.all(node=to, event="received", file=name)][-1]
            self.expect_received(to, received["transfer"], source)
        self.net.start("ServerA", "ServerB", "ServerC")

    def test_a_request_goes_directly_too(self):
        self.net.write("HOST1", "out/FILE01", 1_000)
        self.expect_exit(cli.DONE, self.net.cli("HOST4", "request", "FILE01", "--wait"))
        told = self.net.traces.expect("HOST1", "told", kind="request", file="FILE01")
        self.assertEqual("HOST4", told["from"])

    def test_a_receiver_that_was_killed_goes_on_where_it_was(self):
        source = self.net.write("HOST1", "out/LATER", 256 << 20)
        sent = self.net.send("HOST1", "LATER")
        partial = self.net.data("HOST4") / "in"
        self.net.traces.expect("HOST4", "told", transfer=sent)
        self.net.kill("HOST4")
        self.net.start("HOST4")
        self.net.traces.expect("HOST4", "received", within=60, transfer=sent)
        self.expect_received("HOST4", sent, source)
        self.assertEqual([], [path for path in partial.iterdir() if path.suffix == ".part"])

    def test_a_receiver_takes_only_what_is_direct_by_its_own_definition(self):
        self.net.stop("HOST1")
        self.net.differs_at("HOST1", lambda own: own["transfers"]["HUBS"].update(placement="direct"))
        self.net.start("HOST1")
        self.net.write("HOST1", "out/HUBS", 10)
        result = self.net.cli("HOST1", "send", "HUBS", "--wait", deadline=30)
        self.assertEqual(cli.REFUSED, result.code, result)
        self.assertFalse((self.net.data("HOST4") / "in" / "HUBS").exists())
        self.net.stop("HOST1")
        self.net.differs_at("HOST1", lambda own: None)
        self.net.start("HOST1")

    def test_a_client_that_has_no_direct_transfer_gets_no_link(self):
        self.net.stop("HOST5")

        def stranger(own):
            own["transfers"]["OWN"] = transfer("HOST5", "HOST4", placement="direct")

        self.net.differs_at("HOST5", stranger)
        self.net.start("HOST5")
        self.net.write("HOST5", "out/OWN", 10)
        result = self.net.cli("HOST5", "send", "OWN", "--wait", deadline=30)
        self.assertIn(result.code, (cli.UNREACHABLE, cli.REFUSED), result)
        self.assertEqual([], self.net.traces.all(node="HOST4", event="told", **{"from": "HOST5"}))

    def test_plan_shows_it(self):
        plan = json.loads(cli.run("plan", self.net.file, "FILE01", "--json").out)
        self.assertEqual("direct", plan["placement"])
        self.assertEqual([("HOST1", "HOST4", "definition")],
                         [(step["node"], step["hop"], step["by"]) for step in plan["steps"]])
        self.assertEqual(["HOST4"], plan["arrived"])

    def test_what_cant_be_direct_is_one_line(self):
        def problem(path, *words, **changes):
            altered = copy.deepcopy(self.net.topology)
            for name, change in changes.items():
                (altered["transfers"] if name in altered["transfers"] else altered["nodes"])[name].update(change)
            file = self.net.directory / "altered.json"
            file.write_text(json.dumps(altered))
            result = self.expect_exit(cli.USAGE, cli.run("check", file))
            lines = [line for line in (result.out + result.err).splitlines() if line.startswith(path)]
            self.assertEqual(1, len(lines), result)
            for word in words:
                self.assertIn(word, lines[0])

        problem("transfers.FILE01.placement", "HOST2 in the segment of ServerB", "write \"auto\"", FILE01={"to": ["HOST2"]})
        problem("transfers.FILE01.placement", "is for one receiver", FILE01={"to": ["HOST4", "HOST5"]})
        problem("transfers.FILE01.store", "no server is there", FILE01={"store": "always"})
        problem("nodes.HOST1.proxies.HOST2", "ServerC does not take HOST1", HOST1={"proxies": {"HOST2": "ServerC"}},
                ServerC={"guests": ["HOST5"]})
        problem("nodes.HOST1.proxies.HOST2", "HOST3 is a client", HOST1={"proxies": {"HOST2": "HOST3"}})
