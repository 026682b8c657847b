"""A sandbox behind TLS, and a foreign client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from foreign_kit import Certificates, Foreign, foreign, make_certificates

from livechat_customer.sandbox import Sandbox


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def sandbox(certificates: Certificates) -> AsyncIterator[Sandbox]:
    async with Sandbox(tls=certificates.server()) as running:
        yield running


@pytest.fixture
async def client(
    sandbox: Sandbox, certificates: Certificates, tmp_path: Path
) -> AsyncIterator[Foreign]:
    ids = sandbox.organization_id, sandbox.client_id
    async with foreign(sandbox.api_url, *ids, certificates, tmp_path) as running:
        yield running
