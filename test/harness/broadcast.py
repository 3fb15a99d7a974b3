"""Broadcasts beyond the two scenarios: trees, one receiver that fails, a full spool, attempts that go on."""
import contextlib
import os
import signal
import sqlite3

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.line import Line
from hublink_harness.topologies import client, server, three_hubs, transfer


def tree(receivers_at, **transfers):
    """Server1 – Server2 – Server3 in a line; HOST1 at Server1; `receivers_at`: server number → number of receivers there."""
    nodes = {}
    for i in (1, 2, 3):
        nodes[f"Server{i}"] = server(f"127.3.{i}.1", f"127.3.{i}.0/24", {f"Server{i + 1}": 1} if i < 3 else {})
    nodes["HOST1"] = client("127.3.1.11", "Server1")
    for number, count in receivers_at.items():
        for n in range(count):
            nodes[f"R{number}{n}"] = client(f"127.3.{number}.{20 + n}", f"Server{number}")
    return {"network": "tree", "nodes": nodes, "transfers": transfers}


class Broadcast(Scenario):
    def expect_all(self, transfer, source, *receivers):
        for receiver in receivers:
            self.expect_received(receiver, transfer, source)

    def carried(self, transfer, node, **fields):
        self.net.traces.expect(node, "closed", transfer=transfer, **fields)  # a hub may see it after both ends
        return [event["bytes"] for event in self.net.traces.all(node=node, event="closed", transfer=transfer, **fields)]

    def expect_once(self, size, bytes):
        self.assertGreater(bytes, size)
        self.assertLess(bytes, size * 1.01)


class Tree(Broadcast):
    topology = tree({1: 1, 2: 2, 3: 3}, FILE=transfer("HOST1", "R10", "R20", "R21", "R30", "R31", "R32", broadcast_at="Server1", placement="manual"))

    def test_each_connection_between_servers_carries_the_file_once(self):
        size = 17 << 20
        source = self.net.write("HOST1", "out/FILE", size)
        transfer = self.send_and_wait("HOST1", "FILE")
        self.expect_all(transfer, source, "R10", "R20", "R21", "R30", "R31", "R32")
        told = [line for line in self.net.story(transfer) if " told by Server" in line]
        self.assertIn("Server2 told by Server1: FILE, destination R20 and R21 and R30 and R31 and R32", told)
        self.assertIn("Server3 told by Server2: FILE, destination R30 and R31 and R32", told)
        for server, hop in (("Server1", "Server2"), ("Server2", "Server3")):
            (bytes,) = self.carried(transfer, server, hop=hop)
            self.expect_once(size, bytes)


class AnUpperSpoolIsAltered(Broadcast):
    topology = tree({1: 1, 2: 2}, FILE=transfer("HOST1", "R10", "R20", "R21", broadcast_at="Server1", placement="manual"))

    def test_the_lower_point_says_so_and_the_sender_brings_it_again(self):
        source = self.net.write("HOST1", "out/FILE", 4 << 20)
        self.net.running["Server2"].signal(signal.SIGSTOP)
        transfer = self.net.send("HOST1", "FILE")
        self.expect_received("R10", transfer, source)  # so all of it is at Server1
        (spool,) = (self.net.data("Server1") / "spool").glob(f"{transfer}-*")
        with spool.open("r+b") as file:
            file.seek(2 << 20)
            octet = file.read(1)[0]
            file.seek(2 << 20)
            file.write(bytes([octet ^ 1]))
        self.net.running["Server2"].signal(signal.SIGCONT)
        sent = self.net.traces.expect("HOST1", "sent", within=40, transfer=transfer)
        self.assertEqual({"R10": "done", "R20": "done", "R21": "done"}, sent["receivers"])
        self.expect_all(transfer, source, "R20", "R21")


class OneServer(Broadcast):
    topology = tree({1: 2}, FILE=transfer("HOST1", "R10", "R11"))

    def test_receivers_on_the_senders_own_server(self):
        source = self.net.write("HOST1", "out/FILE", 500_000)
        self.expect_all(self.send_and_wait("HOST1", "FILE"), source, "R10", "R11")


class BehindOneServer(Broadcast):
    topology = tree({3: 2}, FILE=transfer("HOST1", "R30", "R31", broadcast_at="Server1", placement="manual"))

    def test_ways_part_as_late_as_they_can(self):
        source = self.net.write("HOST1", "out/FILE", 500_000)
        transfer = self.send_and_wait("HOST1", "FILE")
        self.expect_all(transfer, source, "R30", "R31")
        for relay in ("Server1", "Server2"):
            (bytes,) = self.carried(transfer, relay)
            self.assertLess(bytes, 520_000)


