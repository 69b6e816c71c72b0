"""Reads the training split of Fashion-MNIST, or of MNIST: same files, same shape."""

import gzip
import struct
from pathlib import Path

import numpy as np

FASHION_MNIST = Path(__file__).resolve().parents[2] / "data" / "fashion-mnist"

UINT8 = 0x08  # the IDX format's type code


def read_idx(path):
    """An IDX file of uint8 as an array of its shape; gzipped if its name ends in .gz."""
    opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
    with opened as file:
        zero, dtype, rank = struct.unpack(">HBB", file.read(4))
        if zero != 0 or dtype != UINT8:
            raise ValueError(f"Cannot read {path}: it must be an IDX file of uint8")
        shape = struct.unpack(f">{rank}I", file.read(4 * rank))
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def load_train(directory=FASHION_MNIST):
    """Images, uint8 [count, 28, 28], and labels, int64 [count]."""

    def load(name):
        for path in (Path(directory) / f"{name}.gz", Path(directory) / name):
            if path.exists():
                return read_idx(path)
        raise FileNotFoundError(
            f"Cannot load the images: {directory} must hold {name}.gz or {name}"
        )

    images = load("train-images-idx3-ubyte")
    labels = load("train-labels-idx1-ubyte")
    return images.copy(), labels.astype(np.int64)
