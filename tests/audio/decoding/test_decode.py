from __future__ import annotations

import io
import logging
import os
import socket
import time
import wave
from pathlib import Path

import numpy as np
import pytest

av = pytest.importorskip("av")

from made_recordings import KINDS, encoded, tone, voice, wav  # noqa: E402 - it needs PyAV

from convai_rasa.audio import decode_audio, float_to_pcm16, wav_bytes  # noqa: E402 - see above
from convai_rasa.audio.decoding.decode import decode_recording  # noqa: E402 - see above
from convai_rasa.errors import AudioError  # noqa: E402 - see above


def loudness(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def pitch(samples: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples)))) * 16_000 / len(samples)


def test_wav_bytes_hold_the_samples() -> None:
    pcm = float_to_pcm16(tone())
    with wave.open(io.BytesIO(wav_bytes(pcm, 22050))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (22050, 1, 2)
        np.testing.assert_array_equal(np.frombuffer(file.readframes(file.getnframes()), np.int16), pcm)


def test_a_wav_file_comes_back_as_it_was() -> None:
    samples = decode_audio(wav_bytes(float_to_pcm16(tone()), 16000), max_seconds=10)
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, tone(), atol=1e-4)


@pytest.mark.parametrize(("container", "codec"), KINDS)
def test_what_browsers_and_phones_send_is_understood(container: str, codec: str) -> None:
    recording = decode_recording(encoded(container, codec, tone(48_000)), max_seconds=10)
    assert recording.warning is None
    assert 15000 < len(recording.samples) < 18500
    assert abs(pitch(recording.samples) - 440) < 3


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"Hello, I am a text file and no sound at all.\n" * 50, "not a recording"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "not a recording"),
        (wav_bytes(np.zeros(0, np.int16), 16000), "not a recording|no sound"),
        (os.urandom(3000), "not a recording|no sound|no audio"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a recording|no sound|no audio"),
        (b"caff\0\1\0\0desc" + bytes(200), "not a recording"),
    ],
    ids=["empty", "text", "half a header", "no samples", "random", "picture", "another container"],
)
def test_anything_else_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(AudioError, match=sentence):
        decode_audio(data, max_seconds=10)


@pytest.mark.slow
def test_the_limit_holds_while_decoding() -> None:
    ten_minutes_of_silence = encoded("flac", "flac", np.zeros(16_000 * 600, np.float32), rate=16_000)
    assert len(ten_minutes_of_silence) < 200_000
    with pytest.raises(AudioError, match="longer than 5 seconds"):
        decode_audio(ten_minutes_of_silence, max_seconds=5)


def test_the_limit_holds_for_all_recordings_in_a_file_together() -> None:
    second = encoded("ogg", "libopus", tone(48_000))
    assert len(decode_audio(second * 4, max_seconds=5)) > 60_000
    with pytest.raises(AudioError, match="longer than 5 seconds"):
        decode_audio(second * 6, max_seconds=5)


# What ended the process: FFmpeg has no decoder for the track, and PyAV looks for it.


@pytest.mark.parametrize(
    "data",
    [
        wav(tone(), bits=0),
        wav(tone(), tag=0xFFFF),
        wav(tone(), tag=0x0000),
        encoded("matroska", "libopus", tone(48_000)).replace(b"A_OPUS", b"A_ZZZZ"),
        encoded("webm", "libopus", tone(48_000)).replace(b"A_OPUS", b"S_TEXT"),
        encoded("mp4", "alac", tone(48_000)).replace(b"alac", b"zzzz"),
    ],
    ids=["0 bits", "tag 0xffff", "tag 0", "unknown codec", "subtitles", "unknown sample entry"],
)
def test_a_track_without_a_decoder_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(AudioError, match=r"no audio track that can be decoded|not a recording|no sound"):
        decode_audio(data, max_seconds=10)


def test_a_track_without_a_decoder_does_not_hide_one_that_has_it() -> None:
    two = encoded("matroska", "libopus", tone(48_000), voice())
    recording = decode_recording(two.replace(b"A_OPUS", b"A_ZZZZ", 1), max_seconds=10)
    assert loudness(recording.samples) > 0.1
    assert recording.warning == "Tracks of it that could not be decoded and were not heard: 1."


def test_more_tracks_than_are_listened_to_are_said_to_be_missing() -> None:
    recording = decode_recording(encoded("matroska", "libopus", *[voice(0.5)] * 10), max_seconds=10)
    assert "8 tracks with sound; only one" in str(recording.warning)
    assert "could not be decoded and were not heard: 2." in str(recording.warning)


@pytest.mark.parametrize("channels", [3, 7, 8, 9, 16, 32])
def test_many_channels_are_heard(channels: int) -> None:
    samples = np.zeros((channels, 16_000), np.float32)
    samples[-1] = tone()
    heard = decode_audio(wav(samples), max_seconds=10)
    assert loudness(heard) == pytest.approx(loudness(tone()), rel=0.05)


