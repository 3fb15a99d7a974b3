"""The pictures of README and the guide, as a user sees them: the map with a broadcast on its way, one transfer, what applying would change.
To make them anew: HUBLINK_SHOTS=docs/guide/pictures python3 -B test/console/run.py pictures"""
import unittest

from console_case import ConsoleCase

MOST = 300_000  # bytes of each


class Pictures(ConsoleCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.page.resize, 1440, 900)
        self.page.resize(1280, 800)

    def keep(self, name):
        self.page.driver.execute_script("document.activeElement?.blur()")
        self.page.still()
        self.page.shot(name)
        if self.page.shots:
            self.assertLess((self.page.shots / f"{name}.png").stat().st_size, MOST)

    def test_map(self):
        self.network.send("FILE02", stands=True)
        row = self.network.send("FILE04", stands=True)
        self.enter("#/map?node=ServerC")
        self.page.click(f"[data-transfer='{row['transfer']}'] button")
        self.page.until(lambda: len(self.page.drawn("edge[kind='way']")) == 5, "its way is not drawn")
        self.keep("map")

    def test_transfer(self):
        self.enter("#/send?file=FILE03")
        self.page.find("[data-point]")
        self.page.click("[data-action='send']")
        self.page.find("[data-transfer][data-state='done']")
        self.page.find("[data-stop='HOST3'].good")
        self.page.click("[data-stop='ServerA']")
        self.page.find("[data-hop='ServerA']")
        self.keep("transfer")

    def test_apply(self):
        self.enter("#/transfer-map/FILE02")
        self.page.click("[data-pick='via']")
        self.page.click_node("ServerB")
        self.page.find("[data-via='ServerB']")
        self.page.click("[data-action='apply']")
        self.page.until(lambda: self.page.find("[data-action='apply-now']").is_enabled(), "nothing can be applied")
        self.keep("apply")


if __name__ == "__main__":
    unittest.main()
