"""`oauth_create_client`: register a client and print what its developer needs, once."""

from __future__ import annotations

import json
import secrets
import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider.conf import conf
from oauth_provider.models import Client
from oauth_provider.models.authorization_code import s256
from oauth_provider.values import AuthMethod, GrantType, Profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractBaseUser

_OPTION_OF = {"redirect_uris": "--redirect-uri", "scopes": "--scopes", "default_scopes": "--default-scopes"}


class Command(BaseCommand):
    help = (
        "Register a client. Prints CLIENT_ID= and CLIENT_SECRET= lines for a .env file and, behind #, "
        "a request to try. The secret is shown this once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what people read")
        parser.add_argument(
            "--profile",
            default=Profile.WEB.value,
            choices=[profile.value for profile in Profile if profile != Profile.IMPORTED],
            help="what kind of application this is (default: web)",
        )
        parser.add_argument("--redirect-uri", action="append", default=[], metavar="URI", help="may be repeated")
        parser.add_argument("--scopes", default="", help='what it may ask for, for instance "read write"')
        parser.add_argument("--default-scopes", help="what it gets when it asks for nothing (default: DEFAULT_SCOPES)")
        parser.add_argument("--owner", action="append", default=[], metavar="USERNAME", help="may be repeated")
        parser.add_argument(
            "--resource-server-for",
            nargs="+",
            default=[],
            metavar="URI",
            help="audiences whose tokens it may introspect",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")

    def handle(self, **options: Any) -> None:
        default_scopes = options["default_scopes"]
        if not options["name"].strip():
            raise CommandError("The name is empty: people read it when they are asked.")
        try:
            client, secret = Client.objects.register(
                name=options["name"],
                profile=options["profile"],
                redirect_uris=options["redirect_uri"],
                scopes=options["scopes"].split(),
                default_scopes=None if default_scopes is None else default_scopes.split(),
                resource_server_for=options["resource_server_for"],
                owners=[_find_user(name) for name in options["owner"]],
                source="command",
                actor="oauth_create_client",
            )
        except ValidationError as error:
            raise CommandError("\n".join(_sentences(error))) from None
        self.stdout.write(
            json.dumps(_as_json(client, secret), indent=2) if options["json"] else _as_env(client, secret)
        )


def _find_user(name: str) -> AbstractBaseUser:
    model = get_user_model()
    user = model._default_manager.filter(**{model.USERNAME_FIELD: name}).first()
    if user is None:
        raise CommandError(f"--owner: there is no user {name!r}.")
    return user


def _sentences(error: ValidationError) -> Iterator[str]:
    if not hasattr(error, "error_dict"):
        yield from error.messages
        return
    for argument, messages in error.message_dict.items():
        option = _OPTION_OF.get(argument, argument)
        yield from (f"{option}: {message}" for message in messages)


def _as_json(client: Client, secret: str | None) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        **({"client_secret": secret} if secret is not None else {}),
        "client_name": client.name,
        "profile": client.profile,
        "grant_types": client.grant_types,
        "redirect_uris": list(client.redirect_uris),
        "scope": " ".join(client.allowed_scopes),
    }


def _as_env(client: Client, secret: str | None) -> str:
    lines = [f"CLIENT_ID={client.client_id}"]
    if secret is not None:
        lines.append(f"CLIENT_SECRET={secret}")
    return "\n".join([*lines, *(f"# {line}" for line in _try_out(client))])


def _try_out(client: Client) -> list[str]:
    """The first request of this client, as a shell takes it."""
    scope = shlex.quote("scope=" + " ".join(s for s in client.allowed_scopes if s != "*"))
    if client.allows_grant(GrantType.CLIENT_CREDENTIALS):
        return [_curl(client, "token", "-d grant_type=client_credentials", f"-d {scope}")]
    if client.allows_grant(GrantType.DEVICE_CODE):
        return [
            _curl(client, "device_authorization", f"-d {scope}"),
            _curl(client, "token", f"-d grant_type={GrantType.DEVICE_CODE}", '-d device_code="$DEVICE_CODE"'),
        ]
    verifier = secrets.token_urlsafe(32)
    redirect_uri = client.redirect_uris[0]
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(s for s in client.allowed_scopes if s != "*"),
        "state": secrets.token_urlsafe(8),
        "code_challenge": s256(verifier),
        "code_challenge_method": "S256",
    }
    return [
        f"Open {conf.ISSUER}/authorize?{urlencode(query)}",
        "and put the code you come back with in here:",
        _curl(
            client,
            "token",
            "-d grant_type=authorization_code",
            f"-d code_verifier={verifier}",
            "--data-urlencode " + shlex.quote(f"redirect_uri={redirect_uri}"),
            '-d code="$CODE"',
        ),
    ]


def _curl(client: Client, path: str, *data: str) -> str:
    who = '-d client_id="$CLIENT_ID"' if client.auth_method == AuthMethod.NONE else '-u "$CLIENT_ID:$CLIENT_SECRET"'
    return " ".join(["curl", who, *data, f"{conf.ISSUER}/{path}"])
