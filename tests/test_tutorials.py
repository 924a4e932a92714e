"""The tutorials' commands are run, in order, in a folder of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]


def test_the_tutorial_for_qa(tmp_path: Path) -> None:
    text = (TOP / "docs/tutorial-qa.md").read_text(encoding="utf-8")
    file = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert file
    (tmp_path / "phone-off.yaml").write_text(file[1], encoding="utf-8")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    shown = ""
    for script in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        done = subprocess.run(
            ["sh", "-ec", script],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert done.returncode == 0, done
        shown += done.stdout
    assert "phone-off.yaml: ok" in shown
    assert "1h40m" in shown
    assert re.search(r"phone-off\.yaml:\d+", shown), "the failure names the line"
    assert {"report.html", "report.xml"} <= {made.name for made in tmp_path.iterdir()}


@pytest.mark.parametrize("page", sorted((TOP / "docs").glob("*.md")), ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
