"""The pages of commands are what the commands say of themselves."""
import unittest

from hublink_harness import commands_page


class Page(unittest.TestCase):
    maxDiff = None

    def test_they_are_made_from_their_help(self):
        for page, text in commands_page.made().items():
            with self.subTest(page=page.name):
                self.assertEqual(text, page.read_text(encoding="utf-8"),
                                 "HUBLINK=… python3 -B -m hublink_harness.commands_page, in test/harness, writes it anew")
