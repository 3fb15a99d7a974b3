"""Scenario 1: what somebody who is logged in at a manager has other nodes do, over one hop and more."""
import concurrent.futures

from hublink_harness import cli
from hublink_harness.managed import Managed, managed
from hublink_harness.topologies import chain, three_hubs, transfer


class OverOneHop(Managed):
    """Scenario 1, all of it: login, a command that goes to a client and is waited for, logout."""
    hops = 1
    topology = managed(chain(1, FILE01=transfer("HOST1", "HOST2")), "127.2.1.9", "Server1")

    def test_login_instruction_logout(self):
        rows = self.expect_exit(cli.DONE, self.login()).json()
        self.assertEqual([(f"Server{i}", "in") for i in range(1, self.hops + 1)], [(row["server"], row["state"]) for row in rows])
        told = self.net.traces.expect(f"Server{self.hops}", "told", kind="management")
        way = [self.net.traces.expect(f"Server{i}", "told", transfer=told["transfer"])["from"] for i in range(1, self.hops + 1)]
        self.assertEqual(["MGR", *(f"Server{i}" for i in range(1, self.hops))], way)
        source = self.net.write("HOST1", "out/FILE01", 1000)
        result = self.expect_exit(cli.DONE, self.net.cli("MGR", "send", "FILE01", "--wait"))
        self.expect_received("HOST2", result.out.split()[0], source)
        self.expect_exit(cli.DONE, self.net.cli("MGR", "logout"))
        self.expect_all_closed(told["transfer"], ["MGR", *(f"Server{i}" for i in range(1, self.hops + 1))])
        self.assertEqual({}, self.sessions())


class OverThreeHops(OverOneHop):
    hops = 3
    topology = managed(chain(3, FILE01=transfer("HOST1", "HOST2")), "127.2.1.9", "Server1")


class OverSevenHops(OverOneHop):
    hops = 7
    topology = managed(chain(7, FILE01=transfer("HOST1", "HOST2")), "127.2.1.9", "Server1")


