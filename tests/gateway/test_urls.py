"""Which URLs may get webhooks: https, and plain http where a test runs (decision D15)."""

import pytest

from simulator.gateway.urls import is_webhook_url

LOCAL = [
    "http://127.0.0.1:9000/hook",
    "http://127.9.9.9/",
    "http://[::1]:9000/hook",
    "http://localhost/hook",
    "http://app.localhost/",
    "http://10.1.2.3/",
    "http://192.168.0.1:80/x?y=z",
    "http://172.16.0.1/",
    "http://my_app:8000/hook",
    "http://host.docker.internal/",
    "http://web.test/",
]
PUBLIC = ["https://example.com/hook", "https://example.com:8443/a?b=c", "https://1.2.3.4/", "https://[2001:db8::1]/x"]
REFUSED = [
    "",
    "http://example.com/hook",
    "http://8.8.8.8/",
    "http://notlocalhost.com/",
    "https://",
    "https:///path",
    "https:example.com",
    "//example.com",
    "ftp://localhost/",
    "javascript:alert(1)",
    "https://exa mple.com/",
    "https://example.com/\n",
    "https://example.com/\0",
    "https://user:pw@example.com/",
    "https://example.com:99999/",
    "https://example.com:0/",
    "https://example.com:x/",
    "https://[::1",
    "https://1.2.3/",
    "https://-x-.com/",
    "https://exämple.com/",
    "https://example.com/" + "x" * 3000,
    "not a url",
]


@pytest.mark.parametrize("url", LOCAL + PUBLIC)
def test_taken(url: str) -> None:
    assert is_webhook_url(url, https_only=False)


@pytest.mark.parametrize("url", REFUSED)
def test_refused(url: str) -> None:
    assert not is_webhook_url(url, https_only=False)


@pytest.mark.parametrize("url", LOCAL)
def test_by_the_book_plain_http_is_refused_everywhere(url: str) -> None:
    assert not is_webhook_url(url, https_only=True)


@pytest.mark.parametrize("url", PUBLIC)
def test_by_the_book_https_is_taken(url: str) -> None:
    assert is_webhook_url(url, https_only=True)
