"""A line that alters bytes costs time, and ends no transfer for good; nor does a hub that says what only an end can say."""
import os
import secrets
import time

from hublink_harness import cli, peer
from hublink_harness.case import Scenario, sha256
from hublink_harness.disturbance import BACK, DATA, FORTH, LINK, Flips, OneRecord, Proxy, carry
from hublink_harness.hub import Hub
from hublink_harness.scripted_peer import TYPES
from hublink_harness.topologies import three_hubs, transfer

SECONDS = int(os.environ.get("HUBLINK_DISTURBED_SECONDS", "12"))  # 3600 on demand, with 1,000 sends
SENDS = int(os.environ.get("HUBLINK_DISTURBED_SENDS", "40"))
STALL_S = 2  # a flipped length lets an end wait for what never comes
AGAIN = {"count": 1000, "every_s": 1}
SIZES = (0, 1, 700, 20_000, 100_000, 262_144, 400_000, 900_000)
SHARES = (0.05, 0.35, 0.65, 0.99)  # the certificate, the body, the signature … of a statement


class Behind(Scenario):
    """ServerA knows ServerB by the line's address."""

    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @staticmethod
    def topology_with(**transfers):
        topology = three_hubs(**transfers)
        topology["nodes"]["ServerA"]["hosts"] = {"ServerB": "127.1.99.1"}
        for name in ("HOST1", "HOST2"):
            topology["nodes"][name]["limits"] = {"stall_s": STALL_S}
        del topology["nodes"]["HOST3"]
        return topology

    @classmethod
    def prepare(cls, net):
        cls.line = Proxy(("127.1.99.1", net.address("ServerB")[1]), net.address("ServerB"))
        cls.addClassCleanup(cls.line.close)

    def setUp(self):
        self.line.meddle = carry

    def row(self, node, transfer):
        rows = [row for listing in ("transfers", "history") for row in self.net.cli(node, listing, "--json").json()]
        return next((row for row in rows if row["transfer"] == transfer), None)


class OneBit(Behind):
    """Each kind of record, hit once in its certificate, signature, body …: without `retry` too the next attempt brings the file."""

    topology = Behind.topology_with(FILE01=transfer("HOST1", "HOST2"))

    def expect_done_in_spite_of(self, type, way):
        for share in SHARES:
            with self.subTest(type=type, share=share):
                self.line.meddle = flip = OneRecord(TYPES[type], way, share)
                source = self.net.write("HOST1", "out/FILE01", 3000)
                transfer = self.send_and_wait("HOST1", "FILE01")
                self.expect_received("HOST2", transfer, source)
                self.assertEqual(1, flip.struck)

    def test_what_the_sender_says(self):
        for type in ("offer", "header", "envelopes", "chunk", "end"):
            self.expect_done_in_spite_of(type, FORTH)

    def test_what_the_receiver_says(self):
        for type in ("ready", "receipt"):
            self.expect_done_in_spite_of(type, BACK)


