"""What the pages say of the environment is what the code reads."""

import re

from launcher.home import ROOT
from launcher.rights import page
from messaging.settings import TABLE

CONFIGURATION = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## Configuration")[1]

OF_ONE_PROCESS_TO_ANOTHER = {"ICAT_STORE_URI", "PYTHONPATH", "PYTHONUNBUFFERED"}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under this line of headings."""
    table = CONFIGURATION.split(heading)[1].split("\n\n")[0].strip().splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table]


def test_the_table_of_settings_is_the_one_the_processes_read():
    shown = {name.strip("`"): (who, default, meaning) for name, who, default, meaning in rows("| name | who | default | meaning |")}
    assert shown == {
        name: (who, "required" if required else f"`{default}`" if default else "none", meaning)
        for name, (who, required, default, meaning) in TABLE.items()
    }


def test_the_launchers_own_table_names_all_it_reads_and_nothing_else():
    shown = {name.strip("`") for name, _, _ in rows("| name | default | meaning |")}
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "launcher").rglob("*.py"))
    read = set(re.findall(r"""os\.environ(?:\.get\(|\.setdefault\(|\[)"([A-Z_]+)\"""", sources))
    assert read - OF_ONE_PROCESS_TO_ANOTHER == shown


def test_the_tree_names_what_the_launcher_holds():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = page.split("\nlauncher/ ")[1].split("\ngateway/ ")[0].split("\nlocks/ ")[0]
    there = {path.stem for folder in ("launcher", "launcher/demo") for path in (ROOT / folder).glob("[!_]*.*")}
    assert there - set(re.findall(r"\w+", tree)) == {"README"}


def test_the_page_of_rights_shows_the_tables_that_decide():
    assert (ROOT / "docs" / "rights.md").read_text(encoding="utf-8") == page(), "python -m launcher.rights > docs/rights.md"
