"""What every command does with an error, with Ctrl-C and with an output that was closed."""

from __future__ import annotations

import argparse
import os
import sys

from convai_rasa.errors import ConvaiError, Terminated

INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


def run_guarded(given: argparse.Namespace) -> int:
    """Run a parsed command, which carries its function as ``run``, and what to say after Ctrl-C as ``stopped``.

    Returns:
        The exit status: what the command returned, 1 if the user has something to fix, 130 after Ctrl-C.
    """
    try:
        status = int(given.run(given))
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # for example by `| head`
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # Python flushes it once more at the end
        print("convai: The output was closed before all of it was written.", file=sys.stderr)
        return 1
    except ConvaiError as error:
        print(f"convai: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        below_the_echo = "\n" if sys.stderr.isatty() else ""  # a terminal has shown ^C
        print(f"{below_the_echo}{getattr(given, 'stopped', 'Stopped.')}", file=sys.stderr)
        return 0 if isinstance(interrupt, Terminated) else INTERRUPTED