def test_eight_channels_of_a_codec_are_heard() -> None:
    heard = decode_audio(encoded("flac", "flac", tone(48_000), layout="7.1"), max_seconds=10)
    assert loudness(heard) == pytest.approx(loudness(tone()), rel=0.05)


@pytest.mark.parametrize(
    "data",
    [
        wav(np.zeros((0, 1))),
        wav(np.zeros((33, 4_000), np.float32)),
        wav(np.zeros((512, 400), np.float32)),
        wav(tone(), rate=0),
        wav(tone(), rate=1),
        wav(tone(), rate=0x7FFF_FFFF),
        wav(tone(), rate=0xFFFF_FFFF),
    ],
    ids=["no channel", "33 channels", "512 channels", "0 Hz", "1 Hz", "2 GHz", "4 GHz"],
)
def test_impossible_rates_and_channels_are_refused_in_a_sentence(data: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(AudioError, match=r"channels|sample rate|not a recording|no sound"):
        decode_audio(data, max_seconds=10)
    assert time.monotonic() - begun < 2


# What had other files and addresses opened.


def scripts(secret: Path) -> dict[str, bytes]:
    return {
        "ffconcat": f"ffconcat version 1.0\nfile '{secret}'\n".encode(),
        "sdp": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 50126 RTP/AVP 0\r\n",
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{secret}\n#EXT-X-ENDLIST\n".encode(),
        "dash": f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{secret}</BaseURL></MPD>'.encode(),
        "lavfi": b"sine=frequency=440:duration=5",
        "concat": f"concat:{secret}|{secret}".encode(),
    }


@pytest.mark.parametrize("behind", [b"", b"ID3\x04\0\0\0\0\0\0"], ids=["plain", "behind a tag"])
@pytest.mark.parametrize("name", ["ffconcat", "sdp", "m3u8", "dash", "lavfi", "concat"])
def test_a_script_opens_nothing(name: str, behind: bytes, tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(wav(tone()))
    begun = time.monotonic()
    with pytest.raises(AudioError, match="not a recording"):
        decode_audio(behind + scripts(secret)[name], max_seconds=10)
    assert time.monotonic() - begun < 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.bind(("127.0.0.1", 50126))  # nobody has it


def test_an_mp4_whose_sound_lies_in_another_file_opens_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(wav(tone(48_000, 5), 48_000))
    whole = encoded("mp4", "aac", tone(48_000))
    entry, url = b"\0\0\0\x0curl \0\0\0\x01", f"file://{secret}".encode() + b"\0"
    data = whole.replace(entry, (len(url) + 12).to_bytes(4, "big") + b"url \0\0\0\0" + url)
    assert data != whole
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):  # all that the entry lies in grow with it
        at = data.index(box) - 4
        data = data[:at] + (int.from_bytes(data[at : at + 4], "big") + len(url)).to_bytes(4, "big") + data[at + 4 :]
    try:
        assert len(decode_audio(data, max_seconds=10)) < 20_000  # its own second, not the other's five
    except AudioError as error:
        assert "secret" not in str(error)


# What lost sound without a word.


def test_channels_that_cancel_are_heard() -> None:
    heard = decode_audio(wav(np.stack([tone(), -tone()])), max_seconds=10)
    assert loudness(heard) == pytest.approx(loudness(tone()), rel=0.05)


def test_channels_that_begin_to_cancel_midway_are_heard_whole() -> None:
    turned = np.concatenate([tone(), -tone()])
    heard = decode_audio(wav(np.stack([np.concatenate([tone(), tone()]), turned])), max_seconds=10)
    assert min(loudness(part) for part in np.array_split(heard, 20)) > 0.8 * loudness(tone())


@pytest.mark.parametrize("silent", [0, 1])
def test_a_silent_channel_halves_nothing(silent: int) -> None:
    both = np.stack([tone(), tone()])
    both[silent] = 0
    heard = decode_audio(wav(both), max_seconds=10)
    assert loudness(heard) == pytest.approx(loudness(tone()), rel=0.02)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("ogg", "libopus"), ("webm", "libopus"), ("mp3", "libmp3lame"), ("flac", "flac"), ("mp4", "aac")],
)
def test_recordings_behind_one_another_are_heard_whole(container: str, codec: str) -> None:
    first = encoded(container, codec, tone(48_000))
    second = encoded(container, codec, tone(24_000, hertz=880), rate=24_000, layout="stereo")
    recording = decode_recording(first + second, max_seconds=10)
    assert recording.warning is None
    assert 31_000 < len(recording.samples) < 36_000
    quarter = len(recording.samples) // 4
    assert abs(pitch(recording.samples[:quarter]) - 440) < 5
    assert abs(pitch(recording.samples[-quarter:]) - 880) < 5
    assert loudness(recording.samples[-quarter:]) == pytest.approx(loudness(tone()), rel=0.1)


def test_wav_files_behind_one_another_are_heard_whole() -> None:
    recording = decode_recording(wav(tone()) + wav(np.stack([tone(8_000)] * 2), 8_000), max_seconds=10)
    assert (len(recording.samples), recording.warning) == (32_000, None)


