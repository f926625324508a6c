"""The table of rules and the places that name them: neither knows more than the other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import oauth_provider
from oauth_provider import errors, rules
from oauth_provider.resource_server import refusals

SOURCES = sorted(Path(oauth_provider.__file__).parent.rglob("*.py"))
FALLBACKS = {
    kind.error for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ProtocolError)
}


def constants(node: ast.expr) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def keywords(name: str) -> list[ast.expr]:
    return [
        keyword.value
        for path in SOURCES
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == name
    ]


def used() -> set[str]:
    named = set().union(*(constants(value) for value in keywords("rule")))
    return (named - {""}) | set(refusals._RULES.values())


def test_every_rule_that_is_named_exists() -> None:
    # `rule=told["rule"]` of a dictionary is no id.
    assert used() - set(rules.RULES) - {"rule"} == set()


def test_every_rule_of_the_table_is_used() -> None:
    assert set(rules.RULES) - used() - FALLBACKS == set()


@pytest.mark.parametrize("error", sorted(FALLBACKS))
def test_every_error_has_a_rule_to_fall_back_to(error: str) -> None:
    assert rules.find("", error=error) is rules.RULES[error]
    assert rules.find("of another release", error=error) is rules.RULES[error]


def test_an_error_raised_without_a_rule_has_the_one_of_its_error() -> None:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.ProtocolError):
            assert rules.find(kind("x").rule) is not None


@pytest.mark.parametrize("rule", sorted(rules.RULES))
def test_every_rule_says_what_holds_and_what_to_do(rule: str) -> None:
    told = rules.RULES[rule]
    assert str(told.sentence).endswith(".")
    assert len(str(told.fix)) > 10


def test_every_compared_value_has_a_name_a_person_can_read() -> None:
    named = {
        key.value
        for value in keywords("compared")
        for part in ast.walk(value)
        if isinstance(part, ast.Dict)
        for key in part.keys
        if isinstance(key, ast.Constant)
    }
    assert len(named) > 10
    assert named - set(rules.LABELS) == set()
