"""An id is no proof: a client that may send to the same receiver, through the same servers, names the ids of others."""
import secrets
import time

from hublink_harness import cli, peer
from hublink_harness.case import Scenario
from hublink_harness.scripted_peer import Identity, Sender, Statement, Stream, tag_of_file
from hublink_harness.topologies import client, three_hubs, transfer

LAST_ATTEMPT = 2**32 - 1
SLOW = {"rate": "2MB/s", "retry": {"count": 50, "every_s": 1}}
SIZE = 8_000_000  # for some seconds


def with_evil(topology):
    topology["nodes"]["EVIL"] = client("127.1.1.66", "ServerA")
    return topology


class Hostile(Scenario):
    """EVIL is scripted, with a certificate as every client has; all others are real."""

    def evil(self):
        return Identity(self.net, "EVIL")

    def row(self, node, transfer, file):
        rows = [row for listing in ("transfers", "history") for row in self.net.cli(node, listing, "--json").json()]
        return next((row for row in rows if (row["transfer"], row["file"]) == (transfer, file)), None)

    def expect_state(self, node, transfer, file, state, within=40):
        self.net.traces.until(lambda: (row := self.row(node, transfer, file)) and row["state"] == state,
                              f"{file} {state} at {node}", within)
        return self.row(node, transfer, file)

    def begin_send(self, file):
        """One that is under way at its receiver."""
        source = self.net.write("HOST1", f"out/{file}", SIZE)
        inbox = self.net.data("HOST2") / "in"
        inbox.mkdir(exist_ok=True)
        self.net.traces.watch(inbox)
        transfer = self.net.send("HOST1", file)
        self.net.traces.until(lambda: list(inbox.glob(f".{file}.*.part")), "a partial file")
        return transfer, source

    def offer(self, file, transfer, attempt=1, to_receivers=True, **differs):
        """EVIL's offer of that file under that id: what comes back, (kind, fields) or None for a broken circuit."""
        sender = Sender(self.evil(), "ServerA", file, ["HOST2"] if to_receivers else [], transfer, attempt)
        self.addCleanup(sender.close)
        try:
            sender.offer(to_receivers, **differs)
            return sender.answer()
        except (peer.Ended, TimeoutError):
            return None

    def expect_same_answer(self, file, transfer, **how):
        """As to an id that never was."""
        answers = [self.offer(file, id, **how) for id in (transfer, secrets.token_hex(16))]
        for answer in answers:
            self.assertIsNotNone(answer)
        self.assertEqual(*[(kind, fields.get("code"), sorted(fields)) for kind, fields in answers])
        return answers[0]

    def expect_one_attempt(self, transfer, source, file):
        self.expect_received("HOST2", transfer, source, file=file)
        row = self.expect_state("HOST1", transfer, file, "done")
        self.assertEqual(1, row["attempt"], row)