class Instructions(Managed):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), FILE02=transfer("HOST2", "HOST3")))

    def setUp(self):
        self.logged_in()
        self.source = self.net.write("HOST1", "out/FILE01", 10_000)

    def test_send_goes_to_the_sending_client(self):
        result = self.expect_exit(cli.DONE, self.net.cli("MGR", "send", "FILE01", "--wait"))
        self.expect_received("HOST2", result.out.split()[0], self.source)

    def test_request_at_the_receiver(self):
        result = self.expect_exit(cli.DONE, self.net.cli("MGR", "request", "FILE01", "--at", "HOST2", "--wait"))
        self.expect_received("HOST2", result.out.split()[0], self.source)
        told = self.net.traces.expect("HOST1", "told", kind="request", file="FILE01")
        self.expect_story(
            told["transfer"],
            "HOST2 next ServerB (127.1.2.1): ServerB, by definition",
            "ServerB told by HOST2: request, FILE01, source HOST1",
            "ServerB next HOST1 (127.1.1.11): ServerA, by route",
            "ServerA told by ServerB: request, FILE01",
            "ServerA next HOST1 (127.1.1.11): HOST1, by registered",
            "HOST1 told by ServerA: request, FILE01",
        )

    def test_hold_cancel_and_release(self):
        self.assertIn("held", self.expect_exit(cli.DONE, self.net.cli("MGR", "hold", "--at", "HOST1")).out)
        self.addCleanup(self.net.cli, "HOST1", "release")
        sent = self.expect_exit(cli.DONE, self.net.cli("MGR", "send", "FILE01")).out.split()[0]
        rows = self.expect_exit(cli.DONE, self.net.cli("MGR", "transfers", "--json")).json()
        self.assertEqual([("queued", "sender")], [(row["state"], row["side"]) for row in rows if row["transfer"] == sent])
        self.assertIn("cancelled", self.expect_exit(cli.DONE, self.net.cli("MGR", "cancel", sent)).out)
        self.assertIn("released", self.expect_exit(cli.DONE, self.net.cli("MGR", "release", "--at", "HOST1")).out)

    def test_the_network_as_one(self):
        sent = self.net.cli("MGR", "send", "FILE01", "--wait").out.split()[0]
        rows = self.expect_exit(cli.DONE, self.net.cli("MGR", "history", "--json")).json()
        self.assertEqual({("sender", "done"), ("receiver", "done")},
                         {(row["side"], row["state"]) for row in rows if row["transfer"] == sent})
        nodes = self.expect_exit(cli.DONE, self.net.cli("MGR", "status", "--json")).json()
        self.assertEqual(["HOST1", "HOST2", "HOST3", "ServerA", "ServerB", "ServerC"], [node["node"] for node in nodes])

    def test_a_trace_over_all_nodes(self):
        sent = self.net.cli("MGR", "send", "FILE01", "--wait").out.split()[0]
        self.net.traces.expect("HOST1", "sent", transfer=sent)
        for node in ("HOST1", "ServerA", "ServerB", "HOST2"):
            self.net.traces.expect(node, "closed", transfer=sent)
        events = self.expect_exit(cli.DONE, self.net.cli("MGR", "trace", sent, "--json")).json()
        self.assertEqual([event["time"] for event in events], sorted(event["time"] for event in events))
        self.assertEqual({"HOST1", "ServerA", "ServerB", "HOST2"}, {event["node"] for event in events})
        self.assertEqual(self.net.traces.all(transfer=sent), [{k: v for k, v in event.items() if k != "since_ms"} for event in events])
        text = self.expect_exit(cli.DONE, self.net.cli("MGR", "trace", sent)).out
        self.assertIn("ServerA          told by HOST1: FILE01, destination HOST2", text)
        self.assertEqual([], self.net.cli("ServerC", "trace", sent, "--json").json())

    def test_listings_are_filtered(self):
        self.net.write("HOST2", "out/FILE02", 10)
        first, second = (self.net.cli("MGR", "send", file, "--wait").out.split()[0] for file in ("FILE01", "FILE02"))

        def listed(*words):
            rows = self.expect_exit(cli.DONE, self.net.cli("MGR", "history", "--json", *words)).json()
            return [row["transfer"] for row in rows if row["transfer"] in (first, second)]

        self.assertEqual([second, second, first, first], listed("--since", "1h"))
        self.assertEqual([first, first, second, second], listed("--sort", "oldest"))
        self.assertEqual([first, first], listed("--file", "FILE01"))
        self.assertEqual([first, first], listed("--host", "HOST1"))
        self.assertEqual([second, second], listed("--host", "HOST3", "--state", "done"))
        self.assertEqual([], listed("--state", "failed"))
        self.assertEqual([], listed("--until", "1h"))
        self.assertEqual([second, second], listed("--limit", "2"))
        self.expect_refusal(self.net.cli("MGR", "history", "--since", "soon"), cli.USAGE, "soon")

    def test_what_can_not_be_done(self):
        self.expect_refusal(self.net.cli("MGR", "send", "NOFILE"), cli.REFUSED, "NOFILE")
        self.expect_refusal(self.net.cli("MGR", "hold", "--at", "HOST9"), cli.USAGE, "HOST9")
        self.expect_refusal(self.net.cli("MGR", "cancel", "0" * 32), cli.FAILED, "no client sends")
        self.net.stop("HOST2")
        self.addCleanup(self.net.start, "HOST2")
        self.expect_refusal(self.net.cli("MGR", "send", "FILE02"), cli.UNREACHABLE, "HOST2", "ServerB")

    def test_a_waiting_command_ends_with_its_session(self):
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "hold"))
        self.addCleanup(self.net.cli, "HOST1", "release")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waiting = pool.submit(self.net.cli, "MGR", "send", "FILE01", "--wait")
            self.net.traces.until(lambda: any(row["state"] == "queued" for row in self.net.cli("HOST1", "transfers", "--json").json()), "the send")
            self.net.cli("MGR", "logout")
            self.expect_refusal(waiting.result(), cli.CANCELLED, "logged out", within=25)
