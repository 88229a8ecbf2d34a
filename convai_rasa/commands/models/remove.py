"""Delete models from the tree."""

from __future__ import annotations

import argparse
import json
import shutil
import uuid
from pathlib import Path

from convai_rasa.commands.models.choosing import Chosen, chosen_models, names_a_set
from convai_rasa.errors import ConfigurationError, ModelNotFound
from convai_rasa.store import STAGING, is_installed, load_catalogue, tree_to_fetch_into


def run(args: argparse.Namespace) -> int:
    """Delete the named models; what other programs keep in their caches is left alone."""
    if not args.names and not names_a_set(args):
        raise ConfigurationError("--remove: name the models, for example: convai models --remove whisper/base")
    tree = tree_to_fetch_into(args.models_dir)
    folders = [_folder(model, tree) for model in chosen_models(args, load_catalogue())]  # all of them, or none
    for folder in folders:
        _remove(folder, tree)
    if args.json:
        print(json.dumps({"removed": [str(folder) for folder in folders]}, indent=2))
    else:
        print("\n".join(f"Removed {folder}" for folder in folders))
    return 0


def _folder(model: Chosen, tree: Path) -> Path:
    folder = model.folder(tree)
    if not folder.is_dir():
        raise ModelNotFound(f"{model.label} is not installed in {tree}, so there is nothing to remove.")
    if not is_installed(folder):
        raise ConfigurationError(f"{folder} was not put there by this command; delete it yourself if you mean it.")
    return folder


def _remove(folder: Path, tree: Path) -> None:
    """Take it out of the tree in one step, then delete it: nobody ever finds half of it."""
    staging = tree / STAGING
    staging.mkdir(exist_ok=True)
    attic = staging / f"removed-{uuid.uuid4().hex}"
    folder.rename(attic)
    shutil.rmtree(attic)
