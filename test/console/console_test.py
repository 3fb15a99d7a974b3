"""The console in a real browser, against a mock of a manager: what a user does, click by click."""
import time
import unittest

from browser import GRAPH, Browser
from console_case import ConsoleCase


class Sessions(ConsoleCase):
    def test_in(self):
        self.enter()
        self.page.says("in at all 3 servers", ".presence")
        self.page.says("three-hubs today")

    def test_wrong_password(self):
        self.page.log_in(password="wrong")
        self.page.find("[data-code='not-authenticated']")
        self.page.says("Name or password is wrong", "[data-server='ServerB']")
        self.assertEqual("", self.page.find("input[name=password]").get_attribute("value"))
        self.page.log_in()
        self.page.find(".frame")

    def test_a_stopped_server_and_a_cut_line_each_with_the_hop(self):
        self.network.stopped.add("ServerC")
        self.network.cut |= {frozenset(("ServerA", "ServerB"))}
        self.page.log_in()
        self.page.says("in at 1 of 3 servers", "dialog")
        self.page.says("A server on the way is stopped", "[data-server='ServerC']")
        self.assertIn("ServerA", self.page.text("[data-server='ServerC'] .hops"))
        self.page.click("dialog .button.main")
        self.page.place("#/map")
        broken = self.page.until(lambda: self.page.drawn("edge[kind='login'][state='failed']"), "no broken way is drawn")
        self.assertIn(("node:ServerA", "node:ServerC"), [(one["source"], one["target"]) for one in broken])
        self.network.stopped.clear()
        self.network.cut.clear()
        self.page.says("in at all 3 servers", ".presence")

    def test_a_session_that_is_over_loses_nothing(self):
        self.enter("#/transfers?find=FILE0")
        self.page.find("input[type=search]")
        self.node.logins.clear()
        self.page.find("dialog.again")
        self.page.says("Your session is over", "dialog")
        self.assertEqual(1, len(self.posts("login")), "nobody logs in but the user")
        self.page.type("dialog input[name=password]", "right", enter=True)
        self.page.until(lambda: not self.page.all("dialog"), "still asks")
        self.assertIn("find=FILE0", self.page.driver.current_url)

    def test_reload_and_logout(self):
        self.enter("#/map?node=ServerB")
        self.page.find("[data-panel='ServerB']")
        self.page.driver.refresh()
        self.page.find("[data-panel='ServerB']")
        self.page.click("[data-action='menu']")
        self.page.click("[data-action='logout']")
        self.page.find("input[name=user]")
        self.page.driver.refresh()
        self.page.find("input[name=user]")

    def test_a_viewer_sees_and_can_do_nothing(self):
        self.enter("#/map", user="viewer")
        self.page.find(".drawing")
        self.assertEqual([], self.page.all("a[href='#/edit'], a[href='#/send']"))
        row = self.network.send("FILE01")
        self.page.place(f"#/transfers/{row['transfer']}")
        self.page.find("[data-transfer]")
        self.assertEqual([], self.page.all("[data-action]:not([data-action='menu'])"))
        refused = self.page.driver.execute_async_script(
            "const done = arguments[0]; fetch('/api/v1/cancel', {method: 'POST', headers: {'x-hublink-csrf': 'csrf-viewer'}, body: '{}'}).then(answer => done(answer.status))"
        )
        self.assertEqual(403, refused)
        self.page.complaints()
        self.page.place("#/send?file=FILE01")
        self.page.find("[data-chosen='FILE01']")
        self.assertEqual([], self.page.all("[data-action]:not([data-action='menu'])"))
        self.page.place("#/administration/users")
        self.page.says("not with your account's rights")

    def test_two_users_side_by_side(self):
        self.enter("#/transfers")
        other = Browser(width=1000, height=700)
        self.addCleanup(other.close)
        other.open(self.node.address)
        other.log_in("limited")
        other.find(".frame")
        other.place("#/transfers")
        for file in ("FILE01", "FILE02"):
            self.network.send(file)
        self.page.find("[data-count='2']")
        other.find("[data-count='1']")


