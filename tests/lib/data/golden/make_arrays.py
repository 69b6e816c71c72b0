"""Writes the NPY and NPZ files of this directory with numpy, whatever its
version: /usr/bin/python3 make_arrays.py, from this directory."""

import numpy as np

pixels = np.array([[0, 1, 2], [3, 4, 255]], dtype=np.uint8)
ids32 = np.array([[7], [-1]], dtype="<i4")
ids64 = np.array([1, 2, -(2**40)], dtype="<i8")
arrays = {
    "pixels": pixels,
    "ids32": ids32,
    "ids64": ids64,
    "value": np.uint8(9),
    "nothing": np.zeros((0, 28, 28), dtype=np.uint8),
    "floats": np.array([0.5, 1.5], dtype="<f4"),
    "big_endian": np.array([1, 2], dtype=">i4"),
    "fortran": np.asfortranarray(pixels),
    "objects": np.array([None, {}], dtype=object),
    "records": np.array([(1, 2)], dtype=[("a", "<i4"), ("b", "|u1")]),
}
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)

for version in (1, 2, 3):
    with open(f"version_{version}.npy", "wb") as file:
        np.lib.format.write_array(file, pixels, version=(version, 0))

# In MedMNIST's form: image i of n has all pixels i + 10 but for the first, 1.
def split(count, labels):
    images = np.repeat(np.arange(10, 10 + count, dtype=np.uint8), 28 * 28)
    images = images.reshape(count, 28, 28)
    images[:, 0, 0] = 1
    return images, np.array(labels, dtype=np.uint8).reshape(count, 1)

members = {}
for name, labels in (("train", [1, 0, 1]), ("val", [0]), ("test", [1, 1])):
    members[f"{name}_images"], members[f"{name}_labels"] = split(len(labels), labels)
np.savez_compressed("pneumoniamnist.npz", **members)
