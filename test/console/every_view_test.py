"""Every view: no serious finding of axe-core, nothing of others does harm, and a large network stays quick."""
import pathlib
import threading
import time
import unittest

from browser import Browser
from console_case import ConsoleCase, pages
from mock_network import MockNetwork, large
from mock_node import MockNode

PLACES = [
    "#/",
    "#/map?node=ServerB",
    "#/map?line=ServerA~ServerB",
    "#/map?view=table",
    "#/transfers",
    "#/transfers/{transfer}",
    "#/send?file=FILE03",
    "#/edit",
    "#/edit?node=ServerA",
    "#/edit?node=HOST1",
    "#/edit?part=gateways&entry=db",
    "#/transfer-map/FILE04",
    "#/apply",
    "#/files",
    "#/gateways",
    "#/gateways?link=ServerA~ServerB",
    "#/administration/users",
    "#/administration/audit",
    "#/administration/sessions",
    "#/administration/certificates",
    "#/administration/tokens",
    "#/help",
]
EVIL = "\u202egnp.\u001b[31m<img src=x onerror=alert(1)>\u200b\u2066"
LONG = EVIL + "x" * 65536


class EveryView(ConsoleCase):
    def looked_at(self, dark):
        self.page.driver.execute_script("localStorage.setItem('theme', arguments[0])", "dark" if dark else "light")
        self.page.driver.refresh()
        self.page.find("input[name=user]")
        self.assertEqual([], self.page.axe(), "login")
        self.page.shot("login-dark" if dark else "login")
        self.network.stopped.add("ServerC")
        self.page.log_in()
        self.page.find("dialog")
        self.assertEqual([], self.page.axe(), "login's result")
        self.page.click("dialog .button.main")
        running, failed = self.network.send("FILE01", stands=True), self.network.send("FILE03")
        self.network.look()
        self.network.stored.append(
            {
                "transfer": "f" * 32,
                "file": "FILE01",
                "from": "HOST1",
                "size": 1,
                "store": "only",
                "waiting": ["HOST2"],
                "until": "2028-01-01T00:00:00Z",
                "at": "ServerA",
            }
        )
        self.network.audit.append(
            {
                "time": "2026-01-01T00:00:00Z",
                "from": "MGR",
                "user": "op",
                "command": "send",
                "detail": "FILE01",
                "transfer": running["transfer"],
                "result": "ok",
            }
        )
        for place in PLACES:
            self.page.place(place.format(transfer=failed["transfer"]))
            self.page.until(lambda: "One moment" not in self.page.text("main") and self.page.text("main h1, main h2"), place)
            with self.subTest(place):
                self.assertEqual([], self.page.axe())
                self.page.shot(f"{'dark' if dark else 'light'}{place.strip('#').replace('/', '-').replace('?', '-')}")

    def test_light(self):
        self.looked_at(dark=False)

    def test_dark(self):
        self.looked_at(dark=True)

    def test_japanese(self):
        self.page.driver.execute_script("localStorage.setItem('language', 'ja')")
        self.page.driver.refresh()
        self.page.log_in()
        self.page.says("概要")
        self.page.place("#/map")
        self.page.says("マップ")
        self.page.shot("japanese")


class Accounts(ConsoleCase):
    node_name = "ServerA"

    def test_what_opens_over_the_page(self):
        self.enter("#/administration/users")
        for opener, closer in (
            ("[data-action='add-user']", "dialog .button[type=button]"),
            ("[data-change='viewer']", "dialog .button[type=button]"),
            ("[data-action='remove-viewer']", "dialog .button[type=button]"),
        ):
            self.page.click(opener)
            self.page.find("dialog")
            self.assertEqual([], self.page.axe(), opener)
            self.page.click(closer)
        self.page.click("[data-action='menu']")
        self.assertEqual([], self.page.axe(), "menu")

    def test_users_and_tokens(self):
        self.enter("#/administration/users")
        self.page.click("[data-change='viewer']")
        self.page.click("dialog input[name='right-transfer']")
        self.page.click("dialog .button.main")
        self.page.says("view, transfer", "tr[data-row='viewer']")
        self.page.click("[data-action='remove-viewer']")
        self.page.click("dialog .button.danger")
        self.page.until(lambda: not self.page.all("tr[data-row='viewer']"))
        self.page.place("#/administration/tokens")
        self.add_token("backup")


