"""What a browser reads off an HTML page: its title, forms, buttons, and where it moves on to by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from demo_project.tour.failures import StepFailed

_REFRESH = re.compile(r"\s*\d+\s*;\s*url\s*=\s*(?P<url>.+)", re.IGNORECASE)


@dataclass(slots=True)
class Form:
    """A form as it stands on the page: hidden and filled-in fields, and the buttons that may be pressed."""

    action: str = ""
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    checkboxes: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(
        self, *, values: dict[str, str | list[str]], button: tuple[str, str] | None, ticked: str = ""
    ) -> list[tuple[str, str]]:
        """What is sent after a person typed these values, ticked what begins with `ticked`, and pressed this button.

        What had been ticked before and begins otherwise is unticked: they made a new choice.
        """
        unknown = set(values) - self.names
        if unknown:
            raise StepFailed(f"the form has no field {', '.join(sorted(unknown))}; it has {sorted(self.names)}")
        if button is not None and button not in self.buttons:
            raise StepFailed(f"the form has no button {button}; it has {self.buttons}")
        sent = [(name, value) for name, value in self.fields if name not in values]
        for name, value in values.items():
            sent.extend((name, each) for each in ([value] if isinstance(value, str) else value))
        if ticked:
            sent = [one for one in sent if one not in self.checkboxes]
            sent.extend(box for box in self.checkboxes if box[0].startswith(ticked))
        return sent + ([button] if button is not None else [])


class Page(HTMLParser):
    """Parses one page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = ""
        self.forms: list[Form] = []
        self.moves_to = ""
        self.words: list[str] = []
        self._inside: list[str] = []
        self._form: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._elsewhere: list[tuple[str, str, dict[str, str]]] = []
        self._select = ""
        self._option: str | None = None
        self._option_chosen = False
        self._textarea = ""
        self._textarea_text = ""
        self.feed(html)
        # A field may stand outside its form and name it.
        for form_id, tag, given in self._elsewhere:
            if form_id in self._by_id:
                self._read_control(self._by_id[form_id], tag, given)

    def form(self, *, having: str) -> Form:
        """The form with this field."""
        for form in self.forms:
            if having in form.names:
                return form
        raise StepFailed(f"the page “{self.title}” has no form with a field {having!r}")

    @property
    def text(self) -> str:
        """The words people read, without markup."""
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"title", "script", "style"}:
            self._inside.append(tag)
        elif tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            if found := _REFRESH.match(given.get("content", "")):
                self.moves_to = found["url"].strip("'\" ")
        elif tag == "form":
            self._form = Form(action=given.get("action", ""), method=given.get("method", "get").lower())
            self.forms.append(self._form)
            self._by_id[given.get("id", "")] = self._form
        elif tag in {"input", "button"} and given.get("form"):
            self._elsewhere.append((given["form"], tag, given))
        elif self._form is not None:
            self._read_control(self._form, tag, given)

    def _read_control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind, value = given.get("name", ""), given.get("type", "").lower(), given.get("value", "")
        if (tag == "button" and kind in {"", "submit"}) or (tag == "input" and kind == "submit"):
            if name:
                form.buttons.append((name, value))
        elif tag == "input" and name:
            form.names.add(name)
            if kind == "checkbox":
                form.checkboxes.append((name, value or "on"))
            if kind not in {"checkbox", "radio"} or "checked" in given:
                form.fields.append((name, value))
        elif tag == "textarea" and name:
            form.names.add(name)
            self._textarea, self._textarea_text = name, ""
        elif tag in {"select", "option"}:
            self._read_choice(form, tag, given)

    def _read_choice(self, form: Form, tag: str, given: dict[str, str]) -> None:
        if tag == "select":
            self._select, self._option, self._option_chosen = given.get("name", ""), None, False
            form.names.add(self._select)
        elif "selected" in given:
            form.fields.append((self._select, given.get("value", "")))
            self._option_chosen = True
        elif self._option is None:
            self._option = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()
        elif tag == "form":
            self._form = None
        elif tag == "select" and self._select:
            if not self._option_chosen and self._option is not None and self._form is not None:
                self._form.fields.append((self._select, self._option))
            self._select = ""
        elif tag == "textarea" and self._textarea:
            if self._form is not None:
                self._form.fields.append((self._textarea, self._textarea_text.removeprefix("\n")))
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            if self._inside[-1] == "title":
                self.title = " ".join([self.title, *data.split()]).strip()
        elif self._textarea:
            self._textarea_text += data
        else:
            self.words.append(data)
