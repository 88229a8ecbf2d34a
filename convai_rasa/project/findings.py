"""What a check found, and how it is shown."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal, Sequence

Level = Literal["ok", "note", "warning", "error"]
_MARKS = {"ok": "✓", "note": "·", "warning": "!", "error": "✗"}
_COLOURS = {"ok": "\033[32m", "note": "", "warning": "\033[33m", "error": "\033[31m"}
_PLAIN = "\033[0m"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        area: what it is about, such as ``models``.
        level: ``error`` keeps the bot from working, ``warning`` may surprise, ``note`` is only worth knowing.
        what: one sentence.
        fix: what to do about it; empty if nothing.
    """

    area: str
    level: Level
    what: str
    fix: str = ""


def as_text(findings: Sequence[Finding], *, coloured: bool) -> str:
    """Return the findings grouped by area, and a last line that counts what is wrong.

    Where one remedy is for several in a row, it stands once, below the last of them.
    """
    lines = []
    for area in dict.fromkeys(finding.area for finding in findings):
        lines.append(area)
        listed = [finding for finding in findings if finding.area == area]
        for finding, following in zip(listed, [*listed[1:], None], strict=True):
            mark = _MARKS[finding.level]
            if coloured and _COLOURS[finding.level]:
                mark = f"{_COLOURS[finding.level]}{mark}{_PLAIN}"
            lines.append(f"  {mark} {finding.what}")
            if finding.fix and (following is None or finding.fix != following.fix):
                lines.append(f"      → {finding.fix}")
    return "\n".join([*lines, "", _summary(findings)])


def as_json(findings: Sequence[Finding]) -> str:
    """Return ``{"ok": …, "findings": [{"area", "level", "what", "fix"}, …]}``."""
    content = {"ok": not has_errors(findings), "findings": [asdict(finding) for finding in findings]}
    return json.dumps(content, indent=2, ensure_ascii=False)


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether anything keeps the bot from working."""
    return any(finding.level == "error" for finding in findings)


def _summary(findings: Sequence[Finding]) -> str:
    errors = sum(finding.level == "error" for finding in findings)
    warnings = sum(finding.level == "warning" for finding in findings)
    if not errors and not warnings:
        return "Everything is in order."
    return f"{count(errors, 'error')}, {count(warnings, 'warning')}."


def count(number: int, noun: str) -> str:
    """Return ``1 error`` or ``2 errors``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
