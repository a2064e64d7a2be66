"""Collects the texts of the desktop for translation, and compiles the translations.

    python maintenance/translate.py            renew resources/i18n/*.ts and compile them
    python maintenance/translate.py --check    fail if that would change something

Texts are found in Python's syntax tree, so that each has the context under which it is looked up:
the class for ``self.tr``, the named context for ``translate`` and for a module's ``_tr``, and
"Column" for the heading of a ``Column``.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDERS: Final = tuple(
    ROOT / "src" / "spendlight" / folder for folder in ("desktop", "metering", "tracker/questions")
)
"""Folders with texts of the desktop; headings of columns are plain English in the core."""

I18N: Final = ROOT / "resources" / "i18n"
LANGUAGES: Final = ("de",)


class Text(NamedTuple):
    """A text and the context under which it is looked up."""

    context: str
    source: str


class Finder(ast.NodeVisitor):
    """Finds the texts of a module."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[Text] = []
        self._classes: list[str] = []
        self._short = _short_context(tree)
        self.visit(tree)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:  # as ast calls it
        """Visit a class; its name is the context of its texts."""
        self._classes.append(node.name)
        self.generic_visit(node)
        self._classes.pop()

    def visit_Call(self, node: ast.Call) -> None:  # as ast calls it
        """Add the text of a call that translates."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        words = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        texts = [word for word in words if isinstance(word, str)]
        if name == "tr" and self._classes and texts:
            self.found.append(Text(self._classes[-1], texts[0]))
        elif name == "_tr" and self._short and texts:
            self.found.append(Text(self._short, texts[0]))
        elif name in {"translate", "QT_TRANSLATE_NOOP"} and len(texts) == 2:  # context and text
            self.found.append(Text(*texts))
        elif _makes_column(name) and texts and isinstance(node.args[0], ast.Constant):
            self.found.append(Text("Column", texts[0]))
        self.generic_visit(node)


def _makes_column(name: str) -> bool:
    return name == "Column" or name.endswith("_column")


def _short_context(tree: ast.Module) -> str:
    """Return the context of a module's ``_tr``, or "" if it has none."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "_tr":
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and call.args:
                    first = call.args[0]
                    if isinstance(first, ast.Constant):
                        return str(first.value)
    return ""


def texts() -> list[Text]:
    """Return all texts, by context and in the order of the modules."""
    found: dict[Text, None] = {}
    for path in sorted(path for folder in FOLDERS for path in folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= dict.fromkeys(Finder(tree).found)
    return sorted(found, key=lambda text: text.context)


def known(path: Path) -> dict[Text, str]:
    """Return the existing translations."""
    if not path.exists():
        return {}
    translated: dict[Text, str] = {}
    for context in ET.parse(path).getroot().iter("context"):  # noqa: S314  # our own file
        name = context.findtext("name") or ""
        for message in context.iter("message"):
            source = message.findtext("source") or ""
            translated[Text(name, source)] = message.findtext("translation") or ""
    return translated


def document(language: str, wanted: list[Text], translated: dict[Text, str]) -> str:
    """Return a translation source file, with missing translations marked."""
    root = ET.Element("TS", version="2.1", language=language)
    contexts: dict[str, ET.Element] = {}
    for text in wanted:
        if text.context not in contexts:
            contexts[text.context] = ET.SubElement(root, "context")
            ET.SubElement(contexts[text.context], "name").text = text.context
        message = ET.SubElement(contexts[text.context], "message")
        ET.SubElement(message, "source").text = text.source
        translation = ET.SubElement(message, "translation")
        translation.text = translated.get(text, "")
        if not translation.text:
            translation.set("type", "unfinished")
    ET.indent(root)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    return head + ET.tostring(root, encoding="unicode") + "\n"


def compiled(source: str) -> bytes:
    """Return the compiled translation, made by Qt's lrelease."""
    program = shutil.which("pyside6-lrelease", path=str(Path(sys.executable).parent))
    if program is None:
        message = "pyside6-lrelease comes with PySide6; run this in the project's environment"
        raise FileNotFoundError(message)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "texts.ts")
        path.write_text(source, encoding="utf-8")
        command = [program, "-silent", str(path), "-qm", f"{path}.qm"]
        subprocess.run(command, check=True)
        return Path(f"{path}.qm").read_bytes()


def changes() -> Iterator[tuple[Path, bytes]]:
    """Yield the outdated files, with their new contents."""
    wanted = texts()
    for language in LANGUAGES:
        path = I18N / f"spendlight_{language}.ts"
        source = document(language, wanted, known(path))
        for target, content in (
            (path, source.encode()),
            (path.with_suffix(".qm"), compiled(source)),
        ):
            if not target.exists() or target.read_bytes() != content:
                yield target, content


def main() -> int:
    """Update the files or check whether that is needed, and return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    asked = parser.parse_args()
    I18N.mkdir(parents=True, exist_ok=True)
    found = list(changes())
    for path, content in found:
        print(f"{'not up to date' if asked.check else 'written'}: {path.relative_to(ROOT)}")
        if not asked.check:
            path.write_bytes(content)
    return int(asked.check and bool(found))


if __name__ == "__main__":
    sys.exit(main())
