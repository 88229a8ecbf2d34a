"""Serve recognition and voices to others: OpenAI's audio API, and Wyoming for Home Assistant. Needs no Rasa.

Listens on 127.0.0.1, which only this machine can reach, unless --interface says otherwise. Callers over HTTP then need
a token: put one or several, separated by commas, into the environment variable CONVAI_SPEECH_TOKENS.
"""

from __future__ import annotations

import argparse
from typing import Any

from convai_rasa.commands.bot_arguments import a_port
from convai_rasa.errors import ConfigurationError

EXAMPLES = """examples:
  %(prog)s                                           whisper/base and tts/vits-joe on port 8000
  %(prog)s --asr whisper/tiny.en --tts none          recognition alone
  %(prog)s --wyoming-port 10300                      for Home Assistant, too
  %(prog)s --interface 0.0.0.0                       for others, once CONVAI_SPEECH_TOKENS is set
"""

_NONE = "none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--asr", metavar="MODEL", default="whisper/base", help="recognizer's model, or none")
    parser.add_argument("--asr-engine", metavar="NAME", default="whisper", help="its engine (default: %(default)s)")
    parser.add_argument(
        "--tts",
        metavar="MODEL",
        action="append",
        help="a voice, or none; may be repeated, and the first speaks where nobody names one (default: tts/vits-joe)",
    )
    parser.add_argument("--tts-engine", metavar="NAME", default="coqui", help="their engine (default: %(default)s)")
    parser.add_argument(
        "--language", default="auto", help="of what is said, where a request names none (default: detected)"
    )
    parser.add_argument("--interface", metavar="HOST", default="127.0.0.1", help="address (default: %(default)s)")
    parser.add_argument("--port", type=a_port, default=8000, help="of HTTP (default: %(default)s; 0: any free one)")
    parser.add_argument("--wyoming-port", type=a_port, help="of Wyoming (default: it is not spoken; 0: any free one)")
    parser.add_argument(
        "--allow-anyone",
        action="store_true",
        help="listen where others reach it although they need no token: Wyoming knows none",
    )
    limits = parser.add_argument_group("limits")
    for name, kind, default, about in (
        ("--workers", int, 0, "batches recognized at the same time (default: one for each core)"),
        ("--threads", int, 0, "of a batch (default: one; a lone recording gets all cores where that is quicker)"),
        ("--batch", int, 0, "recordings decoded together, at most (default: as many as it gains from)"),
        ("--queue", int, 64, "requests of a kind in work; the next one gets 429 (default: %(default)s)"),
        ("--max-wait-s", float, 5.0, "recordings that would wait longer get 429 (default: %(default)s)"),
        ("--max-mb", float, 25.0, "of a recording (default: %(default)s)"),
        ("--max-s", float, 600.0, "of a recording (default: %(default)s)"),
        ("--max-characters", int, 4096, "of a text (default: %(default)s)"),
        ("--timeout-s", float, 60.0, "for a transcript, and between pieces of speech (default: %(default)s)"),
        ("--drain-s", float, 30.0, "for requests in work when the service ends (default: %(default)s)"),
    ):
        limits.add_argument(name, type=kind, default=default, metavar="N", help=about)


def run(given: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        ConvaiError: a model is missing, a port is taken, or others would reach it without a token.
    """
    from convai_rasa.launch import bound, is_loopback
    from convai_rasa.options import parse_options
    from convai_rasa.speech import SpeechOptions, read_tokens

    names = [name for name in SpeechOptions.__fields__ if hasattr(given, name)]
    keys: dict[str, Any] = {name: getattr(given, name) for name in names}
    keys["asr"] = None if given.asr == _NONE else given.asr
    keys["tts"] = [name for name in given.tts or ["tts/vits-joe"] if name != _NONE]
    options = parse_options(SpeechOptions, keys, where="convai speech")
    tokens = read_tokens()
    if not is_loopback(given.interface) and not given.allow_anyone:
        _check_closed(given, tokens)
    with bound(given.interface, given.port, option="--port") as address:
        wyoming = None
        if given.wyoming_port is not None:
            wyoming = bound(given.interface, given.wyoming_port, option="--wyoming-port")
        _serve(options, given, tokens, address, wyoming)
    return 0


def _serve(options: Any, given: argparse.Namespace, tokens: Any, address: Any, wyoming: Any) -> None:
    from tqdm import tqdm

    from convai_rasa.speech import Service

    models = " and ".join([*([options.asr] if options.asr else []), *options.tts])
    loading = tqdm(bar_format="{desc} … {elapsed}", leave=False, disable=None, desc=f"Loading {models}")
    loading.refresh()

    def ready() -> None:
        loading.close()
        print(f"OpenAI's API:     http://{_host(address)}/v1", flush=True)
        if wyoming is not None:
            print(f"Wyoming:          tcp://{_host(wyoming)}", flush=True)
        who = "whoever reaches it" if given.interface not in ("127.0.0.1", "::1", "localhost") else "only this machine"
        print(f"Who reaches it:   {who}, {'with a token' if tokens else 'without a token'}", flush=True)
        print("Stop it:          Ctrl-C", flush=True)

    def drain(in_work: int) -> None:
        if in_work:
            print(f"\nFinishing what is in work ({in_work}); Ctrl-C again ends it at once.", flush=True)

    try:
        Service(options, tokens, address, wyoming, ready, drain).run()
    finally:
        loading.close()


def _check_closed(given: argparse.Namespace, tokens: Any) -> None:
    """Refuse to listen where others could use the service without a token.

    Raises:
        ConfigurationError: they could.
    """
    if not tokens:
        raise ConfigurationError(
            f"Whoever reaches {given.interface} could use this service; set CONVAI_SPEECH_TOKENS, or let everybody in "
            "with --allow-anyone."
        )
    if given.wyoming_port is not None:
        raise ConfigurationError(
            f"Whoever reaches {given.interface} could use Wyoming, which knows no tokens; leave out --wyoming-port, or "
            "let everybody in there with --allow-anyone."
        )


def _host(address: Any) -> str:
    host, port = address.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
