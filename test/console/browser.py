"""Headless Chromium, driven: one browser, waits with deadlines and no sleeps, and what its log says."""
import json
import os
import pathlib
import re
import time

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

DEADLINE_S = 12
GRAPH = "const graph = document.querySelector('.drawing')?._cyreg?.cy;"  # Cytoscape leaves itself at its element
EXPECTED = re.compile(
    r"/api/v1/\S+ - Failed to load resource: .* status of 401 \(|/api/v1/topology - .* status of 404 \(|net::ERR_INTERNET_DISCONNECTED"
)  # who is not in; nothing was applied yet; a line that a test has cut
HERE = pathlib.Path(__file__).resolve().parent


class Browser:
    """`shots`: where screenshots go; none are made without."""

    def __init__(self, width=1440, height=900, language="en", dark=False, shots=os.environ.get("HUBLINK_SHOTS")):
        options = webdriver.ChromeOptions()
        for word in (
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-extensions",
            "--disable-background-networking",
            f"--window-size={width},{height}",
            f"--lang={language}",
            "--disable-component-update",
            "--no-first-run",
            "--ignore-certificate-errors",
        ):
            options.add_argument(word)
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        options.binary_location = "/usr/bin/chromium"
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
        )
        self.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        self.shots = pathlib.Path(shots) if shots else None

    def close(self):
        self.driver.quit()

    def open(self, address):
        self.driver.get(address)

    def place(self, words):
        """Another place of the same page."""
        self.driver.execute_script("location.hash = arguments[0]", words)

    def find(self, selector):
        return self.until(lambda: next(iter(self.all(selector)), None), f"there is no {selector}")

    def all(self, selector):
        return [one for one in self.driver.find_elements(By.CSS_SELECTOR, selector) if one.is_displayed()]

    def until(self, condition, what="", seconds=DEADLINE_S):
        def again(_):
            try:
                return condition()
            except Exception as wrong:  # what is drawn anew in this moment is there at the next look
                if type(wrong).__name__ in ("StaleElementReferenceException", "NoSuchElementException", "JavascriptException"):
                    return None
                raise

        try:
            return WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(again, what or "not in time")
        except TimeoutException as late:
            self.shot(f"failed-{time.strftime('%H%M%S')}")
            raise AssertionError(f"{late.msg}, at {self.driver.current_url}") from None

    def text(self, selector="body"):
        return self.driver.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def says(self, words, selector="body", seconds=DEADLINE_S):
        self.until(lambda: words in self.text(selector), f"{selector} never says {words!r}: {self.text(selector)[:600]}", seconds)

    def click(self, selector):
        def press():
            found = self.all(selector)
            if not found or not found[0].is_enabled():
                return False
            try:
                found[0].click()
            except Exception as wrong:  # something lies over it for the moment
                if type(wrong).__name__ not in ("ElementClickInterceptedException", "ElementNotInteractableException"):
                    raise
                return False
            return True

        self.until(press, f"can't click {selector}")

    def type(self, selector, text, enter=False):
        field = self.find(selector)
        field.send_keys(Keys.CONTROL, "a", Keys.NULL, text or Keys.DELETE, "\n" if enter else "")  # as a hand does

    def choose(self, selector, value):
        self.until(lambda: Select(self.find(selector)).select_by_value(value) or True)

    def log_in(self, user="op", password="right"):
        self.type("input[name=user]", user)
        self.type("input[name=password]", password, enter=True)

    def shot(self, name):
        if self.shots:
            self.shots.mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(str(self.shots / f"{name}.png"))

    def resize(self, width, height):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        )

    def still(self):
        """Two frames have come since all of the map stands where it is."""
        places = GRAPH + """
            const done = arguments[0], where = () => String(graph?.nodes().map(one => [one.renderedPosition().x, one.renderedPosition().y]));
            const before = where();
            requestAnimationFrame(() => requestAnimationFrame(() => done(where() === before)));"""
        self.until(lambda: self.driver.execute_async_script(places), "it never stands still")

    def click_node(self, name):
        """Clicks where the map has drawn that node, once it stands still: a frame has come in which it did not move."""
        place = (
            GRAPH
            + """
            const done = arguments[1], where = () => {
              const one = graph?.getElementById(arguments[0]);
              if (!one || one.empty()) return null;
              const at = one.renderedPosition(), box = graph.container().getBoundingClientRect();
              return [box.x + at.x, box.y + at.y];
            }, before = where();
            requestAnimationFrame(() => requestAnimationFrame(() => done(String(where()) === String(before) ? before : null)));"""
        )
        where = self.until(lambda: self.driver.execute_async_script(place, f"node:{name}"), f"{name} is not on the map")
        self.click_at(*where)

    def click_at(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1})

    def drawn(self, selector):
        """Data of what the map has drawn."""
        return self.driver.execute_script(GRAPH + "return graph ? graph.elements(arguments[0]).map(one => one.data()) : []", selector)

    def worked_s(self):
        """Processor time of the page's thread so far: what others do on this machine is not in it."""
        rows = self.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return next(row["value"] for row in rows if row["name"] == "TaskDuration")

    def complaints(self):
        """What the browser's console has: errors of scripts, refusals of the policy."""
        return [
            row["message"]
            for row in self.driver.get_log("browser")
            if row["level"] in ("SEVERE", "WARNING") and not EXPECTED.search(row["message"])
        ]

    def asked(self):
        """Addresses that were requested since the last call."""
        rows = (json.loads(row["message"])["message"] for row in self.driver.get_log("performance"))
        return [row["params"]["request"]["url"] for row in rows if row["method"] == "Network.requestWillBeSent"]

    def cut(self, on=True):
        """The line to whoever serves the page."""
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd(
            "Network.emulateNetworkConditions", {"offline": on, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        )

    def axe(self):
        """Serious and critical findings of axe-core in what is shown: (rule, how bad, where)."""
        self.driver.execute_script((HERE / "vendor" / "axe-core" / "axe.js").read_text())
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(done, wrong => done({violations: [{id: String(wrong), impact: 'critical', nodes: []}]}))"
        )
        return [
            (one["id"], one["impact"], [f"{node['target']} {node.get('failureSummary', '')}" for node in one["nodes"]][:4])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
