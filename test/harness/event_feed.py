"""Events as they happen: of one node, and at a manager of all servers; readers that stall, sessions that are lost, rights."""
import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import threading

from hublink_harness import cli
from hublink_harness.managed import Managed, managed
from hublink_harness.topologies import chain, three_hubs, transfer


class Feed:
    """A running `hublink events --follow --json`; its lines are read as they come, unless it is stalled."""

    def __init__(self, net, node, *words, stalled=False):
        command = [cli.executable(), "events", "--follow", "--json", *words, "--data", str(net.data(node))]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.events = []
        self.error = ""
        self._changed = threading.Condition()
        self._readers = [threading.Thread(target=self._read_error)]
        if not stalled:
            self._readers.append(threading.Thread(target=self._read))
        for one in self._readers:
            one.start()
        self.until(lambda: "following" in self.error or self.process.poll() is not None)

    def read_on(self):
        """A stalled one reads from now on."""
        self._readers.append(threading.Thread(target=self._read))
        self._readers[-1].start()

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.events.append(json.loads(line))
                self._changed.notify_all()
        self._wake()

    def _read_error(self):
        for line in self.process.stderr:
            with self._changed:
                self.error += line
                self._changed.notify_all()
        self._wake()

    def _wake(self):
        with self._changed:
            self._changed.notify_all()

    def until(self, condition, within=20):
        with self._changed:
            if not self._changed.wait_for(condition, within):
                raise AssertionError(f"not within {within} s; there came {self.events[-20:]}\n{self.error}")

    def of(self, **fields):
        return [event for event in list(self.events) if all(event.get(name) == value for name, value in fields.items())]

    def expect(self, **fields):
        self.until(lambda: self.of(**fields))
        return self.of(**fields)[0]

    def end(self):
        """Its exit code, once it has ended by itself."""
        code = self.process.wait(20)
        for one in self._readers:
            one.join(20)
        return code

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)
        for one in self._readers:
            one.join(20)
        self.process.stdout.close()
        self.process.stderr.close()


class Following(Managed):
    def follow(self, node, *words, **options):
        feed = Feed(self.net, node, *words, **options)
        self.addCleanup(feed.stop)
        return feed


