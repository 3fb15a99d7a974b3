"""What a manager's page shows and changes at all servers: accounts, tokens, audit, certificates, stored files, gateways and streams."""
import unittest

from console_case import ConsoleCase


class Accounts(ConsoleCase):
    def setUp(self):
        super().setUp()
        self.network.accounts["ServerC"] = {
            "op": self.network.users["op"],
            "viewer": ("right", ["view", "transfer"], []),
            "night": ("right", ["view"], ["FILE01"]),
        }

    def row(self, key):
        return f"tr[data-row='{key}']"

    def test_who_may_the_same_everywhere_is_one_row(self):
        self.enter("#/administration/users")
        self.page.says("all servers", self.row("op"))
        self.page.says("ServerA, ServerB", self.row("viewer ServerA ServerB"))
        self.page.says("view, transfer", self.row("viewer ServerC"))
        self.page.says("FILE01", self.row("night"))
        self.page.shot("users-of-all")
        self.page.choose("select[name='at']", "ServerC")
        self.page.until(lambda: not self.page.all(self.row("limited")), "others' rows stay")
        self.page.find(self.row("viewer"))
        self.assertIn("at=ServerC", self.page.driver.current_url)
        self.page.driver.refresh()
        self.page.find(self.row("night"))
        self.assertEqual([], self.page.all(self.row("limited")))

    def test_a_new_user_comes_to_every_server(self):
        self.enter("#/administration/users")
        self.page.find(self.row("op"))
        self.page.click("[data-action='add-user']")
        self.page.says("New user at all servers", "dialog")
        self.page.type("dialog input[name='new-user']", "anna")
        self.page.type("dialog input[name='new-password']", "a long enough one")
        self.page.click("dialog input[name='right-transfer']")
        self.page.click("dialog .button.main")
        self.page.says("all servers", self.row("anna"))
        self.assertEqual(["ServerA", "ServerB", "ServerC"], [fields["at"] for fields in self.posts("users/add")])
        self.assertEqual({"view,transfer"}, {fields["rights"] for fields in self.posts("users/add")})

    def test_what_one_server_refuses_is_said_and_done_at_the_others(self):
        self.enter("#/administration/users")
        self.page.find(self.row("op"))
        self.page.click("[data-action='add-user']")
        self.page.type("dialog input[name='new-user']", "night")
        self.page.type("dialog input[name='new-password']", "a long enough one")
        self.page.click("dialog .button.main")
        self.page.says("Done at 2 of 3 servers", "dialog")
        self.page.says("ServerC: there is a user night already", "dialog")
        (refused,) = self.page.complaints()
        self.assertIn("users/add", refused)
        self.page.click("dialog .button[type=button]")
        self.page.find(self.row("night ServerA ServerB"))

    def test_rights_passwords_and_leaving_go_where_the_row_is(self):
        self.enter("#/administration/users")
        self.page.click("[data-change='viewer ServerC']")
        self.page.click("dialog input[name='right-transfer']")
        self.page.click("dialog .button.main")
        self.page.says("all servers", self.row("viewer"))
        self.assertEqual([{"user": "viewer", "rights": "view", "transfers": [], "at": "ServerC"}], self.posts("users/set"))
        self.page.click("[data-password='viewer']")
        self.page.type("dialog input[name='new-password']", "another long one", enter=True)
        self.page.until(lambda: not self.page.all("dialog"), "still asks")
        self.assertEqual(3, len(self.posts("users/passwd")))
        self.page.click("[data-action='remove-night']")
        self.page.says("Remove night at ServerC?", "dialog")
        self.page.click("dialog .button.danger")
        self.page.until(lambda: not self.page.all(self.row("night")))
        self.assertEqual([{"user": "night", "at": "ServerC"}], self.posts("users/remove"))

    def test_a_server_that_cannot_be_asked_is_named(self):
        self.network.stopped.add("ServerC")
        self.page.log_in()
        self.page.click("dialog .button.main")
        self.page.place("#/administration/users")
        self.page.find("[data-lacks='ServerC']")
        self.page.find(self.row("op"))
        self.page.place("#/administration/audit")
        self.page.find("[data-lacks='ServerC']")

    def test_who_has_not_the_right_does_not_see_them(self):
        self.enter("#/administration/users", user="viewer")
        self.page.says("not with your account's rights")
        for tab in ("users", "tokens", "audit"):
            self.assertEqual([], self.page.all(f"a[href='#/administration/{tab}']"))
        self.page.place("#/gateways")
        self.page.find("[data-gateways='network']")


class TokensAndAudit(ConsoleCase):
    def test_tokens_of_each_node(self):
        self.enter("#/administration/tokens")
        self.page.says("Tokens at MGR")
        self.page.choose("select[name='at']", "ServerB")
        self.page.says("Tokens at ServerB")
        self.add_token("backup")
        self.assertEqual(["ServerB"], [fields["at"] for fields in self.posts("tokens/add")])
        self.page.choose("select[name='at']", "")
        self.page.until(lambda: not self.page.all("tr[data-row='backup']"), "the manager has it, too")

    def test_the_audit_of_all_servers(self):
        for at, command in (("ServerA", "send"), ("ServerB", "cancel")):
            self.network.audit.append(
                {"time": "2026-01-01T00:00:00Z", "from": "MGR", "user": "op", "command": command, "result": "ok", "at": at}
            )
        self.enter("#/administration/audit")
        self.page.says("send")
        self.page.says("ServerB")
        self.page.shot("audit-of-all")
        self.page.type("input[type=search]", "cancel")
        self.page.until(lambda: len(self.page.all("tbody tr")) == 1, "it is not filtered")
        self.assertIn("ServerB", self.page.text("tbody"))

    def test_certificates_of_all_nodes_also_of_who_does_not_answer(self):
        self.network.stopped.add("HOST3")
        self.enter("#/administration/certificates")
        for name in self.network.nodes:
            self.page.find(f"tr[data-row='{name}']")
        self.page.says("not known", "tr[data-row='HOST3']")


