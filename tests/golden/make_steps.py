"""Makes tests/golden/steps.json: what one training step of each workload does
in PyTorch, for tests/golden_steps_test.ts to compare ours with.

    /usr/bin/python3 tests/golden/make_steps.py

Weights come from golden_weights.ts's formula and the batch is the first images
of Fashion-MNIST, so that only results are kept. They are computed in float64,
whose own rounding does not count at 1e-4; a run in float32 must agree, or an
activation sits too close to its kink for any float32 program to be judged.
Dropout is off.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch

GOLDEN = Path(__file__).resolve().parent
sys.path.insert(0, str(GOLDEN.parents[1] / "bench" / "pytorch"))
sys.dont_write_bytecode = True

from fashion_mnist import load_train  # noqa: E402
from workloads import WORKLOADS, MnistConvNet, MnistMlp  # noqa: E402

BATCH_SIZE = 16
SAMPLES = 16

# Sampled gradients are at least this part of the root mean square: smaller
# ones are the difference of larger numbers, and Adam divides by them.
SMALLEST_SAMPLE = 0.01


def hash32(x):
    """Mixes uint32: lowbias32 (Chris Wellons, public domain)."""
    x = np.asarray(x, np.uint32)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def golden_weights(parameter, shape, fan_in):
    """See golden_weights.ts."""
    index = np.arange(math.prod(shape), dtype=np.uint32)
    hashed = hash32(hash32([parameter]) ^ index)
    uniform = ((hashed >> np.uint32(8)).astype(np.float64) - 2**23) / 2**23
    return (uniform / math.sqrt(fan_in)).astype(np.float32).reshape(shape)


# Ours is NHWC: filters are [height, width, in, out], weights [in, out], and
# what is flattened before a dense layer is [height, width, channels].


def to_ours(kind, values, channels=None):
    if kind == "filter":
        return values.transpose(2, 3, 1, 0)
    if kind == "weights":
        out_features, in_features = values.shape
        if channels:
            side = math.isqrt(in_features // channels)
            values = values.reshape(out_features, channels, side, side)
            values = values.transpose(0, 2, 3, 1).reshape(out_features, in_features)
        return values.T
    return values


def to_torch(kind, values, channels=None):
    if kind == "filter":
        return values.transpose(3, 2, 0, 1)
    if kind == "weights":
        values = values.T
        out_features, in_features = values.shape
        if channels:
            side = math.isqrt(in_features // channels)
            values = values.reshape(out_features, side, side, channels)
            values = values.transpose(0, 3, 1, 2).reshape(out_features, in_features)
        return values
    return values


def parameters_of(net):
    """Our name, kind, channels flattened before it, and tensor, in our order."""
    alphas = list(getattr(net, "alphas", []))
    channels = None
    convolutions = denses = 0
    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d):
            convolutions += 1
            name = f"conv{convolutions}"
            yield f"{name}/filter", "filter", None, module.weight
            yield f"{name}/bias", "bias", None, module.bias
            channels = module.out_channels
            if alphas:
                yield f"alpha_{convolutions}", "alpha", None, alphas.pop(0)
        elif isinstance(module, torch.nn.Linear):
            denses += 1
            name = f"fc{denses}"
            yield f"{name}/weights", "weights", channels, module.weight
            yield f"{name}/bias", "bias", None, module.bias
            channels = None


def set_weights(net):
    fan_in = None
    alphas = 0
    for index, (_, kind, channels, tensor) in enumerate(parameters_of(net)):
        shape = to_ours(kind, tensor.detach().numpy()).shape
        if kind == "alpha":
            alphas += 1
            values = np.float32(alphas / 4)
        else:
            if kind != "bias":
                fan_in = math.prod(shape[:-1])
            values = golden_weights(index, shape, fan_in)
        with torch.no_grad():
            ours = to_torch(kind, np.asarray(values), channels)
            tensor.copy_(torch.from_numpy(ours.copy()))


def take_step(name, dtype):
    """The loss, and by our parameters' names their gradients and new values."""
    create_net, create_optimizer, _ = WORKLOADS[name]
    has_dropout = create_net in (MnistConvNet, MnistMlp)
    net = create_net(dropout=False) if has_dropout else create_net()
    set_weights(net)
    net.to(dtype)
    optimizer = create_optimizer(net.parameters())
    images, labels = load_train()
    # pixel / 255 rounded to float32, which is what ours starts from
    x = torch.from_numpy(images[:BATCH_SIZE]).unsqueeze(1).float() / 255
    loss = net.loss(net(x.to(dtype)), torch.from_numpy(labels[:BATCH_SIZE]))
    loss.backward()
    ours = lambda kind, tensor, channels: to_ours(  # noqa: E731
        kind, tensor.detach().numpy().astype(np.float64), channels
    )
    gradients = {
        key: ours(kind, tensor.grad, channels).copy()
        for key, kind, channels, tensor in parameters_of(net)
    }
    optimizer.step()
    if hasattr(net, "after_update"):
        net.after_update()
    values = {
        key: ours(kind, tensor, channels)
        for key, kind, channels, tensor in parameters_of(net)
    }
    return loss.item(), gradients, values


def sample(parameter, gradient):
    """Indices to look at, in a fixed random order; few entries are all taken."""
    size = gradient.size
    order = np.argsort(hash32(hash32([parameter + 1000]) ^ np.arange(size)))
    flat = np.abs(gradient.reshape(-1))
    large = flat >= SMALLEST_SAMPLE * math.sqrt(np.mean(flat**2))
    return sorted(int(i) for i in order[large[order] & (flat[order] > 0)][:SAMPLES])


def rounded(value):
    return float(f"{value:.9g}")


def summary(values, indices):
    flat = values.reshape(-1)
    return {
        "norm": rounded(np.linalg.norm(flat)),
        "sum": rounded(flat.sum()),
        "samples": [rounded(flat[i]) for i in indices],
    }


def check_float32(name, exact, single):
    """Raises where float32 strays a fifth of what the test allows."""
    losses, *pairs = zip(exact, single)
    assert abs(losses[0] - losses[1]) <= 2e-5 * abs(losses[0]), name
    for wanted, got in pairs:
        for key in wanted:
            error = np.linalg.norm(wanted[key] - got[key])
            assert error <= 2e-5 * np.linalg.norm(wanted[key]), (name, key, error)


def main():
    steps = {}
    for name in WORKLOADS:
        exact = take_step(name, torch.float64)
        check_float32(name, exact, take_step(name, torch.float32))
        loss, gradients, values = exact
        steps[name] = {"loss": rounded(loss), "parameters": {}}
        for index, key in enumerate(gradients):
            indices = sample(index, gradients[key])
            steps[name]["parameters"][key] = {
                "shape": list(gradients[key].shape),
                "indices": indices,
                "gradient": summary(gradients[key], indices),
                "updated": summary(values[key], indices),
            }
    golden = {"batchSize": BATCH_SIZE, "torch": torch.__version__, "steps": steps}
    (GOLDEN / "steps.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