class Live(Following):
    topology = managed(chain(3, FILE01=transfer("HOST1", "HOST2"), FILE02=transfer("HOST1", "HOST2")), "127.2.1.9", "Server1")
    servers = ("Server1", "Server2", "Server3")

    def setUp(self):
        for file in ("FILE01", "FILE02"):
            self.net.write("HOST1", f"out/{file}", 5000)

    def test_a_manager_sees_the_events_of_all_servers_in_the_order_of_each(self):
        self.logged_in()
        feed = self.follow("MGR")
        self.assertIn("following HOST1, HOST2, MGR, Server1, Server2, Server3", feed.error)
        sent = [self.send_and_wait("HOST1", "FILE01") for _ in range(5)]
        for server in self.servers:
            feed.expect(node=server, transfer=sent[-1], event="closed")
            for one in sent:
                self.net.traces.expect(server, "closed", transfer=one)
                feed.expect(node=server, transfer=one, event="closed")
                self.assertEqual(self.net.traces.all(node=server, transfer=one), feed.of(node=server, transfer=one))
                self.assertEqual(["told", "next", "opened", "closed"], [event["event"] for event in feed.of(node=server, transfer=one)])
        self.assertEqual([], feed.of(event="missed"))

    def test_it_sees_those_of_clients_too(self):
        self.logged_in()
        feed = self.follow("MGR")
        sent = [self.send_and_wait("HOST1", file) for file in ("FILE01", "FILE02", "FILE01")]
        for client, last in (("HOST1", "sent"), ("HOST2", "closed")):
            for one in sent:
                self.net.traces.expect(client, last, transfer=one)
                feed.expect(node=client, transfer=one, event=last)
                self.assertEqual(self.net.traces.all(node=client, transfer=one), feed.of(node=client, transfer=one))
        self.assertEqual([], feed.of(event="missed"))

    def test_one_client_alone(self):
        self.logged_in()
        feed = self.follow("MGR", "--host", "HOST2")
        self.assertIn("following HOST2\n", feed.error)
        sent = self.send_and_wait("HOST1", "FILE01")
        feed.expect(transfer=sent, event="received")
        self.net.traces.expect("HOST2", "closed", transfer=sent)
        feed.expect(transfer=sent, event="closed")
        self.assertEqual({"HOST2"}, {event["node"] for event in feed.events})
        kept = self.expect_exit(cli.DONE, self.net.cli("MGR", "events", "--host", "HOST2", "--id", sent, "--json"))
        self.assertEqual(self.net.traces.all(node="HOST2", transfer=sent), [json.loads(line) for line in kept.out.splitlines()])
        by_id = self.expect_exit(cli.DONE, self.net.cli("MGR", "events", "--id", sent, "--json"))
        self.assertEqual({"HOST1", "Server1", "Server2", "Server3", "HOST2"}, {json.loads(line)["node"] for line in by_id.out.splitlines()})

    def test_only_one_transfer_or_one_node(self):
        self.logged_in()
        here = self.follow("MGR", "--host", "Server2")
        first = self.send_and_wait("HOST1", "FILE01")
        by_id = self.follow("MGR", "--id", first)
        second = self.send_and_wait("HOST1", "FILE02")
        here.expect(transfer=second, event="closed")
        for server in self.servers:
            self.net.traces.expect(server, "closed", transfer=first)
        self.assertEqual({"Server2"}, {event["node"] for event in here.events})
        self.assertLessEqual({event["transfer"] for event in by_id.events}, {first})
        kept = self.expect_exit(cli.DONE, self.net.cli("MGR", "events", "--id", first, "--json"))
        events = [json.loads(line) for line in kept.out.splitlines()]
        self.assertEqual({first}, {event["transfer"] for event in events})
        for server in self.servers:
            self.assertEqual(self.net.traces.all(node=server, transfer=first), [event for event in events if event["node"] == server])
        self.assertIn("told by HOST1: FILE01", self.net.cli("MGR", "events", "--id", first).out)

    def test_every_node_shows_its_own(self):
        feeds = {node: self.follow(node) for node in ("HOST1", "Server2", "HOST2")}
        sent = self.send_and_wait("HOST1", "FILE01")
        for node, last in (("HOST1", "sent"), ("Server2", "closed"), ("HOST2", "closed")):
            feeds[node].expect(transfer=sent, event=last)
            self.assertEqual({node}, {event["node"] for event in feeds[node].events})
        self.expect_refusal(self.net.cli("HOST1", "events", "--host", "Server1"), cli.USAGE, "Server1", "manager")

    def test_logins_are_events_of_the_manager(self):
        feed = self.follow("MGR", "--host", "MGR")
        self.logged_in()
        feed.expect(event="login", server="Server3", user="op")

    def test_a_stalled_reader_misses_events_and_is_told_how_many(self):
        """It holds up neither the transfers nor another reader; every event is there or counted."""
        self.logged_in()
        stalled = self.follow("MGR", stalled=True)
        brisk = self.follow("MGR")
        before = {server: len(self.net.traces.all(node=server)) for server in self.servers}
        memory = self.resident("MGR")
        while len(self.net.traces.all(node="Server2")) - before["Server2"] < 7_000:
            self.flood()
        last = self.send_and_wait("HOST1", "FILE01")
        for server in self.servers:
            brisk.expect(node=server, transfer=last, event="closed")
            self.net.traces.expect(server, "closed", transfer=last)
        self.assertEqual([], brisk.of(event="missed"))
        grown = self.resident("MGR") - memory
        print(f"stalled reader: manager grew by {grown} KiB over {len(self.net.traces.all(node='Server2'))} events of one server", flush=True)
        self.assertLess(grown, 32 << 10)
        stalled.read_on()
        stalled.expect(node="HOST2", transfer=last, event="closed")
        self.assertGreater(sum(event["missed"] for event in stalled.of(event="missed", clients=True)), 0)
        for server in self.servers:
            stalled.expect(node=server, transfer=last, event="closed")
            written = len(self.net.traces.all(node=server)) - before[server]
            counted = [event for event in stalled.of(node=server, event="missed") if "clients" not in event]
            missed = sum(event["missed"] for event in counted)
            self.assertGreater(missed, 0)
            self.assertEqual(written, missed + len(stalled.of(node=server)) - len(stalled.of(node=server, event="missed")))

    def flood(self):
        """Many events at every server: pings, some at once."""
        def ping(_):
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(30)
                control.connect(str(self.net.data("HOST1") / "control.sock"))
                control.sendall(b'{"verb":"ping","host":"HOST2"}\n')
                return control.makefile().readline()

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for answer in pool.map(ping, range(250)):
                self.assertIn('"exit":0', answer)

    def resident(self, node):
        with open(f"/proc/{self.net.running[node].pid}/status", encoding="utf-8") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    def test_a_reader_that_goes_away_ends_the_command(self):
        feed = self.follow("HOST1", stalled=True)
        feed.process.stdout.close()
        self.send_and_wait("HOST1", "FILE01")
        self.assertEqual(cli.DONE, feed.end())
        feed.process.stdout = open(os.devnull, encoding="utf-8")


class Nobody(Following):
    topology = managed(chain(2, FILE01=transfer("HOST1", "HOST2")), "127.2.1.9", "Server1")

    def test_no_client_is_asked_until_somebody_follows_and_then_once_for_all(self):
        self.net.write("HOST1", "out/FILE01", 10)
        self.logged_in()
        self.send_and_wait("HOST1", "FILE01")
        self.assertEqual([], self.net.traces.all(node="HOST1", event="told"))
        feeds = [self.follow("MGR") for _ in range(3)]
        for feed in feeds:
            feed.expect(node="HOST1", transfer=self.send_and_wait("HOST1", "FILE01"))
        self.assertEqual(["management"], [told["kind"] for told in self.net.traces.all(node="HOST1", event="told")])
        self.net.stop()  # in the midst of it; all nodes end at once
        self.net.start()


