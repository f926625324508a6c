"""`oauth_routes` and `assert_routes_covered`: a site starts with the gaps it has, and only new ones fail."""

from __future__ import annotations

import json
import unittest
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import SimpleTestCase, override_settings
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from oauth_provider.drf import AllowAppsWithoutScope, HasAnyScope, HasScope, IsUser
from oauth_provider.testing import assert_routes_covered


class Notes(APIView):
    def get(self, request):
        return Response({})


def site(**permissions):
    """A URLconf: each name is a route of the view `Notes` with this permission."""
    return tuple(
        path(name, Notes.as_view(permission_classes=[] if one is None else [one])) for name, one in permissions.items()
    )


def run(*arguments, status=0):
    out = StringIO()
    ended = 0
    try:
        call_command("oauth_routes", *map(str, arguments), stdout=out)
    except SystemExit as error:
        ended = error.code
    assert ended == status, out.getvalue()
    return out.getvalue()


@pytest.fixture
def baseline(tmp_path):
    """`baseline(notes=HasScope("read"))` is the file that was committed when the site was so."""
    file = tmp_path / "oauth_routes.json"

    def write(**permissions):
        with override_settings(ROOT_URLCONF=site(**permissions)):
            run("--write-baseline", "--baseline", file)
        return file

    return write


def check(file, *arguments, status=0, **permissions):
    with override_settings(ROOT_URLCONF=site(**permissions)):
        return run("--check", "--baseline", file, *arguments, status=status)


@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        (HasScope("read"), HasScope("read"), 0),
        (HasScope("read"), HasScope("read", "write"), 0),
        (HasScope("read"), HasScope("read") & IsUser, 0),
        (HasScope("read"), ~HasScope("read"), 1),
        (HasScope("read"), AllowAny, 1),
        (HasScope("read"), AllowAppsWithoutScope, 1),
        (HasScope("read"), HasScope, 1),
        (HasScope("read", "write"), HasScope("read"), 1),
        (HasScope("write"), HasScope("read"), 1),
        (HasScope("read"), HasScope("read") | HasScope("write"), 1),
        (HasScope("read") & IsUser, HasScope("read"), 1),
        (HasAnyScope("read", "write"), HasScope("read"), 0),
        (AllowAny, AllowAny, 0),
        (AllowAny, HasScope("read"), 0),
        (AllowAny, AllowAppsWithoutScope, 1),
        (AllowAppsWithoutScope, AllowAppsWithoutScope, 0),
        (AllowAppsWithoutScope, AllowAppsWithoutScope & IsUser, 0),
        (AllowAppsWithoutScope & IsUser, AllowAppsWithoutScope, 1),
        (AllowAppsWithoutScope, AllowAny, 1),
        (HasScope, HasScope, 0),
        (IsUser, HasScope("read"), 0),
        (IsUser, AllowAny, 1),
    ],
)
def test_worse_than_the_baseline_fails(baseline, before, now, status):
    check(baseline(notes=before), status=status, notes=now)


def test_a_scope_that_was_lost_is_named_with_place_and_fix(baseline):
    said = check(baseline(notes=HasScope("read", "write")), status=1, notes=HasScope("read"))
    assert "tests/routes/test_check.py:" in said
    assert "An app enters with 'read'; the baseline says 'read write'." in said
    assert "--write-baseline" in said


@pytest.mark.parametrize("permission", [AllowAny, None, AllowAppsWithoutScope, HasScope])
def test_a_new_view_with_a_gap_fails(baseline, permission):
    said = check(baseline(notes=HasScope("read")), status=1, notes=HasScope("read"), more=permission)
    assert "GET /more" in said
    assert "is new" in said
    assert "1 worse than the baseline." in said


def test_a_new_view_with_a_scope_and_one_that_is_gone_are_told(baseline):
    file = baseline(notes=HasScope("read"), old=HasScope("read"))
    said = check(file, notes=HasScope("read"), new=HasScope("write"))
    assert "GET /new tests.routes.test_check.Notes: write" in said
    assert "GET /old tests.routes.test_check.Notes: there is no such route any more." in said
    assert "No route is worse" in said
    check(file, "--strict", status=1, notes=HasScope("read"), new=HasScope("write"))


def test_a_gap_that_was_closed_is_told(baseline):
    said = check(baseline(notes=AllowAny), notes=HasScope("read"))
    assert "it was 'open' and is 'read' now" in said