def test_a_part_of_a_chain_that_cannot_be_decoded_is_said_to_be_missing() -> None:
    link = encoded("ogg", "libopus", tone(48_000))
    recording = decode_recording(link + link.replace(b"OpusHead", b"OpusHeat") + link, max_seconds=10)
    assert 31_000 < len(recording.samples) < 33_000
    assert recording.warning is not None
    assert "Part 2" in recording.warning


@pytest.mark.parametrize("container", ["matroska", "mp4"])
@pytest.mark.parametrize("default", [0, 1])
@pytest.mark.parametrize("speaking", [0, 1])
def test_the_track_that_holds_the_voice_is_heard(container: str, speaking: int, default: int) -> None:
    hiss = (np.random.default_rng(0).standard_normal(96_000) * 0.001).astype(np.float32)
    tracks = [hiss, hiss]
    tracks[speaking] = voice()
    codec = "aac" if container == "mp4" else "libopus"
    recording = decode_recording(encoded(container, codec, *tracks, default=default), max_seconds=10)
    assert loudness(recording.samples) > 0.1
    assert recording.warning is None


def test_a_voice_goes_before_a_hum_that_is_the_default() -> None:
    recording = decode_recording(encoded("matroska", "libopus", tone(48_000, 2, 100), voice()), max_seconds=10)
    assert abs(pitch(recording.samples) - 440) < 5
    assert recording.warning == "The recording has 2 tracks with sound; only one of them was heard."


def test_of_two_voices_the_default_one_is_heard_and_the_other_said_to_be_missing() -> None:
    both = [voice() * 0.5, voice()]
    first = decode_recording(encoded("matroska", "libopus", *both, default=0), max_seconds=10)
    second = decode_recording(encoded("matroska", "libopus", *both, default=1), max_seconds=10)
    assert loudness(first.samples) == pytest.approx(loudness(second.samples) / 2, rel=0.1)
    assert "2 tracks with sound" in str(first.warning)


@pytest.mark.parametrize(("container", "codec"), KINDS)
def test_a_file_that_breaks_off_is_heard_so_far_and_says_so(container: str, codec: str) -> None:
    whole = encoded(container, codec, voice(5))
    cut = whole[: len(whole) * 6 // 10]
    if container == "mp4":  # its index lies at the end
        with pytest.raises(AudioError, match="not a recording"):
            decode_recording(cut, max_seconds=10)
        return
    recording = decode_recording(cut, max_seconds=10)
    assert 2.5 < len(recording.samples) / 16_000 < 3.5
    assert recording.warning is not None


@pytest.mark.parametrize(("container", "codec"), [kind for kind in KINDS if kind[0] != "wav"])
def test_a_file_that_is_damaged_in_the_middle_is_heard_around_it_and_says_so(container: str, codec: str) -> None:
    whole = encoded(container, codec, voice(5))
    half, tenth = len(whole) // 2, len(whole) // 10
    recording = decode_recording(whole[:half] + bytes(tenth) + whole[half + tenth :], max_seconds=10)
    assert len(recording.samples) / 16_000 > 2.4
    assert recording.warning is not None
    assert "not heard" in recording.warning


@pytest.mark.parametrize("said", [0, 0x7FFF_F000, 0xFFFF_FFFF], ids=["0", "sox", "ffmpeg"])
def test_a_wav_that_was_written_into_a_pipe_is_whole(said: int) -> None:
    recording = decode_recording(wav(tone(), said=said), max_seconds=10)
    assert (len(recording.samples), recording.warning) == (16_000, None)


def test_a_wav_that_breaks_off_says_how_much_is_missing() -> None:
    recording = decode_recording(wav(tone(), said=3 * 32_000), max_seconds=10)
    assert recording.warning == "The last 2.0 s of the recording are missing or damaged and were not heard."


def test_a_warning_of_ones_own_file_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        decode_audio(wav(tone(), said=3 * 32_000), max_seconds=10)
    assert "The last 2.0 s" in caplog.text


def test_numbers_that_are_none_and_numbers_that_are_too_large_do_no_harm() -> None:
    samples = tone(seconds=2)
    samples[:4_000] = np.nan
    samples[4_000] = np.inf
    samples[5_000] = 1e30
    recording = decode_recording(wav(samples, tag=3, bits=32, dtype="<f4"), max_seconds=10)
    assert np.isfinite(recording.samples).all()
    assert np.abs(recording.samples).max() <= 1
    assert loudness(recording.samples[8_000:]) == pytest.approx(loudness(tone()), rel=0.05)
    assert "0.3 s" in str(recording.warning)


def test_floating_point_numbers_that_nobody_divided_are_heard() -> None:
    heard = decode_audio(wav(tone() * 32_768, tag=3, bits=32, dtype="<f4"), max_seconds=10)
    assert abs(np.corrcoef(heard, tone())[0, 1]) > 0.99
