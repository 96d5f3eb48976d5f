"""Every dataset that a corpus can be built from, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from ...taxonomy import UnknownNameError
from . import (
    armeme,
    bangla_abuse_meme,
    fhm,
    harmeme,
    mami,
    memotion,
    met_meme,
    mimic2024,
    mimic_islamophobia,
    mmhs150k,
    multi3hate,
    mute,
    prop2hate_meme,
    released,
    romemes,
    toxic_memes_ru,
)
from .interface import Adapter

__all__ = ["ADAPTERS", "adapter"]

_MODULES: tuple[Adapter, ...] = (
    armeme,
    bangla_abuse_meme,
    fhm,
    harmeme,
    mami,
    memotion,
    met_meme,
    mimic2024,
    mimic_islamophobia,
    mmhs150k,
    multi3hate,
    mute,
    prop2hate_meme,
    romemes,
    toxic_memes_ru,
    released,  # last: where a dataset's own files are there as well, they come first
)

ADAPTERS: Mapping[str, Adapter] = MappingProxyType({module.SOURCE.name: module for module in _MODULES})
"""In the order in which a corpus holds them."""


def adapter(name: str) -> Adapter:
    """The dataset of that name.

    Raises:
        UnknownNameError: there is none.
    """
    try:
        return ADAPTERS[name]
    except KeyError:
        raise UnknownNameError("source", name, ADAPTERS) from None
