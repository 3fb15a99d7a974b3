"""Scenario 2.2: manual placement, one destination. HOST1 → ServerA → ServerC → ServerB → HOST2."""
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer


class Manual(Scenario):
    topology = three_hubs(FILE02=transfer("HOST1", "HOST2", placement="manual", via=["ServerC"]))

    def test_every_hop_decides_from_its_own_definitions(self):
        source = self.net.write("HOST1", "out/FILE02", 3_000_000)
        transfer = self.send_and_wait("HOST1", "FILE02")
        self.expect_story(
            transfer,
            "HOST1 next ServerA (127.1.1.1): ServerA, by definition",
            # 1. HOST1 dials ServerA; tells it the file, and no destination.
            "ServerA told by HOST1: FILE02",
            # 2.–3. ServerA's transfer definition names ServerC; its routes to ServerC give the next host: ServerC itself.
            "ServerA next ServerC (127.1.3.1): ServerC, by route",
            # 4. ServerA dials ServerC; tells it the file.
            "ServerC told by ServerA: FILE02",
            # 5.–6. ServerC's transfer definition names HOST2; ServerC resolves it; its routes say ServerB.
            "ServerC next HOST2 (127.1.2.12): ServerB, by route",
            # 7. ServerC dials ServerB; tells it file and destination.
            "ServerB told by ServerC: FILE02, destination HOST2",
            # 8. ServerB finds HOST2 among its registered clients.
            "ServerB next HOST2 (127.1.2.12): HOST2, by registered",
            # 9. ServerB dials HOST2.
            "HOST2 told by ServerB: FILE02",
        )
        self.expect_received("HOST2", transfer, source, file="FILE02")
        self.expect_all_closed(transfer, ["HOST1", "ServerA", "ServerC", "ServerB", "HOST2"])
