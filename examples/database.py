"""Stands in for a database and its client, so that the example needs neither: `serve ADDRESS PORT...`, or `ask ADDRESS PORT QUESTION`."""
import socket
import sys
import threading


def serve(listener):
    while True:
        there, who = listener.accept()
        with there, there.makefile() as lines:
            for question in lines:
                there.sendall(f"answer to \"{question.strip()}\" for a client at {who[0]}\n".encode())


def main(verb, address, port, *more):
    if verb == "serve":
        for one in (port, *more):
            threading.Thread(target=serve, args=[socket.create_server((address, int(one)))]).start()
        print("serving", flush=True)
        return
    try:
        with socket.create_connection((address, int(port)), 10) as there:
            there.sendall(f"{' '.join(more)}\n".encode())
            print(there.makefile().readline().strip() or sys.exit("the connection ended without an answer"))
    except OSError as error:
        sys.exit(f"{error}")


main(*sys.argv[1:])
