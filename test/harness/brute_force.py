"""Wrong passwords by the hundreds, from several managers at once: what everybody else notices of it. `HUBLINK_GUESSES` says how many
(1,000 take minutes)."""
import concurrent.futures
import itertools
import os
import statistics
import threading
import time

from hublink_harness import cli
from hublink_harness.managed import PASSWORD, Managed, managed, manager
from hublink_harness.topologies import chain, transfer

GUESSES = int(os.environ.get("HUBLINK_GUESSES", "100"))
ATTACKERS = 4


class BruteForce(Managed):
    topology = managed(chain(1, FILE01=transfer("HOST1", "HOST2")), "127.2.1.9", "Server1")
    for number in range(1, ATTACKERS + 1):
        topology["nodes"][f"EVIL{number}"] = manager(f"127.2.1.{100 + number}", "Server1")

    def ask(self, node, **request):
        """One command at a node's control socket: the last line of the answer, and the seconds that it took."""
        began = time.monotonic()
        answer = self.net.ask(node, **request)
        return answer, time.monotonic() - began

    def log_in(self, node, user, password):
        answer, took = self.ask(node, verb="login", user=user, password=password)
        (row,) = answer["sessions"]
        return row, took

    def command(self):
        """What somebody who is logged in waits for a command."""
        answer, took = self.ask("MGR", verb="transfers")
        self.assertEqual(0, answer["exit"], answer)
        return took

    def login_again(self):
        self.ask("MGR", verb="logout")
        row, took = self.log_in("MGR", "op", PASSWORD)
        self.assertEqual("in", row["state"], row)
        return took

    def resident(self):
        with open(f"/proc/{self.net.running['Server1'].pid}/status", encoding="utf-8") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024

    def test_others_work_on_while_passwords_are_guessed(self):
        self.logged_in()
        idle = [self.command() for _ in range(50)], [self.login_again() for _ in range(5)]
        numbers = itertools.count(1)
        guessed = []
        began = threading.Event()

        def attack(node):
            while (number := next(numbers)) <= GUESSES:
                # Accounts that are there are tried once from each; a second time would have to wait.
                user = "op" if number <= ATTACKERS else f"user{number}"
                row, _ = self.log_in(node, user, f"guess {number}")
                guessed.append(row["code"])
                began.set()

        busy = [], []
        memory = []
        with concurrent.futures.ThreadPoolExecutor(ATTACKERS) as pool:
            attackers = [pool.submit(attack, f"EVIL{number}") for number in range(1, ATTACKERS + 1)]
            self.assertTrue(began.wait(30))
            memory.append(self.resident())
            started = time.monotonic()
            while len(guessed) < GUESSES - 2 * ATTACKERS:
                before = len(guessed)
                busy[0].extend(self.command() for _ in range(10))
                if len(guessed) < GUESSES - 10 * ATTACKERS:
                    busy[1].append(self.login_again())
                    self.assertLess(len(guessed), GUESSES, "the login ended when the attack did")
                self.assertLessEqual(before, len(guessed))
                memory.append(self.resident())
            took = time.monotonic() - started
            for one in attackers:
                one.result()
        self.assertEqual(["not-authenticated"] * GUESSES, guessed)
        self.assertGreater(len(busy[1]), 0)
        audit = self.expect_exit(cli.DONE, self.net.cli("Server1", "audit", "--json", "--limit", str(2 * GUESSES + 1000))).json()
        wrong = [row for row in audit if row["command"] == "login" and row["result"] == "not-authenticated"]
        self.assertEqual(GUESSES, len(wrong))
        self.assertEqual({f"EVIL{number}" for number in range(1, ATTACKERS + 1)}, {row["from"] for row in wrong})
        self.assertEqual(len(idle[1]) + len(busy[1]) + 1,
                         len([row for row in audit if row["command"] == "login" and row["result"] == "ok"]))
        (op,) = [user for user in self.net.cli("Server1", "users", "list", "--json").json() if user["user"] == "op"]
        self.assertLessEqual(op["failures"], ATTACKERS)
        for what, alone, attacked in (("command", idle[0], busy[0]), ("login", idle[1], busy[1])):
            a, b = statistics.median(alone), statistics.median(attacked)
            print(f"{what}: median {1000 * a:.1f} ms idle, {1000 * b:.1f} ms under attack ({b / a:.1f}x), worst {1000 * max(attacked):.0f} ms")
        print(f"{GUESSES} wrong passwords in {took:.1f} s; server {memory[0]:.0f} MiB at first, {memory[-1]:.0f} MiB at the end, "
              f"at most {max(memory):.0f} MiB", flush=True)
        self.assertLess(memory[-1] - memory[0], 96, "hashes of 64 MiB come and go; nothing else may grow")