class OneReceiverDead(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))
    started = ("ServerA", "ServerB", "ServerC", "HOST1", "HOST2")

    def test_it_fails_for_itself_alone_and_can_be_tried_again(self):
        source = self.net.write("HOST1", "out/FILE03", 2_000_000)
        result = self.net.cli("HOST1", "send", "FILE03", "--wait")
        self.expect_exit(cli.PARTIAL, result)
        transfer = result.out.split()[0]
        self.expect_all(transfer, source, "HOST2")
        self.assertIn("HOST3", result.err)
        (row,) = self.net.cli("HOST1", "history", "--json").json()
        self.assertEqual(("partial", {"HOST2": "done", "HOST3": "failed"}), (row["state"], row["to"]))
        sent = self.net.traces.expect("HOST1", "sent", transfer=transfer)
        self.assertEqual({"HOST2": "done", "HOST3": "failed"}, sent["receivers"])
        # Nothing is sent again: the spool has it, and HOST2 is not asked.
        self.net.start("HOST3")
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "retry", transfer))
        self.expect_all(transfer, source, "HOST3")
        again = self.net.traces.until(
            lambda: self.net.traces.all(node="HOST1", event="sent", transfer=transfer)[1:], "the second outcome")
        self.assertEqual({"HOST2": "done", "HOST3": "done"}, again[0]["receivers"])
        self.assertLess(self.carried(transfer, "HOST1")[1], 20_000)
        self.assertEqual(1, len(self.net.traces.all(node="HOST2", event="told", transfer=transfer)))


class SpoolFull(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))
    topology["nodes"]["ServerB"]["limits"] = {"spool": "1MiB"}

    def test_it_is_refused_at_once_in_the_hubs_name(self):
        self.net.write("HOST1", "out/FILE03", 2_000_000)
        result = self.net.cli("HOST1", "send", "FILE03", "--wait")
        self.expect_refusal(result, cli.NO_SPACE, "ServerB")
        self.assertLess(self.carried(result.out.split()[0], "HOST1")[0], 20_000)


class WithoutCertificates(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))

    @classmethod
    def prepare(cls, net):
        os.unlink(net.own_keys() / "HOST1" / "recipients.pem")

    def test_it_is_said_in_one_line(self):
        self.net.write("HOST1", "out/FILE03", 10)
        result = self.net.cli("HOST1", "send", "FILE03", "--wait")
        self.expect_refusal(result, cli.USAGE, "HOST2", "recipients.pem", "hublink keys")


class TheHubDies(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))
    topology["nodes"]["HOST1"]["limits"] = {"rate": "20MB/s"}

    def test_the_transfer_goes_on_with_the_restarted_hub(self):
        source = self.net.write("HOST1", "out/FILE03", 20 << 20)
        transfer = self.net.send("HOST1", "FILE03")
        self.net.traces.expect("HOST2", "told", transfer=transfer)
        self.net.kill("ServerB")
        self.net.traces.expect("ServerA", "refused", transfer=transfer)  # it stands in, and can't reach HOST2 either
        self.net.start("ServerB")
        self.net.traces.expect("HOST1", "sent", within=30, transfer=transfer)
        self.expect_all(transfer, source, "HOST2", "HOST3")


class AReceiverDies(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))
    topology["nodes"]["HOST1"]["limits"] = {"rate": "20MB/s"}

    def test_it_goes_on_from_the_hubs_spool(self):
        source = self.net.write("HOST1", "out/FILE03", 20 << 20)
        partial = self.net.data("HOST3") / "in"
        partial.mkdir()
        self.net.traces.watch(partial)
        transfer = self.net.send("HOST1", "FILE03")
        self.net.traces.until(lambda: list(partial.glob(".*.part")), "HOST3's partial file")
        self.net.kill("HOST3")
        self.net.start("HOST3")
        sent = self.net.traces.expect("HOST1", "sent", within=30, transfer=transfer)
        self.assertEqual({"HOST2": "done", "HOST3": "done"}, sent["receivers"])
        self.expect_all(transfer, source, "HOST2", "HOST3")
        (bytes,) = self.carried(transfer, "ServerA")
        self.expect_once(20 << 20, bytes)


