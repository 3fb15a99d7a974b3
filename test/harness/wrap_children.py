"""`hublink wrap`: nothing slips out unseen. Every program that would run without the preloaded library is refused, the first and all children;
every other child has it, with what it was told, whatever its parent did to the environment."""
import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hublink_harness import cli, programs
from hublink_harness.apps import TcpServer, say_and_close

from gateway_wrap import CLOSED, HERE, PORT, Wrapped, wrap_network

REFUSED = "refused, for it would go out without the gateway"
WAYS = ("execv", "execve", "execve_null", "execvp", "execvpe", "execl", "execlp", "execle", "fexecve", "fexecve_path", "execveat", "syscall", "vfork",
        "posix_spawn", "posix_spawnp")


class Children(Wrapped):
    topology = wrap_network([f"{HERE}:{PORT}"])

    @classmethod
    def prepare(cls, net):
        folder = tempfile.TemporaryDirectory(prefix="hublink-wrap.", dir="/dev/shm")  # where files may have capabilities
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.folder.chmod(0o755)
        library = Path(cli.executable()).resolve().parent / "libhublink_wrap.so"
        cls.library = cls.folder / library.name  # where every user can read it
        shutil.copy(library, cls.library)
        cls.library.chmod(0o755)

    def setUp(self):
        super().setUp()
        self.seen = []

        def serve(connection):
            self.seen.append(connection.getpeername()[0])
            say_and_close(connection, b"served")

        self.servers.append(TcpServer(serve, (HERE, PORT)))
        self.env = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}:/usr/sbin", "HUBLINK_WRAP_LIBRARY": str(self.library)}

    def run_it(self, *command, options=(), prefix=(), **env):
        words = [*prefix, cli.executable(), "wrap", "--gateway", self.door(), "--only", f"{HERE}/32", *options, "--", *command]
        return subprocess.run([str(word) for word in words], env={**self.env, **env}, capture_output=True, text=True, timeout=30)

    def expect_gateway(self, done):
        self.assertEqual((0, "served"), (done.returncode, done.stdout), done.stderr)
        self.assertEqual(["127.2.3.1"], self.seen, done.args)
        self.seen.clear()

    def expect_refused(self, done, code, *words):
        """With one line of ours that has these words; and nobody came."""
        self.assertEqual(code, done.returncode, f"{done.args}: {done.stderr}")
        lines = [line for line in done.stderr.splitlines() if line.startswith("hublink")]
        self.assertEqual(1, len(lines), done.stderr)
        for word in (*words, "without the gateway", "hublink wrap --strict"):
            self.assertIn(word, lines[0])
        self.assertEqual([], self.seen, done.args)

    def program(self, source, *options, **more):
        return programs.build(self.folder, source, *options, **more)

    # -- what is refused -----------------------------------------------------------------------------------------

    def expect_refused_everywhere(self, program, *words, prefix=(), **options):
        """As the first program, and as a child."""
        self.expect_refused(self.run_it(program, HERE, PORT, prefix=prefix), cli.USAGE, *words)
        self.expect_refused(self.run_it("sh", "-c", f"{program} {HERE} {PORT}; exit $?", prefix=prefix), 126, REFUSED, *words)

    def test_a_static_program(self):
        self.expect_refused_everywhere(self.program("dial", "-static", name="static"), "is linked statically")
        self.expect_refused_everywhere(self.program("dial", "-static-pie", name="static-pie"), "is linked statically")

    def test_a_program_of_musl(self):
        self.expect_refused_everywhere(self.program("dial", name="musl", compiler="musl-gcc"), "of another C library")

    def test_a_go_program(self):
        self.expect_refused_everywhere(self.program("dial", name="go", text=programs.NOTE_OF_GO), "is a Go program")

    def test_a_go_program_by_its_build_information(self):
        mark = '\nchar build[64] __attribute__((aligned(64), section(".data"))) = "\\xff Go buildinf:";'
        self.expect_refused_everywhere(self.program("dial", name="go-build", text=mark), "is a Go program")

    def test_a_program_with_a_sanitizer(self):
        self.expect_refused_everywhere(self.program("dial", "-fsanitize=address", name="asan"), "sanitizer")

    def test_a_program_of_another_machine(self):
        for name, place, octet in (("word-size", 4, 1), ("machine", 18, 0xf3 if os.uname().machine != "riscv64" else 0x3e)):
            program = self.program("dial", name=name)
            with program.open("r+b") as file:
                file.seek(place)
                file.write(bytes([octet]))
            self.expect_refused_everywhere(program, "word size")

    def as_nobody(self, *others):
        if os.geteuid() != 0:
            self.skipTest("needs root")
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *others]

    def test_a_program_with_rights_of_its_own(self):
        nobody = self.as_nobody()
        set_id, capable, group = (self.program("dial", name=name) for name in ("set-id", "capable", "group"))
        set_id.chmod(0o4755)
        group.chmod(0o2755)
        self.expect_refused_everywhere(set_id, "set-user-ID", prefix=nobody)
        self.expect_refused_everywhere(group, "set-user-ID", prefix=nobody)
        setcap = shutil.which("setcap", path=self.env["PATH"])
        if not setcap or subprocess.run([setcap, "cap_net_bind_service+ep", capable], capture_output=True).returncode != 0:
            self.skipTest("no setcap, or a file system without capabilities")
        self.expect_refused_everywhere(capable, "capabilities", prefix=nobody)
        self.expect_gateway(self.run_it(capable, HERE, PORT))  # root has no more of them

    def test_who_can_get_no_new_privileges(self):
        set_id = self.program("dial", name="set-id-for-nothing")
        set_id.chmod(0o4755)
        self.expect_gateway(self.run_it(set_id, HERE, PORT, prefix=self.as_nobody("--no-new-privs")))

    def test_a_process_whose_ids_differ(self):
        self.as_nobody()
        self.expect_refused(self.run_it(self.program("dial"), HERE, PORT, prefix=["setpriv", "--euid=65534"]), cli.USAGE, "real user or group")

    def test_a_script_of_what_is_refused(self):
        static = self.program("dial", "-static", name="static")
        script = self.folder / "script"
        for first in (f"#!{static} {HERE}", f"#! {static}\t{HERE}", "#!/usr/bin/env static"):
            script.write_text(f"{first}\n")
            script.chmod(0o755)
            self.expect_refused(self.run_it(script), cli.USAGE, "is linked statically")
            self.expect_refused(self.run_it("sh", "-c", f"{script}; exit $?"), 126, "is linked statically")

    # -- how a child begins --------------------------------------------------------------------------------------

    def test_every_way_to_begin_a_child(self):
        begin, dial, static = self.program("begin"), self.program("dial"), self.program("dial", "-static", name="static")
        for way in WAYS:
            with self.subTest(way=way):
                self.expect_gateway(self.run_it(begin, way, dial, HERE, PORT))
                self.expect_refused(self.run_it(begin, way, static, HERE, PORT), 100 + errno.EACCES, REFUSED, "is linked statically")
        for way in ("system", "popen"):
            with self.subTest(way=way):
                self.expect_gateway(self.run_it(begin, way, dial, HERE, PORT))
                self.expect_refused(self.run_it(begin, way, static, HERE, PORT), 126, REFUSED)

    def test_allow_direct(self):
        static = self.program("dial", "-static", name="static")
        done = self.run_it("sh", "-c", f"{static} {HERE} {PORT}", options=["--allow-direct"])
        self.assertEqual((0, "served", ""), (done.returncode, done.stdout, done.stderr))
        self.assertNotIn("127.2.3.1", self.seen)

    def test_a_cleared_environment(self):
        dial = self.program("dial")
        for command in (f"env -i {dial} {HERE} {PORT}", f"env -u LD_PRELOAD {dial} {HERE} {PORT}", f"LD_PRELOAD= {dial} {HERE} {PORT}",
                        f"HUBLINK_WRAP_RULES='4 0a000000 8 1 65535;' {dial} {HERE} {PORT}", f"env -i env -i {dial} {HERE} {PORT}"):
            with self.subTest(command=command):
                self.expect_gateway(self.run_it("sh", "-c", command))

    def test_one_wrap_in_another(self):
        inner = (cli.executable(), "wrap", "--gateway", self.door(), "--only", f"{HERE}/32", "--", self.program("dial"), HERE, PORT)
        outer = [str(word) for word in (cli.executable(), "wrap", "--gateway", f"127.2.1.1:{CLOSED}", "--only", "10.0.0.0/8", "--", *inner)]
        self.expect_gateway(subprocess.run(outer, env=self.env, capture_output=True, text=True, timeout=30))

    def test_what_a_program_preloads_itself_stays(self):
        other = self.program("plugin", "-shared", "-fPIC", name="other.so")
        done = self.run_it("env", "-i", f"LD_PRELOAD={other}", shutil.which("env"))
        self.assertIn(f"LD_PRELOAD={self.library}:{other}\n", done.stdout)

    def test_a_child_that_can_not_read_the_library(self):
        nobody = self.as_nobody()
        hidden = self.folder / "hidden"
        hidden.mkdir(mode=0o700)
        self.addCleanup(shutil.rmtree, hidden)
        shutil.copy(self.library, hidden)
        done = self.run_it(*nobody, self.program("dial"), HERE, PORT, HUBLINK_WRAP_LIBRARY=str(hidden / self.library.name))
        self.expect_refused(done, 126, "where libhublink_wrap.so can't be read")

    def test_what_exec_itself_refuses(self):
        begin = self.program("begin")
        folder, text = self.folder / "folder", self.folder / "text"
        folder.mkdir(exist_ok=True)
        text.write_text("echo from a shell\n")
        for program, mode, error in (("none", None, errno.ENOENT), (text, 0o644, errno.EACCES), (text, 0o755, errno.ENOEXEC), (folder, None, errno.EACCES)):
            if mode:
                program.chmod(mode)
            done = self.run_it(begin, "execve", self.folder / program)
            self.assertEqual((100 + error, ""), (done.returncode, done.stderr), program)
        done = self.run_it(begin, "execvp", text)
        self.assertEqual((0, "from a shell\n"), (done.returncode, done.stdout), done.stderr)

    # -- what is loaded ------------------------------------------------------------------------------------------

    def test_what_is_loaded_with_its_own_symbols_first(self):
        load = self.program("load", "-Wl,-rpath,$ORIGIN/lib")
        (self.folder / "lib").mkdir(exist_ok=True)
        plugin = self.program("plugin", "-shared", "-fPIC", name="plugin.so")
        shutil.copy(plugin, self.folder / "lib" / "libhublink_plugin.so")
        for way in ("plain", "deep", "handle"):
            with self.subTest(way=way):
                self.expect_gateway(self.run_it(load, way, plugin, HERE, PORT))
        self.expect_gateway(self.run_it(load, "deep", "libhublink_plugin.so", HERE, PORT))  # found by the program's RUNPATH
        self.expect_refused(self.run_it(load, "namespace", plugin, HERE, PORT), 1, REFUSED, "a namespace of its own")

    def test_a_library_with_gos_network_code(self):
        plugin = self.program("plugin", "-shared", "-fPIC", name="libgo-plugin.so", text=programs.NOTE_OF_GO)
        self.expect_refused(self.run_it(self.program("load"), "plain", plugin, HERE, PORT), 1, REFUSED, "Go's network code")
        linked = self.program("dial", "-Wl,--no-as-needed", plugin, name="linked-to-go")
        self.expect_refused(self.run_it(linked, HERE, PORT), cli.USAGE, REFUSED, "Go's network code")

    def test_the_c_librarys_own_door_to_the_kernel(self):
        self.expect_gateway(self.run_it(self.program("raw_dial"), HERE, PORT))

    def test_the_c_librarys_remote_shells(self):
        shell = self.program("remote_shell")
        for way in ("rcmd", "rexec"):
            self.expect_refused(self.run_it(shell, way, HERE, PORT), 1, REFUSED, way)
        beside = TcpServer(lambda connection: say_and_close(connection, b"\0served"), ("127.2.3.51", PORT))
        self.servers.append(beside)
        done = self.run_it(shell, "rexec", "127.2.3.51", PORT)  # which is not taken
        self.assertEqual((0, "served", ""), (done.returncode, done.stdout, done.stderr))

    def test_io_uring_is_not_there(self):
        script = "import ctypes, errno; c = ctypes.CDLL(None, use_errno=True); print(c.syscall(425, 4, ctypes.create_string_buffer(120)), errno.errorcode[ctypes.get_errno()])"
        self.assertEqual("-1 ENOSYS\n", self.run_it(sys.executable, "-c", script).stdout)

    def test_php_curl(self):
        if not shutil.which("php"):
            self.skipTest("php is not installed")
        if subprocess.run(["php", "-r", "exit(function_exists('curl_init') ? 0 : 1);"]).returncode != 0:
            self.skipTest("this php has no curl")
        script = f"$c = curl_init('http://{HERE}:{PORT}/'); curl_setopt_array($c, [CURLOPT_HTTP09_ALLOWED => true, CURLOPT_PROXY => '']); curl_exec($c);"
        self.expect_gateway(self.run_it("php", "-r", script))
