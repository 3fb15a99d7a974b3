"""The console in a real browser, against a mock of a manager: what a user does, click by click."""
import json
import time
import unittest

from browser import Browser
from console_case import ConsoleCase
from mock_network import example


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

    def test_things_stay_where_they_were_put(self):
        self.enter("#/map")
        self.page.until(lambda: self.page.drawn("node[name='HOST1']"))
        move = "const graph = document.querySelector('.drawing')._cyreg.cy; const one = graph.getElementById('node:HOST1'); one.position({x: 777, y: 555}); one.emit('dragfree'); return one.position()"
        self.page.driver.execute_script(move)
        self.page.driver.refresh()
        self.page.until(lambda: self.page.drawn("node[name='HOST1']"))
        self.assertEqual(
            777,
            self.page.driver.execute_script(
                "return document.querySelector('.drawing')._cyreg.cy.getElementById('node:HOST1').position('x')"
            ),
        )


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


class Editing(ConsoleCase):
    def settled(self, problems=0):
        self.page.find(f"[data-checked='true'][data-problems='{problems}']")

    def test_a_mistake_is_said_where_it_is(self):
        self.enter("#/edit?node=HOST1")
        self.page.choose("[data-form='HOST1'] select[name=home]", "")
        self.settled(1)
        self.page.says("add it or correct the name", "[id='wrong-home']")
        self.page.click("[data-action='undo']")
        self.settled(0)
        self.page.find("[data-changes='0']")

    def test_a_draft_is_kept_over_a_reload(self):
        self.enter("#/edit")
        self.page.click("[data-new='server']")
        self.page.find("[data-changes='1']")
        self.page.driver.refresh()
        self.page.find("[data-changes='1']")
        self.page.click("[data-action='throw-away']")
        self.page.click("dialog .button.danger")
        self.page.find("[data-changes='0']")

    def test_a_line_is_drawn_from_node_to_node(self):
        self.enter("#/edit")
        self.page.click("[data-new='server']")
        self.page.find("[data-form='Server1']")
        self.page.click("[data-pen='line']")
        self.page.click_node("Server1")
        self.page.click_node("ServerB")
        self.page.until(lambda: self.page.drawn("edge[name='Server1~ServerB']"))
        self.page.find("[data-changes='1']")

    def test_manual_placement_by_clicking_the_server(self):
        self.enter("#/transfer-map/FILE01")
        self.page.find("[data-plan='drawn']")
        self.assertEqual(3, len(self.page.drawn("edge[kind='plan']")))
        self.page.click("[data-pick='via']")
        self.page.click_node("ServerC")
        self.page.until(lambda: len(self.page.drawn("edge[kind='plan']")) == 4, "the way does not pass ServerC")
        self.assertIn("node:ServerC", [one["target"] for one in self.page.drawn("edge[kind='plan']")])
        self.page.find("[data-via='ServerC']")
        self.assertFalse(self.page.find("[data-action='send']").is_enabled())
        self.page.shot("transfer-map")
        self.page.click("[data-action='apply']")
        self.page.says("HOST1", "table")
        self.page.click("[data-action='apply-now']")
        self.page.find("[data-results='7']")
        self.page.place("#/transfer-map/FILE01")
        self.page.click("[data-action='send']")
        self.page.find("[data-stop='ServerC'].good")

    def test_what_somebody_else_applied_is_not_overwritten_unseen(self):
        self.enter("#/edit?node=HOST1")
        self.page.type("input[name=address]", "127.1.1.99:30000", enter=True)
        self.page.find("[data-changes='1']")
        self.page.place("#/apply")
        self.page.until(lambda: self.page.find("[data-action='apply-now']").is_enabled())
        self.network.version += 1
        self.page.click("[data-action='apply-now']")
        self.page.says("it would not be what was shown any more")
        self.page.complaints()  # the 409

    def test_nodes_that_lack_it_are_tried_again(self):
        self.network.stopped.add("HOST3")
        self.enter("#/edit?node=HOST1")
        self.page.type("input[name=address]", "127.1.1.99:30000", enter=True)
        self.page.place("#/apply")
        self.page.click("[data-action='apply-now']")
        self.page.says("failed", "tr[data-row='HOST3']")
        self.network.stopped.clear()
        self.page.click("[data-action='apply-again']")
        self.page.says("applied", "tr[data-row='HOST3']")

    def test_export_is_what_was_imported(self):
        self.enter("#/edit")
        self.page.find("[data-changes='0']")
        self.assertEqual(
            example(),
            json.loads(
                self.page.driver.execute_async_script(
                    "const done = arguments[0]; const make = URL.createObjectURL; URL.createObjectURL = blob => { blob.text().then(done); return make(blob); }; document.querySelector('[data-action=export]').click()"
                )
            ),
        )


class FromNothing(ConsoleCase):
    def setUp(self):
        super().setUp()
        self.network.applied = None

    def test_the_example_network_is_drawn_defined_applied_and_used(self):
        page = self.page
        self.enter("#/edit")
        page.click("[data-new='first']")
        for number, (client, home) in enumerate((("HOST1", "ServerA"), ("HOST2", "ServerB"), ("HOST3", "ServerC"))):
            if number:
                page.place("#/edit")
                page.click("[data-new='server']")
            page.find(f"[data-form='Server{1}']")
            page.type(".panel input[name=name]", home, enter=True)
            page.find(f"[data-form='{home}']")
            page.click("[data-pen='client']")
            page.click_node(home)
            page.find(f"[data-form='{client}']")
            page.click("[data-pen='choose']")
        page.click("[data-pen='manager']")
        page.click_node("ServerA")
        page.type("[data-form='MGR1'] input[name=name]", "MGR", enter=True)
        page.find("[data-form='MGR']")
        page.click("[data-pen='line']")
        for one, other in (("ServerA", "ServerB"), ("ServerB", "ServerC"), ("ServerC", "ServerA")):
            page.click_node(one)
            page.click_node(other)
            page.until(lambda: page.drawn(f"edge[name='{'~'.join(sorted((one, other)))}']"), f"no line {one} {other}")
        for receivers, point in ((["HOST2"], ""), (["HOST2"], "via"), (["HOST2", "HOST3"], ""), (["HOST2", "HOST3"], "point")):
            page.place("#/edit")
            page.click("[data-add='transfers']")
            page.find("[data-pick='source']")
            page.click_node("HOST1")
            for name in receivers:
                page.find("[data-pick='receivers'][aria-pressed='true']")
                page.click_node(name)
                page.find(f"[data-receiver='{name}']")
            if point:
                page.click(f"[data-pick='{point}']")
                page.click_node("ServerC")
        page.find("[data-plan='drawn']")
        page.click("[data-action='apply']")
        page.click("[data-action='apply-now']")
        page.find("[data-results='7']")
        drawn = self.network.applied
        self.assertEqual({"ServerA", "ServerB", "ServerC", "HOST1", "HOST2", "HOST3", "MGR"}, set(drawn["nodes"]))
        self.assertEqual(
            {"from": "HOST1", "to": ["HOST2", "HOST3"], "placement": "manual", "broadcast_at": "ServerC"}, drawn["transfers"]["FILE04"]
        )
        self.assertEqual(["ServerC"], drawn["transfers"]["FILE02"]["via"])
        page.place("#/send?file=FILE04")
        page.click("[data-action='send']")
        page.find("[data-transfer][data-state='done']")


if __name__ == "__main__":
    unittest.main(failfast=False)
