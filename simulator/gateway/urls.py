"""Which URLs may get webhooks (decision D15)."""

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

LONGEST_URL = 2048
_FORBIDDEN = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".test", ".lan", ".home.arpa")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")


@lru_cache(maxsize=1024)
def is_webhook_url(url: str, https_only: bool) -> bool:
    """Whether events may be posted there: https anywhere; `http://` only to loopback and private hosts, and not even
    there when `https_only`. Credentials don't belong into it: they come from the account."""
    if len(url) > LONGEST_URL or _FORBIDDEN.search(url):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or port == 0 or "@" in parts.netloc or not _is_host(host):
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and not https_only and _is_local(host)


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
    return True


def _is_local(host: str) -> bool:
    """Loopback, a private address, or a name that no public DNS has: a single label (as containers name each other) or
    one in a suffix kept for such use."""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_SUFFIXES)
    return address.is_private or address.is_loopback or address.is_link_local
