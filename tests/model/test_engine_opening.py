"""From a settings value to an engine."""

import contextlib
import pickle

import pytest
from pydantic import ValidationError

from memelens.model.errors import CheckpointError
from memelens.model.fake import FakeEngine
from memelens.model.opening import EngineSpec, open_engine
from memelens.model.supervisor import SupervisedEngine


@pytest.mark.parametrize(
    ("model", "process", "expected"),
    [
        ("demonstration", "auto", False),
        ("fake://?latency_ms=1", "auto", False),
        ("QCRI/MemeLens-VLM@main", "auto", True),
        ("./checkpoint", "auto", True),
        ("fake://", "process", True),
        ("QCRI/MemeLens-VLM", "thread", False),
    ],
)
def test_real_models_get_a_process_of_their_own(model: str, process: str, expected: bool) -> None:
    """Left to itself a real model runs in a worker process, the embedded ones in a thread."""
    spec = EngineSpec.model_validate({"model": model, "process": process})
    assert spec.in_own_process is expected
    assert pickle.loads(pickle.dumps(spec)) == spec


def test_fake_urls_open_a_fake_engine() -> None:
    """`fake://` opens here or in a process, as asked."""
    assert isinstance(open_engine(EngineSpec(model="fake://")), FakeEngine)
    with contextlib.closing(open_engine(EngineSpec(model="fake://", process="process"))) as engine:
        assert isinstance(engine, SupervisedEngine)


@pytest.mark.parametrize("process", ["thread", "process"])
def test_a_wrong_model_is_the_operators_matter(process: str) -> None:
    """The same error comes from a thread and from a process."""
    with pytest.raises(CheckpointError, match="unknown option"):
        open_engine(EngineSpec.model_validate({"model": "fake://?x=1", "process": process}))


@pytest.mark.parametrize(
    "wrong", [{"device": "gpu"}, {"dtype": "float16"}, {"token_budget": 0}, {"modle": "demonstration"}, {"model": ""}]
)
def test_wrong_specs_are_refused(wrong: dict[str, object]) -> None:
    """A device, dtype or key that doesn't exist never reaches the model."""
    with pytest.raises(ValidationError):
        EngineSpec.model_validate(wrong)
