from __future__ import annotations

from spendlight.metering.project_names import project_names


def test_projects_are_named_by_what_distinguishes_them() -> None:
    assert project_names(["-home-ada-code-kettle", "-home-ada-code-moss-garden"]) == {
        "-home-ada-code-kettle": "kettle",
        "-home-ada-code-moss-garden": "moss-garden",
    }
    assert project_names(["-Users-ada-work"]) == {"-Users-ada-work": "work"}
    assert project_names(["-home-ada"]) == {"-home-ada": "home-ada"}
    assert project_names(["C--Users-ada-work-x", "C--Users-ada-work"]) == {
        "C--Users-ada-work-x": "work-x",
        "C--Users-ada-work": "work",
    }
    assert project_names([]) == {}
