"""TLS for the SMSC: a certificate from files, or one made on start."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulator.engine import TlsSettings

VALID_DAYS = 3650


class NoCertificate(RuntimeError):
    """There is no certificate, and none can be made."""


def context_of(settings: TlsSettings) -> ssl.SSLContext:
    """What a listening socket needs. Raises NoCertificate, OSError for files that can't be read, ssl.SSLError for those
    that are none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if settings.certificate is not None:
        context.load_cert_chain(settings.certificate, settings.key)
        return context
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.pem"
        file.write_bytes(self_signed())
        context.load_cert_chain(file)
    return context


def self_signed(name: str = "localhost") -> bytes:
    """A private key and a certificate for it, as PEM: good for `name` and the loopback addresses."""
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID
    except ImportError:
        raise NoCertificate(
            "making a certificate needs the extra 'tls' (pip install 'carrier-sim[tls]'); "
            "or give one: --tls-cert FILE and --tls-key FILE"
        ) from None
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime(2020, 1, 1, tzinfo=UTC)  # any day that is past on every machine
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=2 * VALID_DAYS))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.DNSName(name),
                    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                    x509.IPAddress(ipaddress.ip_address("::1")),
                ]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret + certificate.public_bytes(serialization.Encoding.PEM)
