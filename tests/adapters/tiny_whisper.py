"""Write a Whisper model that says one sentence to everything, in the format faster-whisper loads.

The network is all there, in its smallest size, with weights of zero but for these: each position of the output points
to a direction of its own, and in that direction lies the word that is due there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import tokenizers

WIDTH = 16
MELS = 80
PROMPT = ("<|startoftranscript|>", "<|he|>", "<|transcribe|>", "<|notimestamps|>")
OTHER_TOKENS = ("<|translate|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>")


def write_tiny_whisper(folder: Path, sentence: str) -> None:
    """`sentence` has ten words at most, each of them once."""
    words = sentence.split()
    # By the empty token CTranslate2 knows a multilingual model.
    tokens = ["<unknown>", *words, "", "<|endoftext|>", *OTHER_TOKENS, *PROMPT]
    folder.mkdir()
    spec = _network([*(tokens.index(word) for word in words), tokens.index("<|endoftext|>")], len(tokens))
    spec.register_vocabulary(tokens)
    spec.validate()
    spec.save(str(folder))
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unknown>"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}))


def _network(said: list[int], vocabulary_size: int) -> ctranslate2.specs.WhisperSpec:
    spec = ctranslate2.specs.WhisperSpec(1, 2, 1, 2)
    encoder, decoder = spec.encoder, spec.decoder
    _linear(encoder.conv1, (WIDTH, MELS, 3))
    _linear(encoder.conv2, (WIDTH, WIDTH, 3))
    encoder.position_encodings.encodings = _zeros(1500, WIDTH)
    _norm(encoder.layer_norm)
    _norm(decoder.layer_norm)
    for layer in (*encoder.layer, *decoder.layer):
        _norm(layer.self_attention.layer_norm)
        _linear(layer.self_attention.linear[0], (3 * WIDTH, WIDTH))
        _linear(layer.self_attention.linear[1], (WIDTH, WIDTH))
        _norm(layer.ffn.layer_norm)
        _linear(layer.ffn.linear_0, (4 * WIDTH, WIDTH))
        _linear(layer.ffn.linear_1, (WIDTH, 4 * WIDTH))
    for layer in decoder.layer:
        _norm(layer.attention.layer_norm)
        _linear(layer.attention.linear[0], (WIDTH, WIDTH))
        _linear(layer.attention.linear[1], (2 * WIDTH, WIDTH))
        _linear(layer.attention.linear[2], (WIDTH, WIDTH))
    positions, embeddings = _zeros(448, WIDTH), _zeros(vocabulary_size, WIDTH)
    for direction, token in enumerate(said):
        positions[len(PROMPT) - 1 + direction, direction] = 100.0
        embeddings[token, direction] = 5.0
    decoder.position_encodings.encodings = positions
    decoder.embeddings.weight = embeddings
    decoder.projection.weight = embeddings.copy()
    return spec


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def _linear(part: Any, shape: tuple[int, ...]) -> None:
    part.weight, part.bias = _zeros(*shape), _zeros(shape[0])


def _norm(part: Any) -> None:
    part.gamma, part.beta = np.ones(WIDTH, np.float32), _zeros(WIDTH)