class Receiver(Hostile):
    topology = with_evil(three_hubs(**{f"FILE{i}": transfer("HOST1", "HOST2", **SLOW) for i in range(6)},
                                    EVILF=transfer("EVIL", "HOST2")))
    started = ("ServerA", "ServerB", "ServerC", "HOST1", "HOST2")

    def test_a_cancellation(self):
        transfer, source = self.begin_send("FILE0")
        kind, fields = self.expect_same_answer("EVILF", transfer, cancel=True)
        self.assertEqual(("refusal", "cancelled"), (kind, fields["code"]))
        self.expect_one_attempt(transfer, source, "FILE0")

    def test_the_last_attempt_and_generation_that_there_are(self):
        transfer, source = self.begin_send("FILE1")
        self.assertEqual("ready", self.expect_same_answer("EVILF", transfer, attempt=LAST_ATTEMPT)[0])
        self.assertEqual("ready", self.expect_same_answer("EVILF", transfer, attempt=LAST_ATTEMPT, generation=2**32 - 1)[0])
        self.expect_one_attempt(transfer, source, "FILE1")

    def test_what_is_done_gives_nobody_its_receipt(self):
        source = self.net.write("HOST1", "out/FILE2", 1000)
        transfer = self.send_and_wait("HOST1", "FILE2")
        self.expect_received("HOST2", transfer, source)
        kind, fields = self.expect_same_answer("EVILF", transfer)
        self.assertEqual("ready", kind)
        self.assertNotIn("receipt", fields)
        self.assertEqual(0, fields["checkpoint"])
        self.assertEqual("done", self.row("HOST2", transfer, "FILE2")["state"])

    def test_an_open_alone_ends_nothing(self):
        """Nothing was signed yet."""
        transfer, source = self.begin_send("FILE3")
        for attempt in (1, LAST_ATTEMPT):
            sender = Sender(self.evil(), "ServerA", "EVILF", ["HOST2"], transfer, attempt)
            self.addCleanup(sender.close)
        self.expect_one_attempt(transfer, source, "FILE3")

    def test_a_client_names_a_circuit_of_another(self):
        """`abandon` ends what came over the same link alone."""
        transfer, source = self.begin_send("FILE4")
        link = self.evil().link("ServerA")
        self.addCleanup(link.close)
        told = self.net.traces.expect("HOST2", "told", transfer=transfer)
        for id in (transfer[:16], "0" * 16):
            link.send("abandon", id=id, file="FILE4", to=["HOST2"], code="cancelled", text="")
            link.send("abandon", id=id, file="FILE4", code="cancelled", text="")
        self.assertTrue(link.alive())
        self.assertEqual("FILE4", told["file"])
        self.expect_one_attempt(transfer, source, "FILE4")

    def test_a_cancelled_id_of_its_own_does_not_stand_in_the_way_of_a_later_one(self):
        """EVIL was faster: it cancelled the id before it was offered to this receiver by whose it is."""
        self.net.cli("HOST1", "hold")
        self.addCleanup(self.net.cli, "HOST1", "release")
        source = self.net.write("HOST1", "out/FILE5", 1000)
        transfer = self.net.send("HOST1", "FILE5")
        self.offer("EVILF", transfer, LAST_ATTEMPT, cancel=True)
        self.expect_state("HOST2", transfer, "EVILF", "cancelled")
        self.net.cli("HOST1", "release")
        self.expect_one_attempt(transfer, source, "FILE5")


class Store(Hostile):
    topology = with_evil(three_hubs(STORED=transfer("HOST1", "HOST2", store="when_unreachable"),
                                    EVILB=transfer("EVIL", "HOST2", store="when_unreachable")))
    started = ("ServerA", "ServerB", "ServerC", "HOST1")

    def test_a_stored_file_is_nobody_elses_to_erase(self):
        source = self.net.write("HOST1", "out/STORED", 1_000_000)
        transfer = self.send_and_wait("HOST1", "STORED")
        self.expect_state("HOST1", transfer, "STORED", "spooled")
        spool = self.net.data("ServerB") / "spool"
        (kept,) = spool.iterdir()
        for how in ({"cancel": True, "size": 0}, {"generation": 2, "size": 0}, {"attempt": LAST_ATTEMPT, "size": 10},
                    {"attempt": LAST_ATTEMPT, "generation": 9, "cancel": True, "size": 0}):
            with self.subTest(**how):
                self.offer("EVILB", transfer, to_receivers=False, broadcast=True, **how)
                self.assertTrue(kept.exists())
        sender = Sender(self.evil(), "ServerA", "EVILB", (), transfer, LAST_ATTEMPT)  # an open alone
        sender.close()
        stored = self.net.cli("ServerB", "stored", "--json").json()
        self.assertIn((transfer, "STORED"), [(row["transfer"], row["file"]) for row in stored])
        self.net.stop("ServerB")
        self.net.start("ServerB", "HOST2")
        self.expect_received("HOST2", transfer, source, within=30)
        self.expect_state("HOST1", transfer, "STORED", "done")


