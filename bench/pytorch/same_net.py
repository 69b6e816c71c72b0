"""Whether a net of PyTorch's fastest operations is the one that the reports
write: the same losses, before and after a training step.

    /usr/bin/python3 bench/pytorch/same_net.py
"""

import sys

import torch

from workloads import (
    WORKLOADS,
    create_fast_net,
    has_convolutions,
    train_step,
)

TOLERANCE = 1e-4  # of the loss: float32 sums whose order differs


def losses(name, net, x, labels):
    """The loss before a training step and after it, without dropout."""
    optimizer = WORKLOADS[name][1](net.parameters())
    net.eval()
    return [train_step(net, optimizer, x, labels) for _ in range(2)]


def check_same_net(name, channels_last):
    """Raises ValueError unless both nets have the same losses."""
    create_net, _, batch_size = WORKLOADS[name]
    random = torch.Generator().manual_seed(1)
    x = torch.rand(batch_size, 1, 28, 28, generator=random)
    labels = torch.randint(10, (batch_size,), generator=random)
    report = create_net()
    with torch.no_grad():
        # At 0.5, where α begins, α and 1 - α could be confused.
        for index, alpha in enumerate(getattr(report, "alphas", [])):
            alpha.fill_((index + 1) / 4)
    fast = create_fast_net(name)
    fast.load_state_dict(report.state_dict())
    expected = losses(name, report, x, labels)
    if channels_last:
        fast = fast.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    actual = losses(name, fast, x, labels)
    for wanted, got in zip(expected, actual):
        if not abs(got - wanted) <= TOLERANCE * abs(wanted):
            raise ValueError(
                f"Cannot time {name}: its losses must be the reports' "
                f"{expected[0]:.6f} and {expected[1]:.6f}: "
                f"got {actual[0]:.6f} and {actual[1]:.6f}"
            )


def main():
    torch.manual_seed(0)
    for name in WORKLOADS:
        check_same_net(name, channels_last=False)
        if has_convolutions(create_fast_net(name)):
            check_same_net(name, channels_last=True)


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
