"""Times report 2's net in PyTorch from its first step to its test accuracy: 10
epochs on 10,000 images of Fashion-MNIST, then 10,000 others in one pass. The
twin of one net of scripts/alpha_sweep.ts.

    /usr/bin/python3 bench/pytorch/alpha_net.py --threads 1
"""

import argparse
import json
import math
import os
import sys
import time

from step import cpu_name, fail, openblas

EPOCHS = 10
TRAIN_SIZE = 10_000
TEST_SIZE = 10_000
TEST_BATCH = 500  # as in the sweep


def main():
    parser = argparse.ArgumentParser(description="Times one net in PyTorch.")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    threads = parser.parse_args().threads
    # OpenBLAS reads it when it is loaded; torch.set_num_threads leaves it alone.
    os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
    try:
        import torch
    except ImportError:
        fail(
            "Cannot time PyTorch: the module torch must be installed for "
            f"{sys.executable} (apt-get install python3-torch): got none"
        )
    from fashion_mnist import load_train
    from workloads import WORKLOADS, create_fast_net, train_step

    blas = openblas()
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    _, create_optimizer, batch_size = WORKLOADS["alpha-sweep-net"]
    net = create_fast_net("alpha-sweep-net")
    optimizer = create_optimizer(net.parameters())
    images, labels = load_train()
    images = torch.from_numpy(images).unsqueeze(1)  # [count, 1, 28, 28]
    labels = torch.from_numpy(labels)
    train = slice(0, TRAIN_SIZE)
    test = slice(TRAIN_SIZE, TRAIN_SIZE + TEST_SIZE)

    start = time.perf_counter()
    for _ in range(EPOCHS):
        for batch in torch.randperm(TRAIN_SIZE).split(batch_size):
            x = images[train][batch].float().div_(255)
            loss = train_step(net, optimizer, x, labels[train][batch])
            if not math.isfinite(loss):
                fail(f"Cannot go on: the loss must be finite: got {loss}")
    correct = 0
    with torch.no_grad():
        for x, y in zip(
            images[test].split(TEST_BATCH), labels[test].split(TEST_BATCH)
        ):
            logits = net(x.float().div_(255))
            correct += (logits.argmax(1) == y).sum().item()
    seconds = time.perf_counter() - start

    result = {
        "seconds": round(seconds, 4),
        "accuracy": correct / TEST_SIZE,
        "alphas": [alpha.item() for alpha in net.alphas],
        "threads": threads,
        "torch": torch.__version__,
        "blas": blas,
        "cpu": cpu_name(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
