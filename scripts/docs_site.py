"""What the docs need to become a site: pages from beside docs/, and a reference generated from the option classes.

A hook of MkDocs, see mkdocs.yml. Needs only MkDocs: options are read from the source, not imported.
"""

from __future__ import annotations

import ast
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

ROOT = Path(__file__).resolve().parent.parent
# Pages of the repository that are not in docs/, and where they are on the site.
BESIDE = {
    "README.md": "index.md",
    "SECURITY.md": "project/security.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "bot/README.md": "project/demo-bot.md",
    "models/README.md": "project/models-folder.md",
}
CONFIGURATION = "reference/configuration.md"
# Class with options: its module, and how the reference calls it.
OPTIONS = {
    "convai_rasa/voice/options.py": "The voice channel, in `credentials.yml`",
    "convai_rasa/asr/whisper/whisper_recognizer.py": "`asr:` with the engine `whisper`",
    "convai_rasa/tts/coqui.py": "`tts:` with the engine `coqui`",
    "convai_rasa/nlu/intents/options.py": "The intent classifier, in `config.yml`",
    "convai_rasa/nlu/entities/options.py": "The entity extractor, in `config.yml`",
    "convai_rasa/nlu/sentiment/component.py": "The sentiment analyzer, in `config.yml`",
    "convai_rasa/nlu/vocabulary/component.py": "The values a bot knows, in `config.yml`",
    "convai_rasa/nlu/voice_confidence.py": "How well a turn was heard, in `config.yml`",
}
_LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")


@dataclass(frozen=True)
class Key:
    """One key of an options class."""

    name: str
    type: str
    default: str
    bounds: str
    why: str


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are not in docs/."""
    from mkdocs.structure.files import File

    pages = {place: (ROOT / source).read_text(encoding="utf-8") for source, place in BESIDE.items()}
    for place, text in {**pages, CONFIGURATION: configuration()}.items():
        files.append(File.generated(config, place, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Lead links between the repository's files to where those are on the site."""
    here = page.file.src_uri
    sources = {place: source for source, place in BESIDE.items()}
    folder = (ROOT / sources[here] if here in sources else ROOT / "docs" / here).parent

    def moved(match: re.Match[str]) -> str:
        label, target, anchor = match[1], match[2], match[3] or ""
        file = (folder / target).resolve()
        if "://" in target or not file.is_relative_to(ROOT) or not file.exists():
            return match[0]  # of what is not there the build says so
        path = file.relative_to(ROOT).as_posix()
        if path in BESIDE:
            place = BESIDE[path]
        elif path.startswith("docs/"):
            place = path.removeprefix("docs/")
        else:
            return f"{label} (`{path}` in the repository)"
        return f"[{label}]({'../' * here.count('/')}{place}{anchor})"

    return _LINK.sub(moved, markdown)


def configuration() -> str:
    """Return the page of all keys."""
    parts = [
        "# Configuration reference\n\nEvery key, generated from the classes that check it. A key that is not here, or "
        "a value that cannot be, is refused at start with the file, the key and the nearest right spelling.\n"
    ]
    for file, title in OPTIONS.items():
        parts.append(f"\n## {title}\n")
        for name, summary, keys in option_classes(ROOT / file):
            parts.append(
                f"\n### {name}\n\n{summary}\n\n| key | type | default | bounds | why |\n|---|---|---|---|---|\n"
            )
            parts += [f"| `{key.name}` | {key.type} | {key.default} | {key.bounds} | {key.why} |\n" for key in keys]
    return "".join(parts)


def option_classes(file: Path) -> Iterator[tuple[str, str, list[Key]]]:
    """Yield the classes of options in a module, each with what it inherits there: title, what it is for, keys."""
    comments = _comments(file)
    classes: dict[str, list[Key]] = {}
    summaries: dict[str, str] = {}
    bases: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef):
            continue
        above = [ast.unparse(base) for base in node.bases]
        if not any(base in classes or base.endswith("Options") for base in above):
            continue
        fields = [one for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
        inherited = {key.name: key for base in above for key in classes.get(base, [])}
        own = {key.name: key for key in (_key(one, comments) for one in fields)}
        classes[node.name] = list({**inherited, **own}.values())
        summaries[node.name] = (ast.get_docstring(node) or "").partition("\n\n")[0].replace("\n", " ")
        bases.update(above)
    named = {word: key.name for keys in classes.values() for key in keys for word in re.findall(r"\w+", key.type)}
    top = [name for name in classes if name not in named and name not in bases]
    for name in [*top, *(name for name in classes if name in named)]:
        yield f"`{named[name]}:`" if name in named else "The keys", summaries[name], classes[name]


def _key(field: ast.AnnAssign, comments: dict[int, str]) -> Key:
    default, bounds = field.value, ""
    if isinstance(default, ast.Call) and ast.unparse(default.func) == "Field":
        limits = {word.arg: ast.unparse(word.value) for word in default.keywords}
        signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
        bounds = ", ".join(f"{sign} {limits[name]}" for name, sign in signs.items() if name in limits)
        factory = {"list": "[]", "dict": "{}"}.get(limits.get("default_factory", ""), "")
        written = ast.unparse(default.args[0]) if default.args else factory
    else:
        written = "" if default is None else ast.unparse(default)
    assert isinstance(field.target, ast.Name)
    last = field.end_lineno or field.lineno
    if written.endswith("Options()"):
        written = ""
    return Key(
        field.target.id,
        _cell(f"`{ast.unparse(field.annotation)}`"),
        _cell(f"`{written}`") if written else "see below" if default else "required",
        bounds,
        _cell(comments.get(last, comments.get(field.lineno, ""))),
    )


def _comments(file: Path) -> dict[int, str]:
    with tokenize.open(file) as source:
        tokens = tokenize.generate_tokens(source.readline)
        return {one.start[0]: one.string.lstrip("# ") for one in tokens if one.type == tokenize.COMMENT}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
