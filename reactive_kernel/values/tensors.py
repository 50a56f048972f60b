"""Fingerprints of torch's tensors: by what is in their storage, which views share."""

from __future__ import annotations

import sys
from typing import Any

import xxhash

from .walk import Walk


def is_tensor(kind: type) -> bool:
    """Tell whether a class is torch's tensor, or builds on it."""
    return any(base.__module__ == "torch" and base.__name__ == "Tensor" for base in kind.__mro__)


def visit(walk: Walk, value: Any) -> None:
    """Take in a tensor."""
    walk.changeable(value)
    # An address of memory: no object has the same.
    walk.inner_parts.add(value.untyped_storage().data_ptr())
    walk.put(f"{value.dtype} {tuple(value.shape)} {value.device} {value.requires_grad}")
    content = value.detach().cpu().contiguous().flatten().view(sys.modules["torch"].uint8)
    walk.put(xxhash.xxh3_128_hexdigest(content.numpy()))
    walk.size += content.numel()
    if value.is_leaf:
        walk.visit(value.grad)
