"""Golden values of report 3's question 1: a perceptron, a logistic regression
and a net with a hidden layer, each after 12 steps on six examples, in numpy.

    /usr/bin/python3 tests/golden/by_hand.py > tests/golden/by_hand.json

Whole matrices and no loops over inputs, so that it shares no code with what it
checks; initial numbers are multiples of 1/64 and so the same everywhere.
"""

import json

import numpy as np

PIXELS, CLASSES, HIDDEN, COUNT = 6, 3, 4, 6
ORDER = [2, 0, 3, 5, 1, 4, 4, 1, 0, 5, 3, 2]

images = np.array(
    [[(i + 1) * (j + 3) * 37 % 256 for j in range(PIXELS)] for i in range(COUNT)]
)
images[1] = 0  # only the bias is left
labels = np.array([2, 0, 1, 1, 2, 0])
one_hot = np.eye(CLASSES)


def numbers(seed, *shape):
    size = int(np.prod(shape))
    flat = [((i + 1) * (37 + 12 * seed) % 129 - 64) / 64 for i in range(size)]
    return np.array(flat).reshape(shape)


def softmax_loss(z, label):
    z = z - z.max()
    total = np.exp(z).sum()
    return np.log(total) - z[label], np.exp(z) / total - one_hot[label]


def perceptron():
    inputs = np.hstack([images, np.full((COUNT, 1), 255)])
    weights = np.zeros((CLASSES, PIXELS + 1), dtype=int)
    correct = 0
    for i in ORDER:
        prediction = np.argmax(weights @ inputs[i])
        correct += int(prediction == labels[i])
        weights += np.outer(one_hot[labels[i]] - one_hot[prediction], inputs[i]).astype(
            int
        )
    return {"weights": weights.ravel().tolist(), "correct": correct}


def logistic(learning_rate):
    inputs = np.hstack([images / 255, np.ones((COUNT, 1))])
    weights = np.zeros((CLASSES, PIXELS + 1))
    losses = []
    for i in ORDER:
        loss, dz = softmax_loss(weights @ inputs[i], labels[i])
        losses.append(loss)
        weights -= learning_rate * np.outer(dz, inputs[i])
    return {
        "learningRate": learning_rate,
        "weights": weights.ravel().tolist(),
        "losses": losses,
    }


def mlp(learning_rate):
    inputs = images / 255
    w1, b1 = numbers(1, HIDDEN, PIXELS), numbers(2, HIDDEN)
    w2, b2 = numbers(3, CLASSES, HIDDEN), numbers(4, CLASSES)
    names = ["weights1", "biases1", "weights2", "biases2"]
    flat = lambda: {
        name: value.ravel().tolist() for name, value in zip(names, [w1, b1, w2, b2])
    }
    initial, losses = flat(), []
    for i in ORDER:
        a = w1 @ inputs[i] + b1
        h = np.where(a > 0, a, 0)
        loss, dz = softmax_loss(w2 @ h + b2, labels[i])
        losses.append(loss)
        da = np.where(a > 0, w2.T @ dz, 0)
        w2 -= learning_rate * np.outer(dz, h)
        b2 -= learning_rate * dz
        w1 -= learning_rate * np.outer(da, inputs[i])
        b1 -= learning_rate * da
    return {
        "learningRate": learning_rate,
        "initial": initial,
        **flat(),
        "losses": losses,
    }


print(
    json.dumps(
        {
            "numpy": np.__version__,
            "pixels": PIXELS,
            "numClasses": CLASSES,
            "hidden": HIDDEN,
            "images": images.ravel().tolist(),
            "labels": labels.tolist(),
            "order": ORDER,
            "perceptron": perceptron(),
            "logistic": logistic(0.5),
            "mlp": mlp(0.25),
        },
        indent=1,
    )
)