class TheMap(ConsoleCase):
    def test_a_stopped_hub_is_seen_within_three_seconds(self):
        self.enter("#/map")
        self.page.until(lambda: self.page.drawn("node[name='ServerC'][state='up']"))
        began = time.monotonic()
        self.network.stopped.add("ServerC")
        self.page.until(lambda: self.page.drawn("node[name='ServerC'][state='wrong']"))
        self.assertLess(time.monotonic() - began, 3.5)
        self.page.until(lambda: self.page.drawn("edge[name='ServerA~ServerC'][state='wrong']"))
        self.page.click_node("ServerC")
        self.page.says("can't be reached", "[data-panel='ServerC']")
        self.page.shot("map-stopped")

    def test_a_running_transfer_is_drawn_along_its_hops(self):
        self.enter("#/map")
        row = self.network.send("FILE04", stands=True)
        self.page.click(f"[data-transfer='{row['transfer']}'] button")
        hops = self.page.until(lambda: len(self.page.drawn("edge[kind='way']")) == 5 and self.page.drawn("edge[kind='way']"))
        self.assertEqual(
            [("node:HOST1", "node:ServerA"), ("node:ServerA", "node:ServerC")], [(one["source"], one["target"]) for one in hops][:2]
        )
        self.assertEqual(["1", "2", "3", "4", "5"], [one["label"] for one in hops])
        self.page.shot("map-broadcast")

    def test_the_last_hour_is_replayed(self):
        row = self.network.send("FILE01")
        self.enter("#/map")
        self.page.until(lambda: self.network.transfers[row["transfer"]]["state"] == "done", "it never ends")
        told = next(event for event in self.network.events if event["node"] == "HOST2")
        self.page.find(".replay")
        self.page.place(f"#/map?at={told['time']}")
        self.page.until(lambda: len(self.page.drawn("edge[kind='running']")) == 3, "the past is not drawn")
        self.page.click("[data-action='now']")
        self.page.until(lambda: not self.page.drawn("edge[kind='running']"))

    def test_the_table_has_the_same(self):
        self.enter("#/map")
        self.page.click("[data-action='table']")
        self.page.find("tr[data-row='HOST3']")
        self.page.find("tr[data-row='ServerA~ServerB']")
        self.page.type("input[type=search]", "HOST3")
        self.page.until(lambda: not self.page.all("tr[data-row='HOST1']"))

    def test_the_keys_suffice(self):
        self.enter("#/map")
        self.page.until(lambda: self.page.drawn("node[name='HOST1']"))
        drawing = self.page.find(".drawing")
        drawing.send_keys("\ue015")  # down
        drawing.send_keys("\ue015")
        drawing.send_keys("\ue007")  # enter
        self.page.find(".panel")
        drawing.send_keys("\ue00c")  # escape
        self.page.until(lambda: not self.page.all(".panel"))
        self.page.find("body").send_keys("\ue009k\ue000")  # control k
        self.page.find("dialog.palette input").send_keys("HOST2\n")
        self.page.find("[data-panel='HOST2']")

    def moved(self, x):
        self.page.until(lambda: self.page.drawn("node[name='HOST1']"))
        self.page.driver.execute_script(
            GRAPH + "const one = graph.getElementById('node:HOST1'); one.position({x: arguments[0], y: 555}); one.emit('dragfree')", x
        )

    def stands_at(self, x):
        where = GRAPH + "return graph?.getElementById('node:HOST1').position()?.x"
        self.page.until(lambda: self.page.driver.execute_script(where) == x, f"HOST1 never stands at {x}")

    def test_things_stay_where_they_were_put(self):
        self.enter("#/map")
        self.moved(777)
        self.page.driver.refresh()  # at once
        self.stands_at(777)
        self.assertEqual({"x": 777, "y": 555}, self.network.places["HOST1"])
        self.page.driver.execute_script("localStorage.clear()")
        self.page.driver.refresh()
        self.stands_at(777)
        self.page.click("[data-action='lay-out']")
        self.page.until(lambda: not self.network.places, "they are not forgotten")

    def test_a_viewer_moves_things_for_himself(self):
        self.network.places["HOST1"] = {"x": 700, "y": 500}
        self.enter("#/map", user="viewer")
        self.stands_at(700)
        self.moved(650)
        self.page.driver.refresh()
        self.stands_at(650)
        self.assertEqual([], self.posts("places/keep"))


