"""Every block of the documentation is what it says it is: Python compiles, JSON parses, commands exist."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
from django.core.management import get_commands, load_command_class

from tests.docs.markdown import PAGES, blocks

if TYPE_CHECKING:
    from tests.docs.markdown import Block

# Shown, not run: what appears on the wire or in a template.
SHOWN = {"text", "http", "html", "css"}
BLOCKS = [block for page in PAGES for block in blocks(page)]


def of(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]


def test_every_block_names_a_language_that_is_tested() -> None:
    tested = {"python", "json", "console", "toml", "yaml", *SHOWN}
    assert [str(block) for block in BLOCKS if block.language not in tested] == []


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_python_compiles(block: Block) -> None:
    compile(block.code, str(block), "exec")


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_names_imported_from_the_package_exist(block: Block) -> None:
    lines = [
        line for line in block.code.splitlines() if line.startswith(("from oauth_provider", "import oauth_provider"))
    ]
    exec("\n".join(lines), {})  # noqa: S102  imports of the package under test


@pytest.mark.parametrize("block", of("json"), ids=str)
def test_json_parses(block: Block) -> None:
    json.loads(block.code)


@pytest.mark.parametrize("block", of("console"), ids=str)
def test_console_lines_are_shell(block: Block) -> None:
    assert block.commands
    for command in block.commands:
        subprocess.run(["bash", "-n", "-c", command], check=True)


@pytest.mark.parametrize("block", of("console"), ids=str)
def test_management_commands_exist_and_take_the_arguments(block: Block) -> None:
    for line in block.commands:
        for part in line.split("&&"):
            words = shlex.split(part, comments=True)
            if words[:2] != ["python", "manage.py"]:
                continue
            name, arguments = words[2], words[3:]
            apps = get_commands()
            assert name in apps, f"{block}: no command {name}"
            command = load_command_class(str(apps[name]), name)
            command.create_parser("manage.py", name).parse_args(arguments)
