"""The certificate of the webhook: one somebody put there, or one made here, which Telegram has to be handed.

Telegram posts to a self-signed certificate if it was given it beforehand and the name in it is the host of WEBHOOK_URL.
"""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from local_servers.account import give
from mutual_aid.trouble import Trouble

CHAIN = "certificate.pem"
DAYS = 3650  # nobody renews a certificate that only Telegram looks at
BEGAN = timedelta(days=1)  # ago: the clock of whoever looks may be behind
BITS = 2048
ENDS_SOON = timedelta(days=7)


def pair(folder: Path, host: str) -> dict[str, str]:
    """The files for the web server, and what to hand to Telegram: the certificate if it signed itself, else nothing.

    Reads `certificate.pem` and `key.pem`, made if neither is there. Raises Trouble when one of them is missing or is none,
    when they do not belong together, or when it is for another host. One that ends soon is taken: see `ending`.
    """
    chain_file, key_file = folder / CHAIN, folder / "key.pem"
    if not chain_file.exists() and not key_file.exists():
        key, made = _made(host)
        give(key_file, key, None)
        give(chain_file, made, None)
    try:
        chain, key = chain_file.read_text(encoding="ascii"), key_file.read_text(encoding="ascii")
        first = x509.load_pem_x509_certificate(chain.encode())
        private = serialization.load_pem_private_key(key.encode(), password=None)
    except (FileNotFoundError, UnicodeDecodeError, ValueError, TypeError) as error:
        why = f"{chain_file} and {key_file} are no certificate and key ({type(error).__name__})"
        raise Trouble("certificate", why, "Put both there in PEM, without a password, or remove both.") from None
    _check(first, host, own=private.public_key() == first.public_key())
    return {
        "certificate.pem": chain,
        "key.pem": key,
        "webhook_certificate": chain if first.issuer == first.subject else "",
    }


def ending(chain: str) -> str:
    """A sentence when a certificate in PEM has ended or does so within a week, else "". Raises ValueError for none.

    No reason to stop anything: with an old one the bot is not heard at worst, and everything else goes on.
    """
    last = x509.load_pem_x509_certificate(chain.encode()).not_valid_after_utc
    if last > datetime.now(UTC) + ENDS_SOON:
        return ""
    when = "ended" if last < datetime.now(UTC) else "ends"
    return f"it {when} on {last:%Y-%m-%d}, and Telegram posts to none that has ended"


def _check(first: x509.Certificate, host: str, *, own: bool) -> None:
    fix = "Put the right pair there, or remove both files to have one made."
    if not own:
        raise Trouble("certificate", "key.pem is not the key of the first certificate in certificate.pem", fix)
    if not any(_covers(name, host) for name in _names(first)):
        raise Trouble("certificate", f"it is for {', '.join(_names(first)) or 'nobody'}, not for {host}", fix)


def _names(one: x509.Certificate) -> list[str]:
    try:
        names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [str(name.value) for name in one.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def _covers(name: str, host: str) -> bool:
    name, host = name.lower(), host.lower()
    return name == host or (name.startswith("*.") and name[2:] == host.partition(".")[2])


def _made(host: str) -> tuple[str, str]:
    """A new key and its certificate, for ten years."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEGAN)
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_alternative(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return written.decode(), made.public_bytes(serialization.Encoding.PEM).decode()


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
