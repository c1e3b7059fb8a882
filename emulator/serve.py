"""The HTTP server under the application: waitress, or cheroot where TLS is wanted."""

from __future__ import annotations

import ipaddress
import logging
import resource
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

THREADS = 320  # calls wait in their thread for the latency: as many as calls at the same time are normal
CONNECTIONS = 8000  # a session keeps its idle connections open; beyond this number nobody is answered any more


class Server(Protocol):
    url: str
    authority: str  # path of the certificate that clients must trust; "" without TLS

    def run(self) -> None: ...
    def close(self) -> None: ...


def make(application: Any, host: str, port: int, *, tls: bool, quiet: bool) -> Server:
    if quiet:
        logging.getLogger("waitress").setLevel(logging.ERROR)
    # 320 threads and bursts of connections: a full queue of tasks is no news here.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return Secure(application, host, port) if tls else Plain(application, host, port)


class Plain:
    authority = ""

    def __init__(self, application: Any, host: str, port: int) -> None:
        from waitress.channel import HTTPChannel
        from waitress.server import create_server

        class Channel(HTTPChannel):
            """Waits a moment for the worker that is about to write, instead of asking for it in a busy loop.

            The loop would keep Python's lock from that very worker: now and then that cost ten times the CPU.
            """

            def handle_write(self) -> None:
                if not self.outbuf_lock.acquire(False):
                    time.sleep(0.0005)
                    return
                self.outbuf_lock.release()
                super().handle_write()

        self._server = create_server(
            application,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=_room_for(CONNECTIONS),
            backlog=1024,
            channel_timeout=300,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,
            log_socket_errors=False,  # HangUpError is one: the connection is closed, and nothing is said
            ident="AmazonEmulator",
        )
        self._server.channel_class = Channel
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self._server.effective_port}"

    def run(self) -> None:
        self._server.run()

    def close(self) -> None:
        self._server.close()


class Secure:
    """HTTPS: benchmarks use it, because the handshakes are a real part of the cost on AWS."""

    def __init__(self, application: Any, host: str, port: int) -> None:
        from cheroot.ssl.builtin import BuiltinSSLAdapter
        from cheroot.wsgi import Server as CherootServer

        self._folder = Path(tempfile.mkdtemp(prefix="emulator-"))
        certificate, key = _certificate(self._folder)
        self.authority = str(certificate)
        self._server = CherootServer((host, port), application, numthreads=THREADS, request_queue_size=1024)
        self._server.ssl_adapter = BuiltinSSLAdapter(str(certificate), str(key))
        self._server.timeout = 300
        self._server.keep_alive_conn_limit = _room_for(CONNECTIONS)
        self._server.prepare()
        name = f"[{host}]" if ":" in host else host
        self.url = f"https://{name}:{self._server.bind_addr[1]}"

    def run(self) -> None:
        self._server.serve()

    def close(self) -> None:
        self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _room_for(connections: int) -> int:
    """Raise the limit of open files for so many connections; returns how many there is room for."""
    spare = 100  # files, pipes and libraries
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + spare if hard == resource.RLIM_INFINITY else min(connections + spare, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted - spare


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a self-signed certificate for loopback, valid for a day."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "::1")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file