class Ending(Following):
    topology = managed(three_hubs(FILE01=transfer("HOST1", "HOST2"), FILE02=transfer("HOST1", "HOST3")))

    def test_a_session_that_is_lost_ends_the_feed(self):
        self.logged_in()
        feed = self.follow("MGR")
        self.net.kill("ServerC")
        self.addCleanup(self.net.start, "ServerC")
        self.assertEqual(cli.UNREACHABLE, feed.end(), feed.error)
        self.assertIn("no more events from ServerC", feed.error.splitlines()[-1])

    def test_logout_ends_the_feed(self):
        self.logged_in()
        feed = self.follow("MGR")
        self.net.cli("MGR", "logout")
        self.assertEqual(cli.CANCELLED, feed.end(), feed.error)
        self.assertIn("logged out", feed.error.splitlines()[-1])

    def test_the_node_ends_the_feed(self):
        feed = self.follow("ServerB")
        self.net.stop("ServerB")
        self.addCleanup(self.net.start, "ServerB")
        self.assertEqual(cli.FAILED, feed.end(), feed.error)
        self.assertIn("stopped", feed.error)

    def test_what_is_not_followed_is_named(self):
        self.expect_refusal(self.net.cli("MGR", "events"), cli.USAGE, "not logged in")
        self.net.stop("ServerC")
        self.login()
        self.addCleanup(self.net.cli, "MGR", "logout")
        self.addCleanup(self.net.start, "ServerC")
        feed = self.follow("MGR")
        self.assertIn("following HOST1, HOST2, MGR, ServerA, ServerB\n", feed.error)
        feed.until(lambda: "nothing from ServerC" in feed.error)
        self.expect_refusal(self.net.cli("MGR", "events", "--host", "HOST9"), cli.USAGE, "HOST9")
        self.expect_refusal(self.net.cli("MGR", "events", "--host", "HOST3"), cli.USAGE, "HOST3", "ServerC")

    def test_a_server_that_is_logged_in_to_later(self):
        self.net.write("HOST1", "out/FILE02", 10)
        self.net.stop("ServerC")
        self.login()
        self.addCleanup(self.net.cli, "MGR", "logout")
        feed, by_id = self.follow("MGR"), self.follow("MGR", "--id", 32 * "a")
        self.net.start("ServerC")
        self.expect_exit(cli.DONE, self.login())
        for node in ("ServerC", "HOST3"):
            feed.expect(node=node, event="followed")
            by_id.expect(node=node, event="followed")
        sent = self.send_and_wait("HOST1", "FILE02")
        for node in ("ServerA", "ServerC", "HOST3"):
            feed.expect(node=node, transfer=sent, event="closed")
        self.assertEqual([], by_id.of(transfer=sent))

    def test_a_client_that_goes_and_comes_back(self):
        self.net.write("HOST1", "out/FILE02", 10)
        self.logged_in()
        feed = self.follow("MGR")
        self.net.stop("HOST3")
        gone = feed.expect(node="HOST3", event="unfollowed")
        self.assertIn("HOST3", gone["reason"])
        self.net.start("HOST3")
        sent = self.send_and_wait("HOST1", "FILE02")  # before it is asked again: nothing is left out
        feed.expect(node="HOST3", transfer=sent, event="closed")
        self.assertEqual(1, len(feed.of(node="HOST3", event="unfollowed")))
        self.assertEqual(self.net.traces.all(node="HOST3", transfer=sent), feed.of(node="HOST3", transfer=sent))
        self.assertIsNone(feed.process.poll())

    def test_it_takes_the_right_to_view(self):
        self.add_user("ServerA", "mover", "transfer")
        self.login(user="mover")
        self.addCleanup(self.net.cli, "MGR", "logout")
        self.expect_refusal(self.net.cli("MGR", "events", "--host", "ServerA"), cli.REFUSED, "view", "ServerA")

    def test_a_limited_account_sees_its_transfers_alone(self):
        for server in ("ServerA", "ServerB", "ServerC"):
            self.add_user(server, "limited", "view", "--transfers", "FILE01")
        for file in ("FILE01", "FILE02"):
            self.net.write("HOST1", f"out/{file}", 10)
        self.logged_in(user="limited")
        feed = self.follow("MGR", "--host", "ServerA")
        other = self.send_and_wait("HOST1", "FILE02")
        mine = self.send_and_wait("HOST1", "FILE01")
        feed.expect(transfer=mine, event="closed")
        self.assertEqual([], feed.of(transfer=other))
        self.assertEqual(["told", "next", "opened", "closed"], [event["event"] for event in feed.events])
