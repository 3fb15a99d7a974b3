"""The draft in a real browser, against a mock of a manager: drawn, checked, kept, applied; from nothing to a file that is sent."""
import json
import unittest

from browser import Browser
from console_case import ConsoleCase
from mock_network import example


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

    def test_a_draft_is_one_in_two_windows(self):
        self.enter("#/edit")
        self.page.click("[data-new='server']")
        self.page.until(lambda: self.network.drafts.get("op", (0, None))[1], "the manager has no copy")
        other = Browser(width=1000, height=700)
        self.addCleanup(other.close)
        other.open(self.node.address)
        other.log_in()
        other.find(".frame")
        other.place("#/edit")
        other.find("[data-changes='1']")
        other.click("[data-new='server']")
        other.find("[data-changes='2']")
        other.until(lambda: len(self.network.drafts["op"][1]["now"]["nodes"]) == 9, "the second one is not kept")
        self.page.click("[data-action='undo']")
        self.page.find("[data-clash]")
        self.page.complaints()  # the 409
        self.page.click("[data-action='take-other']")
        self.page.find("[data-changes='2']")
        self.page.until(lambda: not self.page.all("[data-clash]"))

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

    def test_a_first_run_says_what_to_do_in_three_steps(self):
        self.enter("#/")
        self.page.find("[data-steps]")
        self.assertEqual(3, len(self.page.all("[data-steps] li")))
        self.assertEqual([], self.page.axe())
        self.page.shot("first-run")
        self.page.click("[data-steps] a[href='#/edit']")
        self.page.find("[data-new='first']")

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
                page.find(f"[data-{point}='ServerC']")
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
    unittest.main()
