"""The same questions asked the plain way: a chat as text, a whole sequence in one call of transformers, nothing packed.

Shares with the engine the texts (`sheets`) and the image processor's class, and nothing else.
"""

import io
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor
from transformers import PreTrainedTokenizerBase, Qwen2VLImageProcessorPil, Qwen3VLForConditionalGeneration

from memelens.model.engine import Meme
from memelens.model.manifest import Terminator
from memelens.model.sheets import AnswerText, Sheet

_ENDS = {Terminator.NEWLINE: "\n", Terminator.END_OF_TURN: "<|im_end|>"}


@dataclass(frozen=True)
class PlainModel:
    """A model, its tokenizer and its image processor, used as their documentation shows."""

    model: Qwen3VLForConditionalGeneration
    tokenizer: PreTrainedTokenizerBase
    processor: Qwen2VLImageProcessorPil

    def score(self, sheet: Sheet, meme: Meme, answer: AnswerText, terminator: Terminator) -> float:
        """Log-probability of a label with its terminator, in a sequence of its own."""
        inputs = self._picture(meme)
        opened = self._ids(self.chat(sheet, meme, inputs) + answer.opening)
        ids = self._ids(self.chat(sheet, meme, inputs) + f"{answer.opening} {answer.wording}{_ENDS[terminator]}")
        assert ids[: len(opened)] == opened
        with torch.inference_mode():
            logits = self.model(**self._with(inputs, ids), use_cache=False).logits[0].float()
        before = logits.log_softmax(-1)[len(opened) - 1 : -1]
        return float(before[torch.arange(len(before)), ids[len(opened) :]].sum())

    def explain(self, sheet: Sheet, meme: Meme, answer: AnswerText, marker: str, *, most_tokens: int) -> list[int]:
        """Tokens that `generate` writes after a label and an explanation's marker, without the one that ends it."""
        inputs = self._picture(meme)
        text = f"{answer.opening} {answer.wording}\n{marker}"
        ids = self._ids(self.chat(sheet, meme, inputs) + text)
        ends = self.tokenizer.convert_tokens_to_ids(["<|im_end|>", "<|endoftext|>"])
        with torch.inference_mode():
            made = self.model.generate(
                **self._with(inputs, ids),
                max_new_tokens=most_tokens,
                do_sample=False,
                eos_token_id=ends,
                pad_token_id=0,
            )
        written: list[int] = made[0, len(ids) :].tolist()
        return written[:-1] if written[-1] in ends else written

    def chat(self, sheet: Sheet, meme: Meme, inputs: dict[str, Tensor]) -> str:
        """The conversation up to the assistant's answer, in Qwen's chat format."""
        lines = [
            f"{name} {line.strip()}"
            for name, line in ((sheet.text_name, meme.text), (sheet.caption_name, meme.caption))
            if line.strip()
        ]
        seen = "<|vision_start|>" + "<|image_pad|>" * self._image_tokens(inputs) + "<|vision_end|>" if inputs else ""
        body = sheet.lead + (sheet.gap + "\n".join(lines) if lines else "")
        system = f"<|im_start|>system\n{sheet.system}<|im_end|>\n"
        return f"{system}<|im_start|>user\n{seen}{body}<|im_end|>\n<|im_start|>assistant\n"

    def _picture(self, meme: Meme) -> dict[str, Tensor]:
        if meme.image is None:
            return {}
        made = self.processor(Image.open(io.BytesIO(meme.image)).convert("RGB"), return_tensors="pt")
        return {"pixel_values": made["pixel_values"], "image_grid_thw": made["image_grid_thw"]}

    def _image_tokens(self, inputs: dict[str, Tensor]) -> int:
        return int(inputs["image_grid_thw"][0].prod()) // int(self.processor.merge_size) ** 2

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _with(self, inputs: dict[str, Tensor], ids: list[int]) -> dict[str, Tensor]:
        tokens = torch.tensor([ids])
        kinds = (tokens == self.model.config.image_token_id).long()
        picture = {"pixel_values": inputs["pixel_values"].to(self.model.dtype)} if inputs else {}
        return {**inputs, **picture, "input_ids": tokens, "mm_token_type_ids": kinds}
