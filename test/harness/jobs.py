"""Jobs of the node's own configuration: before and after a transfer, with its facts; their results and their limits."""
import json

from hublink_harness import cli
from hublink_harness.case import Scenario
from hublink_harness.topologies import three_hubs, transfer

FILES = ("MADE", "REFUSED", "TOLD", "LOADED", "REJECTED", "SLOW", "KILLED", "POINTS")


def shell(script, **more):
    return {"command": ["sh", "-c", script], **more}


class Jobs(Scenario):
    topology = three_hubs(**{file: transfer("HOST1", "HOST2") for file in FILES})
    topology["nodes"]["HOST1"]["limits"] = {"stall_s": 6}
    started = ("ServerA", "ServerB", "HOST1", "HOST2")

    @classmethod
    def prepare(cls, net):
        jobs = {
            "HOST1": {
                "MADE": {"pre_send": shell("mkdir -p out && echo $HUBLINK_TRANSFER >$HUBLINK_PATH")},
                "REFUSED": {"pre_send": shell("echo the month is not closed; exit 4"), "post_send": shell("env >refused", after="failed")},
                "TOLD": {"post_send": shell("env | grep ^HUBLINK_ | sort >told")},
            },
            "HOST2": {
                "LOADED": {"post_receive": shell("wc -c <$HUBLINK_PATH", wait=True)},
                "REJECTED": {"post_receive": shell("echo no such column; exit 3", wait=True)},
                "SLOW": {"post_receive": shell("sleep 9; echo loaded", wait=True)},
                "POINTS": {"post_receive": shell("echo $HUBLINK_TRANSFER >>points", wait=True)},
                "KILLED": {"post_receive": shell("echo run >>runs; test $(wc -l <runs) -gt 1 || sleep 60", wait=True)},
            },
        }
        for node, of_node in jobs.items():
            (net.data(node) / "local.json").write_text(json.dumps({"jobs": of_node}))

    def row(self, node, transfer):
        return next(row for row in self.net.cli(node, "history", "--json").json() if row["transfer"] == transfer)

    def test_a_job_makes_what_is_sent(self):
        transfer = self.send_and_wait("HOST1", "MADE")
        self.assertEqual(transfer + "\n", (self.net.data("HOST2") / "in/MADE").read_text())
        (job,) = self.row("HOST1", transfer)["jobs"]
        self.assertEqual(("pre_send", "HOST1", "done"), (job["job"], job["node"], job["result"]))

    def test_what_a_job_refuses_is_not_sent(self):
        self.net.write("HOST1", "out/REFUSED", 1000)
        result = self.expect_exit(cli.FAILED, self.net.cli("HOST1", "send", "REFUSED", "--wait"))
        self.assertIn("pre_send ended with exit code 4: the month is not closed", result.err)
        after = self.net.traces.expect("HOST1", "job", transfer=result.out.split()[0], job="post_send")
        self.assertEqual("done", after["result"])
        self.assertIn("HUBLINK_STATE=failed", (self.net.data("HOST1") / "refused").read_text())

    def test_a_job_is_told_the_facts(self):
        source = self.net.write("HOST1", "out/TOLD", 1000)
        transfer = self.send_and_wait("HOST1", "TOLD")
        self.net.traces.expect("HOST1", "job", transfer=transfer)
        facts = dict(line.split("=", 1) for line in (self.net.data("HOST1") / "told").read_text().splitlines())
        expected = {"HUBLINK_JOB": "post_send", "HUBLINK_NODE": "HOST1", "HUBLINK_TRANSFER": transfer, "HUBLINK_FILE": "TOLD",
                    "HUBLINK_FROM": "HOST1", "HUBLINK_TO": "HOST2", "HUBLINK_STATE": "done", "HUBLINK_BYTES": "1000",
                    "HUBLINK_PATH": str(source)}
        self.assertEqual(expected, {name: facts.get(name) for name in expected})

    def test_the_sender_has_the_receivers_result(self):
        self.net.write("HOST1", "out/LOADED", 1000)
        transfer = self.send_and_wait("HOST1", "LOADED")
        (job,) = self.row("HOST1", transfer)["jobs"]
        self.assertEqual(("post_receive", "HOST2", "done", "1000"), (job["job"], job["node"], job["result"], job["said"]))

    def test_a_job_that_fails_fails_the_command(self):
        source = self.net.write("HOST1", "out/REJECTED", 1000)
        result = self.expect_exit(cli.FAILED, self.net.cli("HOST1", "send", "REJECTED", "--wait"))
        self.assertIn("post_receive ended with exit code 3: no such column (at HOST2)", result.err)
        transfer = result.out.split()[0]
        self.expect_received("HOST2", transfer, source)
        self.assertEqual("done", self.row("HOST1", transfer)["state"])  # the file is there

    def test_a_job_may_take_longer_than_a_stall(self):
        self.net.write("HOST1", "out/SLOW", 1000)
        transfer = self.send_and_wait("HOST1", "SLOW", deadline=60)
        row = self.row("HOST1", transfer)
        self.assertEqual((1, "loaded"), (row["attempt"], row["jobs"][0]["said"]))

    def test_a_job_runs_again_after_a_kill(self):
        self.net.write("HOST1", "out/KILLED", 1000)
        transfer = self.net.send("HOST1", "KILLED")
        self.net.traces.expect("HOST2", "received", transfer=transfer)
        runs = self.net.data("HOST2") / "runs"
        self.net.traces.until(lambda: runs.exists() and runs.read_text(), "the job's first run")
        self.net.kill("HOST2")
        self.net.start("HOST2")
        sent = self.net.traces.expect("HOST1", "sent", transfer=transfer)
        self.assertEqual({"HOST2": "done"}, sent["receivers"])
        self.assertEqual(2, len(runs.read_text().splitlines()))

    def test_a_receiver_that_dies_around_its_report(self):
        for point, runs in (("job", 2), ("after-report", 1)):
            with self.subTest(point):
                self.net.write("HOST1", "out/POINTS", 1000)
                self.net.stop("HOST2")
                self.net.start("HOST2", fault=point)
                transfer = self.net.send("HOST1", "POINTS")
                self.net.await_death("HOST2")
                self.net.start("HOST2")
                self.net.traces.expect("HOST1", "sent", transfer=transfer, within=20)
                row = self.row("HOST1", transfer)
                self.assertEqual(("done", "done"), (row["state"], row["jobs"][0]["result"]))
                self.assertEqual(runs, (self.net.data("HOST2") / "points").read_text().split().count(transfer))


class Configuration(Scenario):
    topology = three_hubs(FILE01=transfer("HOST1", "HOST2"))
    started = ("ServerA",)

    def refused(self, text, mode=0o600):
        local = self.net.data("HOST1") / "local.json"
        local.write_text(text)
        local.chmod(mode)
        return self.expect_exit(cli.USAGE, cli.run(*self.net.run_command("HOST1"), deadline=10)).err

    def test_every_problem_is_named(self):
        said = self.refused('{"jobs": {"FILE01": {"pre_send": {"command": "ls"}, "post_recieve": {}}}}')
        self.assertIn("jobs.FILE01.pre_send.command: must list a program and its arguments", said)
        self.assertIn('did you mean "post_receive"?', said)

    def test_a_file_that_others_can_write_is_refused(self):
        self.assertIn("can be written by others", self.refused("{}", 0o666))
