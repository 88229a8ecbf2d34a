"""What a user may set on the intent classifier."""

from __future__ import annotations

from typing import Literal, Optional, Union

from convai_rasa.options import Field, Options, StrictBool, confloat

NOISY_SHARE = 0.5  # of the examples, with ``speech_noise: true``


class IntentOptions(Options):
    """The keys of the component in config.yml, and the options of ``IntentClassifier.train``."""

    model: str = "nlu/intent_classifier"
    strategy: Optional[Literal["fine_tune", "frozen", "auto", "ready"]] = None
    time_budget_s: float = Field(600.0, gt=0)
    epochs: int = Field(4, ge=1, le=1000)
    learning_rate: float = Field(1e-4, gt=0, le=1)
    head_learning_rate: float = Field(1e-3, gt=0, le=1)
    batch_size: int = Field(16, ge=1, le=4096)
    max_length: Optional[int] = Field(None, ge=4, le=512)
    validation_share: Optional[float] = Field(None, ge=0, lt=1)
    patience: int = Field(2, ge=1)
    balance: bool = True
    frozen_layers: int = Field(0, ge=0)
    intent_names: bool = True
    any_language: bool = False  # train although the tokenizer does not know the examples' language
    speech_noise: Union[StrictBool, confloat(ge=0, le=1)] = False  # type: ignore[valid-type]  # pydantic's own way
    seed: int = Field(0, ge=0, lt=2**32)
    threads: Optional[int] = Field(None, ge=1, le=256)
    device: str = Field("auto", regex=r"^(auto|cpu|cuda(:\d+)?)$")
    ranking_length: int = Field(0, ge=0)

    @property
    def noisy_share(self) -> float:
        """The share of the examples that is trained on a second time, as a recognizer might hear it."""
        return NOISY_SHARE * self.speech_noise if isinstance(self.speech_noise, bool) else float(self.speech_noise)
