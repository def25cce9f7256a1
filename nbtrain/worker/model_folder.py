"""Where a neural model lies, and what its files say of it."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import RunFailed

__all__ = ["ModelFolder", "find_model"]

_WANTED = "model.onnx (or model_quantized.onnx, also in a folder onnx) and tokenizer.json"
_BESIDE = ("*.json", "*/config.json", "README.md")
# Best first. Those with 8-bit weights take a third of the time.
_X86 = ("model_quantized", "model_int8", "model_quint8_avx2", "model_qint8_avx512_vnni")
_ARM = ("model_qint8_arm64", "model_quantized", "model_int8")
_LONGEST = 512
_FRONT = re.compile(r"---\s*\n(.*?)\n---", re.DOTALL)
_LANGUAGE = re.compile(r"^languages?:(.*(?:\n[ \t]*-[^\n]*)*)", re.MULTILINE)
_CODE = re.compile(r"[a-z]+(?:[-_][a-z]+)*")


@dataclass(frozen=True)
class ModelFolder:
    """The files of one model.

    Parameters
    ----------
    asked : str
        How the user named it.
    folder : Path
    onnx : Path
        The network.
    """

    asked: str
    folder: Path
    onnx: Path

    @cached_property
    def sha256(self) -> str:
        """Hash of the network and of its tokenizer, in hexadecimal."""
        digest = hashlib.sha256()
        # The weights of large networks are in a file beside them.
        weights = self.onnx.with_name(f"{self.onnx.name}_data")
        parts = [self.onnx, *([weights] if weights.is_file() else [])]
        for path in (*parts, self.folder / "tokenizer.json"):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    @cached_property
    def languages(self) -> frozenset[str]:
        """Codes of the languages it was trained on, such as ``en``; none at all for any language.

        Its ``config.json`` or the head of its ``README.md`` may tell; else it is English.
        """
        told = self._json("config.json").get("language")
        words = [told] if isinstance(told, str) else told if isinstance(told, list) else []
        if not words and (path := self.folder / "README.md").is_file():
            front = _FRONT.match(path.read_text(encoding="utf-8", errors="replace"))
            found = _LANGUAGE.search(front[1]) if front else None
            words = _CODE.findall(found[1].lower()) if found else []
        codes = {re.split("[-_]", str(word).lower())[0] for word in words}
        if codes == {"multilingual"}:
            return frozenset()
        return frozenset(codes - {"multilingual"}) or frozenset({"en"})

    @cached_property
    def longest(self) -> int:
        """How many tokens of a text it reads."""
        told = [
            self._json("sentence_bert_config.json").get("max_seq_length"),
            self._json("tokenizer_config.json").get("model_max_length"),
            self._json("config.json").get("max_position_embeddings"),
        ]
        return min([_LONGEST, *(n for n in told if isinstance(n, int) and n > 2)])

    @cached_property
    def first_token(self) -> bool:
        """Whether the vector of a text is that of its first token, not the mean of all."""
        return bool(self._json("1_Pooling/config.json").get("pooling_mode_cls_token"))

    def _json(self, name: str) -> dict[str, Any]:
        try:
            data = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}


def find_model(asked: str) -> ModelFolder:
    """Find a model by its folder, or by its name on the Hugging Face Hub.

    What the Hub's cache on this machine holds is not fetched again.

    Raises
    ------
    RunFailed
        If it isn't there, saying what to do.
    """
    folder = Path(asked).expanduser()
    if folder.is_dir():
        return _checked(asked, folder)
    if folder.is_absolute() or not re.fullmatch(r"[\w.-]+/[\w.-]+", asked):
        raise RunFailed(
            f"The embedder {asked!r} is not there. Name a folder that holds {_WANTED}, a model on "
            "the Hugging Face Hub such as 'sentence-transformers/all-MiniLM-L6-v2', or a file of "
            "vectors that ends in .npy."
        )
    return _checked(asked, _from_hub(asked))


def _checked(asked: str, folder: Path) -> ModelFolder:
    names = [path.relative_to(folder).as_posix() for path in folder.glob("*.onnx")]
    names += [path.relative_to(folder).as_posix() for path in folder.glob("onnx/*.onnx")]
    onnx = _choose(names)
    if onnx is None or not (folder / "tokenizer.json").is_file():
        raise RunFailed(
            f"The folder of the embedder {asked!r} lacks a file: it must hold {_WANTED}. A model "
            "that is there for torch only can be exported to ONNX once, for example by "
            "'optimum-cli export onnx'."
        )
    return ModelFolder(asked, folder, folder / onnx)


def _choose(names: Iterable[str]) -> str | None:
    """Return the network to be used: the quickest that this processor runs well."""
    there = {name.rpartition("/")[2]: name for name in sorted(names, reverse=True)}
    arm = platform.machine().lower() in ("arm64", "aarch64")
    best = (*(_ARM if arm else _X86), "model")
    return next((there[f"{stem}.onnx"] for stem in best if f"{stem}.onnx" in there), None)


def _from_hub(asked: str) -> Path:
    if find_spec("huggingface_hub") is None:
        raise RunFailed(
            f"There is no folder {asked!r}. To have it fetched from the Hugging Face Hub install "
            "what that takes: pip install 'nbtrain[neural]'."
        )
    from huggingface_hub import HfApi, snapshot_download

    try:
        return _cached(Path(snapshot_download(asked, local_files_only=True)))
    except Exception:  # noqa: S110 - it is not in the cache, or only in part
        pass
    try:
        onnx = _choose(name for name in HfApi().list_repo_files(asked) if name.count("/") < 2)
        patterns = [*_BESIDE, *([onnx, f"{onnx}_data"] if onnx else [])]
        return Path(snapshot_download(asked, allow_patterns=patterns))
    except Exception as error:
        said = str(error).strip().partition("\n")[0][:200] or type(error).__name__
        raise RunFailed(
            f"The embedder {asked!r} is neither a folder nor in the Hugging Face cache of this "
            f"machine, and can't be fetched: {said} Name a folder that holds {_WANTED}."
        ) from error


def _cached(folder: Path) -> Path:
    return _checked(folder.name, folder).folder