class EveryBit(Behind):
    """As long as each of them is hit, nobody is refused for good."""

    topology = Behind.topology_with(FILE01=transfer("HOST1", "HOST2"), AGAIN=transfer("HOST1", "HOST2", retry=AGAIN))

    def test_without_retry_it_fails_as_disturbed(self):
        for type, way in (("offer", FORTH), ("ready", BACK)):
            for share in SHARES[:2]:
                self.line.meddle = OneRecord(TYPES[type], way, share, times=None)
                self.net.write("HOST1", "out/FILE01", 3000)
                result = self.net.cli("HOST1", "send", "FILE01", "--wait")
                self.expect_exit(cli.FAILED, result)  # none of the codes of a refusal
                self.line.meddle = carry
                self.expect_exit(cli.DONE, self.net.cli("HOST1", "retry", result.out.split()[0]))
                # The next one is sent from the same source.
                self.net.traces.expect("HOST1", "sent", within=20, transfer=result.out.split()[0], receivers={"HOST2": "done"})

    def test_a_lost_receipt_is_no_failure(self):
        self.line.meddle = OneRecord(TYPES["receipt"], BACK, 0.5, times=None)
        flip_ready = OneRecord(TYPES["ready"], BACK, 0.05, times=None)
        source = self.net.write("HOST1", "out/FILE01", 3000)
        transfer = self.net.send("HOST1", "FILE01")
        self.expect_received("HOST2", transfer, source)
        self.line.meddle = flip_ready  # what would bring the stored receipt
        self.net.traces.until(lambda: self.row("HOST1", transfer)["state"] not in ("queued", "running"), "an outcome", 30)
        self.assertEqual("unconfirmed", self.row("HOST1", transfer)["state"])
        self.line.meddle = carry
        self.net.cli("HOST1", "retry", transfer)
        self.net.traces.until(lambda: self.row("HOST1", transfer)["state"] == "done", "done", 20)

    def test_with_retry_it_goes_on_until_the_line_is_mended(self):
        for type, way in (("offer", FORTH), ("ready", BACK), ("header", FORTH)):
            self.line.meddle = flip = OneRecord(TYPES[type], way, SHARES[0], times=None)
            source = self.net.write("HOST1", "out/AGAIN", 3000)
            transfer = self.net.send("HOST1", "AGAIN")
            self.net.traces.until(lambda: flip.struck > 2, "some attempts", 20)
            self.line.meddle = carry
            self.expect_received("HOST2", transfer, source)
            self.net.traces.until(lambda: self.row("HOST1", transfer)["state"] == "done", "done", 20)


class LyingHub(Hub):
    """Answers the next opens with a word of its own, or ends the circuits behind it with one."""

    def __init__(self, *words):
        super().__init__(*words)
        self.words = []  # codes: one an open
        self._far = []

    def _open(self, link, message):
        if self.words:
            code = self.words.pop(0)
            link.send("failed", n=message["n"], code=code, hop="HOST2", text="says the hub")
            return
        super()._open(link, message)

    def _lead(self, receiver, told):
        self.told = told
        return super()._lead(receiver, told)

    def _keep(self, link):
        self._far.append(link)
        super()._keep(link)

    def abandon(self, code):
        for link in self._far:
            try:
                link.send("abandon", id=self.told["id"], file=self.told["file"], code=code, hop="HOST2", text="says the hub")
            except peer.Ended:
                pass


class Words(Scenario):
    """ServerB is scripted."""

    topology = three_hubs(FILE01=transfer("HOST1", "HOST2", retry=AGAIN, rate="1MB/s"), FILE02=transfer("HOST1", "HOST2", retry=AGAIN))
    started = ("ServerA", "HOST1", "HOST2")
    ROWS = ("cancelled", "superseded", "not-authorised", "replayed", "file-exists", "unknown-file", "loop", "bad-config")

    @classmethod
    def prepare(cls, net):
        cls.hub = LyingHub(net, "ServerB", "HOST2")
        cls.addClassCleanup(cls.hub.close)

    def test_answers_in_an_ends_name(self):
        source = self.net.write("HOST1", "out/FILE02", 3000)
        self.hub.words = list(self.ROWS)
        self.expect_received("HOST2", self.send_and_wait("HOST1", "FILE02", deadline=60), source)
        self.assertEqual([], self.hub.words)

    def test_ends_a_circuit_in_an_ends_name(self):
        for code in ("cancelled", "superseded", "no-space"):
            with self.subTest(code=code):
                source = self.net.write("HOST1", "out/FILE01", 2_500_000)
                inbox = self.net.data("HOST2") / "in"
                inbox.mkdir(exist_ok=True)
                self.net.traces.watch(inbox)
                transfer = self.net.send("HOST1", "FILE01")
                self.net.traces.until(lambda: list(inbox.glob(".FILE01.*.part")), "a partial file")
                self.hub.abandon(code)
                self.net.traces.expect("HOST2", "closed", transfer=transfer)
                self.expect_received("HOST2", transfer, source, within=20)
                self.net.traces.expect("HOST1", "sent", transfer=transfer)


