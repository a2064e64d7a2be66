"""The order in which a bundle and its image are signed, and which secrets are never printed."""

from __future__ import annotations

import base64
import plistlib
from pathlib import Path

import pytest
from dmg import image_name, lay_out, packing_commands
from signing import (
    AD_HOC,
    ENTITLEMENTS,
    Runner,
    SigningError,
    first_identity,
    notary_key,
    sign,
    signing_commands,
)
from tests.installers.bundles import make_bundle

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="a bundle has symbolic links")

CERTIFICATE = {
    "MACOS_CERTIFICATE": base64.b64encode(b"certificate").decode(),
    "MACOS_CERTIFICATE_PASSWORD": "open sesame",
}
NOTARY = {
    "MACOS_NOTARY_KEY": base64.b64encode(b"key").decode(),
    "MACOS_NOTARY_KEY_ID": "ABC123",
    "MACOS_NOTARY_ISSUER": "issuer",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return make_bundle(tmp_path)


def what_is_signed(app: Path, identity: str) -> list[str]:
    commands = signing_commands(app, identity)
    return [Path(command[-1]).name for command in commands if "--verify" not in command]


def test_a_bundle_is_signed_from_the_inside_out(app: Path) -> None:
    assert what_is_signed(app, "somebody") == [
        "QtCore",
        "libopenblas.dylib",
        "orjson.abi3.so",
        "QtCore.framework",
        "spendlight",
        "Spendlight.app",
    ]


def test_the_signature_is_verified_at_the_end(app: Path) -> None:
    assert "--verify" in signing_commands(app, "somebody")[-1]


def test_only_programs_have_entitlements(app: Path) -> None:
    commands = signing_commands(app, "somebody")

    entitled = [command[-1] for command in commands if "--entitlements" in command]
    assert [Path(path).name for path in entitled] == ["spendlight", "Spendlight.app"]


def test_an_ad_hoc_signature_has_no_hardened_runtime(
    app: Path,
) -> None:
    assert not any("runtime" in command for command in signing_commands(app, AD_HOC))
    assert all(
        "runtime" in command for command in signing_commands(app, "me") if "--sign" in command
    )


def test_entitlements_contain_no_comments() -> None:
    assert b"<!--" not in ENTITLEMENTS.read_bytes()
    assert plistlib.loads(ENTITLEMENTS.read_bytes()) == {
        "com.apple.security.cs.allow-unsigned-executable-memory": True
    }


def test_without_secrets_a_bundle_gets_an_ad_hoc_signature(
    app: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = sign(app, {}, Runner(is_dry=True))

    assert "no certificate" in said
    assert "notarytool" not in capsys.readouterr().err


def test_with_a_certificate_alone_nothing_is_notarised(app: Path) -> None:
    assert "not notarised" in sign(app, CERTIFICATE, Runner(is_dry=True))


def test_a_bundle_is_signed_then_notarised_then_stapled_then_assessed(
    app: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sign(app, CERTIFICATE | NOTARY, Runner(is_dry=True))

    printed = capsys.readouterr().err
    order = [
        "create-keychain", "import", "set-key-partition-list", "find-identity", "--sign",
        "--verify", "ditto", "notarytool submit", "stapler staple", "stapler validate", "spctl",
    ]  # fmt: skip
    places = [printed.rindex(word) if word == "--sign" else printed.index(word) for word in order]
    assert places == sorted(places)


def test_the_certificate_is_deleted_afterwards(
    app: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sign(app, CERTIFICATE, Runner(is_dry=True))

    commands = capsys.readouterr().err.splitlines()
    assert any("delete-keychain" in command for command in commands[-2:])


def test_secrets_are_not_printed(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sign(app, CERTIFICATE | NOTARY, Runner(is_dry=True))

    assert "open sesame" not in capsys.readouterr().err


def test_a_key_without_its_id_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="MACOS_NOTARY_KEY_ID"):
        notary_key(NOTARY | {"MACOS_NOTARY_KEY_ID": ""}, tmp_path)


def test_a_key_without_a_certificate_is_rejected(app: Path) -> None:
    with pytest.raises(SigningError, match="certificate"):
        sign(app, NOTARY, Runner(is_dry=True))


def test_a_certificate_with_invalid_base64_is_rejected(app: Path) -> None:
    with pytest.raises(SigningError, match="MACOS_CERTIFICATE is no base64"):
        sign(app, {"MACOS_CERTIFICATE": "***"}, Runner(is_dry=True))


def test_the_certificate_is_found_in_a_keychain() -> None:
    identity = "0123456789ABCDEF0123456789ABCDEF01234567"
    listed = f'  1) {identity} "Developer ID: Me (T)"\n     1 valid identities found\n'

    assert first_identity(listed) == identity
    with pytest.raises(SigningError):
        first_identity("     0 valid identities found\n")


def test_the_message_of_a_failing_command_is_shown(tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="No such file"):
        Runner(is_dry=False).run(["ls", str(tmp_path / "gone")])


def test_an_image_shows_the_program_and_where_to_drag_it(app: Path, tmp_path: Path) -> None:
    folder = tmp_path / "image"
    folder.mkdir()
    lay_out(app, folder)

    assert sorted(path.name for path in folder.iterdir()) == ["Applications", "Spendlight.app"]
    assert (folder / "Applications").readlink() == Path("/Applications")
    assert (folder / "Spendlight.app" / "Contents" / "Frameworks" / "spendlight").is_symlink()


def test_an_image_is_verified_after_it_was_made() -> None:
    commands = packing_commands(Path("folder"), Path("a.dmg"), is_fast=False)

    assert [command[1] for command in commands] == ["create", "verify"]


@pytest.mark.parametrize(
    ("machine", "name"),
    [("arm64", "Spendlight-1.2.3-arm64.dmg"), ("x86_64", "Spendlight-1.2.3-x86_64.dmg")],
)
def test_an_image_is_named_for_its_processor(machine: str, name: str) -> None:
    assert image_name("1.2.3", machine) == name
