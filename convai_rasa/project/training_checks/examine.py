"""All of these checks, in order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping

from convai_rasa.project.findings import Finding
from convai_rasa.project.project_files import Project
from convai_rasa.project.training_checks.quietly import as_rasa_would, attempt, muted

_LIMIT_S = 60.0


def examine_training(
    project: Project, config: Mapping[str, Any], credentials: Mapping[str, Any], endpoints: Mapping[str, Any]
) -> list[Finding]:
    """Say what keeps Rasa from training this project or running it, and what of it would go wrong in silence.

    Nothing is trained, and nothing written into the project.

    Args:
        project: where the files are; its folder is the working directory.
        config: what the file says; empty if it cannot be read.
        credentials: the same, environment variables in their places.
        endpoints: the same.
    """
    with muted(), as_rasa_would(project.folder), tempfile.TemporaryDirectory() as storage:
        findings = list(_examine(project, config, credentials, endpoints, Path(storage)))
    return list({finding.what: finding for finding in reversed(findings)}.values())[::-1]


def _examine(
    project: Project,
    config: Mapping[str, Any],
    credentials: Mapping[str, Any],
    endpoints: Mapping[str, Any],
    storage: Path,
) -> Iterable[Finding]:
    # Each of these imports Rasa, which takes seconds.
    from convai_rasa.project.checks import check_language
    from convai_rasa.project.training_checks.agreement import check_agreement
    from convai_rasa.project.training_checks.components import check_signatures, make_steps
    from convai_rasa.project.training_checks.custom_actions import check_actions
    from convai_rasa.project.training_checks.entities import check_entities
    from convai_rasa.project.training_checks.loaded_bot import read_bot
    from convai_rasa.project.training_checks.order import check_order
    from convai_rasa.project.training_checks.rules import check_rules
    from convai_rasa.project.training_checks.services import check_channels, check_duckling, check_endpoints
    from convai_rasa.project.training_checks.wording import of_error

    bot, found = read_bot(project, config, storage)
    yield from found
    pipeline, found = make_steps(bot, "pipeline", storage / "pipeline")
    yield from found
    policies, found = make_steps(bot, "policies", storage / "policies")
    yield from found
    checks: list[Callable[[], Iterable[Finding]]] = [
        lambda: check_signatures(pipeline, "pipeline"),
        lambda: check_signatures(policies, "policies"),
        lambda: check_order(pipeline),
        lambda: check_language(config, credentials, [one.get("text") or "" for one in bot.nlu.intent_examples]),
        lambda: check_agreement(bot, pipeline, policies),
        lambda: check_rules(bot, policies, storage),
        *(
            [lambda: check_entities(bot, pipeline), lambda: check_actions(bot, endpoints)]
            if bot.domain is not None
            else []
        ),
        lambda: check_duckling(bot, pipeline),
        lambda: check_endpoints(bot, endpoints),
        lambda: check_channels(bot, credentials),
    ]
    for check in checks:
        made, error, _ = attempt(lambda check=check: list(check()), _LIMIT_S)  # type: ignore[misc]  # called at once
        yield from made or ()
        if error is not None:
            yield Finding("pipeline", "note", f"Some of this could not be examined: {of_error(error, bot.folder)}")
