"""What the console's tests share: one browser for all, a mock of a manager for each, and a look at what the browser complained about."""
import atexit
import os
import pathlib
import subprocess
import tempfile
import unittest

from browser import Browser
from mock_network import MockNetwork
from mock_node import MockNode

ROOT = pathlib.Path(__file__).resolve().parents[2]
kept = {}


def pages():
    """The folder with the bundled console: HUBLINK_CONSOLE, or bundled here once."""
    if "pages" not in kept:
        given = os.environ.get("HUBLINK_CONSOLE")
        folder = given or kept.setdefault("folder", tempfile.TemporaryDirectory()).name
        if not given:
            subprocess.run([ROOT / "node/web/console/bundle.sh", folder], check=True)
        kept["pages"] = folder
    return kept["pages"]


def browser():
    if "browser" not in kept:
        kept["browser"] = Browser()
        atexit.register(kept["browser"].close)
    return kept["browser"]


class ConsoleCase(unittest.TestCase):
    topology = None
    node_name = "MGR"  # who serves the page

    def setUp(self):
        self.node = MockNode(pages(), MockNetwork(self.topology), name=self.node_name)
        self.addCleanup(self.node.stop)
        self.network = self.node.network
        self.page = browser()
        self.page.open("about:blank")
        self.page.asked(), self.page.complaints()
        self.page.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.page.open(self.node.address)

    def tearDown(self):
        self.assertEqual([], self.page.complaints())
        self.assertEqual(
            [],
            [one for one in self.page.asked() if not one.startswith((self.node.address, "data:", "about:", "blob:" + self.node.address))],
        )

    def enter(self, place="#/", user="op"):
        self.page.log_in(user)
        self.page.find(".frame")
        self.page.place(place)

    def add_token(self, name):
        """Where tokens are shown: one more, whose text is shown once."""
        self.page.click("[data-action='add-token']")
        self.page.type("dialog input[name='token-name']", name)
        self.page.click("dialog .button.main")
        self.assertTrue(self.page.find("dialog input[name='token']").get_attribute("value").startswith("hlt_"))
        self.page.click("dialog .button.main")
        self.page.find(f"tr[data-row='{name}']")

    def posts(self, verb):
        return [fields for method, path, fields in self.node.requests if method == "POST" and path == f"/api/v1/{verb}"]
