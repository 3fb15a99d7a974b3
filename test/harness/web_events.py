"""Live events over HTTPS: as they happen, from where one left, of those that one may see, until the login ends."""
from hublink_harness import web
from hublink_harness.web_case import API, Web, query


class Live(Web):
    """Server-sent events."""

    def test_they_come_as_they_happen_and_go_on_where_one_left(self):
        who = self.token("HOST1", "live", "view,transfer")
        with web.Events(who) as reader:
            self.assertEqual(200, reader.status)
            first = who.post(API + "send", {"file": "FILE01"}).json()["record"]["transfer"]
            reader.expect("sent", transfer=first)
            last = reader.last
        second = who.post(API + "send", {"file": "FILE01", "wait": True}).json()["record"]["transfer"]
        with web.Events(who, last=last) as reader:
            seen = []
            for _, event in reader:
                seen.append(event)
                if event["event"] == "sent":
                    break
            self.assertNotIn(first, {event["transfer"] for event in seen})
            self.assertEqual(second, seen[-1]["transfer"])
            self.assertEqual([event["time"] for event in seen], sorted(event["time"] for event in seen))

    def test_of_one_transfer_from_the_oldest_on(self):
        who = self.token("HOST1", "one", "view,transfer")
        transfers = [who.post(API + "send", {"file": "FILE01", "wait": True}).json()["record"]["transfer"] for _ in range(2)]
        with web.Events(who, query(API + "events", {"transfer": transfers[0], "oldest": True})) as reader:
            reader.expect("sent", transfer=transfers[0])
            who.post(API + "send", {"file": "FILE01", "wait": True})
            self.assertEqual(400, who.get(API + "events?transfers=x").status)

    def test_another_ring_is_told(self):
        who = self.token("HOST1", "ring", "view")
        with web.Events(who, last="1:5") as reader:
            self.assertNotIn("missed", reader.expect("missed"))

    def test_a_limited_program_sees_its_own(self):
        low = self.token("HOST1", "little", "view", "--transfers", "FILE01")
        full = self.token("HOST1", "full", "view,transfer")
        with web.Events(low) as reader:
            full.post(API + "send", {"file": "SECRET", "wait": True})
            mine = full.post(API + "send", {"file": "FILE01", "wait": True}).json()["record"]["transfer"]
            for _, event in reader:
                self.assertEqual(mine, event["transfer"])
                if event["event"] == "sent":
                    break

    def test_at_a_manager_of_all_nodes_until_the_sessions_end(self):
        _, who = self.doors["MGR"].log_in()
        with web.Events(who) as reader:
            self.assertEqual(["HOST1", "HOST2", "HOST3", "MGR", "ServerA", "ServerB", "ServerC"], reader.expect("following")["nodes"])
            sent = who.post(API + "send", {"file": "FILE01"}).json()["record"]["transfer"]
            reader.expect("received", transfer=sent, node="HOST2")
            self.net.cli("MGR", "logout")
            self.assertIn(reader.expect("ended")["status"], (401, 400, 500, 502, 409))

    def test_who_logs_in_again_hears_the_past_but_not_that_it_ended(self):
        _, who = self.doors["MGR"].log_in()
        with web.Events(who) as reader:
            reader.expect("following")
            sent = who.post(API + "send", {"file": "FILE01", "wait": True}).json()["record"]["transfer"]
            reader.expect("received", transfer=sent, node="HOST2")
            last = reader.last
            self.net.cli("MGR", "logout")
            reader.expect("ended")
        _, who = self.doors["MGR"].log_in()
        for path, place in ((API + "events?oldest=true", None), (API + "events", last)):
            with web.Events(who, path, place) as reader:
                for _ in range(2):
                    sent = who.post(API + "send", {"file": "FILE01"}).json()["record"]["transfer"]
                    for name, event in reader:
                        self.assertNotEqual("ended", name, (path, event))
                        if event.get("event") == "received" and event["transfer"] == sent:
                            break
                    else:
                        self.fail(f"{path} ended")

    def test_they_end_with_the_login(self):
        _, who = self.doors["ServerA"].log_in()
        with web.Events(who) as reader:
            who.post(API + "logout")
            self.net.send("HOST1", "FILE01", "--wait")
            for name, event in reader:
                self.assertEqual("ended", name, event)

