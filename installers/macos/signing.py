"""Signs and notarises the bundle and its image, if a certificate and a key are available.

    python installers/macos/signing.py dist/macos/Spendlight.app
    python installers/macos/signing.py dist/Spendlight-1.2.3-arm64.dmg
    python installers/macos/signing.py … --dry-run      prints the commands only; on any system

Its input comes from environment variables, all of them optional:

    MACOS_CERTIFICATE            a "Developer ID Application" certificate and its key (.p12), base64
    MACOS_CERTIFICATE_PASSWORD   its password
    MACOS_SIGNING_IDENTITY       instead of both: the name of a certificate in the login keychain
    MACOS_NOTARY_KEY             a key of App Store Connect's API (.p8), base64
    MACOS_NOTARY_KEY_ID          its ID
    MACOS_NOTARY_ISSUER          its issuer

Without a certificate, the bundle is signed without an identity ("ad hoc"): Apple's processors then
run it, but Gatekeeper asks the user. Without a key, nothing is notarised.
"""

from __future__ import annotations

import argparse
import base64
import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from information import TERMINAL, is_macos
from mach_o import mach_o_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ENTITLEMENTS: Final = Path(__file__).resolve().with_name("entitlements.plist")
"""What the hardened runtime must allow; why is said here, as codesign takes no comments in it.

``allow-unsigned-executable-memory``: ctypes and PyObjC make callbacks by libffi, which on Intel
writes their code into memory. Nothing else is needed: no library of another team (all are signed
with ours), no JIT (there is no QML), no camera, no automation of other programs."""

AD_HOC: Final = "-"

Command = list[str]


class NotaryKey(NamedTuple):
    """The credentials for Apple's notary service."""

    file: str
    number: str
    issuer: str


class SigningError(Exception):
    """Raised when something could not be signed or notarised."""


def frameworks(app: Path) -> list[Path]:
    """Return the frameworks in a bundle, deepest first."""
    found = [path for path in app.rglob("*.framework") if not path.is_symlink()]
    return sorted(found, key=lambda path: (-len(path.parts), str(path)))


def signing_commands(app: Path, identity: str) -> list[Command]:
    """Return the commands that sign a bundle, from the inside out: a signature covers its contents.

    Args:
        app: The bundle.
        identity: The certificate's name, or `AD_HOC`.
    """
    programs = app / "Contents" / "MacOS"
    whole = frameworks(app)
    loose = [path for path in mach_o_files(app) if path.parent != programs]
    in_frameworks = [path for path in loose if any(path.is_relative_to(one) for one in whole)]
    others = [path for path in loose if path not in in_frameworks]
    sign = _sign_command(identity)
    entitled = [*sign, "--entitlements", str(ENTITLEMENTS)]
    return [
        *([*sign, str(path)] for path in (*in_frameworks, *others)),
        *([*sign, str(path)] for path in whole),
        [*entitled, str(programs / TERMINAL)],
        [*entitled, str(app)],  # also signs its main program, the tray
        ["codesign", "--verify", "--deep", "--strict", "--verbose=2", str(app)],
    ]


def _sign_command(identity: str) -> Command:
    command = ["codesign", "--force", "--sign", identity]
    if identity == AD_HOC:
        # no hardened runtime: it rejects libraries that are signed ad hoc
        return [*command, "--timestamp=none"]
    return [*command, "--timestamp", "--options", "runtime"]


def image_commands(image: Path, identity: str) -> list[Command]:
    """Return the commands that sign a disk image; none without a certificate."""
    if identity == AD_HOC:
        return []
    return [
        ["codesign", "--force", "--sign", identity, "--timestamp", str(image)],
        ["codesign", "--verify", "--verbose=2", str(image)],
    ]


def notary_commands(target: Path, key: NotaryKey, work: Path) -> list[Command]:
    """Return the commands that notarise a bundle or image and staple the ticket to it.

    Both must be notarised: when the user drags the bundle out of the image, the image's ticket
    stays behind, and a computer that is offline at the first start can only read the bundle's own
    ticket.

    Args:
        target: The bundle or image.
        key: The credentials for the notary service.
        work: A folder for the file to upload.
    """
    is_app = target.suffix == ".app"
    sent = work / f"{target.name}.zip" if is_app else target
    kind = "execute" if is_app else "open"
    context = [] if is_app else ["--context", "context:primary-signature"]
    return [
        *([["ditto", "-c", "-k", "--keepParent", str(target), str(sent)]] if is_app else []),
        [
            "xcrun", "notarytool", "submit", str(sent), "--wait", "--timeout", "30m",
            "--key", key.file, "--key-id", key.number, "--issuer", key.issuer,
        ],
        ["xcrun", "stapler", "staple", str(target)],
        ["xcrun", "stapler", "validate", str(target)],
        ["spctl", "--assess", "--verbose=4", "--type", kind, *context, str(target)],
    ]  # fmt: skip


def keychain_commands(keychain: str, certificate: str, password: str, lock: str) -> list[Command]:
    """Return the commands that put a certificate into a separate keychain, for codesign only.

    Args:
        keychain: The keychain to create.
        certificate: The file with certificate and key.
        password: The password of the file.
        lock: The password of the keychain, generated for this run.
    """
    return [
        ["security", "create-keychain", "-p", lock, keychain],
        ["security", "set-keychain-settings", "-lut", "3600", keychain],
        ["security", "unlock-keychain", "-p", lock, keychain],
        [
            "security", "import", certificate, "-k", keychain, "-P", password,
            "-f", "pkcs12", "-T", "/usr/bin/codesign",
        ],
        [
            "security", "set-key-partition-list", "-S", "apple-tool:,apple:",
            "-s", "-k", lock, keychain,
        ],
        ["security", "list-keychains", "-d", "user", "-s", keychain, "login.keychain-db"],
    ]  # fmt: skip


