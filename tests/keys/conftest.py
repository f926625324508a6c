"""What a new process knows of keys: nothing. And what stands outside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from oauth_provider.keys import encryption, jwks, signers, store
from oauth_provider.models import Client
from tests.keys import kek, outside


def _forget_everything() -> None:
    store.forget()
    store._private.clear()
    store._public.clear()
    store._ready.clear()
    signers.forget()
    encryption._made.cache_clear()
    jwks._written = None


@pytest.fixture(autouse=True)
def new_process() -> Callable[[], None]:
    """Call it to stand for a restart: what was opened and parsed in memory is gone."""
    _forget_everything()
    yield _forget_everything
    _forget_everything()


@pytest.fixture
def configure(settings) -> Callable[..., None]:
    """Change settings of ours."""

    def change(**wanted: Any) -> None:
        settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, **wanted}

    return change


@pytest.fixture
def sign_id_tokens_with(monkeypatch) -> Callable[[str], None]:
    """What clients are registered for."""

    def choose(alg: str) -> None:
        monkeypatch.setattr(Client._meta.get_field("id_token_signed_response_alg"), "default", alg)
        Client.objects.update(id_token_signed_response_alg=alg)

    return choose


@pytest.fixture
def module() -> Callable[[str], outside.Module]:
    """A fresh hardware module for an algorithm, without keys."""

    def fresh(alg: str) -> outside.Module:
        outside.MODULES[alg] = outside.Module(alg)
        return outside.MODULES[alg]

    return fresh


@pytest.fixture
def signer(module, configure) -> Callable[[str], outside.Module]:
    """The same, named in SIGNERS, with one key that signs."""

    def named(alg: str) -> outside.Module:
        made = module(alg)
        made.make("hsm-1")
        made.use("hsm-1")
        configure(SIGNERS={alg: outside.PATHS[alg]})
        return made

    return named


@pytest.fixture
def vault() -> kek.Vault:
    """A vault in reach."""
    kek.VAULT.__init__()
    return kek.VAULT
