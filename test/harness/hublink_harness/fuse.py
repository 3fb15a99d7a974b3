"""A FUSE file system that shows a directory and does what a test wants of it: it refuses, is slow, or does not answer. It speaks the
kernel's protocol by itself, so that it needs no library and says of each operation exactly what it is told to."""
import ctypes
import errno
import os
import stat
import struct
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from . import mounts

# linux/fuse.h
(LOOKUP, FORGET, GETATTR, SETATTR, UNLINK, RMDIR, RENAME, LINK, OPEN, READ, WRITE, STATFS, RELEASE, FSYNC, FLUSH, INIT, OPENDIR,
 READDIR, RELEASEDIR, FSYNCDIR, CREATE, INTERRUPT, DESTROY, BATCH_FORGET, RENAME2, MKDIR) = (
     1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 25, 26, 27, 28, 29, 30, 35, 36, 38, 42, 45, 9)
NAMES = {LOOKUP: "lookup", GETATTR: "getattr", SETATTR: "setattr", UNLINK: "unlink", RMDIR: "rmdir", RENAME: "rename", LINK: "link",
         OPEN: "open", READ: "read", WRITE: "write", STATFS: "statfs", RELEASE: "release", FSYNC: "fsync", FLUSH: "flush",
         OPENDIR: "opendir", READDIR: "readdir", RELEASEDIR: "releasedir", FSYNCDIR: "fsyncdir", CREATE: "create",
         RENAME2: "rename2", MKDIR: "mkdir"}
UNANSWERED = (FORGET, BATCH_FORGET, INTERRUPT)
NEVER_HUNG = (INIT, DESTROY, RELEASE, RELEASEDIR)  # the kernel does the latter two later, and nobody waits for them
SET_MODE, SET_UID, SET_GID, SET_SIZE, SET_ATIME, SET_MTIME = 1, 2, 4, 8, 16, 32
BIG_WRITES, PARALLEL_DIROPS, MAX_PAGES = 1 << 5, 1 << 18, 1 << 22
MOST_WRITTEN = 256 << 10
ROOT = 1


