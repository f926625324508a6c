"""Fill the measured site and write what a load driver sends: `python -m bench.seed [CODES] [REFRESH_TOKENS]`.

Writes `ours_opaque_*.txt` and `ours_jwt_*.txt` into `$BENCH_ITEMS`, one value a line: authorization codes and refresh
tokens (each good for one use), and live access tokens. Run it again before every run that spends codes.
"""

from __future__ import annotations

import os
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from collections.abc import Iterable

# These stand in targets.json too.
SECRET = "only-for-measuring-" + "x" * 30
VERIFIER = "verifier-" + "v" * 40
REDIRECT_URI = "https://rp.example/cb"
# Long enough for any run.
HOURS = 10
ACCESS_TOKENS = 200


def seed(token_format: str, *, codes: int, refresh_tokens: int) -> None:
    """Make this format's clients once, and fresh values each time."""
    from oauth_provider.models import Client, RefreshToken  # noqa: PLC0415  # Django is set up by then

    machine = _client(f"machine-{token_format}", "machine", ["read"], token_format=token_format)
    Client.objects.filter(pk=machine.pk).update(resource_server_for=["*"])
    web = _client(
        f"web-{token_format}",
        "web",
        ["openid", "profile", "read"],
        token_format=token_format,
        redirect_uris=[REDIRECT_URI],
    )
    _write(token_format, "codes_plain", _codes(web, codes))
    end = _end()
    refreshing = _grants(web, refresh_tokens)
    _write(
        token_format,
        "refresh_plain",
        (RefreshToken.objects.start(grant, web, expires_at=end) for grant in refreshing),
    )
    name = "access" if token_format == "opaque" else "jwt_ES256"
    _write(token_format, name, (_access_token(web, grant) for grant in _grants(web, ACCESS_TOKENS)))


def _client(client_id: str, profile: str, scopes: list[str], *, token_format: str, **wanted: Any) -> Any:
    from oauth_provider.models import Client, ClientSecret  # noqa: PLC0415

    client = Client.objects.named(client_id)
    if client is None:
        client, _ = Client.objects.register(
            name=client_id, client_id=client_id, profile=profile, scopes=scopes, default_scopes=scopes,
            settings={"token_format": token_format}, **wanted,
        )  # fmt: skip
        ClientSecret.objects.keep(client, SECRET)
    return client


def _grants(client: Any, number: int) -> list[Any]:
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from oauth_provider.models import Grant, Subject  # noqa: PLC0415

    user, _ = get_user_model().objects.get_or_create(username="bench", defaults={"email": "bench@example.com"})
    grant = {
        "client": client,
        "user": user,
        "subject": Subject.objects.of(user),
        "scopes": ["openid", "profile", "read"],
        "auth_time": timezone.now(),
        "expires_at": _end(),
    }
    return Grant.objects.bulk_create([Grant(id=uuid.uuid4(), **grant) for _ in range(number)], 2000)


def _codes(client: Any, number: int) -> list[str]:
    from oauth_provider import credentials  # noqa: PLC0415
    from oauth_provider.models import AuthorizationCode  # noqa: PLC0415
    from oauth_provider.models.authorization_code import s256  # noqa: PLC0415

    values = [credentials.make(credentials.Kind.AUTHORIZATION_CODE) for _ in range(number)]
    challenge, end = s256(VERIFIER), _end()
    AuthorizationCode.objects.bulk_create(
        [
            AuthorizationCode(
                digest=credentials.digest(value),
                grant=grant,
                client=client,
                redirect_uri=REDIRECT_URI,
                code_challenge=challenge,
                expires_at=end,
            )
            for value, grant in zip(values, _grants(client, number), strict=True)
        ],
        2000,
    )
    return values


def _access_token(client: Any, grant: Any) -> str:
    from oauth_provider.tokens import jwt, opaque  # noqa: PLC0415
    from oauth_provider.values import Authorized  # noqa: PLC0415

    authorized = Authorized(
        client=client,
        scopes=tuple(grant.scopes),
        audience=("https://provider.example",),
        grant=grant,
        user=grant.user,
        subject=grant.subject,
        auth_time=grant.auth_time,
    )
    mint = opaque.mint if client.token_format == "opaque" else jwt.mint
    return mint(authorized, lifetime=HOURS * 3600)


def _end() -> Any:
    from django.utils import timezone  # noqa: PLC0415

    return timezone.now() + timedelta(hours=HOURS)


def _write(token_format: str, name: str, values: Iterable[str]) -> None:
    folder = Path(os.environ["BENCH_ITEMS"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"ours_{token_format}_{name}.txt").write_text("\n".join(values) + "\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    given = [int(number) for number in sys.argv[1:3]]
    codes, refresh_tokens = (*given, *(10_000, 400)[len(given) :])
    for each in ("opaque", "jwt"):
        seed(each, codes=codes, refresh_tokens=refresh_tokens)
