"""Envelopes for a receiver's certificate (docs/protocol.md, "Key, envelopes, chunks"), by the command line of OpenSSL."""
import subprocess


def seal(net, receiver, key):
    """The content key, sealed for the certificate of a node of the network."""
    command = ["openssl", "cms", "-encrypt", "-binary", "-aes-256-gcm", "-keyid", "-recip", net.keys / receiver / "cert.pem",
               "-keyopt", "ecdh_kdf_md:sha256", "-outform", "DER"]
    return subprocess.run(command, input=key, capture_output=True, check=True).stdout
