"""Passwords, certificate and rights of a broker that listens for SASL and TLS too."""

import subprocess
from pathlib import Path

__all__ = ["SECURED", "make_certificate", "secured_settings"]

SECURED = ("SASL_PLAINTEXT", "SASL_SSL", "SSL")
"""Listeners besides the plain one. PLAIN: alice/alice-pw and bob/bob-pw; SCRAM-SHA-512: bob/bob-pw."""

_PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-pw" user_bob="bob-pw";'
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


def secured_settings(folder: Path) -> dict[str, str]:
    """Of the broker. Users have no rights but bob, who may do everything, as whoever comes without a name."""
    modules = {
        f"listener.name.{listener}.{mechanism}.sasl.jaas.config": module
        for listener in ("sasl_plaintext", "sasl_ssl")
        for mechanism, module in (("plain", _PLAIN), ("scram-sha-512", _SCRAM))
    }
    return modules | {
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(folder / "server.pem"),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:bob",
    }


def make_certificate(folder: Path) -> None:
    """`ca.pem`, a self-signed certificate for 127.0.0.1, and `server.pem`, its key (PKCS #8) and itself."""
    key, certificate = folder / "key.pem", folder / "ca.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = ("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    files = ("-keyout", str(key), "-out", str(certificate))
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    (folder / "server.pem").write_text(key.read_text() + certificate.read_text(), encoding="utf-8")