class Certificates(ConsoleCase):
    row = "tr[data-row='HOST1']"

    def test_an_invitation_says_what_to_type_there(self):
        self.enter("#/administration/certificates")
        self.page.find(self.row)
        self.page.click("[data-action='invite']")
        self.assertNotIn("MGR", self.page.text("dialog select[name='invited']"))
        self.page.choose("dialog select[name='invited']", "HOST2")
        self.page.click("dialog .button.main")
        self.page.says("HOST2 alone", "dialog")
        self.assertEqual("7Q2M-0000-0000", self.page.find("dialog input[name='code']").get_attribute("value"))
        home = self.network.nodes[self.network.nodes["HOST2"]["home"]]["address"]
        self.assertEqual(
            f"hublink run --node HOST2 --join {home} --code 7Q2M-0000-0000",
            self.page.find("dialog textarea[name='command']").get_attribute("value"),
        )
        self.page.shot("invitation")
        self.assertEqual([], self.page.axe())
        self.page.click("dialog .button.main")
        self.page.until(lambda: not self.page.all("dialog"), "it is still shown")
        self.assertEqual([{"node": "HOST2", "days": 730}], self.posts("invite"))

    def test_a_manager_without_the_ca_says_so_and_what_was_chosen_stays(self):
        self.network.ca_elsewhere = True
        self.enter("#/administration/certificates")
        self.page.find(self.row)
        self.page.click("[data-action='invite']")
        self.page.choose("dialog select[name='invited']", "HOST3")
        self.page.click("dialog .button.main")
        self.page.says("holds no CA", "dialog")
        self.page.complaints()
        self.assertEqual("HOST3", self.page.find("dialog select[name='invited']").get_attribute("value"))

    def test_a_revoked_node_is_shut_out_after_one_question(self):
        self.network.stopped.add("HOST3")
        self.enter("#/administration/certificates")
        self.assertEqual([], self.page.all("[data-action='revoke-MGR']"))
        self.page.click("[data-action='revoke-HOST1']")
        self.page.says("lets HOST1 in no more", "dialog")
        self.page.click("dialog .button[type=button]")
        self.assertEqual([], self.posts("revoke"))
        self.page.click("[data-action='revoke-HOST1']")
        self.page.click("dialog .button.danger")
        self.page.says("List 2 of revoked certificates", "[data-told]")
        self.page.says("HOST3: no answer", "[data-told]")
        self.assertEqual([{"node": "HOST1"}], self.posts("revoke"))
        self.page.until(lambda: self.page.text(self.row).split().count("2") == 1, "the row has the list of before")

    def test_a_node_that_answers_is_renewed(self):
        self.network.stopped.add("HOST3")
        self.enter("#/administration/certificates")
        self.page.click("[data-action='renew-HOST1']")
        self.page.says("2031", self.row)
        self.assertEqual([{"at": "HOST1"}], self.posts("renew"))
        self.assertEqual([], self.page.all("[data-action='renew-HOST3']"))

    def test_who_only_looks_neither_invites_nor_revokes(self):
        self.enter("#/administration/certificates", user="viewer")
        self.page.find(self.row)
        self.assertEqual([], self.page.all("[data-action]:is([data-action='invite'], [data-action^='renew'], [data-action^='revoke'])"))


class Carried(ConsoleCase):
    def test_gateways_links_and_who_talks_to_whom(self):
        self.enter("#/gateways")
        self.page.says("ServerA: ", "tr[data-row='db']")
        self.page.says("ServerB: ", "tr[data-row='db']")
        self.page.says("listening", "tr[data-row='db']")
        self.page.says("serving", "tr[data-row='db']")
        self.page.says("127.1.2.50:5432", "[data-talks]")
        self.page.says("127.1.1.77", "[data-talks] tbody")
        self.page.find("figure.plot canvas")
        self.page.click("[data-link='ServerA~ServerB']")
        self.page.until(lambda: "link=" in self.page.driver.current_url, "the choice is not in the address")
        self.page.find("figure.plot [aria-label*='ServerA~ServerB']")
        self.page.shot("gateways-of-all")
        self.page.type("input[type=search]", "nobody")
        self.page.until(lambda: not self.page.all("tr[data-row='db']"), "it is not filtered")

    def test_what_is_stored_anywhere_is_delivered_where_it_is(self):
        for at, transfer in (("ServerA", "f" * 32), ("ServerC", "e" * 32)):
            self.network.stored.append(
                {
                    "transfer": transfer,
                    "file": "FILE01",
                    "from": "HOST1",
                    "size": 1,
                    "store": "only",
                    "waiting": ["HOST2"],
                    "until": "2028-01-01T00:00:00Z",
                    "at": at,
                }
            )
        self.enter("#/files")
        self.page.says("ServerA", "tr[data-row='ServerA" + "f" * 32 + "']")
        self.page.click(f"[data-action='deliver-{'e' * 32}']")
        self.page.until(lambda: not self.page.all(f"[data-action='deliver-{'e' * 32}']"), "it is still there")
        self.assertEqual([{"transfer": "e" * 32, "at": "ServerC"}], self.posts("deliver"))


if __name__ == "__main__":
    unittest.main()
