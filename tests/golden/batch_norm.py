"""Golden values of PyTorch's BatchNorm2d: 3 training steps, then at rest.

    /usr/bin/python3 tests/golden/batch_norm.py > tests/golden/batch_norm.json

Inputs are multiples of 1/64 and so the same in float32; the module computes in
float64, whose own rounding does not count. All arrays are [batch, height, width,
channels], in rows; a channel is far from 0, one is narrow.
"""

import json

import torch

BATCH, HEIGHT, WIDTH, CHANNELS = 3, 2, 2, 3
SIZE = BATCH * HEIGHT * WIDTH * CHANNELS


def numbers(seed, count):
    return [((i + 1) * (37 + 12 * seed) % 129 - 64) / 64 for i in range(count)]


def to_torch(values):
    shape = (BATCH, HEIGHT, WIDTH, CHANNELS)
    return torch.tensor(values, dtype=torch.float64).reshape(shape).permute(0, 3, 1, 2)


def to_list(images):
    return images.permute(0, 2, 3, 1).reshape(-1).tolist()


def inputs(seed):
    """Channel 0 as it is, 1 around 12 + seed, 2 an eighth as wide."""
    return [
        [v, v + 12 + seed, v / 8][i % CHANNELS]
        for i, v in enumerate(numbers(seed, SIZE))
    ]


norm = torch.nn.BatchNorm2d(CHANNELS).double()
with torch.no_grad():
    norm.weight.copy_(torch.tensor([1.5, -0.5, 2.0]))
    norm.bias.copy_(torch.tensor([0.25, 3.0, -1.0]))

steps = []
for seed in range(3):
    x, dy = inputs(seed), numbers(seed + 3, SIZE)
    images = to_torch(x).requires_grad_()
    norm.zero_grad()
    y = norm(images)
    y.backward(to_torch(dy))
    steps.append(
        {
            **{"x": x, "dy": dy, "y": to_list(y), "dx": to_list(images.grad)},
            "dScale": norm.weight.grad.tolist(),
            "dOffset": norm.bias.grad.tolist(),
            "runningMean": norm.running_mean.tolist(),
            "runningVariance": norm.running_var.tolist(),
        }
    )

norm.eval()
at_rest = to_list(norm(to_torch(inputs(0))))

print(
    json.dumps(
        {
            "torch": torch.__version__,
            "shape": [BATCH, HEIGHT, WIDTH, CHANNELS],
            "scale": norm.weight.tolist(),
            "offset": norm.bias.tolist(),
            "steps": steps,
            "atRest": at_rest,  # y of the first step's x
        }
    ).replace('], "', '],\n"')
)
