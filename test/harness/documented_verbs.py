"""The page of commands is what the commands say of themselves."""
import unittest

from hublink_harness import commands_page


class Page(unittest.TestCase):
    maxDiff = None

    def test_it_is_made_from_their_help(self):
        self.assertEqual(commands_page.made(), commands_page.PAGE.read_text(encoding="utf-8"),
                         "HUBLINK=… python3 -B -m hublink_harness.commands_page, in test/harness, writes it anew")