class TextsOfOthers(ConsoleCase):
    places = (*PLACES, "#/map", "#/transfers?state=running")

    def test_nothing_of_it_is_more_than_text(self):
        row = self.network.send("FILE01", stands=True)
        row.update(
            reason=LONG,
            broken=[{"attempt": 1, "ended": "2026-01-01T00:00:00Z", "reason": LONG}],
            jobs=[{"job": "post_send", "node": EVIL, "result": "failed", "reason": LONG, "output": LONG}],
            to={LONG: "failed"},
            file=LONG,
        )
        self.network.told("told", EVIL, row["transfer"], kind="transfer", **{"from": "HOST1"}, file=LONG)
        self.network.told("job", EVIL, row["transfer"], file=EVIL, job="post_send", result="failed", reason=EVIL)
        self.network.audit.append({"time": "2026-01-01T00:00:00Z", "user": EVIL, "command": EVIL, "detail": LONG, "result": LONG})
        self.network.users[EVIL] = ("", ["view"], [LONG])
        self.network.users[LONG] = ("", ["view"], [])
        self.network.gateway_name = LONG
        self.network.tokens[self.node_name] = [{"name": LONG, "rights": ["view"], "until": EVIL}]
        self.network.stored.append(
            {"transfer": LONG, "file": LONG, "from": EVIL, "size": 1, "waiting": [LONG], "until": EVIL, "at": "ServerA"}
        )
        self.network.topology["nodes"][EVIL] = {"role": "client", "address": EVIL, "home": "ServerA"}
        self.network.topology["nodes"][LONG] = {"role": "client", "address": LONG, "home": "ServerA"}
        self.network.applied["transfers"][EVIL] = {"from": "HOST1", "to": [EVIL]}
        self.network.applied["transfers"][LONG] = {"from": LONG, "to": [LONG]}
        self.network.applied["nodes"][LONG] = {"role": "client", "address": LONG, "home": "ServerA"}
        self.network.applied["nodes"][EVIL] = {"role": "client", "address": EVIL, "home": "ServerA"}
        self.enter()
        for place in self.places:
            self.page.place(place.format(transfer=row["transfer"]))
            self.page.until(lambda: "One moment" not in self.page.text("main") and self.page.text("main h1, main h2"), place)
            shown = self.page.driver.execute_script(
                "const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); let all = ''; while (walk.nextNode()) all += walk.currentNode.data; return all + [...document.querySelectorAll('[title], [aria-label]')].map(one => one.title + one.ariaLabel).join()"
            )
            for bad in "\u202e\u001b\u200b\u2066":
                self.assertNotIn(bad, shown, f"{place}: U+{ord(bad):04X}")
            self.assertEqual(0, self.page.driver.execute_script("return document.images.length"))
            self.assertLess(len(shown), 60000)
        self.page.place("#/map")
        for element in self.page.until(lambda: self.page.drawn("node")):
            self.assertNotIn("\u202e", element.get("label", ""))


class TextsOfOthersAtAServer(TextsOfOthers):
    node_name = "ServerA"
    places = ("#/administration/users", "#/administration/audit", "#/gateways")


class Bundle(unittest.TestCase):
    def test_it_is_small(self):
        loaded = [pathlib.Path(pages()) / f"{name}.gz" for name in ("index.html", "console.css", "console.js")]
        size = sum(file.stat().st_size for file in loaded)
        print(f"a browser loads {size / 1000:.0f} KB")
        self.assertLessEqual(size, 300_000)


