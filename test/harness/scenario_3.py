"""Scenario 3: request connection. HOST2 asks, through ServerB and ServerA, HOST1 sends over a connection of its own."""
import concurrent.futures

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import chain, three_hubs, transfer


class Requests(Scenario):
    def request(self, node, file, *words, code=cli.DONE, **options):
        """(transfer, request) of a `request` that was answered."""
        before = {event["transfer"] for event in self.net.traces.all(event="told", kind="request")}
        result = self.expect_exit(code, self.net.cli(node, "request", file, *words, **options))
        asked = [event["transfer"] for event in self.net.traces.all(event="told", kind="request")]
        return result.out.split()[0], next(id for id in asked if id not in before)

    def rows(self, node, **fields):
        rows = self.net.cli(node, "transfers", "--json").json()
        return [row for row in rows if all(row.get(name) == value for name, value in fields.items())]


class SendRequest(Requests):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"), OTHER=transfer("HOST1", "HOST3"), LATE=transfer("HOST1", "HOST2"),
                          MISSING=transfer("HOST1", "HOST2"))

    def test_what_each_hop_is_told(self):
        source = self.net.write("HOST1", "out/FILE01", 300_000)
        sent, request = self.request("HOST2", "FILE01", "--wait")
        self.assertNotEqual(sent, request)
        self.expect_story(
            request,
            "HOST2 next ServerB (127.1.2.1): ServerB, by definition",
            # 2. HOST2 dials its proxy server; tells it file and source.
            "ServerB told by HOST2: request, FILE01, source HOST1",
            # 3. ServerB resolves HOST1; its routes say ServerA.
            "ServerB next HOST1 (127.1.1.11): ServerA, by route",
            # 4. ServerB dials ServerA; tells it the file alone.
            "ServerA told by ServerB: request, FILE01",
            # 5. ServerA finds HOST1 among its registered clients.
            "ServerA next HOST1 (127.1.1.11): HOST1, by registered",
            # 6. ServerA dials HOST1.
            "HOST1 told by ServerA: request, FILE01",
        )
        # 7. HOST1 sends over a separate connection, by its own definitions, to the requester only.
        self.expect_story(
            sent,
            "HOST1 next ServerA (127.1.1.1): ServerA, by definition",
            "ServerA told by HOST1: FILE01, destination HOST2, only HOST2",
            "ServerA next HOST2 (127.1.2.12): ServerB, by route",
            "ServerB told by ServerA: FILE01, destination HOST2, only HOST2",
            "ServerB next HOST2 (127.1.2.12): HOST2, by registered",
            "HOST2 told by ServerB: FILE01, only HOST2",
        )
        self.expect_received("HOST2", sent, source)
        self.expect_all_closed(request, ["HOST2", "ServerB", "ServerA", "HOST1"])
        self.expect_all_closed(sent, ["HOST1", "ServerA", "ServerB", "HOST2"])
        self.net.traces.expect("HOST1", "sent", transfer=sent)  # its journal has the outcome by then, after `closed`
        (row,) = self.rows("HOST1", transfer=sent)
        self.assertEqual(("HOST2", {"HOST2": "done"}), (row["requested_by"], row["to"]))

    def test_without_wait_the_transfer_is_journalled_at_the_source(self):
        self.net.write("HOST1", "out/FILE01", 10)
        sent, _ = self.request("HOST2", "FILE01")
        self.assertTrue(self.rows("HOST1", transfer=sent))
        self.net.traces.expect("HOST2", "received", transfer=sent)

    def test_a_file_that_does_not_exist_at_the_source(self):
        result = self.net.cli("HOST2", "request", "MISSING", "--wait")
        self.expect_refusal(result, cli.FAILED, "does not exist", "HOST1")
        self.assertEqual("", result.out)

    def test_a_file_that_others_receive(self):
        self.expect_refusal(self.net.cli("HOST2", "request", "OTHER"), cli.REFUSED, "OTHER", "HOST2")

    def test_a_file_that_nobody_knows(self):
        self.expect_refusal(self.net.cli("HOST2", "request", "NOFILE"), cli.REFUSED, "NOFILE", "HOST2")

    def test_the_source_is_down(self):
        self.net.stop("HOST1")
        self.addCleanup(self.net.start, "HOST1")
        self.expect_refusal(self.net.cli("HOST2", "request", "FILE01", "--wait"), cli.UNREACHABLE, "HOST1", "ServerA")

    def test_a_requester_is_told_of_a_send_that_never_reaches_it(self):
        self.net.write("HOST1", "out/LATE", 10)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "hold"))
        self.addCleanup(self.net.cli, "HOST1", "release")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waiting = pool.submit(self.net.cli, "HOST2", "request", "LATE", "--wait")
            self.net.traces.until(lambda: self.rows("HOST1", file="LATE"), "the request's transfer")
            (row,) = self.rows("HOST1", file="LATE")
            self.expect_exit(cli.DONE, self.net.cli("HOST1", "cancel", row["transfer"]))
            self.expect_exit(cli.CANCELLED, waiting.result())
        # What was cancelled is over: to resend it is a new transfer.
        again, _ = self.request("HOST2", "LATE", "--resend")
        (later,) = self.rows("HOST1", transfer=again)
        self.assertEqual(row["transfer"], later["resend_of"])


