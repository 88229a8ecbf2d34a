from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convai_rasa.errors import ModelCorrupt
from convai_rasa.nlu.encoder.checkpoint import read_checkpoint
from convai_rasa.nlu.encoder.ctranslate import Encoder, encoder_from_checkpoint, export_encoder, load_tokenizer
from convai_rasa.nlu.encoder.torch import TorchEncoder
from convai_rasa.nlu.intents.fine_tune import fine_tune
from convai_rasa.nlu.intents.options import Recipe

pytestmark = pytest.mark.networks

TEXTS = ["hello there", "", "book a table for two tonight please", "naïve café – 東京 😀", "table " * 100]


def reference_embeddings(folder: Path, texts: list[str]) -> np.ndarray:
    """Mean pooling over what transformers computes."""
    import torch
    from transformers import DistilBertModel

    model = DistilBertModel.from_pretrained(folder).eval()
    tokenizer = load_tokenizer((folder / "tokenizer.json").read_text(), max_length=40)
    rows = []
    for text in texts:
        with torch.inference_mode():
            hidden = model(input_ids=torch.tensor([tokenizer.encode(text).ids])).last_hidden_state[0]
        mean = hidden.mean(dim=0).numpy()
        rows.append(mean / np.linalg.norm(mean))
    return np.stack(rows)


def test_float_embeddings_equal_those_of_transformers(tiny_checkpoint: Path) -> None:
    encoder = encoder_from_checkpoint(read_checkpoint(tiny_checkpoint), max_length=40, quantization="float32")
    np.testing.assert_allclose(encoder.encode(TEXTS), reference_embeddings(tiny_checkpoint, TEXTS), atol=1e-5)


@pytest.mark.parametrize("frozen_layers", [0, 1])
def test_the_training_encoder_equals_transformers(tiny_checkpoint: Path, frozen_layers: int) -> None:
    checkpoint = read_checkpoint(tiny_checkpoint)
    tokenizer = load_tokenizer(checkpoint.tokenizer, max_length=40)
    encoder = TorchEncoder(checkpoint, frozen_layers=frozen_layers)
    embeddings = encoder.embed(encoder.first_states([tokenizer.encode(text).ids for text in TEXTS]))
    # the states between are kept in half precision
    np.testing.assert_allclose(embeddings, reference_embeddings(tiny_checkpoint, TEXTS), atol=1e-3)


def test_exporting_int8_leaves_the_checkpoint_as_it_was(tiny_checkpoint: Path) -> None:
    checkpoint = read_checkpoint(tiny_checkpoint)
    quantized = encoder_from_checkpoint(checkpoint, max_length=40)
    for name, array in read_checkpoint(tiny_checkpoint).weights.items():
        np.testing.assert_array_equal(checkpoint.weights[name], array)
    exact = encoder_from_checkpoint(checkpoint, max_length=40, quantization="float32")
    assert (quantized.encode(TEXTS) * exact.encode(TEXTS)).sum(axis=1).min() > 0.97


def test_an_embedding_does_not_depend_on_its_neighbours(tiny_checkpoint: Path) -> None:
    encoder = encoder_from_checkpoint(read_checkpoint(tiny_checkpoint), max_length=40, quantization="float32")
    many = encoder.encode(TEXTS * 20)
    np.testing.assert_allclose(many[:5], np.stack([encoder.encode([text])[0] for text in TEXTS]), atol=1e-5)
    assert encoder.encode([]).shape[0] == 0


def test_a_folder_without_an_encoder_is_refused(tmp_path: Path, tiny_checkpoint: Path) -> None:
    with pytest.raises(ModelCorrupt, match=r"model\.bin"):
        Encoder(tmp_path)
    export_encoder(read_checkpoint(tiny_checkpoint), tmp_path, quantization="int8")
    (tmp_path / "model.bin").write_bytes(b"not a model")
    with pytest.raises(ModelCorrupt, match="cannot be loaded"):
        Encoder(tmp_path)


def test_training_leaves_torch_as_it_was(tiny_checkpoint: Path) -> None:
    import torch

    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    recipe = Recipe(epochs=1, batch_size=2, seed=5, threads=1)
    fine_tune(read_checkpoint(tiny_checkpoint), [[2, 5, 3], [2, 6, 3], [2, 7, 3]], np.array([0, 1, 1]), recipe)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)


def test_encoders_of_the_same_weights_share_them_and_their_last_answer(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = read_checkpoint(tiny_checkpoint)
    intents, sentiment = (encoder_from_checkpoint(checkpoint, max_length=length) for length in (40, 30))
    exact = encoder_from_checkpoint(checkpoint, max_length=40, quantization="float32")
    assert intents._weights is sentiment._weights is not exact._weights
    run: list[int] = []
    network = intents._weights
    hidden_states = network.hidden_states
    monkeypatch.setattr(network, "hidden_states", lambda pieces: run.append(len(pieces)) or hidden_states(pieces))
    first = intents.encode(["hello there"])
    first[:] = 0.0  # what a caller does with its answer is nobody else's
    np.testing.assert_array_equal(sentiment.encode(["hello there"]), intents.encode(["hello there", "book"])[:1])
    assert run == [1, 2]
    long = "table " * 100  # cut at another length, so another text
    assert not np.allclose(intents.encode([long]), sentiment.encode([long]), atol=1e-6)
    assert run == [1, 2, 1, 1]
    assert intents.encode(["book"]).shape == exact.encode(["book"]).shape
