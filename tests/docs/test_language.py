"""What people read is plain American English: a short list of what must not come back, and what to write instead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from snippets import PAGES, ROOT

INSTEAD = {
    r"\bmend(s|ed|ing)?\b": "fix, repair",
    r"\banew\b": "again",
    r"\bany more\b(?! than)": "anymore, no longer",
    r"\ball the same\b": "anyway",
    r"\bwhere (it|they) lies?\b|\b(that|which) lies? (in|under|there)\b": "is in, are in",
    r"(?<!there )\bis no (Rasa|Python|JSON|ONNX|YAML|Coqui|address|model|name|list|policy|text|number)\b": "is not a …",
    r"\bthat are no(ne| numbers)\b": "not numbers, damaged",
    r"\bmarks for the eye\b": "markup",
    r"\bother (language|model|file|place)s? than\b": "a language other than",
    r"\bstands? (before|after|below|behind)\b": "comes before, comes after",
    r"\b(is|are|be|been) put out\b|\bputs out\b": "outputs",
    r"\bmakes? no sense\b": "is malformed, is invalid",
    r"\b(makes|made|making) (it |them )?comments? of\b": "comment out",
    r"\bof one's own\b": "your own",
    r"\bfor want of\b": "for lack of, because … ran out",
    r"\b1 tries\b": "1 try",
}
AMERICAN = {
    r"colour|behaviour|honour|favour|neighbour": "-or",
    r"(recogni|normali|organi|initiali|summari|optimi|tokeni|generali)s(e|es|ed|er|ers|ing|ation)\b": "-ize",
    r"(analy|synthesi)s(e|ed|er|ers|ing)\b": "-ze",
    r"licen[c]e": "license",
    r"\bcatalogue": "catalog",
    r"\bcentre": "center",
    r"\bgrey\b": "gray",
    r"\b(learnt|whilst|amongst)\b": "learned, while, among",
    r"(label|cancel|model|travel|dial|signal)l(ed|ing)\b": "one l",
    r"\bgood-bye\b": "goodbye",
    r"\bjudgement": "judgment",
}
RULES = {re.compile(rule, re.IGNORECASE): instead for rule, instead in {**INSTEAD, **AMERICAN}.items()}
ANY = re.compile("|".join(f"(?:{rule.pattern})" for rule in RULES), re.IGNORECASE)
NAMED = re.compile(
    r"^```.*?^```$|`[^`\n]+`|\]\([^)\s]*\)|<!--.*?-->", re.DOTALL | re.MULTILINE
)  # code, targets, comments
PATTERN = re.compile(r"\(\?|\\b")
HEARD = ROOT / "convai_rasa" / "nlu" / "values" / "languages"  # what people say, however they spell it
TEXTS = [*PAGES, ROOT / "bot" / "README.md", ROOT / "models" / "README.md"]


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a page without what only names something."""
    text = NAMED.sub(lambda match: "\n" * match[0].count("\n"), path.read_text(encoding="utf-8"))
    yield from enumerate(text.splitlines(), start=1)


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module that may be shown: not its docstrings, and not words that only name something."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docstrings:
            continue
        if " " in node.value.strip() and not PATTERN.search(node.value):
            yield node.lineno, NAMED.sub("", node.value)


def faults(path: Path, lines: Iterator[tuple[int, str]]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: “{match[0]}” → {instead}"
        for number, line in lines
        if ANY.search(line)
        for rule, instead in RULES.items()
        for match in rule.finditer(line)
    ]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_pages(path: Path) -> None:
    assert faults(path, prose(path)) == []


@pytest.mark.slow
def test_what_the_program_says() -> None:
    modules = [path for path in (ROOT / "convai_rasa").rglob("*.py") if HEARD not in path.parents]
    assert [fault for path in modules for fault in faults(path, sentences(path))] == []


@pytest.mark.parametrize("text", ["recognised and normalised", "a grey catalogue", "it is no model", "how to mend it"])
def test_the_list_finds_what_it_is_for(text: str) -> None:
    assert faults(ROOT, iter([(1, text)]))
