"""The picker in a real browser: with the keyboard, without scripts, few objects and many."""

from __future__ import annotations

import pytest

from tests.browser.apps import App
from tests.browser.test_look import DESK, FOLDER, NARROW, hit_areas_too_small
from tests.clients.live_site import running_site

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory, apps):
    with running_site(
        tmp_path_factory.mktemp("picker"),
        DJANGO_SETTINGS_MODULE="tests.browser.picker_settings",
        LIVE_CALLBACKS=f"{apps.first.url}/callback",
    ) as running:
        yield running


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def person(request, open_browser):
    return open_browser(scripts=request.param)


def arrive(person, app: App, name: str):
    """The consent page with nothing chosen: the site remembers what was chosen in the test before."""
    page = person.page
    person.open(person.ask("web", f"{app.url}/callback", scope="read"))
    person.sign_in(name)
    page.get_by_role("heading", name="On which of your orgs?").wait_for()
    page.get_by_label("Only those I choose").check()
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    while page.get_by_role("button", name="Remove").count():
        with page.expect_navigation():
            page.get_by_role("button", name="Remove").first.click()
    return page


def test_of_many_one_is_searched_added_and_allowed_and_enter_only_searches(person, apps):
    page = arrive(person, apps.first, "alice")
    before = list(person.posted)
    for text in ("co 07", "co 21"):
        page.get_by_label("Search your orgs").fill(text)
        page.get_by_label("Search your orgs").press("Enter")
        page.get_by_role("button", name=f"Add Alice & C{text[1:]}").click()
        page.get_by_role("button", name=f"Remove Alice & C{text[1:]}").wait_for()
    page.get_by_role("button", name="Remove Alice & Co 07").click()
    page.get_by_role("button", name="Remove Alice & Co 07").wait_for(state="detached")
    # With a button to remove beside it, Enter still searches.
    page.get_by_label("Search your orgs").fill("Bob")
    page.get_by_label("Search your orgs").press("Enter")
    page.get_by_text("Nothing else was found.").wait_for()
    assert page.get_by_role("button", name="Remove").count() == 1
    assert person.posted == before
    page.get_by_role("button", name="Allow Notes for Web").click()
    page.wait_for_url(f"{apps.second.url}/welcome")


def test_all_hides_what_then_does_not_count(person, apps):
    page = arrive(person, apps.first, "alice")
    page.get_by_label("All my orgs, also later ones").check()
    page.get_by_label("Search your orgs").wait_for(state="hidden")
    page.get_by_role("button", name="Allow Notes for Web").click()
    page.wait_for_url(f"{apps.second.url}/welcome")


def test_few_are_ticked_and_a_choice_of_none_is_asked_again(person, apps):
    page = arrive(person, apps.first, "bob")
    page.get_by_role("button", name="Allow Notes for Web").click()
    page.get_by_role("alert").wait_for()
    assert "Choose at least one" in page.get_by_role("alert").inner_text()
    page.get_by_label("Bob & Co 01").check()
    assert page.get_by_role("checkbox").count() == 3
    page.get_by_role("button", name="Allow Notes for Web").click()
    page.wait_for_url(f"{apps.second.url}/welcome")


@pytest.mark.parametrize("name", ["alice", "bob"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picker_has_no_violation_and_does_not_scroll_sideways(open_browser, apps, name, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    person = open_browser(scripts=True, viewport={"width": 320, "height": 800}, color_scheme=scheme)
    page = arrive(person, apps.first, name)
    if name == "alice":
        with page.expect_navigation():
            page.get_by_role("button", name="Add").first.click()
    else:
        person.press("Allow Notes for Web")
        page.get_by_role("alert").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    found = axe.run(page)
    assert found.violations_count == 0, found.generate_report()
    assert hit_areas_too_small(page) == []
    FOLDER.mkdir(parents=True, exist_ok=True)
    for label, (width, height) in {"desk": DESK, "narrow": NARROW}.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=FOLDER / f"picker-{name}.{label}.{scheme}.png", full_page=True)