class Definitions(Requests):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2", "HOST3"))

    @classmethod
    def prepare(cls, net):
        def alone(own):
            own["transfers"]["FILE01"]["to"] = ["HOST3"]

        net.differs_at("HOST1", alone)
        net.write("HOST1", "out/FILE01", 10)

    def test_a_requester_that_the_source_does_not_name(self):
        result = self.net.cli("HOST2", "request", "FILE01", "--wait")
        self.expect_refusal(result, cli.REFUSED, "HOST2", "no receiver", "HOST1")
        self.assertEqual([], self.rows("HOST1"))


class Resend(Requests):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"), NEVER=transfer("HOST1", "HOST2"), BROKEN=transfer("HOST1", "HOST2"))

    def test_nothing_to_resend(self):
        self.net.write("HOST1", "out/NEVER", 10)
        self.expect_refusal(self.net.cli("HOST2", "request", "NEVER", "--resend", "--wait"), cli.REFUSED, "nothing to resend", "HOST1")
        self.assertEqual([], self.rows("HOST1", file="NEVER"))

    def test_what_is_done_is_sent_once_more_and_linked(self):
        source = self.net.write("HOST1", "out/FILE01", 10_000)
        first = self.send_and_wait("HOST1", "FILE01")
        again, _ = self.request("HOST2", "FILE01", "--resend", "--wait")
        self.assertNotEqual(first, again)
        self.expect_received("HOST2", again, source)
        (row,) = self.rows("HOST1", transfer=again)
        self.assertEqual((first, "HOST2"), (row["resend_of"], row["requested_by"]))

    def test_what_broke_off_goes_on(self):
        source = self.net.write("HOST1", "out/BROKEN", b"head")
        with source.open("r+b") as content:
            content.truncate(1 << 30)
        inbox = self.net.data("HOST2") / "in"
        inbox.mkdir(exist_ok=True)
        self.net.traces.watch(inbox)
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "rate", "50MB/s"))
        sent = self.net.send("HOST1", "BROKEN")
        self.net.traces.until(lambda: any(row.get("safe") for row in self.rows("HOST2", transfer=sent)), "a checkpoint", 20)
        self.net.kill("ServerA")
        self.net.traces.expect("HOST1", "sent", within=40, transfer=sent)
        (row,) = self.rows("HOST1", transfer=sent)
        self.assertEqual("failed", row["state"])
        self.net.start("ServerA")
        self.expect_exit(cli.DONE, self.net.cli("HOST1", "rate", "off"))
        again, _ = self.request("HOST2", "BROKEN", "--resend", "--wait", deadline=60)
        self.assertEqual(sent, again)
        self.expect_received("HOST2", sent, source)


class Killed(Requests):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))

    def test_the_source_is_killed_after_it_has_journalled_the_send(self):
        """The answer is lost; the request is repeated under its id and starts nothing twice."""
        source = self.net.write("HOST1", "out/FILE01", 10_000)
        self.net.stop("HOST1")
        self.net.start("HOST1", fault="after-enqueue")
        result = self.net.cli("HOST2", "request", "FILE01", "--wait", "--timeout", "5")
        self.net.await_death("HOST1")
        self.assertIn(result.code, (cli.UNREACHABLE, cli.FAILED), str(result))
        self.net.start("HOST1")
        (row,) = self.rows("HOST1")
        self.expect_received("HOST2", row["transfer"], source)
        self.assertEqual(1, len(self.rows("HOST1")))


class Far(Requests):
    topology = chain(5, FILE01=transfer("HOST1", "HOST2"))

    def test_five_servers(self):
        """A server in the middle is told file and source; the one that serves the source, the file alone."""
        source = self.net.write("HOST1", "out/FILE01", 1000)
        sent, request = self.request("HOST2", "FILE01", "--wait")
        self.expect_received("HOST2", sent, source)
        told = [line for line in self.net.story(request) if " told " in line]
        self.assertEqual([
            "Server5 told by HOST2: request, FILE01, source HOST1",
            "Server4 told by Server5: request, FILE01, source HOST1",
            "Server3 told by Server4: request, FILE01, source HOST1",
            "Server2 told by Server3: request, FILE01, source HOST1",
            "Server1 told by Server2: request, FILE01",
            "HOST1 told by Server1: request, FILE01",
        ], told)
