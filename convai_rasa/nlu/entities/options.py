"""What a user may set on the entity extractor."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Literal, Optional, Union

from convai_rasa.nlu.values import KINDS, zone
from convai_rasa.options import Field, Options, StrictBool, validator


class EntityTraining(Options):
    """How the bot's annotations are trained; also the options of ``EntityExtractor.train``."""

    base: Literal["pretrained", "blank"] = "pretrained"
    language: str = "en"
    epochs: int = Field(20, ge=1, le=1000)
    learning_rate: float = Field(1e-3, gt=0, le=1)
    dropout: float = Field(0.3, ge=0, lt=1)
    batch_size: Optional[int] = Field(None, ge=1, le=4096)
    validation_share: Optional[float] = Field(None, ge=0, lt=1)
    seed: int = Field(0, ge=0, lt=2**32)


class EntityOptions(EntityTraining):
    """The keys of the component in config.yml."""

    model: str = "spacy/en_core_web_sm"
    dimensions: Optional[List[str]] = None
    map: Dict[str, str] = Field(default_factory=dict)
    train: bool = False
    lookups: Union[StrictBool, List[str]] = True
    regexes: Union[StrictBool, List[str]] = True
    threshold: float = Field(0.0, ge=0, le=1)
    overlaps: Literal["add", "longest", "ours", "theirs", "keep"] = "add"
    normalise: Union[StrictBool, List[str], Dict[str, str]] = True
    timezone: Optional[str] = None
    reference: str = "now"

    @validator("normalise")
    def _kinds_are_known(cls, value: Union[bool, List[str], Dict[str, str]]) -> Union[bool, List[str], Dict[str, str]]:
        for kind in value.values() if isinstance(value, dict) else ():
            if kind not in KINDS:
                raise ValueError(f"'{kind}' is not a kind of value; the kinds are {', '.join(KINDS)}")
        return value

    @validator("timezone")
    def _timezone_is_known(cls, value: Optional[str]) -> Optional[str]:
        zone(value)
        return value

    @validator("reference")
    def _reference_is_a_moment(cls, value: str) -> str:
        if value != "now":
            try:
                datetime.fromisoformat(value)
            except ValueError:
                raise ValueError(f"'{value}' is neither 'now' nor a moment such as 2026-11-24T15:00") from None
        return value

    def training(self) -> Dict[str, Any]:
        """Return the options that ``EntityExtractor.train`` takes."""
        return {name: getattr(self, name) for name in EntityTraining.__fields__}
