"""What keeps Rasa from starting. Each function is given a folder with a project and models of its own."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

from faults import fault

from convai_rasa.launch import HOST, free_port

START_S = 60.0


@fault("The recognizer's model is damaged at the start", log="is damaged: model.bin has")
async def _(folder: Path) -> str:
    os.truncate(folder / "models" / "whisper" / "tiny.en" / "model.bin", 1_000_000)
    return await refused(folder)


@fault("The voice's model is damaged at the start", log="is damaged: wave.onnx has")
async def _(folder: Path) -> str:
    os.truncate(folder / "models" / "tts" / "vits-joe" / "wave.onnx", 1_000_000)
    return await refused(folder)


@fault("The trained model is missing at the start", log="No model found")
async def _(folder: Path) -> str:
    for archive in (folder / "bot" / "models").iterdir():
        archive.unlink()
    return await refused(folder, status=0)  # Rasa's own


async def refused(folder: Path, *, port: int = 0, status: int = 1) -> str:
    """Start Rasa, which is to end by itself; return what it printed.

    Args:
        folder: with the project and the models.
        port: to listen on; 0: any free one.
        status: its exit status.
    """
    command = [sys.executable, "-m", "convai_rasa.quiet", "rasa", "run", "--interface", HOST, "--model", "models"]
    process = await asyncio.create_subprocess_exec(
        *command,
        *("--port", str(port or free_port())),
        cwd=folder / "bot",
        env={**os.environ, "CONVAI_MODELS_DIR": str(folder / "models")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), START_S)
    finally:
        if process.returncode is None:
            process.kill()
    text = re.sub(r"\x1b\[\d+m", "", printed.decode())
    assert process.returncode == status, text
    return text
