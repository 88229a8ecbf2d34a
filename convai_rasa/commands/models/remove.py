"""Delete models from the tree."""

from __future__ import annotations

import argparse
import shutil
import uuid
from pathlib import Path

from convai_rasa.commands.models.arguments import Chosen, chosen_models, names_a_set
from convai_rasa.commands.models.printing import print_json
from convai_rasa.errors import ConfigurationError, ModelNotFound
from convai_rasa.store import STAGING, is_installed, load_catalogue, tree_to_fetch_into


def run(given: argparse.Namespace) -> int:
    """Delete the named models; what other programs keep in their caches is left alone."""
    if not given.names and not names_a_set(given):
        raise ConfigurationError("--remove: name the models, for example: convai models --remove whisper/base")
    tree = tree_to_fetch_into(given.models_dir)
    folders = [_installed(model, tree) for model in chosen_models(given, load_catalogue())]  # all of them, or none
    (tree / STAGING).mkdir(exist_ok=True)
    for folder in folders:
        attic = tree / STAGING / f"removed-{uuid.uuid4().hex}"
        folder.rename(attic)  # in one step: nobody ever finds half of it
        shutil.rmtree(attic)
    if given.json:
        print_json({"removed": [str(folder) for folder in folders]})
    else:
        print("\n".join(f"Removed {folder}" for folder in folders))
    return 0


def _installed(model: Chosen, tree: Path) -> Path:
    folder = model.folder(tree)
    if not folder.is_dir():
        raise ModelNotFound(f"{model.name} is not installed in {tree}, so there is nothing to remove.")
    if not is_installed(folder):
        raise ConfigurationError(f"{folder} was not put there by this command; delete it yourself if you mean it.")
    return folder