class TheSenderDies(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))
    topology["nodes"]["HOST1"]["limits"] = {"rate": "20MB/s"}

    def test_it_sends_what_the_spool_lacks(self):
        size = 20 << 20
        source = self.net.write("HOST1", "out/FILE03", size)
        transfer = self.net.send("HOST1", "FILE03")
        self.net.traces.expect("HOST3", "told", transfer=transfer)
        self.net.kill("HOST1")
        self.net.start("HOST1")
        sent = self.net.traces.expect("HOST1", "sent", within=30, transfer=transfer)
        self.assertEqual({"HOST2": "done", "HOST3": "done"}, sent["receivers"])
        self.expect_all(transfer, source, "HOST2", "HOST3")
        in_flight = 1 << 20  # lost with the circuit
        self.assertLess(sum(self.carried(transfer, "ServerA")), size * 1.01 + in_flight)


class Cancelled(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))
    topology["nodes"]["HOST1"]["limits"] = {"rate": "1MB/s"}

    def test_every_receiver_settles_it(self):
        self.net.write("HOST1", "out/FILE03", 20 << 20)
        transfer = self.net.send("HOST1", "FILE03")
        for receiver in ("HOST2", "HOST3"):
            self.net.traces.expect(receiver, "told", transfer=transfer)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "cancel", transfer))
        sent = self.net.traces.expect("HOST1", "sent", within=20, transfer=transfer)
        self.assertEqual({"HOST2": "failed", "HOST3": "failed"}, sent["receivers"])
        (row,) = self.net.cli("HOST1", "history", "--json").json()
        self.assertEqual(("cancelled", {"HOST2": "cancelled", "HOST3": "cancelled"}), (row["state"], row["to"]))
        self.expect_nothing_in(self.net.data("HOST2") / "in", ".*.part")


class OneReceiverSlow(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))

    def test_a_stopped_receiver_delays_no_other(self):
        source = self.net.write("HOST1", "out/FILE03", 40 << 20)
        self.net.running["HOST3"].signal(signal.SIGSTOP)
        transfer = self.net.send("HOST1", "FILE03")
        self.expect_received("HOST2", transfer, source)
        self.net.running["HOST3"].signal(signal.SIGCONT)
        self.expect_received("HOST3", transfer, source)


class EightReceivers(Broadcast):
    names = [f"R2{n}" for n in range(8)]
    topology = tree({2: 8}, FILE=transfer("HOST1", *names))

    def test_one_stopped_and_one_killed_delay_nobody(self):
        size = 32 << 20
        source = self.net.write("HOST1", "out/FILE", size)
        transfer = self.send_and_wait("HOST1", "FILE")
        self.expect_all(transfer, source, *self.names)
        for link in self.carried(transfer, "Server1"):
            self.expect_once(size, link)

        self.net.kill("R26")
        self.net.running["R27"].signal(signal.SIGSTOP)
        transfer = self.net.send("HOST1", "FILE")
        self.expect_all(transfer, source, *self.names[:6])
        self.assertEqual([], self.net.traces.all(node="HOST1", event="sent", transfer=transfer))
        self.net.running["R27"].signal(signal.SIGCONT)
        sent = self.net.traces.expect("HOST1", "sent", within=30, transfer=transfer)
        self.assertEqual({name: "failed" if name == "R26" else "done" for name in self.names}, sent["receivers"])
        (link,) = self.carried(transfer, "Server1")
        self.expect_once(size, link)


class OneReceiverThrottled(Broadcast):
    names = EightReceivers.names
    topology = tree({2: 8}, FILE=transfer("HOST1", *names))
    topology["nodes"]["Server2"]["hosts"] = {"R27": "127.3.2.99"}

    @classmethod
    def prepare(cls, net):
        cls.line = Line(("127.3.2.99", net.address("R27")[1]), net.address("R27"))
        cls.addClassCleanup(cls.line.close)

    def test_the_other_six_are_done_long_before_it_and_one_that_is_dead(self):
        size = 32 << 20
        source = self.net.write("HOST1", "out/FILE", size)
        self.line.slow(rate=1_000_000)
        self.net.kill("R26")
        transfer = self.net.send("HOST1", "FILE")
        self.expect_all(transfer, source, *self.names[:6])
        self.assertLess(self.line.carried(), size / 2)
        self.line.off()
        self.line.heal()  # it goes on at its checkpoint
        self.expect_all(transfer, source, "R27")
        sent = self.net.traces.expect("HOST1", "sent", within=30, transfer=transfer)
        self.assertEqual({name: "failed" if name == "R26" else "done" for name in self.names}, sent["receivers"])
        (link,) = self.carried(transfer, "Server1")
        self.expect_once(size, link)


