"""Runs Rasa's own commands without the warnings that its dependencies have for each other.

``python -m convai_rasa.quiet rasa train`` is ``rasa train``, and nobody at the keyboard could do anything about
those warnings. Rasa's own warnings and all errors still come through.
"""

from __future__ import annotations

import os
import runpy
import sys
import warnings

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "RASA_TELEMETRY_ENABLED": "false",  # nothing leaves this machine
}


def main() -> None:
    """Run the module named first on the command line as ``python -m`` would."""
    if len(sys.argv) < 2:
        sys.exit("usage: python -m convai_rasa.quiet MODULE [ARGUMENT ...], for example: rasa train")
    os.environ.update(ENVIRONMENT)
    warnings.simplefilter("ignore")
    # Sanic switches deprecation warnings on when it is imported, so that must be over. Rasa switches its own on later.
    import sanic.log  # noqa: F401 - for that side effect

    warnings.simplefilter("ignore")
    module = sys.argv[1]
    sys.argv = [module, *sys.argv[2:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
