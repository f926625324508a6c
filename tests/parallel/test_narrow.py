"""Objects are narrowed while tokens are made and refreshed: nothing that lives afterwards reaches further."""

from __future__ import annotations

from functools import partial

import pytest

from oauth_provider.consent import narrow
from oauth_provider.models import Consent, Grant
from oauth_provider.resource_server import own
from oauth_provider.scopes import Scope
from tests.flow import pkce, post_form
from tests.orgs.models import Org
from tests.parallel.rig import at_once, browser, post, statuses
from tests.targets.pages import allow, forms

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orgs(alice, settings) -> list[Org]:
    scopes = {**settings.OAUTH_PROVIDER["SCOPES"], "read": Scope("read", "Read notes", targets=("organization",))}
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "SCOPES": scopes}
    made = [Org.objects.create(name=name) for name in ("Acme", "Birch", "Cedar")]
    for org in made:
        org.members.add(alice)
    return made


def _same_browser(flow):
    tab = browser()
    tab.cookies = flow.browser.cookies
    return tab


def _silent(flow, client):
    """Another authorization that needs no page."""
    return _same_browser(flow).get(
        "/authorize",
        {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": "https://c.example/cb",
            "scope": "read",
            "code_challenge": pkce()[1],
            "code_challenge_method": "S256",
        },
    )


@pytest.mark.parametrize("given", [("all", "jwt"), ("all", "opaque"), ("single", "jwt"), ("single", "opaque")])
def test_r14_narrowing_while_grants_are_made_and_refreshed(flow, client, alice, orgs, given):
    choice, token_format = given
    client.row.token_format = token_format
    client.row.save(update_fields=["token_format"])
    chosen = {"mode.organization": "all"} if choice == "all" else {f"pick.organization.{org.pk}": "on" for org in orgs}
    answer = allow(flow, flow.authorize(client), **chosen)
    tokens = flow.redeem(client, answer["code"]).json()
    form = {
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
        "client_id": client.client_id,
        "client_secret": client.secret,
    }
    kept = str(orgs[0].pk)
    jobs = [partial(post, "/token", form), partial(_silent, flow, client)] * 3
    jobs.insert(3, partial(narrow.to, alice, client.row, {"organization": [kept]}))
    answers = at_once(jobs)
    assert answers.pop(3) >= 1
    assert statuses(answers[::2]) == [200] * 3
    assert statuses(answers[1::2]) == [303] * 3
    assert [grant.targets for grant in Grant.objects.all()] == [{"organization": [kept]}] * Grant.objects.count()
    assert Grant.objects.count() == 4
    assert Consent.objects.get().targets == {"organization": [kept]}
    for body in (tokens, *(response.json() for response in answers[::2])):
        assert own.verify(body["access_token"]).targets == {"organization": (kept,)}


def test_two_narrowings_at_once_keep_what_both_keep(flow, client, alice, orgs):
    allow(flow, flow.authorize(client), **{"mode.organization": "all"})
    wanted = [[str(orgs[0].pk), str(orgs[1].pk)], [str(orgs[1].pk), str(orgs[2].pk)]]
    at_once([partial(narrow.to, alice, client.row, {"organization": keys}) for keys in wanted])
    assert Grant.objects.get().targets == {"organization": [str(orgs[1].pk)]}


def test_a_decision_at_once_with_a_narrowing_is_one_of_the_two(flow, client, alice, orgs):
    """A new decision is the person's own; what it leaves is what they chose, never a mixture that is more."""
    allow(flow, flow.authorize(client), **{"mode.organization": "all"})
    page = flow.authorize(client, prompt="consent")
    form = forms(page)["op-decision"].sent(
        decision="allow", **{"mode.organization": "chosen", f"pick.organization.{orgs[1].pk}": "on"}
    )
    at_once(
        [
            lambda: post_form(_same_browser(flow), "/authorize/decision", form),
            partial(narrow.to, alice, client.row, {"organization": [str(orgs[0].pk)]}),
        ]
    )
    first, second = Grant.objects.order_by("created_at")
    assert first.targets == {"organization": [str(orgs[0].pk)]}
    assert second.targets in ({"organization": [str(orgs[1].pk)]}, {"organization": []})