class TheSenderIsAway(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))

    def test_receipts_wait_for_it_at_the_hub(self):
        source = self.net.write("HOST1", "out/FILE03", 3 << 20)
        self.net.running["HOST3"].signal(signal.SIGSTOP)
        transfer = self.net.send("HOST1", "FILE03")
        self.expect_received("HOST2", transfer, source)  # so all of it is at ServerB
        self.net.kill("HOST1")
        self.net.running["HOST3"].signal(signal.SIGCONT)
        self.expect_received("HOST3", transfer, source)
        self.net.traces.until(lambda: self.kept_receipts("ServerB") == {"HOST2", "HOST3"}, "both receipts outlive ServerB")
        for name in ("ServerB", "HOST2", "HOST3"):
            self.net.kill(name)
        self.net.start("ServerB", "HOST1")
        sent = self.net.traces.expect("HOST1", "sent", within=20, transfer=transfer)
        self.assertEqual({"HOST2": "done", "HOST3": "done"}, sent["receivers"])

    def kept_receipts(self, node):
        """Of whom `node`'s journal has the receipt: its branch's `closed` may come before that commit."""
        with contextlib.closing(sqlite3.connect(f"file:{self.net.data(node)}/journal.sqlite?mode=ro", uri=True)) as journal:
            return {name for (name,) in journal.execute("SELECT name FROM spool_words WHERE receipt = 1")}


class Spooled(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3", complete_when="spooled"))

    def test_the_sender_need_not_wait_and_hears_of_it_later(self):
        source = self.net.write("HOST1", "out/FILE03", 3 << 20)
        self.net.running["HOST3"].signal(signal.SIGSTOP)
        transfer = self.send_and_wait("HOST1", "FILE03")
        (row,) = self.net.cli("HOST1", "history", "--json").json()
        self.assertEqual(("spooled", "spooled"), (row["state"], row["to"]["HOST3"]))
        self.net.running["HOST3"].signal(signal.SIGCONT)
        self.expect_received("HOST3", transfer, source)
        again = self.net.traces.until(
            lambda: self.net.traces.all(node="HOST1", event="sent", transfer=transfer)[1:], "the receivers' words", 20)
        self.assertEqual({"HOST2": "done", "HOST3": "done"}, again[0]["receivers"])
        (row,) = self.net.cli("HOST1", "history", "--json").json()
        self.assertEqual("done", row["state"])


class StopOthers(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3", on_error="stop_others"))

    def test_one_failure_ends_it_for_all_who_have_not_got_it(self):
        self.net.write("HOST1", "out/FILE03", 3 << 20)
        (self.net.data("HOST3") / "in").write_text("no directory")
        self.net.running["HOST2"].signal(signal.SIGSTOP)
        transfer = self.net.send("HOST1", "FILE03")
        self.net.traces.expect("HOST3", "told", transfer=transfer)
        # All of it is at ServerB: HOST2 would get it, were it back before the next attempt, which cancels it.
        self.net.traces.until(lambda: self.net.traces.all(node="ServerB", event="next", transfer=transfer, host="HOST2")[1:],
                              "ServerB asks HOST2 again")
        self.net.running["HOST2"].signal(signal.SIGCONT)
        sent = self.net.traces.expect("HOST1", "sent", within=20, transfer=transfer)
        self.assertEqual({"HOST2": "failed", "HOST3": "failed"}, sent["receivers"])
        (row,) = self.net.cli("HOST1", "history", "--json").json()
        self.assertEqual({"HOST2": "cancelled", "HOST3": "failed"}, row["to"])
        self.assertFalse((self.net.data("HOST2") / "in" / "FILE03").exists())


class AGroup(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "branches"))
    topology["groups"] = {"branches": ["HOST2", "HOST3"]}

    def test_its_members_are_the_receivers(self):
        source = self.net.write("HOST1", "out/FILE03", 1000)
        self.expect_all(self.send_and_wait("HOST1", "FILE03"), source, "HOST2", "HOST3")


class OnRequest(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))

    def test_only_the_requester_gets_it(self):
        source = self.net.write("HOST1", "out/FILE03", 100_000)
        result = self.expect_exit(cli.DONE, self.net.cli("HOST3", "request", "FILE03", "--wait"))
        transfer = self.net.traces.expect("HOST3", "received")["transfer"]
        self.expect_received("HOST3", transfer, source)
        self.assertIn(transfer, result.out)
        self.assertEqual("HOST3", self.net.traces.expect("ServerB", "told", transfer=transfer)["only"])
        self.net.traces.expect("HOST1", "sent", transfer=transfer)
        self.assertEqual([], self.net.traces.all(node="HOST2", event="told", transfer=transfer))
