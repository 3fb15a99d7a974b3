"""File systems that a test mounts, in a mount namespace of its own: nobody else sees them, and they end with it. Needs root."""
import ctypes
import os
import shutil
import subprocess
import unittest

CLONE_NEWNS = 0x20000
MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE, MS_BIND = 2, 4, 0x4000, 1 << 18, 0x1000
MNT_DETACH = 2
_libc = ctypes.CDLL(None, use_errno=True)
_own = []  # this process has left the machine's mounts


def own_namespace():
    """From now on what this process and its children mount is theirs. Skips the test where that is not allowed."""
    if _own:
        return
    if os.geteuid() != 0:
        raise unittest.SkipTest("mounting file systems needs root")
    if _libc.unshare(CLONE_NEWNS) != 0:
        raise unittest.SkipTest(f"no mount namespace: {os.strerror(ctypes.get_errno())}")
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    _own.append(True)


def mount(source, target, kind, flags=0, options=None):
    """mount(2); OSError."""
    words = [os.fsencode(word) if word is not None else None for word in (source, target, kind)]
    if _libc.mount(*words, ctypes.c_ulong(flags), options.encode() if options else None) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"mount of {kind} at {target}: {os.strerror(error)}")


def unmount(target):
    """Also one that is in use, or does not answer."""
    _libc.umount2(os.fsencode(target), MNT_DETACH)


def kernel_has(kind):
    with open("/proc/filesystems", encoding="ascii") as known:
        return kind in known.read().split()


def has(kind):
    """Has the kernel that file system, or a module of it?"""
    if not kernel_has(kind) and shutil.which("modprobe"):
        subprocess.run(["modprobe", kind], capture_output=True, check=False)
    return kernel_has(kind)


def need(kind):
    """Skips the test where the kernel lacks that file system."""
    if not has(kind):
        raise unittest.SkipTest(f"this kernel has no {kind}")


def mounted(kind, directory, scratch):
    """Mounts an empty file system of that kind at `directory`; what it lies on is made in `scratch`."""
    own_namespace()
    directory.mkdir(parents=True, exist_ok=True)
    _MAKERS[kind](directory, scratch)


def _tmpfs(directory, _):
    mount("tmpfs", directory, "tmpfs")


def _overlay(directory, scratch):
    mount("tmpfs", scratch, "tmpfs")  # an overlay can't be laid over another one
    parts = {name: scratch / name for name in ("lower", "upper", "work")}
    for part in parts.values():
        part.mkdir()
    mount("overlay", directory, "overlay", 0, f"lowerdir={parts['lower']},upperdir={parts['upper']},workdir={parts['work']}")


def _image(scratch, megabytes, *maker):
    image = scratch / "image"
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    _run(*maker, image)
    return image


def _run(*words):
    if not shutil.which(words[0], path="/usr/sbin:/usr/bin:/sbin:/bin"):
        raise unittest.SkipTest(f"{words[0]} is not installed")
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise unittest.SkipTest(f"{' '.join(map(str, words))}: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.stdout.strip()


def _vfat(directory, scratch):
    need("vfat")
    _run("mount", "-o", "loop", _image(scratch, 64, "mkfs.vfat", "-F", "32"), directory)


def _exfat(directory, scratch):
    """By exfat-fuse, in user space: no links, no modes, no rename that refuses."""
    device = _run("losetup", "--find", "--show", _image(scratch, 48, "mkfs.exfat"))
    try:
        _run("mount.exfat-fuse", device, directory)
    finally:
        subprocess.run(["losetup", "--detach", device], capture_output=True, check=False)  # once it is not used any more


def _nfs(directory, _):
    if not os.environ.get("HUBLINK_NFS"):
        raise unittest.SkipTest("NFS: HUBLINK_NFS=DIR, a directory on one")
    mount(os.environ["HUBLINK_NFS"], directory, None, MS_BIND)


_MAKERS = {"tmpfs": _tmpfs, "overlay": _overlay, "vfat": _vfat, "exfat": _exfat, "nfs": _nfs}