class Runner:
    """Runs or prints commands, without ever printing a secret.

    Args:
        is_dry: Whether to print the commands instead of running them.
    """

    def __init__(self, *, is_dry: bool) -> None:
        self.is_dry = is_dry
        self._hidden: set[str] = set()

    def hide(self, *words: str) -> None:
        """Never print these words from now on."""
        self._hidden.update(word for word in words if word)

    def run(self, command: Sequence[str]) -> str:
        """Run a command and return its output.

        Raises:
            SigningError: If it fails; the message contains its output.
        """
        shown = ("…" if word in self._hidden else word for word in command)
        print("$", *shown, file=sys.stderr, flush=True)
        if self.is_dry:
            return ""
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            message = f"{command[0]} {command[1]} failed: {(ran.stderr or ran.stdout).strip()}"
            raise SigningError(message)
        return ran.stdout

    def run_all(self, commands: Sequence[Sequence[str]]) -> None:
        """Run commands one after the other."""
        for command in commands:
            self.run(command)


@contextmanager
def identity_from(environ: Mapping[str, str], runner: Runner, work: Path) -> Iterator[str]:
    """Provide the certificate from the environment; `AD_HOC` if there is none.

    Raises:
        SigningError: If there is one that cannot be used.
    """
    named = environ.get("MACOS_SIGNING_IDENTITY")
    encoded = environ.get("MACOS_CERTIFICATE")
    if named or not encoded:
        yield named or AD_HOC
        return
    certificate, keychain = work / "certificate.p12", str(work / "signing.keychain-db")
    certificate.touch(mode=0o600)
    certificate.write_bytes(decoded(encoded, "MACOS_CERTIFICATE"))
    password, lock = environ.get("MACOS_CERTIFICATE_PASSWORD", ""), secrets.token_hex(16)
    runner.hide(password, lock)
    try:
        runner.run_all(keychain_commands(keychain, str(certificate), password, lock))
        listed = runner.run(["security", "find-identity", "-v", "-p", "codesigning", keychain])
        yield "the certificate" if runner.is_dry else first_identity(listed)
    finally:
        certificate.unlink()
        runner.run(["security", "delete-keychain", keychain])


def first_identity(listed: str) -> str:
    """Return the hash of the first certificate that `security find-identity` lists.

    Raises:
        SigningError: If it lists none.
    """
    for line in listed.splitlines():
        words = line.split()
        if len(words) > 2 and words[0].endswith(")") and len(words[1]) == 40:
            return words[1]
    message = "MACOS_CERTIFICATE holds no certificate that can sign programs"
    raise SigningError(message)


def notary_key(environ: Mapping[str, str], work: Path) -> NotaryKey | None:
    """Return the credentials for the notary service; None if the environment has none.

    Raises:
        SigningError: If they are incomplete.
    """
    names = ("MACOS_NOTARY_KEY", "MACOS_NOTARY_KEY_ID", "MACOS_NOTARY_ISSUER")
    missing = [name for name in names if not environ.get(name)]
    if len(missing) == len(names):
        return None
    if missing:
        message = f"to notarise, {', '.join(missing)} must be set, too"
        raise SigningError(message)
    file = work / "notary-key.p8"
    file.touch(mode=0o600)
    file.write_bytes(decoded(environ[names[0]], names[0]))
    return NotaryKey(str(file), environ[names[1]], environ[names[2]])


def decoded(text: str, name: str) -> bytes:
    """Decode the base64 value of a variable.

    Raises:
        SigningError: If it is not base64.
    """
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        message = f"{name} is no base64"
        raise SigningError(message) from error


def sign(target: Path, environ: Mapping[str, str], runner: Runner) -> str:
    """Sign and notarise a bundle or an image; return a sentence about what was done.

    Raises:
        SigningError: If a step fails for which the environment has the input.
    """
    with tempfile.TemporaryDirectory(prefix="spendlight-signing-") as folder:
        work = Path(folder)
        key = notary_key(environ, work)
        with identity_from(environ, runner, work) as identity:
            is_app = target.suffix == ".app"
            make = signing_commands if is_app else image_commands
            runner.run_all(make(target, identity))
        if identity == AD_HOC:
            if key is not None:
                message = "only what a certificate has signed can be notarised"
                raise SigningError(message)
            signed = "signed for nobody" if is_app else "not signed"
            return f"{target.name}: {signed}, as there is no certificate; Gatekeeper will ask"
        if key is None:
            return f"{target.name}: signed, and not notarised, as there is no key"
        runner.run_all(notary_commands(target, key, work))
        return f"{target.name}: signed and notarised"


def main() -> None:
    """Sign what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", type=Path, help="the bundle or the image")
    parser.add_argument("--dry-run", action="store_true", help="print what would be run")
    arguments = parser.parse_args()
    if not arguments.dry_run and not is_macos():
        parser.error("only macOS has the programs for that; --dry-run prints the commands")
    if not arguments.target.exists():
        parser.error(f"{arguments.target} is not there")
    try:
        print(sign(arguments.target, os.environ, Runner(is_dry=arguments.dry_run)))
    except SigningError as error:
        sys.exit(f"signing.py: {error}")


if __name__ == "__main__":
    main()
