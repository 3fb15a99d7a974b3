"""Scenarios 2.3 and 2.4: one file for several receivers; each connection between two servers carries it once."""
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer


class Broadcast(Scenario):
    def expect_parts(self, transfer, *parts):
        """What each node was told and did, node by node: branches go on side by side. The origin's own line is left out."""
        told = self.net.story(transfer)[1:]
        for part in parts:
            name = part[0].split(" ")[0]
            lines = [line for line in told if line.split(" ")[0] == name]
            self.assertEqual(part[0], lines[0])
            self.assertCountEqual(part, lines)
        self.assertEqual(sum(map(len, parts)), len(told), told)

    def expect_both(self, transfer, source, file):
        for receiver in ("HOST2", "HOST3"):
            received = self.expect_received(receiver, transfer, source, file=file)
            self.assertTrue(received["digest"].startswith("sha256:"), received)
        sent = self.net.traces.expect("HOST1", "sent", transfer=transfer)
        self.assertEqual({"HOST2": "done", "HOST3": "done"}, sent["receivers"])

    def expect_once(self, transfer, source, *links):
        """Links: (server, hop?) whose `closed` must say the file's size and at most 1 % more."""
        size = source.stat().st_size
        for node, fields in links:
            closed = self.net.traces.expect(node, "closed", transfer=transfer, result="done", **fields)
            self.assertGreater(closed["bytes"], size, closed)
            self.assertLess(closed["bytes"], size * 1.01, closed)


class AutoBroadcast(Broadcast):
    topology = three_hubs(FILE03=transfer("HOST1", "HOST2", "HOST3"))

    def test_2_3_to_the_letter(self):
        source = self.net.write("HOST1", "out/FILE03", 17 << 20)
        transfer = self.send_and_wait("HOST1", "FILE03")
        self.expect_parts(
            transfer,
            # 2. HOST1 dials ServerA; tells it: FILE03, destination ServerB. 3. ServerA's routes give the next host: ServerB itself.
            ("ServerA told by HOST1: FILE03, destination ServerB",
             "ServerA next ServerB (127.1.2.1): ServerB, by route"),
            # 4. It tells ServerB the file alone. 5.–8. ServerB's transfer definition names both.
            ("ServerB told by ServerA: FILE03",
             "ServerB next HOST2 (127.1.2.12): HOST2, by registered",
             "ServerB next HOST3 (127.1.3.13): ServerC, by route"),
            ("HOST2 told by ServerB: FILE03",),
            # 9. ServerB tells ServerC the destination too. 10.–11. ServerC dials it.
            ("ServerC told by ServerB: FILE03, destination HOST3",
             "ServerC next HOST3 (127.1.3.13): HOST3, by registered"),
            ("HOST3 told by ServerC: FILE03",))
        self.expect_both(transfer, source, "FILE03")
        self.expect_once(transfer, source, ("ServerA", {}), ("ServerC", {}), ("ServerB", {"hop": "ServerC"}))

    def test_small_files(self):
        for size in (0, 1, 300_000):
            source = self.net.write("HOST1", "out/FILE03", size)
            self.expect_both(self.send_and_wait("HOST1", "FILE03"), source, "FILE03")

    def test_the_spool_is_empty_afterwards(self):
        source = self.net.write("HOST1", "out/FILE03", 1_000_000)
        transfer = self.send_and_wait("HOST1", "FILE03")
        self.expect_both(transfer, source, "FILE03")
        self.expect_nothing_in(self.net.data("ServerB") / "spool", f"{transfer}*")


class ManualBroadcast(Broadcast):
    topology = three_hubs(FILE04=transfer("HOST1", "HOST2", "HOST3", placement="manual", broadcast_at="ServerC"))

    def test_2_4_to_the_letter(self):
        source = self.net.write("HOST1", "out/FILE04", 3_000_000)
        transfer = self.send_and_wait("HOST1", "FILE04")
        self.expect_parts(
            transfer,
            # 2. HOST1 tells ServerA the file alone. 3.–4. ServerA's transfer definition names ServerC.
            ("ServerA told by HOST1: FILE04",
             "ServerA next ServerC (127.1.3.1): ServerC, by route"),
            # 5.–9. ServerC's names both: HOST3 is registered with it, HOST2 is behind ServerB.
            ("ServerC told by ServerA: FILE04",
             "ServerC next HOST2 (127.1.2.12): ServerB, by route",
             "ServerC next HOST3 (127.1.3.13): HOST3, by registered"),
            ("HOST3 told by ServerC: FILE04",),
            # 10. ServerC tells ServerB the destination too. 11.–12. ServerB dials it.
            ("ServerB told by ServerC: FILE04, destination HOST2",
             "ServerB next HOST2 (127.1.2.12): HOST2, by registered"),
            ("HOST2 told by ServerB: FILE04",))
        self.expect_both(transfer, source, "FILE04")
