"""All of these checks, in order."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping

from convai_rasa.project.findings import Finding
from convai_rasa.project.project_files import Project
from convai_rasa.project.training_checks.quietly import as_rasa_would, attempt, muted

_LIMIT_S = 60.0


def examine_training(
    project: Project, config: Mapping[str, Any], credentials: Mapping[str, Any], endpoints: Mapping[str, Any]
) -> list[Finding]:
    """Say what keeps Rasa from training this project or running it, and what of it would go wrong in silence.

    Nothing is trained, and nothing written into the project, whose folder is the working directory.

    Args:
        project: where the files are.
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
) -> Iterator[Finding]:
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
    texts = [one.get("text") or "" for one in bot.nlu.intent_examples]
    checks = [
        partial(check_signatures, [*pipeline, *policies]),
        partial(check_order, pipeline),
        partial(check_language, config, credentials, texts),
        partial(check_agreement, bot, pipeline, policies),
    ]
    if (domain := bot.domain) is not None:
        checks += [
            partial(check_rules, bot, domain, policies),
            partial(check_entities, bot, domain, pipeline),
            partial(check_actions, bot.folder, domain, endpoints),
        ]
    checks += [
        partial(check_duckling, pipeline),
        partial(check_endpoints, bot, endpoints),
        partial(check_channels, bot, credentials),
    ]
    for check in checks:
        made, error, _ = attempt(partial(_listed, check), _LIMIT_S)
        yield from made or ()
        if error is not None:
            yield Finding("pipeline", "note", f"Some of this could not be examined: {of_error(error, bot.folder)}")


def _listed(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    return list(check())
