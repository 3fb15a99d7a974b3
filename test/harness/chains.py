"""The two rules of what a hop is told, over chains of five and nine servers: a server that was named as the destination is told
the file alone, everybody before it (and before a client's home server) file and name."""
from hublink_harness.case import Scenario
from hublink_harness.topologies import chain, transfer


def auto_story(servers):
    lines = ["HOST1 next Server1 (127.2.1.1): Server1, by definition", "Server1 told by HOST1: FILE01, destination HOST2"]
    for i in range(1, servers):
        lines += [f"Server{i} next HOST2 (127.2.{servers}.12): Server{i + 1}, by route",
                  f"Server{i + 1} told by Server{i}: FILE01, destination HOST2"]
    return lines + [f"Server{servers} next HOST2 (127.2.{servers}.12): HOST2, by registered", f"HOST2 told by Server{servers}: FILE01"]


class Five(Scenario):
    topology = chain(
        5,
        FILE01=transfer("HOST1", "HOST2"),
        FAR=transfer("HOST1", "HOST2", placement="manual", via=["Server4"]),
        BACK=transfer("HOST1", "HOST2", placement="manual", via=["Server4", "Server2"]),
    )

    def test_auto(self):
        source = self.net.write("HOST1", "out/FILE01", 2_000_000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        self.expect_story(transfer, *auto_story(5))
        self.expect_received("HOST2", transfer, source)
        self.expect_all_closed(transfer, ["HOST1", *(f"Server{i}" for i in range(1, 6)), "HOST2"])

    def test_a_server_in_the_middle_learns_the_name_of_the_server_it_leads_to(self):
        source = self.net.write("HOST1", "out/FAR", 100)
        transfer = self.send_and_wait("HOST1", "FAR")
        self.expect_story(
            transfer,
            "HOST1 next Server1 (127.2.1.1): Server1, by definition",
            "Server1 told by HOST1: FAR",
            "Server1 next Server4: Server2, by route",
            "Server2 told by Server1: FAR, destination Server4",
            "Server2 next Server4: Server3, by route",
            "Server3 told by Server2: FAR, destination Server4",
            "Server3 next Server4 (127.2.4.1): Server4, by route",
            "Server4 told by Server3: FAR",
            "Server4 next HOST2 (127.2.5.12): Server5, by route",
            "Server5 told by Server4: FAR, destination HOST2",
            "Server5 next HOST2 (127.2.5.12): HOST2, by registered",
            "HOST2 told by Server5: FAR",
        )
        self.expect_received("HOST2", transfer, source)

    def test_the_second_via_lies_on_the_way_to_the_first(self):
        source = self.net.write("HOST1", "out/BACK", 1_000_000)
        transfer = self.send_and_wait("HOST1", "BACK")
        self.expect_story(
            transfer,
            "HOST1 next Server1 (127.2.1.1): Server1, by definition",
            "Server1 told by HOST1: BACK",
            "Server1 next Server4: Server2, by route",
            "Server2 told by Server1: BACK, destination Server4",
            "Server2 next Server4: Server3, by route",
            "Server3 told by Server2: BACK, destination Server4",
            "Server3 next Server4 (127.2.4.1): Server4, by route",
            "Server4 told by Server3: BACK",
            "Server4 next Server2: Server3, by route",
            "Server3 told by Server4: BACK, destination Server2",
            "Server3 next Server2 (127.2.2.1): Server2, by route",
            "Server2 told by Server3: BACK",
            "Server2 next HOST2 (127.2.5.12): Server3, by route",
            "Server3 told by Server2: BACK, destination HOST2",
            "Server3 next HOST2 (127.2.5.12): Server4, by route",
            "Server4 told by Server3: BACK, destination HOST2",
            "Server4 next HOST2 (127.2.5.12): Server5, by route",
            "Server5 told by Server4: BACK, destination HOST2",
            "Server5 next HOST2 (127.2.5.12): HOST2, by registered",
            "HOST2 told by Server5: BACK",
        )
        self.expect_received("HOST2", transfer, source)


class Nine(Scenario):
    topology = chain(9, FILE01=transfer("HOST1", "HOST2"), LAST=transfer("HOST1", "HOST2", placement="manual", via=["Server9"]))

    def test_auto(self):
        source = self.net.write("HOST1", "out/FILE01", 2_000_000)
        transfer = self.send_and_wait("HOST1", "FILE01")
        self.expect_story(transfer, *auto_story(9))
        self.expect_received("HOST2", transfer, source)

    def test_manual_through_the_receivers_own_server(self):
        source = self.net.write("HOST1", "out/LAST", 100)
        transfer = self.send_and_wait("HOST1", "LAST")
        lines = ["HOST1 next Server1 (127.2.1.1): Server1, by definition", "Server1 told by HOST1: LAST"]
        for i in range(1, 9):
            host, told = ("Server9 (127.2.9.1)", "LAST") if i == 8 else ("Server9", "LAST, destination Server9")
            lines += [f"Server{i} next {host}: Server{i + 1}, by route", f"Server{i + 1} told by Server{i}: {told}"]
        self.expect_story(transfer, *lines, "Server9 next HOST2 (127.2.9.12): HOST2, by registered", "HOST2 told by Server9: LAST")
        self.expect_received("HOST2", transfer, source)