class Share:
    """Mounted at `at`, it shows the directory `under`. Knobs, to be turned at any time:

    refuses      operation → errno that it answers ("chmod" is setattr of a mode, "chown" of an owner, "truncate" of a size)
    sync_rate    bytes a second that fsync makes durable
    read_pause   seconds before each read
    unstable     each look gives another inode number
    names        the longest name that it takes
    blocks       False: statfs knows nothing
    hang(…)      which operations don't answer, until `answer()`
    killable     what hangs comes back to a process that is killed, as from NFS"""

    def __init__(self, under, at):
        mounts.own_namespace()
        self.refuses, self.sync_rate, self.read_pause = {RENAME2: errno.ENOSYS}, None, 0
        self.unstable, self.names, self.blocks, self.killable = False, 255, True, False
        self.at, self._under = at, os.path.realpath(under)
        self.seen = []  # (operation, name)
        self._hung = None
        self._answers = threading.Condition()
        self._answered, self._interrupted = 0, set()
        self.stuck = threading.Semaphore(0)  # released by each operation that begins to hang
        self.synced = threading.Event()  # something that was written is
        self._lock = threading.Lock()
        self._paths, self._ids, self._last = {ROOT: ""}, {"": ROOT}, ROOT
        self._looks = 1 << 40
        self._dirty = {}
        os.makedirs(under, exist_ok=True)
        os.makedirs(at, exist_ok=True)
        try:
            self._device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
            mounts.mount("hublink-test", at, "fuse", mounts.MS_NOSUID | mounts.MS_NODEV,
                         f"fd={self._device},rootmode=40000,user_id=0,group_id=0,allow_other")
        except OSError as why:
            raise unittest.SkipTest(f"FUSE: {why}") from None
        self._workers = ThreadPoolExecutor(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def refuse(self, **operations):
        """`refuse(fsyncdir=errno.EINVAL)`, in place of what was refused before."""
        numbers = {name: number for number, name in NAMES.items()}
        self.refuses = {RENAME2: errno.ENOSYS, **{numbers.get(name, name): error for name, error in operations.items()}}

    def hang(self, *operations, name=""):
        """From now on these (all, if none is named) on names with that part don't answer."""
        self.stuck = threading.Semaphore(0)
        self._hung = (set(operations), name)

    def answer(self):
        with self._answers:
            self._hung = None
            self._answered += 1
            self._answers.notify_all()

    def wait_stuck(self, seconds=10):
        assert self.stuck.acquire(timeout=seconds), f"nothing hangs within {seconds} s; it saw {self.seen[-20:]}"

    def count(self, operation, name=""):
        return sum(1 for what, of in self.seen if what == operation and name in of)

    def close(self):
        self.answer()
        mounts.unmount(self.at)
        os.close(self._device)  # whoever still waits gets an error

    # -- the protocol -------------------------------------------------------------------------------------------

    def _serve(self):
        while True:
            try:
                request = os.read(self._device, MOST_WRITTEN + 8192)
            except OSError as why:
                if why.errno in (errno.ENOENT, errno.EINTR, errno.EAGAIN):
                    continue
                return
            operation = struct.unpack_from("<I", request, 4)[0]
            if operation == INTERRUPT and self.killable:
                with self._answers:
                    self._interrupted.add(struct.unpack_from("<Q", request, 40)[0])
                    self._answers.notify_all()
            if operation in UNANSWERED:
                continue
            self._workers.submit(self._answer, request)

    def _answer(self, request):
        _, operation, unique, node, uid, gid, _, _ = struct.unpack_from("<IIQQIIII", request)
        try:
            self._meet(operation, unique, node, request[40:])
            error, body = 0, self._do(operation, node, request[40:], (uid, gid))
        except OSError as why:
            error, body = -(why.errno or errno.EIO), b""
        except Exception:  # pylint: disable=broad-except
            error, body = -errno.EIO, b""
        try:
            os.write(self._device, struct.pack("<IiQ", 16 + len(body), error, unique) + body)
        except OSError:
            pass  # nobody waits for it any more

    def _meet(self, operation, unique, node, body):
        """What the test wants of it comes first."""
        called = NAMES.get(operation, str(operation))
        valid = struct.unpack_from("<I", body)[0] if operation == SETATTR else 0
        for bits, word in ((SET_MODE, "chmod"), (SET_UID | SET_GID, "chown"), (SET_SIZE, "truncate")):
            if valid & bits:
                called = word
        name = self._name(operation, node, body)
        self.seen.append((called, name))
        answered, hung = self._answered, self._hung
        if hung and (not hung[0] or called in hung[0]) and hung[1] in name and operation not in NEVER_HUNG:
            self.stuck.release()
            with self._answers:
                self._answers.wait_for(lambda: self._answered != answered or unique in self._interrupted)
                if unique in self._interrupted:
                    self._interrupted.discard(unique)
                    raise OSError(errno.EINTR, "")
        refused = self.refuses.get(operation) or self.refuses.get(called)
        if refused:
            raise OSError(refused, "")
        if operation in (LOOKUP, CREATE, MKDIR) and len(os.path.basename(name)) > self.names:
            raise OSError(errno.ENAMETOOLONG, "")

    def _name(self, operation, node, body):
        with self._lock:
            path = self._paths.get(node, "?")
        skip = {LOOKUP: 0, UNLINK: 0, RMDIR: 0, CREATE: 16, MKDIR: 8}.get(operation)
        return path if skip is None else f"{path}/{self._text(body[skip:])}"

    @staticmethod
    def _text(body):
        return os.fsdecode(body.split(b"\0", 1)[0])

    def _path(self, node):
        with self._lock:
            if node not in self._paths:
                raise OSError(errno.ESTALE, "")
            return self._paths[node]

    def _real(self, path):
        return self._under + path

    def _attributes(self, found):
        number = found.st_ino
        if self.unstable and not stat.S_ISDIR(found.st_mode):
            with self._lock:
                self._looks += 1
                number = self._looks
        times = [int(t) for t in (found.st_atime, found.st_mtime, found.st_ctime)]
        parts = [ns % 10**9 for ns in (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns)]
        return struct.pack("<QQQQQQIIIIIIIIII", number, found.st_size, found.st_blocks, *times, *parts, found.st_mode, found.st_nlink,
                           found.st_uid, found.st_gid, 0, 4096, 0)

    def _entry(self, path):
        found = os.lstat(self._real(path))
        with self._lock:
            if path not in self._ids:
                self._last += 1
                self._ids[path], self._paths[self._last] = self._last, path
            node = self._ids[path]
        return struct.pack("<QQQQII", node, 0, 0, 0, 0, 0) + self._attributes(found)

    def _moved(self, old, new):
        with self._lock:
            gone = self._ids.pop(new, None) if new is not None else None
            if gone is not None:
                self._paths[gone] = new + "\0gone"
            for path, node in list(self._ids.items()):
                if path == old or path.startswith(old + "/"):
                    del self._ids[path]
                    if new is not None:
                        self._ids[new + path[len(old):]] = node
                        self._paths[node] = new + path[len(old):]
                    elif others := [other for other, same in self._ids.items() if same == node]:
                        self._paths[node] = others[0]  # a hard link

    def _do(self, operation, node, body, who):
        done = getattr(self, "_" + NAMES.get(operation, ""), None)
        if operation == INIT:
            major, minor, ahead, offered = struct.unpack_from("<IIII", body)
            return struct.pack("<IIIIHHIIHHI28x", major, min(minor, 31), ahead, offered & (BIG_WRITES | PARALLEL_DIROPS | MAX_PAGES), 64, 48,
                               MOST_WRITTEN, 1, MOST_WRITTEN // 4096, 0, 0)
        if operation == DESTROY:
            return b""
        if not done:
            raise OSError(errno.ENOSYS, "")
        return done(node, body, who)

    def _lookup(self, node, body, _):
        return self._entry(f"{self._path(node)}/{self._text(body)}")

    def _getattr(self, node, body, _):
        flags, _, handle = struct.unpack_from("<IIQ", body)
        try:
            found = os.fstat(handle) if flags & 1 else os.lstat(self._real(self._path(node)))
        except (OSError, ValueError):
            raise OSError(errno.ENOENT, "") from None
        return struct.pack("<QII", 0, 0, 0) + self._attributes(found)

    def _setattr(self, node, body, _):
        valid, _, _, size, _, atime, mtime, _, atime_ns, mtime_ns, _, mode, _, uid, gid = struct.unpack_from("<IIQQQQQQIIIIIII", body)
        path = self._real(self._path(node))
        if valid & SET_MODE:
            os.chmod(path, mode & 0o7777)
        if valid & (SET_UID | SET_GID):
            os.chown(path, uid if valid & SET_UID else -1, gid if valid & SET_GID else -1)
        if valid & SET_SIZE:
            os.truncate(path, size)
        if valid & (SET_ATIME | SET_MTIME):
            os.utime(path, ns=(atime * 10**9 + atime_ns, mtime * 10**9 + mtime_ns))
        return struct.pack("<QII", 0, 0, 0) + self._attributes(os.lstat(path))

    def _mkdir(self, node, body, who):
        mode, _ = struct.unpack_from("<II", body)
        path = f"{self._path(node)}/{self._text(body[8:])}"
        os.mkdir(self._real(path), mode & 0o7777)
        os.chown(self._real(path), *who)
        return self._entry(path)

    def _create(self, node, body, who):
        flags, mode, _, _ = struct.unpack_from("<IIII", body)
        path = f"{self._path(node)}/{self._text(body[16:])}"
        handle = os.open(self._real(path), (flags & ~os.O_NOFOLLOW & 0xFFFFF & ~os.O_ACCMODE) | os.O_CREAT | os.O_RDWR, mode & 0o7777)
        os.chown(self._real(path), *who)
        return self._entry(path) + struct.pack("<QII", handle, 0, 0)

    def _open(self, node, body, _):
        flags = struct.unpack_from("<I", body)[0]
        return struct.pack("<QII", os.open(self._real(self._path(node)), flags & (os.O_ACCMODE | os.O_APPEND)), 0, 0)

    def _read(self, _, body, __):
        handle, offset, size = struct.unpack_from("<QQI", body)
        time.sleep(self.read_pause)
        return os.pread(handle, size, offset)

    def _write(self, node, body, _):
        handle, offset, size = struct.unpack_from("<QQI", body)
        written = os.pwrite(handle, body[40:40 + size], offset)
        with self._lock:
            self._dirty[node] = self._dirty.get(node, 0) + written
        return struct.pack("<II", written, 0)

    def _fsync(self, node, _, __):
        with self._lock:
            waiting = self._dirty.pop(node, 0)
        if self.sync_rate:
            time.sleep(waiting / self.sync_rate)
        if waiting:
            self.synced.set()
        return b""

    def _flush(self, *_):
        return b""

    def _fsyncdir(self, *_):
        return b""

    def _release(self, _, body, __):
        os.close(struct.unpack_from("<Q", body)[0])
        return b""

    def _releasedir(self, *_):
        return b""

    def _opendir(self, *_):
        return struct.pack("<QII", 0, 0, 0)

    def _readdir(self, node, body, _):
        _, offset, size = struct.unpack_from("<QQI", body)
        rows = b""
        for place, name in list(enumerate([".", "..", *os.listdir(self._real(self._path(node)))], 1))[offset:]:
            text = os.fsencode(name)
            row = struct.pack("<QQII", place, place, len(text), 0) + text
            row += bytes(-len(row) % 8)
            if len(rows) + len(row) > size:
                break
            rows += row
        return rows

    def _unlink(self, node, body, _):
        path = f"{self._path(node)}/{self._text(body)}"
        os.unlink(self._real(path))
        self._moved(path, None)
        return b""

    def _rmdir(self, node, body, _):
        os.rmdir(self._real(f"{self._path(node)}/{self._text(body)}"))
        return b""

    def _rename(self, node, body, _):
        into = struct.unpack_from("<Q", body)[0]
        old, new = body[8:].split(b"\0")[:2]
        old, new = f"{self._path(node)}/{os.fsdecode(old)}", f"{self._path(into)}/{os.fsdecode(new)}"
        os.rename(self._real(old), self._real(new))
        self._moved(old, new)
        return b""

    def _link(self, node, body, _):
        of = struct.unpack_from("<Q", body)[0]
        path = f"{self._path(node)}/{self._text(body[8:])}"
        os.link(self._real(self._path(of)), self._real(path))
        with self._lock:
            self._ids[path] = of
        return self._entry(path)

    def _statfs(self, *_):
        if not self.blocks:
            return struct.pack("<QQQQQIIII24x", 0, 0, 0, 0, 0, 512, self.names, 512, 0)
        found = os.statvfs(self._under)
        return struct.pack("<QQQQQIIII24x", found.f_blocks, found.f_bfree, found.f_bavail, found.f_files, found.f_ffree, found.f_bsize,
                           self.names, found.f_frsize, 0)
