"""The console with real nodes: what a manager's user does in a browser."""
import json
import pathlib
import sys
import time
import unittest

from hublink_harness import cli, web
from hublink_harness.managed import PASSWORD, Managed, managed
from hublink_harness.topologies import three_hubs, transfer

CONSOLE = pathlib.Path(__file__).resolve().parents[1] / "console"
sys.path.append(str(CONSOLE))
import run as console_tests  # noqa: E402

MISSING = console_tests.lacks()
if not MISSING:
    sys.path.append(console_tests.DEBIANS)
    from browser import GRAPH, Browser

SLOW = "1MB/s"
BIG = 40_000_000


def setUpModule():
    if MISSING:
        raise unittest.SkipTest(f"{MISSING} is missing")


class Console(Managed):
    topology = managed(
        three_hubs(
            FILE01=transfer("HOST1", "HOST2"),
            FILE02=transfer("HOST1", "HOST2", placement="manual", via=["ServerC"], receive={"path": "in/manual"}),
            FILE03=transfer("HOST1", "HOST2", "HOST3"),
            FILE04=transfer("HOST1", "HOST2", "HOST3", placement="manual", broadcast_at="ServerC"),
            SLOW=transfer("HOST1", "HOST2", rate=SLOW),
        )
    )

    @classmethod
    def prepare(cls, net):
        cls.door = web.serve(net, "MGR")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = Browser()
        cls.addClassCleanup(cls.page.close)
        for server in ("ServerA", "ServerB", "ServerC"):
            cls.add_user(server, "viewer", "view")
        for file, size in (("FILE01", 100_000), ("FILE02", 100_000), ("FILE03", 100_000), ("FILE04", 100_000), ("SLOW", BIG)):
            cls.net.write("HOST1", f"out/{file}", size)

    def setUp(self):
        super().setUp()
        self.addCleanup(self.net.cli, "MGR", "logout")
        self.page.open("about:blank")
        self.page.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.page.asked(), self.page.complaints()
        self.page.open(self.door.origin)

    def tearDown(self):
        super().tearDown()
        self.assertEqual([], [one for one in self.page.asked() if not one.startswith((self.door.origin, "data:", "about:", "chrome:"))])
        self.assertEqual([], [one for one in self.page.complaints() if "status of 40" not in one and "status of 50" not in one])

    def enter(self, place="#/", user="op", everywhere=True):
        self.page.log_in(user, PASSWORD)
        self.page.find(".frame")
        if everywhere:
            self.page.says("in at all 3 servers", ".presence")
        self.page.place(place)

    def started_again(self, node):
        if node not in self.net.running:
            self.net.start(node)

    def state(self, name):
        return next((one["state"] for one in self.page.drawn(f"node[kind='node'][name='{name}']")), None)

    def all_well(self):
        self.page.until(lambda: all(self.state(name) == "up" for name in self.net.topology["nodes"]), "not all are well", 30)

    def carried(self):
        """What was drawn is at the manager."""
        left = "return Object.keys(localStorage).some(key => key.startsWith('draft'))"
        self.page.until(lambda: not self.page.driver.execute_script(left), "the draft does not get to the manager")

    # -- sessions

    def test_a_wrong_password_says_so_for_each_server(self):
        self.page.log_in("op", "not this one")
        self.page.find("[data-code='not-authenticated']")
        self.page.log_in("op", PASSWORD)
        self.page.find(".frame")

    def test_the_map_has_all_nodes_and_a_stopped_hub_is_seen_and_comes_back(self):
        self.enter("#/map")
        self.all_well()
        self.addCleanup(self.started_again, "ServerC")
        self.net.kill("ServerC")
        began = time.monotonic()
        self.page.until(lambda: self.state("ServerC") == "wrong", "nobody sees that ServerC is stopped", 10)
        seen = time.monotonic() - began
        print(f"a stopped hub is seen after {seen:.1f} s")
        self.assertLess(seen, 3)
        self.page.find("[data-presence='waiting']")
        self.page.until(lambda: self.page.drawn("edge[kind='login'][state='failed']"), "the lost session's way is not drawn")
        self.page.shot("real-map-stopped")
        self.started_again("ServerC")
        self.page.click("[data-action='again']")
        self.page.type("dialog input[name=password]", PASSWORD, enter=True)
        self.page.says("in at all 3 servers", ".presence")
        self.page.until(lambda: self.state("ServerC") == "up", "ServerC does not come back", 30)

    def test_a_login_while_a_server_is_stopped(self):
        self.net.stop("ServerC")
        self.addCleanup(self.started_again, "ServerC")
        self.page.log_in("op", PASSWORD)
        self.page.says("in at 2 of 3 servers", "dialog", 30)
        self.page.says("A server on the way is stopped", "[data-server='ServerC']")
        self.page.click("dialog .button.main")
        self.page.find("[data-care='ServerC']")

    def test_a_session_that_ends_elsewhere_asks_and_loses_nothing(self):
        self.enter("#/transfers?find=FILE")
        self.expect_exit(cli.DONE, self.net.cli("MGR", "logout"))
        self.page.find("dialog.again")
        self.page.type("dialog input[name=password]", PASSWORD, enter=True)
        self.page.until(lambda: not self.page.all("dialog"), "still asks")
        self.assertIn("find=FILE", self.page.driver.current_url)
        self.page.driver.refresh()
        self.page.says("in at all 3 servers", ".presence")

    def test_a_cut_line_is_said_and_what_happened_meanwhile_is_there(self):
        self.enter("#/transfers")
        self.addCleanup(self.page.cut, False)
        self.page.cut()
        self.page.says("can't reach its node", "[data-stale]")
        sent = self.send_and_wait("HOST1", "FILE01")
        self.page.cut(False)
        self.page.until(lambda: not self.page.all("[data-stale]"), "still says that the node can't be reached")
        self.page.find(f"a[href='#/transfers/{sent}']")
        self.page.says("in at all 3 servers", ".presence")

    def test_a_manager_that_starts_anew_is_found_again(self):
        self.enter("#/transfers?find=FILE")
        self.addCleanup(self.started_again, "MGR")
        self.net.stop("MGR")
        self.page.says("can't reach its node", "[data-stale]")
        self.started_again("MGR")
        self.page.find("dialog.again")  # its sessions were its own
        self.page.type("dialog input[name=password]", PASSWORD, enter=True)
        self.page.says("in at all 3 servers", ".presence")
        self.page.until(lambda: not self.page.all("[data-stale], dialog"), "something is still amiss")
        self.assertIn("find=FILE", self.page.driver.current_url)
        self.assertEqual([], [one for one in self.page.complaints() if "net::ERR_" not in one and "status of 40" not in one])

    def test_a_viewer_only_looks(self):
        self.enter("#/send?file=FILE01", user="viewer")
        self.page.find("[data-chosen='FILE01']")
        self.assertEqual([], self.page.all("[data-action='send'], a[href='#/edit']"))
        self.page.place("#/map")
        self.assertEqual([], self.page.all("a[href='#/send']"))

    # -- transfers

    def test_send_and_watch_it_done(self):
        self.enter("#/send?file=FILE01")
        self.page.find("[data-stop='ServerB']")
        self.page.click("[data-action='send']")
        self.page.find("[data-transfer][data-state='done']")
        for node in ("ServerA", "ServerB", "HOST2"):
            self.page.find(f"[data-stop='{node}'].good")
        self.page.find(".timeline .bar-of")
        self.assertEqual(
            self.net.data("HOST1").joinpath("out/FILE01").read_bytes(), self.net.data("HOST2").joinpath("in/FILE01").read_bytes()
        )
        self.page.shot("real-transfer")

    def test_a_broadcast_is_a_tree(self):
        self.enter("#/send?file=FILE04")
        self.page.find("[data-point='ServerC']")
        self.page.click("[data-action='send']")
        self.page.find("[data-transfer][data-state='done']")
        for node in ("ServerC", "HOST2", "HOST3"):
            self.page.find(f"[data-stop='{node}'].good")
        self.page.click("[data-stop='ServerC']")
        self.page.says("FILE04", "[data-hop='ServerC']")

    def test_what_runs_is_on_the_map_and_can_be_cancelled(self):
        self.enter("#/send?file=SLOW")
        self.page.click("[data-action='send']")
        self.page.find("[data-transfer][data-state='running']")
        name = self.page.find("[data-transfer]").get_attribute("data-transfer")
        self.page.place("#/map")
        self.page.click(f"[data-strip] [data-transfer='{name}'] button")
        self.page.until(
            lambda: [one["target"] for one in self.page.drawn("edge[kind='way']")] == ["node:ServerA", "node:ServerB", "node:HOST2"],
            "its way is not drawn",
        )
        self.page.until(lambda: self.page.find("[data-strip] [role=progressbar]").get_attribute("aria-valuenow") != "0", "no progress")
        self.page.shot("real-map-running")
        self.page.place(f"#/transfers/{name}")
        self.page.click("[data-action='cancel']")
        self.page.click("dialog .button.danger")
        self.page.find("[data-transfer][data-state='cancelled']")

    def test_request_and_resend_at_a_receiver(self):
        self.enter("#/send?file=FILE01")
        self.page.click("[data-action='request-HOST2']")
        self.page.find("[data-transfer][data-state='done']")
        self.page.says("HOST2", "main")
        self.page.click("[data-action='resend-HOST2']")
        self.page.says("Resend of", "main")
        self.page.find("[data-transfer][data-state='done']")

    def test_a_failure_says_what_and_where(self):
        self.enter("#/send?file=FILE02")
        self.net.stop("ServerC")
        self.addCleanup(self.started_again, "ServerC")
        self.page.click("[data-action='send']")
        self.page.says("ServerC", "main .note.wrong, main .card", 40)

    # -- definitions

    def test_a_definition_is_changed_on_the_map_applied_and_used(self):
        self.enter("#/transfer-map/FILE03")
        self.page.find("[data-plan='drawn']")
        self.page.click("[data-pick='point']")
        self.page.click_node("ServerA")
        self.page.find("[data-point='ServerA']")
        self.page.shot("real-transfer-map")
        self.page.click("[data-action='apply']")
        self.page.until(lambda: self.page.find("[data-action='apply-now']").is_enabled(), "nothing can be applied", 30)
        self.page.says("FILE03", "table")
        self.page.click("[data-action='apply-now']")
        self.page.find("[data-results]:not([data-results='0'])")
        self.page.says("applied", "tr[data-row='HOST1']")
        self.page.place("#/send?file=FILE03")
        self.page.find("[data-point='ServerA']")
        self.page.click("[data-action='send']")
        self.page.find("[data-transfer][data-state='done']")
        self.page.find("[data-stop='ServerA'].good")

    def test_a_file_is_defined_by_clicking_and_goes_the_way_that_was_drawn(self):
        self.enter("#/edit")
        self.page.click("[data-add='transfers']")
        for name, pick in (("HOST1", "source"), ("HOST3", "receivers"), ("ServerB", "via")):
            self.page.click(f"[data-pick='{pick}']")
            self.page.click_node(name)
        self.page.find("[data-via='ServerB']")
        self.page.type("input[name='send.path']", "out/FILE01", enter=True)
        self.page.find("[data-plan='drawn']")
        name = self.page.find("[data-form]").get_attribute("data-form")
        self.page.click("[data-action='apply']")
        self.page.until(lambda: self.page.find("[data-action='apply-now']").is_enabled(), "nothing can be applied", 30)
        self.page.click("[data-action='apply-now']")
        self.page.find("[data-results]:not([data-results='0'])")
        self.page.place(f"#/transfer-map/{name}")
        self.page.click("[data-action='send']")
        self.page.find("[data-transfer][data-state='done']")
        for node in ("ServerA", "ServerB", "ServerC", "HOST3"):
            self.page.find(f"[data-stop='{node}'].good")

    def test_what_somebody_puts_somewhere_stays_there_for_all(self):
        self.enter("#/map")
        self.page.until(lambda: self.state("HOST2"), "no map")
        move = "const one = graph.getElementById('node:HOST2'); one.position({x: 321, y: 123}); one.emit('dragfree')"
        self.page.driver.execute_script(GRAPH + move)
        kept = self.net.data("MGR") / "console" / "places.json"
        self.page.until(lambda: kept.exists() and json.loads(kept.read_text())["places"]["HOST2"] == {"x": 321, "y": 123}, "not kept")
        self.page.driver.execute_script("localStorage.clear()")
        self.page.place("#/edit")
        self.page.click("[data-new='server']")
        self.page.find("[data-changes='1']")
        self.carried()
        self.page.driver.refresh()
        self.page.find("[data-changes='1']")
        self.page.click("[data-action='throw-away']")
        self.page.click("dialog .button.danger")
        self.page.place("#/map")
        where = GRAPH + "return graph?.getElementById('node:HOST2').position()?.x"
        self.page.until(lambda: self.page.driver.execute_script(where) == 321, "it is somewhere else")

    def test_what_is_wrong_is_said_where_it_is(self):
        self.enter("#/edit?node=HOST1")
        self.page.choose("[data-form='HOST1'] select[name=home]", "")
        self.page.find("[id='wrong-home'] .mistake")
        self.page.click("[data-action='undo']")
        self.page.find("[data-checked='true'][data-problems='0']")
        self.carried()


if __name__ == "__main__":
    unittest.main()