class Branch(Scenario):
    """A store behind whose point the line alters every READY: it waits, as for who is away."""

    topology = three_hubs(STORED=transfer("HOST1", "HOST2", store="when_unreachable"))
    topology["nodes"]["ServerB"]["hosts"] = {"HOST2": "127.1.99.2"}
    started = ("ServerA", "ServerB", "ServerC", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        cls.line = Proxy(("127.1.99.2", net.address("HOST2")[1]), net.address("HOST2"))
        cls.addClassCleanup(cls.line.close)

    def test_it_keeps_the_file_until_the_line_is_mended(self):
        self.line.meddle = flip = OneRecord(TYPES["ready"], BACK, SHARES[0], times=None)
        source = self.net.write("HOST1", "out/STORED", 3000)
        transfer = self.send_and_wait("HOST1", "STORED")
        self.assertGreater(flip.struck, 2)
        self.assertEqual(["spooled"], [row["state"] for row in self.net.cli("HOST1", "history", "--json").json()])
        self.line.meddle = carry
        self.expect_received("HOST2", transfer, source, within=30)
        self.net.traces.expect("HOST1", "sent", within=30, transfer=transfer, receivers={"HOST2": "done"})


class Hour(Behind):
    """Many sends over a line that alters bytes everywhere, on links and on data sockets."""

    FILES = {f"FILE{i:04}": SIZES[i % len(SIZES)] for i in range(SENDS)}  # each once: a later send would supersede an earlier one
    topology = Behind.topology_with(**{file: transfer("HOST1", "HOST2", retry=AGAIN, digest="sha256", send={"path": f"out/{size}"})
                                       for file, size in FILES.items()})

    def test_all_arrive_as_they_were(self):
        seed = int(os.environ.get("HUBLINK_DISTURBED_SEED", secrets.randbits(32)))
        print(f"seed {seed}", flush=True)
        digests = {size: "sha256:" + sha256(self.net.write("HOST1", f"out/{size}", size)) for size in SIZES}
        self.line.meddle = flips = Flips({DATA: 200_000, LINK: 20_000}, seed)
        until, sent = time.monotonic() + SECONDS, []
        pause = SECONDS / SENDS
        for file in self.FILES:
            sent.append(self.net.send("HOST1", file))
            time.sleep(max(0, min(pause, until - time.monotonic())))
        self.assertGreater(flips.struck, 0)
        flips.on = False
        rows = self.wait_for_outcomes(set(sent))
        there = self.listed("HOST2")
        for transfer in sent:
            mine, theirs = rows[transfer], there[transfer]
            self.assertEqual(("done", "done"), (mine["state"], theirs["state"]), (mine, theirs))
            self.assertEqual(digests[self.FILES[mine["file"]]], theirs["digest"])
            self.assertEqual(theirs["digest"], mine["digest"])
        for file, size in self.FILES.items():
            self.assertEqual(digests[size], "sha256:" + sha256(self.net.data("HOST2") / "in" / file))
        again = sum(row["attempt"] for row in rows.values()) - len(sent)
        print(f"{len(sent)} sends, {flips.struck} bits, {again} attempts more", flush=True)

    def listed(self, node):
        rows = [row for listing in ("transfers", "history") for row in self.net.cli(node, listing, "--json", "--limit", "100000").json()]
        return {row["transfer"]: row for row in rows}

    def wait_for_outcomes(self, sent):
        def done():
            said = {event["transfer"]: event["receivers"]["HOST2"] for event in self.net.traces.all(node="HOST1", event="sent")}
            if "failed" in said.values():
                rows = self.listed("HOST1")
                self.fail([rows[transfer] for transfer in sent if said.get(transfer) == "failed"])
            return all(said.get(transfer) == "done" for transfer in sent)
        self.net.traces.until(done, "all done", 60 + SECONDS / 10)
        return self.listed("HOST1")