def test_nothing_changed_says_so(baseline):
    said = check(baseline(notes=HasScope("read")), "--strict", notes=HasScope("read"))
    assert said == "No route is worse than the baseline. 1 methods of routes: scopes 1.\n"


def test_as_json(baseline):
    file = baseline(notes=HasScope("read"))
    said = json.loads(check(file, "--format", "json", status=1, notes=AllowAny))
    (worse,) = said["worse"]
    assert (worse["route"], worse["outcome"], worse["file"]) == ("/notes", "open", "tests/routes/test_check.py")
    assert said["new"] == said["stale"] == []


def test_the_baseline_is_stable_and_without_refused_routes(baseline):
    first = baseline(notes=HasScope("read") | HasScope("write"), closed=IsUser, gap=AllowAny).read_text()
    assert json.loads(first) == {
        "version": 1,
        "routes": {
            "GET /gap tests.routes.test_check.Notes": "open",
            "GET /notes tests.routes.test_check.Notes": "read | write",
        },
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "routes": {}}', '{"version": 1, "routes": {"a": 1}}'])
def test_what_is_no_baseline_is_said(tmp_path, text):
    file = tmp_path / "oauth_routes.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=r"oauth_routes\.json"):
        check(file, notes=AllowAny)


def test_without_a_baseline_the_command_says_how_to_begin(tmp_path):
    with pytest.raises(CommandError, match="--write-baseline"):
        check(tmp_path / "none.json", notes=AllowAny)


def test_the_baseline_lies_beside_manage_py(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    settings.ROOT_URLCONF = site(notes=AllowAny)
    run("--write-baseline")
    assert (tmp_path / "oauth_routes.json").exists()


def test_arguments_that_do_not_go_together():
    for arguments in (["/api", "--check"], ["/api", "--write-baseline"], ["--strict"]):
        with pytest.raises(CommandError):
            run(*arguments)


def test_a_urlconf_that_cannot_be_read_is_said(settings):
    settings.ROOT_URLCONF = "tests.routes.no_such_module"
    with pytest.raises(CommandError, match="ModuleNotFoundError"):
        run()


def test_the_table_groups_methods_and_names_gaps_and_unknown_scopes():
    with override_settings(ROOT_URLCONF=(*site(notes=HasScope("nots"), gap=AllowAny), *site(other=HasScope("read")))):
        said = run()
        few = run("/oth")
    assert "no app can have 'nots'" in said
    assert "GET /gap: open: anybody enters without a token" in said
    assert few.splitlines()[1].split()[:3] == ["GET", "/other", "read"]
    assert "/notes" not in few


def test_json_of_all_routes():
    with override_settings(ROOT_URLCONF=site(notes=HasScope("read") & IsUser)):
        (one,) = json.loads(run("--format", "json"))
    assert one["ways"] == [{"scopes": ["read"], "conditions": ["IsUser"]}]
    assert one["view"] == "tests.routes.test_check.Notes"


def test_assert_routes_covered(baseline):
    with override_settings(ROOT_URLCONF=site(notes=HasScope("read"))):
        assert_routes_covered()
    with override_settings(ROOT_URLCONF=site(notes=HasScope("read"), gap=AllowAny, health=None)):
        with pytest.raises(AssertionError) as raised:
            assert_routes_covered()
        said = str(raised.value)
        assert said.startswith("2 of the site's routes")
        assert "tests/routes/test_check.py:" in said
        assert "HasScope(…) | IsSessionUser" in said
        assert_routes_covered(allow=["/gap", "GET /health"])
        assert_routes_covered(allow=["tests.routes.*"])
        with pytest.raises(AssertionError, match="/health"):
            assert_routes_covered(allow=["/gap"])
        assert_routes_covered(baseline(gap=AllowAny), allow=["/health"])


@override_settings(ROOT_URLCONF=site(gap=AllowAny))
class InUnittest(SimpleTestCase):
    def test_it_needs_no_pytest_and_no_database(self):
        with pytest.raises(AssertionError):
            assert_routes_covered()
        assert_routes_covered(allow=("/gap",))


def test_a_plain_test_case_may_call_it():
    with override_settings(ROOT_URLCONF=site(notes=HasScope("read"))):
        result = unittest.TestResult()
        unittest.FunctionTestCase(assert_routes_covered).run(result)
        assert result.wasSuccessful()
