"""What a user may set on the intent classifier, and what of it fine-tuning needs."""

from __future__ import annotations

from typing import Literal, Optional, Union

from convai_rasa.options import Field, Options, StrictBool, confloat

NOISY_SHARE = 0.5  # of the examples, with ``speech_noise: true``


class Recipe(Options):
    """How the encoder is fine-tuned.

    Attributes:
        epochs: passes over the examples.
        learning_rate: of the encoder, at its highest.
        head_learning_rate: of the head, at its highest.
        batch_size: examples per step.
        validation_share: of the examples, held back to stop early; None holds a tenth back from 2,000 examples on.
        patience: epochs without a better held-back accuracy after which training stops.
        balance: whether a rare intent counts as much as a frequent one.
        frozen_layers: transformer layers, from the bottom, that stay as they are.
        seed: the same seed on the same machine gives the same model.
        threads: processor threads; None means all this process may use, at most 8.
        device: "cpu", "cuda", "cuda:1"...; "auto" takes a CUDA device when there is one.
    """

    epochs: int = Field(4, ge=1, le=1000)
    learning_rate: float = Field(1e-4, gt=0, le=1)
    head_learning_rate: float = Field(1e-3, gt=0, le=1)
    batch_size: int = Field(16, ge=1, le=4096)
    validation_share: Optional[float] = Field(None, ge=0, lt=1)
    patience: int = Field(2, ge=1)
    balance: bool = True
    frozen_layers: int = Field(0, ge=0)
    seed: int = Field(0, ge=0, lt=2**32)
    threads: Optional[int] = Field(None, ge=1, le=256)
    device: str = Field("auto", regex=r"^(auto|cpu|cuda(:\d+)?)$")


class IntentOptions(Recipe):
    """The keys of the component in config.yml, and the options of ``IntentClassifier.train``."""

    model: str = "nlu/intent_classifier"
    strategy: Optional[Literal["fine_tune", "frozen", "auto", "ready"]] = None
    time_budget_s: float = Field(600.0, gt=0)
    max_length: Optional[int] = Field(None, ge=4, le=512)
    intent_names: bool = True
    any_language: bool = False  # train although the tokenizer does not know the examples' language
    speech_noise: Union[StrictBool, confloat(ge=0, le=1)] = False  # type: ignore[valid-type]  # pydantic's own way
    ranking_length: int = Field(0, ge=0)

    @property
    def noisy_share(self) -> float:
        """The share of the examples that is trained on a second time, as a recognizer might hear it."""
        return NOISY_SHARE * self.speech_noise if isinstance(self.speech_noise, bool) else float(self.speech_noise)
