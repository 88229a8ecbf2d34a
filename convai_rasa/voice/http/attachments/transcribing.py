"""Recordings that people attach to chat messages, as words: for channels such as Telegram and WhatsApp."""

from __future__ import annotations

import asyncio
import atexit
import functools
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Tuple, TypeVar, Union

from convai_rasa.asr import Recognizer, Transcript, load_recognizer
from convai_rasa.audio import Decoder
from convai_rasa.errors import AudioError
from convai_rasa.voice.http.attachments.fetching import download
from convai_rasa.voice.limits import MEGABYTE, check_size

logger = logging.getLogger(__name__)

_WORKERS = 2  # recordings read, decoded and recognized at the same time
_DECODE_S = 20.0  # a voice message of two minutes takes 0.3 s; what takes this long is an attack

_recognizers: Dict[Tuple[str, str], Recognizer] = {}
_loading = threading.Lock()
_threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="convai-attachments")
T = TypeVar("T")


async def transcribe_attachment(
    source: Union[str, bytes, Path],
    *,
    model: str = "whisper/base",
    engine: str = "whisper",
    language: Optional[str] = None,
    auth: Optional[Tuple[str, str]] = None,
    max_mb: float = 20.0,
    max_s: float = 120.0,
    timeout_s: float = 30.0,
    allow_private: bool = False,
) -> Transcript:
    """Recognize what was said in a recording.

    The recognizer is loaded with the first recording and shared by all channels of this process. The work happens in
    threads, and the file is decoded in a process of its own. What the other side says about the kind or length of the
    file is not trusted. A file that is damaged gives the words that could be heard; the log says what could not.

    Args:
        source: an ``http(s)`` address, the bytes of a file, or its ``Path``: wav, ogg, webm, mp3, m4a, flac or raw
            AAC. Pass only addresses that the chat platform gave you: whoever chooses the address chooses what this
            server asks.
        model: of the recognizer: its name in the models/ tree, or a folder.
        engine: an entry point of the group ``convai_rasa.recognizers``.
        language: ISO 639-1 code, or ``auto``; None leaves it to the recognizer.
        auth: user and password for the address (HTTP basic); a redirect to another host does not get them.
        max_mb: the largest file accepted, 1,048,576 bytes each.
        max_s: the longest recording accepted, in seconds.
        timeout_s: for the whole download.
        allow_private: whether the address may lie in a private network or on this machine.

    Returns:
        The words; an empty text if nothing was said.

    Raises:
        AudioError: the file cannot be had, is too large, too long, or no recording. The message never holds the whole
            address, in which some platforms put a secret.
        ConfigurationError: the engine or the language is unknown.
        ModelError: the model is not installed or is damaged.
        MissingExtra: a package the engine needs is not installed.
        RecognitionError: the recognizer failed.
    """
    limit = int(max_mb * MEGABYTE)
    if isinstance(source, str):
        data = await download(source, auth=auth, max_bytes=limit, timeout_s=timeout_s, allow_private=allow_private)
    elif isinstance(source, Path):
        data = await _in_thread(_read, source, limit)
    else:
        data = source
        check_size(len(data), limit)
    recording = await _in_thread(functools.partial(_decoder().decode, data, max_seconds=max_s))
    if recording.warning:
        logger.warning("An attachment was not heard whole: %s", recording.warning)
    recognizer = await _in_thread(_recognizer, engine, model)
    return await _in_thread(functools.partial(recognizer.transcribe, recording.samples, language=language))


def _recognizer(engine: str, model: str) -> Recognizer:
    with _loading:  # or two first recordings at once would load it twice
        if (engine, model) not in _recognizers:
            _recognizers[engine, model] = load_recognizer(engine, model)
        return _recognizers[engine, model]


def _read(path: Path, limit: int) -> bytes:
    try:
        check_size(path.stat().st_size, limit)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise AudioError(f"There is no file {path}.") from error
    except OSError as error:
        raise AudioError(f"The file {path} cannot be read ({error.strerror}).") from error


@functools.lru_cache(maxsize=1)
def _decoder() -> Decoder:
    """Return the decoder of this process; its child starts with the first recording, and waits for the next ones."""
    decoder = Decoder(workers=_WORKERS, deadline_s=_DECODE_S)
    atexit.register(decoder.close)
    return decoder


async def _in_thread(work: Callable[..., T], *given: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *given)
