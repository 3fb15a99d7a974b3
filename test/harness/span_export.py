"""Spans of transfers: what a collector gets, and that one which does not behave is nothing to a transfer."""
import datetime
import json
import socket
import time

from hublink_harness import cli, web
from hublink_harness.case import Scenario
from hublink_harness.collector import Collector, Silent, Slow, send_to
from hublink_harness.metrics import samples, value
from hublink_harness.topologies import client, server, three_hubs, transfer


def four_hops():
    """HOST1 at Server1, and receivers at each server of a line of four."""
    nodes = {f"Server{i}": server(f"127.2.{i}.1", f"127.2.{i}.0/24", {f"Server{i + 1}": 1} if i < 4 else {}) for i in range(1, 5)}
    nodes["HOST1"] = client("127.2.1.11", "Server1")
    nodes |= {f"R{i}": client(f"127.2.{i}.12", f"Server{i}") for i in range(1, 5)}
    return {"network": "four-hops", "nodes": nodes,
            "transfers": {"FILE": transfer("HOST1", "R1", "R2", "R3", "R4", broadcast_at="Server1", placement="manual"),
                          "ONE": transfer("HOST1", "R4"), "GONE": transfer("HOST1", "R3")}}


def nanoseconds(event):
    when = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    return (when - datetime.datetime.fromtimestamp(0, datetime.timezone.utc)) // datetime.timedelta(microseconds=1) * 1000