class Transfers(ConsoleCase):
    def test_send_and_watch(self):
        self.enter("#/send")
        self.page.click("[data-file='FILE03']")
        self.page.find("[data-point]")
        self.page.click("[data-action='send']")
        self.page.find("[data-transfer][data-state='running']")
        self.page.find("[data-transfer][data-state='done']")
        self.page.find("[data-stop='HOST3'].good")
        self.page.click("[data-stop='HOST2']")
        self.page.says("FILE03", "[data-hop='HOST2']")
        self.assertEqual([{"file": "FILE03"}], self.posts("send"))
        self.page.shot("transfer")

    def test_cancel_asks_and_says_whom(self):
        self.enter()
        row = self.network.send("FILE01", stands=True)
        self.page.place(f"#/transfers/{row['transfer']}")
        self.page.click("[data-action='cancel']")
        self.page.says("Cancel FILE01 from HOST1 to HOST2?", "dialog")
        self.page.click("dialog .button.danger")
        self.page.find("[data-state='cancelled']")

    def test_a_failure_says_what_where_and_what_would_help(self):
        self.network.stopped.add("HOST2")
        self.enter()
        row = self.network.send("FILE01")
        self.page.place(f"#/transfers/{row['transfer']}")
        self.page.says("Connection refused (at ServerB)", ".note.wrong")
        self.page.says("Start that node", ".note.wrong")
        self.network.stopped.clear()
        self.page.click("[data-action='retry']")
        self.page.find("[data-state='done']")

    def test_request_and_resend(self):
        self.enter("#/send?file=FILE03")
        self.page.click("[data-action='request-HOST3']")
        self.page.says("Requested by", "main")
        self.page.find("[data-state='done']")
        self.page.click("[data-action='resend-HOST3']")
        self.page.says("Resend of", "main")
        self.assertEqual([{"file": "FILE03", "at": "HOST3"}, {"file": "FILE03", "resend": True, "at": "HOST3"}], self.posts("request"))

    def test_rate(self):
        self.enter()
        row = self.network.send("FILE01", stands=True)
        self.page.place(f"#/transfers/{row['transfer']}")
        self.page.click("[data-action='rate']")
        self.page.type("dialog input[name=rate]", "2 apples")
        self.assertFalse(self.page.find("dialog .button.main").is_enabled())
        self.page.type("dialog input[name=rate]", "20MB/s", enter=True)
        self.page.says("Rate limit", "main")
        self.assertEqual(20_000_000, self.network.transfers[row["transfer"]]["rate"])

    def test_filters_are_in_the_address(self):
        for file in ("FILE01", "FILE02"):
            self.network.send(file, stands=True)
        self.enter("#/transfers?file=FILE02")
        self.page.find("[data-count='1']")
        self.page.click("[data-state='failed']")
        self.page.find("[data-count='0']")
        self.assertIn("state=failed", self.page.driver.current_url)
        self.page.says("No transfer is like that")


