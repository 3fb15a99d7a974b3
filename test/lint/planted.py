"""What a check says of one file with some text, in a tree of its own."""
import pathlib
import subprocess
import sys
import tempfile


def found_in(check, text, where):
    """The lines that it prints; red if there are any, green if not."""
    with tempfile.TemporaryDirectory() as tree:
        file = pathlib.Path(tree, where)
        file.parent.mkdir(parents=True)
        file.write_text(text + "\n")
        run = subprocess.run([sys.executable, "-B", check, tree], capture_output=True, text=True)
    assert not run.stderr, run.stderr
    assert run.returncode == (1 if run.stdout else 0)
    return run.stdout.splitlines()
