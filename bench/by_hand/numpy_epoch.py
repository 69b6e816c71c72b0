"""Times an epoch of report 3's question 1 in numpy, float64, one example at a
time in shuffled order: the twin of bench/by_hand/kernel_epoch.ts.

    /usr/bin/python3 bench/by_hand/numpy_epoch.py --model mlp --examples 6000

Fashion-MNIST's images with their labels modulo 4 stand for OctMNIST: the shapes
are the same. Inputs are scaled and have their bias before the first epoch.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy loads it
import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pytorch"))
from fashion_mnist import load_train  # noqa: E402
from step import cpu_name, openblas  # noqa: E402

CLASSES, HIDDEN = 4, 200
LEARNING_RATE = 0.001
EPOCHS = 5  # that are timed; their median is printed


def perceptron(inputs):
    W = np.zeros((CLASSES, inputs))

    def epoch(X, y, order):
        for i in order:
            x, label = X[i], y[i]
            prediction = (W @ x).argmax()
            if prediction != label:
                W[label] += x
                W[prediction] -= x

    return epoch


def logistic(inputs):
    W = np.zeros((CLASSES, inputs))

    def epoch(X, y, order):
        for i in order:
            x = X[i]
            z = W @ x
            p = np.exp(z - z.max())
            p /= p.sum()
            p[y[i]] -= 1
            W[:] -= np.outer(LEARNING_RATE * p, x)

    return epoch


def mlp(inputs):
    random = np.random.RandomState(0)
    W1 = random.normal(0.1, 0.1, (HIDDEN, inputs))
    b1 = np.zeros(HIDDEN)
    W2 = random.normal(0.1, 0.1, (CLASSES, HIDDEN))
    b2 = np.zeros(CLASSES)

    def epoch(X, y, order):
        total = 0.0
        for i in order:
            x, label = X[i], y[i]
            a = W1 @ x + b1
            h = np.maximum(a, 0)
            z = W2 @ h + b2
            z -= z.max()
            powers = np.exp(z)
            total += np.log(powers.sum()) - z[label]
            dz = powers / powers.sum()
            dz[label] -= 1
            da = (W2.T @ dz) * (a > 0)
            W2[:] -= np.outer(LEARNING_RATE * dz, h)
            b2[:] -= LEARNING_RATE * dz
            W1[:] -= np.outer(LEARNING_RATE * da, x)
            b1[:] -= LEARNING_RATE * da
        if not np.isfinite(total):
            sys.exit(f"Cannot go on: the loss must be finite: got {total}")

    return epoch


MODELS = {"perceptron": perceptron, "logistic": logistic, "mlp": mlp}


def main():
    parser = argparse.ArgumentParser(description="Times an epoch in numpy.")
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--examples", type=int, required=True)
    arguments = parser.parse_args()
    blas = openblas()
    images, labels = load_train()
    X = images[: arguments.examples].reshape(arguments.examples, -1) / 255
    y = labels[: arguments.examples] % CLASSES
    if arguments.model != "mlp":  # whose biases are parameters of their own
        X = np.hstack([X, np.ones((len(X), 1))])
    epoch = MODELS[arguments.model](X.shape[1])
    random = np.random.RandomState(1)
    epoch(X, y, random.permutation(len(X)))  # to warm up
    seconds = []
    for _ in range(EPOCHS):
        order = random.permutation(len(X))
        start = time.perf_counter()
        epoch(X, y, order)
        seconds.append(time.perf_counter() - start)
    result = {
        "examplesPerSecond": len(X) / float(np.median(seconds)),
        "numpy": np.__version__,
        "blas": blas,
        "cpu": cpu_name(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