class CutLine(ConsoleCase):
    """Between the page and its node: it says so, keeps what it shows, and goes on by itself."""

    def cut(self):
        self.addCleanup(self.page.cut, False)
        self.page.cut()
        self.page.says("can't reach its node", "[data-stale]")

    def mend(self):
        self.page.cut(False)
        self.page.until(lambda: not self.page.all("[data-stale]"), "still says that the node can't be reached")
        self.assertEqual([], self.page.all("dialog"))

    def test_what_happened_meanwhile_is_there(self):
        before = self.network.send("FILE04", stands=True)
        self.enter("#/transfers")
        self.page.find(f"a[href='#/transfers/{before['transfer']}']")
        self.cut()
        meanwhile = self.network.send("FILE01", stands=True)
        self.page.find(f"a[href='#/transfers/{before['transfer']}']")
        self.mend()
        self.page.find(f"a[href='#/transfers/{meanwhile['transfer']}']")

    def test_what_is_ordered_meanwhile_fails_and_can_be_ordered_again(self):
        self.enter("#/send?file=FILE01")
        self.page.find("[data-chosen='FILE01']")
        self.cut()
        self.page.click("[data-action='send']")
        self.page.says("can't reach its node", "[data-code='offline']")
        self.assertEqual([], [one for one in self.node.requests if one[1] == "/api/v1/send"])
        self.mend()
        self.page.click("[data-action='send']")
        self.page.find("[data-transfer]")


class AtAServer(ConsoleCase):
    node_name = "ServerA"

    def test_events_that_were_refused_are_asked_for_again(self):
        self.node.refuses_streams = True
        self.enter()
        self.page.until(lambda: self.node.streams > 0, "nobody asks for the events")
        self.node.refuses_streams = False
        self.page.until(lambda: self.node.streams > 1, "nobody asks for the events again")
        self.assertEqual([], [one for one in self.page.complaints() if "/api/v1/events" not in one])


class Interrupted(ConsoleCase):
    """In the middle of everything: what one was at is there again, after a reload and after a login."""

    def places(self):
        row = self.network.send("FILE04", stands=True)
        return {
            "#/map?node=ServerB": "[data-panel='ServerB']",
            f"#/map?transfer={row['transfer']}": f"[data-strip] [data-transfer='{row['transfer']}']",
            "#/transfers?state=running": "[data-count='1']",
            f"#/transfers/{row['transfer']}": "[data-transfer][data-state='running']",
            "#/send?file=FILE03": "[data-chosen='FILE03']",
            "#/files?find=FILE02": "a[href='#/send?file=FILE02']",
            "#/edit?node=HOST9": "[data-form='HOST9']",
            "#/edit": "[data-changes='2']",
            "#/transfer-map/FILE02": "[data-via='ServerB']",
            "#/apply": "[data-action='apply-now']",
            "#/gateways?link=ServerA~ServerB": "[data-link='ServerA~ServerB']",
            "#/administration/users?at=ServerB": "tr[data-row='viewer']",
            "#/administration/audit?find=cancel": "input[type=search]",
            "#/administration/certificates": "tr[data-row='HOST1']",
        }

    def work(self):
        """A draft with a new node and a server to pass."""
        self.enter("#/edit")
        self.page.click("[data-pen='client']")
        self.page.click_node("ServerA")
        self.page.type(".panel input[name=name]", "HOST9", enter=True)
        self.page.find("[data-form='HOST9']")
        self.page.place("#/transfer-map/FILE02")
        self.page.click("[data-pick='via']")
        self.page.click_node("ServerB")
        self.page.find("[data-via='ServerB']")

    def expect(self, place, selector):
        self.page.find(selector)
        self.assertTrue(self.page.driver.current_url.endswith(place), f"{self.page.driver.current_url} is not {place}")

    def test_by_a_reload(self):
        self.work()
        for place, selector in self.places().items():
            with self.subTest(place):
                self.page.place(place)
                self.page.driver.refresh()  # at once, whatever is under way
                self.expect(place, selector)
                self.page.driver.refresh()
                self.expect(place, selector)

    def test_by_the_end_of_the_session(self):
        self.work()
        for place, selector in self.places().items():
            with self.subTest(place):
                self.page.place(place)
                self.page.find(selector)
                self.node.logins.clear()
                self.page.find("dialog.again")
                self.page.type("dialog input[name=password]", "right", enter=True)
                self.page.until(lambda: not self.page.all("dialog"), "still asks")
                self.expect(place, selector)


if __name__ == "__main__":
    unittest.main(failfast=False)
