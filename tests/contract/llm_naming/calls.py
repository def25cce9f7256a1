"""Settings for our language model's server, and a training that may ask it for names."""

from __future__ import annotations

import nbtrain
from nbtrain import LLM, Clustering, LLMSettings, LocalService, TrainingRequest
from nbtrain.training import DataFile
from tests.llm_server import LLMServer

KEY = "sk-canary-51f2e8"


def settings(model: LLMServer, name: str = "tiny") -> LLMSettings:
    """Settings for our server; another name of the model is another place in the cache."""
    return LLMSettings(
        "vllm", name, {"VLLM_API_KEY": KEY}, model.url, input_price=1.0, output_price=4.0
    )


def train(
    service: LocalService, data: DataFile, model_id: str, llm: LLM | None = None
) -> nbtrain.TrainingResult:
    request = TrainingRequest(model_id, data, Clustering(6, llm))
    return nbtrain.submit(request, service).result(timeout=60)
