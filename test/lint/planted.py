"""What a check says of files that are planted in a tree of its own."""
import pathlib
import subprocess
import sys
import tempfile


def found_in(check, text, where):
    """Of one file with that text."""
    return found_in_tree(check, {where: text + "\n"})


def found_in_tree(check, files):
    """Of all that `files` has, name -> text: the lines that it prints; red if there are any, green if not."""
    with tempfile.TemporaryDirectory() as tree:
        for name, text in files.items():
            pathlib.Path(tree, name).parent.mkdir(parents=True, exist_ok=True)
            pathlib.Path(tree, name).write_text(text)
        run = subprocess.run([sys.executable, "-B", check, tree], capture_output=True, text=True)
    assert not run.stderr, run.stderr
    assert run.returncode == (1 if run.stdout else 0)
    return run.stdout.splitlines()
