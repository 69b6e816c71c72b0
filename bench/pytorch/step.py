"""Times a training step in PyTorch, from the batch's pixels to the updated
parameters and the loss as a number: the twin of bench/step.ts.

    /usr/bin/python3 bench/pytorch/step.py --workload fashion-alpha --threads 2

Fashion-MNIST stands for MNIST, too, and with its labels modulo 4 for OctMNIST:
the shapes are the same, and so is the cost. --data takes a directory with other
files of MNIST's names. The net is made of PyTorch's fastest operations, and is
compared with the net as the reports write it before it is timed.
"""

import argparse
import json
import math
import os
import sys
import time

MIN_WARM_UP = 10  # steps before the first that is timed, as in bench/step.ts


def parse_arguments():
    parser = argparse.ArgumentParser(description="Times a training step in PyTorch.")
    parser.add_argument("--workload", default="fashion-alpha", help="what to train")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--steps", type=int, default=50, help="steps to time")
    parser.add_argument(
        "--channels-last",
        action="store_true",
        help="keep images and filters channels-last, for nets that convolve",
    )
    parser.add_argument("--data", help="directory of the IDX files")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    return parser.parse_args()


def fail(message):
    print(message, file=sys.stderr)
    sys.exit(1)


def openblas():
    """The OpenBLAS that this process has loaded; the reference BLAS, which
    Debian's PyTorch falls back to, would be an unfair peer."""
    with open("/proc/self/maps") as maps:
        files = {line.split()[-1] for line in maps if "/" in line}
    names = sorted(os.path.basename(file) for file in files)
    found = [name for name in names if name.startswith("libopenblas")]
    if not found:
        blas = [name for name in names if "blas" in name]
        fail(
            "Cannot time PyTorch: its BLAS must be OpenBLAS "
            "(apt-get install libopenblas0-pthread): "
            f"got {', '.join(blas) or 'none'}"
        )
    return found[0]


def cpu_name():
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown"


def main():
    arguments = parse_arguments()
    # OpenBLAS reads it when it is loaded; torch.set_num_threads leaves it alone.
    os.environ["OPENBLAS_NUM_THREADS"] = str(arguments.threads)
    try:
        import torch
    except ImportError:
        fail(
            "Cannot time PyTorch: the module torch must be installed for "
            f"{sys.executable} (apt-get install python3-torch): got none"
        )
    from fashion_mnist import FASHION_MNIST, load_train
    from same_net import check_same_net
    from workloads import (
        WORKLOADS,
        create_fast_net,
        has_convolutions,
        train_step,
    )

    blas = openblas()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    name = arguments.workload
    channels_last = arguments.channels_last
    if name not in WORKLOADS:
        fail(
            f"Cannot time {name}: workload must be one of {', '.join(WORKLOADS)}: "
            f"got {name}"
        )
    _, create_optimizer, batch_size = WORKLOADS[name]
    net = create_fast_net(name)
    if channels_last:
        if not has_convolutions(net):
            fail(
                f"Cannot time {name}: a net that is --channels-last must have "
                "convolutions: got none"
            )
        net = net.to(memory_format=torch.channels_last)
    try:
        check_same_net(name, channels_last)
    except ValueError as error:
        fail(str(error))
    optimizer = create_optimizer(net.parameters())
    try:
        images, labels = load_train(arguments.data or FASHION_MNIST)
    except (OSError, ValueError) as error:
        fail(str(error))
    images = torch.from_numpy(images).unsqueeze(1)  # [count, 1, 28, 28]
    labels = torch.from_numpy(labels)

    times = []
    order = iter(())
    warm_up = max(MIN_WARM_UP, arguments.steps)
    for step in range(warm_up + arguments.steps):
        start = time.perf_counter()
        batch = next(order, None)
        if batch is None or len(batch) < batch_size:  # a new epoch
            order = iter(torch.randperm(len(images)).split(batch_size))
            batch = next(order)
        x = images[batch].float().div_(255)
        if channels_last:
            x = x.contiguous(memory_format=torch.channels_last)
        loss = train_step(net, optimizer, x, labels[batch])
        if not math.isfinite(loss):
            fail(f"Cannot go on: the loss must be finite: got {loss}")
        if step >= warm_up:
            times.append((time.perf_counter() - start) * 1000)

    times.sort()
    ms = {
        "median": times[len(times) // 2],
        "min": times[0],
        "max": times[-1],
    }
    ms = {key: float(f"{value:.5g}") for key, value in ms.items()}
    if not arguments.json:
        print(f"PyTorch {torch.__version__}, {blas}, {arguments.threads} threads")
        print(
            f"{name}: {ms['median']} ms a step ({ms['min']} to {ms['max']}), "
            f"batch {batch_size}, last loss {loss:.4f}"
        )
        return
    result = {
        "workload": name,
        "channelsLast": channels_last,
        "threads": arguments.threads,
        "batchSize": batch_size,
        "msPerStep": ms,
        "torch": torch.__version__,
        "blas": blas,
        "cpu": cpu_name(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
