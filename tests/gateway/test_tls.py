"""Webhooks over TLS: certificates are verified, unless a scenario says otherwise."""

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from simulator.engine import GatewaySettings

from .conftest import MakeLab


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that nobody trusts, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate, and is not installed")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = [openssl, "req", *options, *names, "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


@pytest.fixture
async def https(certificate: tuple[Path, Path]) -> AsyncIterator[tuple[str, list[str]]]:
    """(URL of a listener, what was posted there)"""
    posts: list[str] = []

    async def take(request: web.Request) -> web.Response:
        posts.append((await request.json())["event_type"])
        return web.Response()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield f"https://localhost:{runner.addresses[0][1]}/", posts
    await runner.cleanup()


@pytest.mark.parametrize("verify", [True, False])
async def test_an_untrusted_certificate_is_refused_unless_verification_is_off(
    make_lab: MakeLab, https: tuple[str, list[str]], verify: bool
) -> None:
    url, posts = https
    lab = await make_lab(settings=GatewaySettings(verify_tls=verify))
    message = lab.message((await lab.send(callback_url=url)).id)
    await lab.advance(0)
    assert posts == ([] if verify else ["sms.queued"])
    (attempt,) = message.attempts or []
    assert attempt.ok is not verify
    assert ("certificate" in (attempt.error or "").lower()) is verify