class LargeNetwork(ConsoleCase):
    topology = large(100, 1900)

    def test_two_thousand_nodes(self):
        self.page.log_in()
        self.page.find(".frame")
        began, worked = time.monotonic(), self.page.worked_s()
        self.page.place("#/map")
        folded = self.page.until(lambda: self.page.drawn("node[kind='folded']"))
        first, worked = time.monotonic() - began, self.page.worked_s() - worked
        self.assertEqual(100, len(folded))
        self.page.shot("map-2000")
        self.page.driver.execute_script("document.querySelector('.drawing')._cyreg.cy.getElementById('segment:Server003').emit('dbltap')")
        self.page.until(lambda: len(self.page.drawn("node[kind='node']")) == 20)
        key = "const field = document.querySelector('input[type=search]'); const began = performance.now(); field.value = 'HOST19'; field.dispatchEvent(new Event('input', {bubbles: true})); requestAnimationFrame(() => setTimeout(() => arguments[0](performance.now() - began)))"
        took = self.page.driver.execute_async_script(key)
        print(f"2,000 nodes: drawn after {first:.2f} s ({worked:.2f} s of a processor), a key takes {took:.0f} ms")
        self.assertLess(worked, 2)
        self.assertLess(took, 500)


class AtAServer(ConsoleCase):
    node_name = "ServerA"

    def test_its_gateways_and_nothing_to_steer_the_network_with(self):
        self.network.audit.append(
            {"time": "2026-01-01T00:00:00Z", "from": "MGR", "user": "op", "command": "send", "detail": "FILE01", "result": "ok"}
        )
        self.enter("#/gateways")
        self.page.says("127.1.2.50:5432", "[data-gateways='ServerA']")
        self.page.find("figure.plot canvas")
        self.assertEqual([], self.page.axe())
        self.page.shot("gateways")
        self.assertEqual([], self.page.all("a[href='#/edit'], a[href='#/send'], a[href='#/files'], [data-presence]"))
        row = self.network.send("FILE01", stands=True)
        self.page.place(f"#/transfers/{row['transfer']}")
        self.page.find("[data-transfer]")
        self.assertEqual([], self.page.all("[data-action='cancel']"))
        self.page.place("#/map")
        self.page.until(lambda: self.page.drawn("node[name='HOST3']"))
        for tab, row in (("users", "viewer"), ("audit", "0")):
            self.page.place(f"#/administration/{tab}")
            self.page.find(f"tr[data-row='{row}']")
            self.assertEqual([], self.page.axe())
            self.page.shot(tab)


class Flood(ConsoleCase):
    def test_two_hundred_events_a_second_hold_nothing_up(self):
        ended = threading.Event()

        def pour():
            while not ended.wait(0.005):
                self.network.told("told", "ServerA", f"{time.monotonic_ns():032x}", kind="transfer", **{"from": "HOST1"}, file="OTHER")

        self.enter("#/map")
        self.page.until(lambda: self.page.drawn("node[name='HOST1']"))
        pouring = threading.Thread(target=pour)
        pouring.start()
        self.addCleanup(pouring.join)
        self.addCleanup(ended.set)
        began, worked = time.monotonic(), self.page.worked_s()
        row = self.network.send("FILE01", stands=True)
        self.page.find(f"[data-strip] [data-transfer='{row['transfer']}']")
        self.page.until(lambda: len(self.network.events) > 1000, "no flood")
        share = (self.page.worked_s() - worked) / (time.monotonic() - began)
        print(f"{len(self.network.events) / (time.monotonic() - began):.0f} events a second take {share:.0%} of a processor in the page")
        self.network.stopped.add("ServerC")
        self.page.until(lambda: self.page.drawn("node[name='ServerC'][state='wrong']"), "a stopped hub is not seen in a flood")


if __name__ == "__main__":
    unittest.main()
