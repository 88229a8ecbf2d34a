"""A recording in a form that a stranger has sent: taken apart in memory, within bounds."""

from __future__ import annotations

import io
from collections.abc import Mapping

from convai_rasa.errors import AudioError, ProtocolError

_MOST_BUFFERED = 256 * 1024  # bytes of a field's value or a part's head; a file's content is not counted


def read_form(content_type: str, body: bytes, field: str, *, most_parts: int) -> tuple[Mapping[str, str], bytes]:
    """Take a form apart; the work is bounded by the body's length, whatever the body.

    Args:
        content_type, body: of the request.
        field: the one that holds the recording.
        most_parts: fields and files that there may be.

    Returns:
        The other fields, and the recording.

    Raises:
        AudioError: it holds no recording.
        ProtocolError: code ``bad_message``: it cannot be read.
    """
    from werkzeug.exceptions import HTTPException
    from werkzeug.formparser import MultiPartParser
    from werkzeug.http import parse_options_header

    kind, parameters = parse_options_header(content_type)
    boundary = parameters.get("boundary", "").encode("ascii", "replace")
    if kind != "multipart/form-data" or not 0 < len(boundary) <= 70:  # RFC 2046
        raise AudioError(f"Send the recording as the form field '{field}' of a multipart/form-data request.")
    parser = MultiPartParser(
        stream_factory=lambda *args, **kwargs: io.BytesIO(),  # werkzeug's own choice is a file on disk
        max_form_memory_size=_MOST_BUFFERED,
        max_form_parts=most_parts,
    )
    try:
        form, files = parser.parse(io.BytesIO(body), boundary, len(body))
    except (HTTPException, ValueError, LookupError) as error:
        raise ProtocolError("bad_message", f"The form cannot be read ({error}); send multipart/form-data.") from error
    if field not in files:
        raise AudioError(f"Send the recording as the form field '{field}', with a file name.")
    return form.to_dict(), files[field].read()
