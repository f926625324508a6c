"""`oauth_create_client`: register a client and print what its developer needs, once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from oauth_provider.clients import examples, recipes
from oauth_provider.models import Client
from oauth_provider.values import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractBaseUser

_OPTION_OF = {
    "name": "name",
    "redirect_uris": "--redirect-uri",
    "post_logout_redirect_uris": "--post-logout-redirect-uri",
    "backchannel_logout_uri": "--backchannel-logout-uri",
    "scopes": "--scopes",
    "default_scopes": "--default-scopes",
    "recipe": "--recipe",
    "base_url": "--base-url",
}
# What a recipe sets.
_OF_A_RECIPE = (
    *("profile", "redirect_uri", "scopes", "default_scopes", "resource_server_for", "agent"),
    *("post_logout_redirect_uri", "backchannel_logout_uri"),
)


class Command(BaseCommand):
    help = (
        "Register a client. Prints CLIENT_ID= and CLIENT_SECRET= lines for a .env file and, behind #, "
        "a request to try; with --recipe the configuration of the other side instead. The secret is shown this once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="", help="what people read; a recipe has one")
        parser.add_argument(
            "--recipe",
            default="",
            metavar="PRODUCT",
            help=f"register a known product and print its configuration: {', '.join(recipes.RECIPES)}",
        )
        parser.add_argument("--base-url", default="", metavar="URL", help="where the product of the recipe runs")
        parser.add_argument(
            "--profile",
            choices=[profile.value for profile in Profile if profile != Profile.IMPORTED],
            help="what kind of application this is (default: web)",
        )
        parser.add_argument("--redirect-uri", action="append", default=[], metavar="URI", help="may be repeated")
        parser.add_argument(
            "--post-logout-redirect-uri", action="append", default=[], metavar="URI",
            help="where people may be sent after signing out; may be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--backchannel-logout-uri", default="", metavar="URI", help="where it is told of a sign-out"
        )
        parser.add_argument("--scopes", help='what it may ask for, for instance "read write"')
        parser.add_argument("--default-scopes", help="what it gets when it asks for nothing (default: DEFAULT_SCOPES)")
        parser.add_argument("--owner", action="append", default=[], metavar="USERNAME", help="may be repeated")
        parser.add_argument(
            "--resource-server-for",
            nargs="+",
            default=[],
            metavar="URI",
            help="audiences whose tokens it may introspect",
        )
        parser.add_argument(
            "--agent", action="store_true", help="it is an AI agent: what it does for a person is recorded as its doing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")

    def handle(self, **options: Any) -> None:
        who: dict[str, Any] = {
            "owners": [_find_user(name) for name in options["owner"]],
            "source": "command",
            "actor": "oauth_create_client",
        }
        try:
            made = _by_recipe if options["recipe"] or options["base_url"] else _by_options
            self.stdout.write(made(options, who))
        except ValidationError as error:
            raise CommandError("\n".join(_sentences(error))) from None


def _by_options(options: dict[str, Any], who: dict[str, Any]) -> str:
    default_scopes = options["default_scopes"]
    client, secret = Client.objects.register(
        name=options["name"],
        profile=options["profile"] or Profile.WEB,
        redirect_uris=options["redirect_uri"],
        scopes=(options["scopes"] or "").split(),
        default_scopes=None if default_scopes is None else default_scopes.split(),
        resource_server_for=options["resource_server_for"],
        is_agent=options["agent"],
        settings={
            "post_logout_redirect_uris": options["post_logout_redirect_uri"],
            "backchannel_logout_uri": options["backchannel_logout_uri"],
        },
        **who,
    )
    return json.dumps(_as_json(client, secret), indent=2) if options["json"] else _as_env(client, secret)


def _by_recipe(options: dict[str, Any], who: dict[str, Any]) -> str:
    if not options["recipe"]:
        raise CommandError("--base-url: it belongs to a --recipe.")
    recipe = recipes.named(options["recipe"])
    surplus = [f"--{name.replace('_', '-')}" for name in _OF_A_RECIPE if options[name]]
    if surplus:
        raise CommandError(f"{', '.join(surplus)}: a recipe sets that; change the client afterwards.")
    made = recipes.register(recipe, address=options["base_url"], name=options["name"], **who)
    if not options["json"]:
        return _as_configuration(made)
    configuration = [{"place": str(part.place), "text": part.text} for part in made.parts]
    return json.dumps({**_as_json(made.client, made.secret), "configuration": configuration}, indent=2)


def _as_configuration(made: recipes.Made) -> str:
    """The parts under lines that each of their languages takes for a remark."""
    lines = [f"# {made.recipe.written_for}"]
    if made.missing_groups:
        lines.append(f"# {recipes.in_words(made.missing_groups)}")
    return "\n\n".join(["\n".join(lines), *(f"# {part.place}\n{part.text.rstrip()}" for part in made.parts)])


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
        **({"post_logout_redirect_uris": after} if (after := list(client.post_logout_redirect_uris)) else {}),
        "scope": " ".join(client.allowed_scopes),
    }


def _as_env(client: Client, secret: str | None) -> str:
    request = (f"# {line}" for line in examples.curl(client).splitlines())
    return "\n".join([examples.env_lines(client, secret), *request])