class Spans(Scenario):
    topology = four_hops()

    @classmethod
    def prepare(cls, net):
        cls.collector = Collector()
        cls.addClassCleanup(cls.collector.__exit__)
        for node in net.topology["nodes"]:
            send_to(net, node, cls.collector.endpoint, headers={"X-Scope": f"of {node}"})
        local = json.loads((net.data("R4") / "local.json").read_text())
        local["jobs"] = {"FILE": {"post_receive": {"command": ["true"]}}}
        (net.data("R4") / "local.json").write_text(json.dumps(local))

    def spans_of(self, sent, hops, *more):
        """When all that a transfer of so many hops makes is there."""
        def all_there():
            there = [span.name for span in self.collector.of(sent)]
            return there.count("transfer hop") >= hops and {"send", "transfer attempt", *more} <= set(there)
        self.collector.until(all_there, f"spans of {sent}", within=30)
        self.assertEqual([], self.collector.wrong)
        spans = self.collector.of(sent)
        ids = [span.id for span in spans]
        self.assertEqual(sorted(set(ids)), sorted(ids))
        return {span.id: span for span in spans}

    def expect_nested(self, spans):
        """Each hangs on another one that began before it, up to the one root."""
        (root,) = [span for span in spans.values() if span.parent is None]
        self.assertEqual(("HOST1", "send"), (root.node, root.name))
        for span in spans.values():
            self.assertLessEqual(span.begin, span.end, span)
            at, way = span, []
            while at.parent is not None:
                self.assertIn(at.parent, spans, f"{at} of {span}")
                self.assertNotIn(at.parent, way)
                self.assertLessEqual(spans[at.parent].begin // 1_000_000, at.begin // 1_000_000, f"{at} in {spans[at.parent]}")
                way.append(at.parent)
                at = spans[at.parent]
            self.assertIs(root, at, span)

    def expect_times(self, sent, spans):
        """Of each hop: those of the node's events."""
        for span in spans.values():
            events = self.net.traces.all(node=span.node, transfer=sent)
            if span.name == "transfer hop":
                began = [nanoseconds(event) for event in events if event["event"] == "told" and event["from"] == span.said["from"]]
                ended = [nanoseconds(event) for event in events if event["event"] == "closed" and "hop" not in event]
            elif span.name in ("leg", "set-up"):
                began = [nanoseconds(event) for event in events if event["event"] == "next"]
                ended = [nanoseconds(event) for event in events if event["event"] in (("closed",) if span.name == "leg" else ("opened",))]
            else:
                continue
            self.assertIn(span.begin // 1000 * 1000, began, span)
            self.assertIn(span.end // 1000 * 1000, ended, span)

    def test_a_broadcast_over_four_hops(self):
        self.net.write("HOST1", "out/FILE", 200_000)
        sent = self.send_and_wait("HOST1", "FILE")
        spans = self.spans_of(sent, 8, "job post_receive")
        self.expect_nested(spans)
        self.expect_times(sent, spans)
        self.assertEqual({"Server1", "Server2", "Server3", "Server4", "R1", "R2", "R3", "R4"},
                         {span.node for span in spans.values() if span.name == "transfer hop"})
        self.assertEqual({"R1", "R2", "R3", "R4"}, {span.node for span in spans.values() if span.name == "publish"})
        for span in spans.values():
            self.assertNotIn("code", span.status, span)
        # From the last receiver's file up: each neighbour on the way, and no other.
        (at,) = [span for span in spans.values() if span.node == "R4" and span.name == "publish"]
        way = []
        while at.parent:
            at = spans[at.parent]
            way += [at.node] if not way or way[-1] != at.node else []
        self.assertEqual(["R4", "Server4", "Server3", "Server2", "Server1", "HOST1"], way)
        (job,) = [span for span in spans.values() if span.name == "job post_receive"]
        self.assertEqual(("R4", "transfer hop"), (spans[job.parent].node, spans[job.parent].name))
        self.assertIn(("/v1/traces", "of Server3"), {(path, fields.get("X-Scope")) for path, fields in self.collector.requests})

    def test_what_fails_says_so(self):
        self.net.stop("R3")
        self.addCleanup(self.net.start, "R3")
        self.net.write("HOST1", "out/GONE", 1000)
        result = self.net.cli("HOST1", "send", "GONE", "--wait")
        self.assertNotEqual(cli.DONE, result.code)
        sent = result.out.split()[0]
        spans = self.spans_of(sent, 3)
        self.expect_nested(spans)
        wrong = {(span.node, span.name) for span in spans.values() if span.status.get("code") == 2}
        self.assertLessEqual({("HOST1", "send"), ("HOST1", "transfer attempt"), ("Server1", "transfer hop"), ("Server3", "leg")}, wrong)
        self.assertTrue(any("R3" in span.status.get("message", "") for span in spans.values()))

    def test_a_collector_of_before_gets_what_waited(self):
        self.collector.status = 503
        self.addCleanup(setattr, self.collector, "status", 200)
        self.net.write("HOST1", "out/ONE", 1000)
        begun = len(self.collector.requests)
        sent = self.send_and_wait("HOST1", "ONE")
        self.collector.until(lambda: len(self.collector.requests) > begun, "a request")
        self.collector.status = 200
        self.spans_of(sent, 5)


class Unwilling(Scenario):
    """One that is silent, one that is slow, one that refuses, and one that is not there."""

    topology = three_hubs(FILE=transfer("HOST1", "HOST2"), BACK=transfer("HOST3", "HOST1"))

    @classmethod
    def prepare(cls, net):
        cls.silent, cls.slow, cls.refusing = Silent(), Slow(), Collector(status=400)
        for each in (cls.silent, cls.slow, cls.refusing):
            cls.addClassCleanup(each.__exit__)
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            gone = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        endpoints = {"HOST1": cls.silent.endpoint, "ServerA": cls.slow.endpoint, "ServerB": cls.refusing.endpoint, "HOST2": gone}
        for node, endpoint in endpoints.items():
            send_to(net, node, endpoint)
        cls.door = web.measure(net, "ServerB")

    def dropped(self):
        return value(samples(self.door.get("/metrics").body.decode()), "hublink_spans_total", result="dropped")

    def test_nothing_waits_for_them(self):
        self.net.write("HOST1", "out/FILE", 300_000)
        self.send_and_wait("HOST1", "FILE")  # links are up
        took = []
        for _ in range(20):
            began = time.monotonic()
            self.send_and_wait("HOST1", "FILE")
            took.append(time.monotonic() - began)
        self.assertLess(sorted(took)[10], 1)
        self.assertLess(max(took), 5)
        end = time.monotonic() + 10
        while not self.dropped():  # counted as soon as it has refused
            self.assertLess(time.monotonic(), end)
        warnings = [line for line in (self.net.data("ServerB") / "hublink.log").read_text().splitlines() if "traces:" in line]
        self.assertEqual(1, len(warnings), warnings)
        self.assertIn("answers with status 400", warnings[0])
        for node in ("HOST1", "ServerA"):  # their requests are under way
            began = time.monotonic()
            self.net.stop(node)
            self.assertLess(time.monotonic() - began, 5)
            self.net.start(node)


class NoCollector(Scenario):
    topology = three_hubs()
    started = ("ServerA",)

    def test_what_is_no_collector_is_refused_at_the_start(self):
        place = self.net.data("ServerB") / "local.json"
        for settings, word in (({"endpoint": "collector:4318"}, "traces.endpoint"), ({}, "traces.endpoint"), ({"endpoint": "http://a/", "port": 1}, "traces.port")):
            place.write_text(json.dumps({"traces": settings}))
            said = cli.run(*self.net.run_command("ServerB"))
            self.assertEqual(cli.USAGE, said.code, str(said))
            self.assertIn(word, said.err)
