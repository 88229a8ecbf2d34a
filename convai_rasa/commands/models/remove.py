"""Delete models from the tree."""

from __future__ import annotations

import argparse
import shutil
import uuid
from pathlib import Path

from convai_rasa import store
from convai_rasa.commands.models.arguments import chosen_models, names_a_set
from convai_rasa.commands.models.printing import print_json
from convai_rasa.errors import ConfigurationError, ModelNotFound


def run(given: argparse.Namespace) -> int:
    """Delete the named models; what other programs keep in their caches is left alone."""
    if not given.names and not names_a_set(given):
        raise ConfigurationError("--remove: name the models, for example: convai models --remove whisper/base")
    tree = store.tree_to_fetch_into(given.models_dir)
    # all of them, or none
    folders = [_installed(name, tree) for name in chosen_models(given, store.load_catalogue())]
    (tree / store.STAGING).mkdir(exist_ok=True)
    for folder in folders:
        attic = tree / store.STAGING / f"removed-{uuid.uuid4().hex}"
        folder.rename(attic)  # in one step: nobody ever finds half of it
        shutil.rmtree(attic)
    if given.json:
        print_json({"removed": [str(folder) for folder in folders]})
    else:
        print("\n".join(f"Removed {folder}" for folder in folders))
    return 0


def _installed(name: store.Name, tree: Path) -> Path:
    folder = store.folder_in(tree, name)
    if not folder.is_dir():
        raise ModelNotFound(f"{name} is not installed in {tree}, so there is nothing to remove.")
    if not store.is_installed(folder):
        raise ConfigurationError(f"{folder} was not put there by this command; delete it yourself if you mean it.")
    return folder
