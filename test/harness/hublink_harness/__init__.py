"""Networks of real hublink nodes on this machine, driven by the command line and judged by their event traces."""