class CoReceiver(Hostile):
    """EVIL learns the id of a broadcast by being one of its receivers."""

    topology = with_evil(three_hubs(ALL=transfer("HOST1", "HOST2", "EVIL", **SLOW), EVILF=transfer("EVIL", "HOST2")))
    started = ("ServerA", "ServerB", "ServerC", "HOST1", "HOST2")

    def test_it_cancels_for_itself_alone(self):
        transfer, source = self.begin_send("ALL")
        self.offer("EVILF", transfer, LAST_ATTEMPT, cancel=True)
        self.expect_received("HOST2", transfer, source, file="ALL", within=30)
        told = self.net.traces.all(node="HOST2", event="told", transfer=transfer, file="ALL")
        self.assertEqual(1, len(told), told)


class Requests(Hostile):
    """HOST2 and HOST3 are scripted receivers of the same file."""

    topology = with_evil(three_hubs(FILE01=transfer("HOST1", "HOST2", "HOST3"), EVILF=transfer("HOST1", "EVIL")))
    started = ("ServerA", "ServerB", "ServerC", "HOST1")

    def ask(self, name, home, file, request, **differs):
        """A request as that client makes it: (kind, fields) of the answer."""
        who, open_id = Identity(self.net, name), secrets.token_hex(8)
        sock, link = who.circuit(home, "request", id=open_id, transfer=request, file=file, source="HOST1")
        stream = Stream(sock, link)
        self.addCleanup(stream.close)
        body = {"version": 1, "request": request, "requester": name, "time_ms": int(time.time() * 1000),
                "file_tag": tag_of_file(open_id, file), **differs}
        stream.say("request", Statement(who, "request", body, certificate=True).record)
        kind, fields, _ = stream.hear_statement()
        return kind, fields

    def test_two_who_use_one_id_are_served_each_for_himself(self):
        self.net.write("HOST1", "out/FILE01", 1000)
        self.net.write("HOST1", "out/EVILF", 1000)
        request = secrets.token_hex(16)
        answers = [self.ask("EVIL", "ServerA", "EVILF", request), self.ask("HOST2", "ServerB", "FILE01", request),
                   self.ask("HOST3", "ServerC", "FILE01", request), self.ask("HOST2", "ServerB", "FILE01", request)]
        self.assertEqual(["answer"] * 4, [kind for kind, _ in answers], answers)
        evil, second, third, again = (fields["transfer"] for _, fields in answers)
        self.assertEqual(3, len({evil, second, third}))
        self.assertEqual(second, again)
        rows = {row["transfer"]: row for row in self.net.cli("HOST1", "transfers", "--json").json()
                + self.net.cli("HOST1", "history", "--json").json()}
        self.assertEqual([["EVIL"], ["HOST2"], ["HOST3"]], [list(rows[id]["to"]) for id in (evil, second, third)])

    def test_a_hub_asks_about_a_transfer_of_another_file(self):
        """With `words` any server may ask, about the file that its circuit is for."""
        self.net.write("HOST1", "out/FILE01", 1000)
        transfer = self.net.send("HOST1", "FILE01")
        self.net.traces.expect("HOST1", "next", transfer=transfer)
        hub, open_id = Identity(self.net, "ServerA"), secrets.token_hex(8)
        known = self.evil().link("ServerA")
        self.addCleanup(known.close)
        link = hub.link("HOST1", incarnation=known.peer["incarnation"])  # as its home does, from the process that runs
        answers = []
        for asked in (transfer, secrets.token_hex(16)):
            answer = link.ask("open", id=open_id, kind="request", transfer=asked, attempt=1, budget_ms=5000, hops_left=9,
                              file="EVILF")
            self.assertEqual("opened", answer["t"], answer)
            accepted, sock = peer.show_token(self.net.address("HOST1"), answer["token"])
            self.assertTrue(accepted)
            stream = Stream(sock)
            self.addCleanup(stream.close)
            body = {"version": 1, "request": asked, "requester": "ServerA", "time_ms": int(time.time() * 1000),
                    "file_tag": tag_of_file(open_id, "EVILF"), "words": True}
            stream.say("request", Statement(hub, "request", body, certificate=True).record)
            kind, fields, _ = stream.hear_statement()
            answers.append((kind, fields))
            open_id = secrets.token_hex(8)
        link.close()
        self.assertEqual(("refusal", "never-sent"), (answers[0][0], answers[0][1].get("code")), answers)
        self.assertEqual(answers[0], answers[1])
