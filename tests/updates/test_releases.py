from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spendlight.build import REPOSITORY
from spendlight.updates.releases import Version, cut_short, newer, read_release, read_version

versions = st.builds(Version, *[st.integers(0, 999_999)] * 3)


@given(versions)
def test_a_version_is_read_as_it_is_written(version: Version) -> None:
    assert read_version(str(version)) == version


@given(versions, versions)
def test_versions_are_compared_number_by_number(one: Version, other: Version) -> None:
    release = read_release(f"v{one}", "")
    assert release is not None

    assert (newer(release, str(other)) is release) is (tuple(one) > tuple(other))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "1.2.x",
        "v1.2.3",
        "1.2.3-rc.1",
        "1.2.3rc1",
        "1.2.3+build",
        "1.2.3 ",
        " 1.2.3",
        "1.2.3\n",
        "01.2.3",
        "1.02.3",
        "-1.2.3",
        "1..3",
        "1.2.1234567",
        "\u0661.\u0662.\u0663",
        "1.2.²",
        "nightly",
    ],
)
def test_anything_else_is_not_a_version(text: str) -> None:
    assert read_version(text) is None


@pytest.mark.parametrize("tag", ["v1.2.0-rc.1", "latest", "vv1.2.0", "../../1.2.0", "v1.2.0/../x"])
def test_a_tag_without_a_final_version_is_not_a_release(tag: str) -> None:
    assert read_release(tag, "") is None


def test_the_page_is_always_in_our_repository() -> None:
    release = read_release("v1.2.0", "")

    assert release is not None
    assert release.page == f"{REPOSITORY}/releases/tag/v1.2.0"
    assert release.page.startswith("https://github.com/")


@pytest.mark.parametrize("running", ["1.2.0", "1.2.1", "2.0.0", "0.1.0.dev1", "unknown"])
def test_only_a_surely_newer_version_is_announced(running: str) -> None:
    assert newer(read_release("1.2.0", ""), running) is None


@given(st.text("ab \n•", max_size=60) | st.text(max_size=60), st.integers(3, 50))
def test_a_text_is_shortened_to_a_length(text: str, most: int) -> None:
    cut = cut_short(text, most)

    assert len(cut) <= most
    assert cut == text or text.startswith(cut.removesuffix("…").removesuffix("\n"))


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (29, "Added\n• One thing\n• Another"),
        (27, "Added\n• One thing\n• Another"),
        (26, "Added\n• One thing\n…"),
        (15, "Added\n• One…"),
        (10, "Added\n…"),
        (3, "Ad…"),
    ],
)
def test_a_list_is_shortened_at_whole_points(most: int, expected: str) -> None:
    assert cut_short("Added\n• One thing\n• Another", most) == expected
