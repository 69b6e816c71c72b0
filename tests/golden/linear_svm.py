"""Golden values of report 5's linear classifier: three steps of mini-batch SGD
on two batches of four examples in numpy, for both hinges and both norms.

    /usr/bin/python3 tests/golden/linear_svm.py > tests/golden/linear_svm.json

Whole matrices and no loops over examples or inputs, so that it shares no code
with what it checks; initial numbers are multiples of 1/64 and so the same
everywhere.
"""

import json

import numpy as np

INPUTS, CLASSES, COUNT, BATCH = 5, 3, 8, 4
LAMBDA, RATE = 0.03, 0.0625
x = np.array(
    [[((i + 2) * (k + 3) * 29 % 65 - 32) / 16 for k in range(INPUTS)] for i in range(COUNT)]
)
labels = np.array([2, 0, 1, 1, 2, 0, 0, 1])


def start():
    flat = [((i + 1) * 37 % 129 - 64) / 64 for i in range(CLASSES * INPUTS)]
    return np.array(flat).reshape(CLASSES, INPUTS), np.array([0.25, 0, -0.5])


def step(w, b, batch, hinge, norm):
    own = (np.arange(len(batch)), labels[batch])
    violations = x[batch] @ w.T + b
    violations = 1 + violations - violations[own][:, None]
    violations[own] = 0
    violations = np.maximum(violations, 0)
    if hinge == "max":
        worst = violations == violations.max(axis=1, keepdims=True)
        violations = violations * worst
    ds = (violations > 0).astype(float)
    ds[own] = -ds.sum(axis=1)
    penalty, slope = {
        "l1": (np.abs(w).sum(), np.sign(w)),
        "l2": ((w**2).sum(), 2 * w),
    }[norm]
    loss = LAMBDA * penalty + violations.sum() / len(batch)
    dw = LAMBDA * slope + ds.T @ x[batch] / len(batch)
    return loss, w - RATE * dw, b - RATE * ds.mean(axis=0)


def run(hinge, norm):
    w, b = start()
    losses = []
    for first in (0, BATCH, 0):
        loss, w, b = step(w, b, np.arange(first, first + BATCH), hinge, norm)
        losses.append(loss)
    return dict(losses=losses, weights=w.ravel().tolist(), bias=b.tolist())


w, b = start()
print(
    json.dumps(
        dict(
            inputs=INPUTS,
            batch=BATCH,
            learningRate=RATE,
            x=x.tolist(),
            labels=labels.tolist(),
            weights=w.ravel().tolist(),
            bias=b.tolist(),
            **{"lambda": LAMBDA},
            runs={
                f"{hinge} {norm}": run(hinge, norm)
                for hinge in ("max", "sum")
                for norm in ("l1", "l2")
            },
        ),
        indent=1,
    )
)
