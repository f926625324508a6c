"""Adding is not switching, and taking out is possible: on the usual models and on a site's own with UUID keys."""

from __future__ import annotations

import pytest

from tests.dot.process import run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["site_plain", "site_uuid"])
def seen(request, tmp_path_factory):
    return run("drive_upgrade", site=request.param, database=tmp_path_factory.mktemp(request.param) / "db.sqlite3")


def test_first_migrate_adopts_the_application_with_its_owner(seen):
    assert seen["adopted"] == ["imported", ["client_credentials"], ["ada"]]


def test_check_is_silent_before_and_after_the_urls_are_included(seen):
    assert "no issues" in seen["check"]
    assert "E0" not in seen["check with urls"]


def test_no_migration_is_missing(seen):
    assert "No changes detected" in seen["makemigrations"]


def test_toolkit_goes_on_while_our_urls_are_not_included(seen):
    assert seen["before our urls"] == 200


def test_new_and_old_clients_get_tokens(seen):
    assert seen["new client"] == 200
    assert seen["old client"] == [200, 200]
    assert seen["old client, wrong secret"] == 401


def test_secret_of_a_new_client_is_worth_nothing_at_the_toolkits_endpoint(seen):
    assert seen["new client at the toolkit"] == 401


def test_migrating_to_zero_leaves_a_working_toolkit_site(seen):
    assert seen["after zero"] == [200, 200]


def test_after_zero_it_can_be_installed_again(seen):
    assert seen["again"] == "imported"
