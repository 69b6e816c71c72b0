"""Golden values of PyTorch's optimizers: 6 steps on 7 numbers each.

    /usr/bin/python3 tests/golden/optimizers.py > tests/golden/optimizers.json

The gradients are given and not computed, so that only the update is compared;
all numbers are multiples of 1/64 and so the same everywhere.
"""

import json

import torch

STEPS, SIZE = 6, 7


def numbers(seed):
    return [((i + 1) * (37 + 12 * seed) % 129 - 64) / 64 for i in range(SIZE)]


def run(optimizer, options):
    value = torch.nn.Parameter(torch.tensor(numbers(0)))
    stepper = optimizer([value], **options)
    values = []
    for step in range(1, STEPS + 1):
        value.grad = torch.tensor(numbers(step))
        stepper.step()
        values.append(value.tolist())
    return values


SGD, ADADELTA, ADAM = torch.optim.SGD, torch.optim.Adadelta, torch.optim.Adam
CASES = [
    ("Sgd", SGD, {"lr": 0.125}),
    ("Sgd", SGD, {"lr": 0.125, "momentum": 0.875}),
    ("Sgd", SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
    ("Sgd", SGD, {"lr": 0.1, "weight_decay": 0.5}),
    ("Adadelta", ADADELTA, {}),
    ("Adadelta", ADADELTA, {"lr": 0.5, "rho": 0.95, "eps": 1e-4}),
    ("Adadelta", ADADELTA, {"weight_decay": 0.1}),
    ("Adam", ADAM, {}),
    ("Adam", ADAM, {"lr": 0.1}),
]

print(
    json.dumps(
        {
            "torch": torch.__version__,
            "start": numbers(0),
            "gradients": [numbers(step) for step in range(1, STEPS + 1)],
            "cases": [
                {"optimizer": name, "options": options, "values": run(kind, options)}
                for name, kind, options in CASES
            ],
        },
        indent=1,
    )
)
