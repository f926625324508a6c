"""Reading a picker as a browser does: forms by id, with the fields that belong to them wherever they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.flow import post_form, query_of


@dataclass
class Form:
    """One form: where it goes, its fields as they would be sent, and its buttons in order."""

    action: str = ""
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: dict[str, bool] = field(default_factory=dict)
    radios: list[tuple[str, str, bool]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def sent(self, **changes: str | None) -> dict[str, str]:
        """What pressing a button sends, with changes by name; None leaves a field out."""
        values = dict(self.fields)
        values |= {name: "on" for name, ticked in self.boxes.items() if ticked}
        values |= {name: value for name, value, checked in self.radios if checked}
        values |= changes
        return {name: value for name, value in values.items() if value is not None}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.inside = ""

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id", "")
            form = self.forms.setdefault(self.inside, Form())
            form.action, form.method = given.get("action", ""), given.get("method", "get")
        form = self.forms.setdefault(given.get("form", self.inside), Form())
        if tag == "button":
            form.buttons.append((given.get("name", ""), given.get("value", "")))
        if tag != "input" or "name" not in given:
            return
        kind, name, value = given.get("type", "text"), given["name"], given.get("value", "")
        if kind == "checkbox":
            form.boxes[name] = "checked" in given
        elif kind == "radio":
            form.radios.append((name, value, "checked" in given))
        else:
            form.fields.append((name, value))

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = ""


def forms(response) -> dict[str, Form]:
    """The forms of a page by id."""
    assert response.status_code == 200, (response.status_code, response.headers)
    reader = _Reader()
    reader.feed(response.content.decode())
    return reader.forms


def press(browser, form: Form, **changes: str | None):
    """Send a form with these changes; not followed."""
    path = form.action.partition("#")[0]
    if form.method == "get":
        return browser.get(path, form.sent(**changes))
    return post_form(browser, path, form.sent(**changes))


def allow(flow, page, **changes: str | None) -> dict[str, str]:
    """Press Allow with this choice; the query the client gets."""
    response = press(flow.browser, forms(page)["op-decision"], decision="allow", **changes)
    assert response.status_code == 303, response.content
    going_on = flow.browser.get(response["Location"])
    assert going_on.status_code == 200, going_on.headers
    return query_of(going_on.context["location"])
