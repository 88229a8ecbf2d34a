"""Renders the chart with Helm's own code and holds what comes out against Kubernetes' own schemas.

Runs in the environment of requirements/chart.txt. Reads a JSON list of values and prints one of results: ``lint``, what
Helm complains about; ``documents``, by template; ``errors`` of the schemas; or ``refused``, why Helm renders nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import yaml

CHART = Path(__file__).parents[2] / "deploy" / "chart"
KUBERNETES = ("1.27", "1.37")  # the oldest that Chart.yaml allows, and the newest that the checker knows


def main() -> None:
    """Render with each of the values."""
    with helm_python.Chart.load(CHART) as chart:
        results = [rendered(chart, values) for values in json.load(sys.stdin)]
    json.dump(results, sys.stdout)


def rendered(chart: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Render with some values."""
    try:
        texts = chart.render(values, name="demo", namespace="talk")
    except helm_python.HelmError as error:
        return {"refused": str(error)}
    lint = helm_python.lint(CHART, values, strict=True, quiet=True)
    documents, errors = {}, []
    for template, text in texts.items():
        if template.endswith("NOTES.txt"):
            continue
        documents[Path(template).name] = [document for document in yaml.safe_load_all(text) if document]
        for document in documents[Path(template).name]:
            errors += problems(document)
    return {"lint": lint["errors"], "documents": documents, "errors": errors}


def problems(document: dict[str, Any]) -> list[str]:
    """Return what Kubernetes would say against a document."""
    found = []
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{version}: {document['kind']} {document['metadata']['name']}: {error.message}")
    return found


if __name__ == "__main__":
    main()
