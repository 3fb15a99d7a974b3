"""Scenario 2.1: auto placement, one destination. HOST1 → ServerA → ServerB → HOST2."""
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer


class Auto(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2", send={"path": "out/report.bin"}, receive={"path": "in/report.bin"}))

    def test_every_hop_decides_from_its_own_definitions(self):
        source = self.net.write("HOST1", "out/report.bin", 3_000_000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        self.expect_story(
            transfer,
            "HOST1 next ServerA (127.1.1.1): ServerA, by definition",
            # 1. HOST1 dials its proxy server; tells it file and destination.
            "ServerA told by HOST1: FILE01, destination HOST2",
            # 2. ServerA resolves HOST2; its routes say that ServerB serves that segment.
            "ServerA next HOST2 (127.1.2.12): ServerB, by route",
            # 3. ServerA dials ServerB; tells it the same.
            "ServerB told by ServerA: FILE01, destination HOST2",
            # 4. ServerB finds HOST2 among its registered clients.
            "ServerB next HOST2 (127.1.2.12): HOST2, by registered",
            # 5. ServerB dials HOST2.
            "HOST2 told by ServerB: FILE01",
        )
        received = self.expect_received("HOST2", transfer, source, file="FILE01")
        self.assertEqual("HOST1", received["from"])
        sent = self.net.traces.expect("HOST1", "sent", transfer=transfer)
        self.assertEqual({"HOST2": "done"}, sent["receivers"])
        self.expect_all_closed(transfer, ["HOST1", "ServerA", "ServerB", "HOST2"])

    def test_a_hub_carries_the_file_once_and_sealed(self):
        source = self.net.write("HOST1", "out/report.bin", 1_000_000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        for hub in ("ServerA", "ServerB"):
            closed = self.net.traces.expect(hub, "closed", transfer=transfer)
            size = source.stat().st_size
            self.assertGreater(closed["bytes"], size)
            self.assertLess(closed["bytes"], size * 1.02)

    def test_no_server_beside_the_way_hears_of_it(self):
        self.net.write("HOST1", "out/report.bin", 10)
        transfer = self.send_and_wait("HOST1", "FILE01")
        self.assertEqual([], self.net.traces.all(node="ServerC", transfer=transfer))
        self.assertEqual([], self.net.traces.all(node="HOST3", transfer=transfer))
