"""The workloads of bench/workloads, as their authors would write them in PyTorch."""

import torch
import torch.nn.functional as F
from torch import nn


def relu_alpha(x, alpha):
    """As reports 1 and 2 write it."""
    return F.relu(x) - (1 - alpha) * F.relu(-x)


def prelu_alpha(x, alpha):
    """The same function by PyTorch's own operation."""
    return F.prelu(x, (1 - alpha).reshape(1))


class AlphaNet(nn.Module):
    """Convolutions with ReLU_α, then one dense layer (reports 1 and 2)."""

    def __init__(self, convolutions, fc1, activation=relu_alpha):
        super().__init__()
        self.convolutions = nn.ModuleList(convolutions)
        self.fc1 = fc1
        self.activation = activation
        self.alphas = nn.ParameterList(
            nn.Parameter(torch.tensor(0.5)) for _ in convolutions
        )

    def forward(self, x):
        for convolution, alpha in zip(self.convolutions, self.alphas):
            x = self.activation(convolution(x), alpha)
        return self.fc1(torch.flatten(x, 1))

    def loss(self, logits, labels, penalty):
        norm = sum(torch.abs(alpha) for alpha in self.alphas)
        return F.cross_entropy(logits, labels) + penalty * norm


class FashionAlpha(AlphaNet):
    """Report 1, section 3."""

    def __init__(self, activation=relu_alpha):
        convolutions = [
            nn.Conv2d(1, 8, 5, padding=2),
            nn.Conv2d(8, 16, 5, padding=2),
            nn.Conv2d(16, 32, 3, padding=1),
        ]
        super().__init__(convolutions, nn.Linear(25_088, 10), activation)

    def loss(self, logits, labels):
        return super().loss(logits, labels, penalty=0.5)


class AlphaSweepNet(AlphaNet):
    """Report 2, table 1."""

    def __init__(self, activation=relu_alpha):
        convolutions = [
            nn.Conv2d(1, 15, 2, stride=2),
            nn.Conv2d(15, 15, 2, stride=2),
            nn.Conv2d(15, 1, 2),
        ]
        super().__init__(convolutions, nn.Linear(36, 10), activation)

    def loss(self, logits, labels):
        return super().loss(logits, labels, penalty=0.02)

    def after_update(self):
        with torch.no_grad():
            for alpha in self.alphas:
                alpha.clamp_(0, 1)


class MnistConvNet(nn.Module):
    """Report 4's ConvNet: PyTorch's own MNIST example."""

    def __init__(self, dropout=True):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout1 = nn.Dropout(0.25 if dropout else 0)
        self.dropout2 = nn.Dropout(0.5 if dropout else 0)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = self.dropout1(F.max_pool2d(x, 2))
        x = torch.flatten(x, 1)
        x = self.dropout2(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)

    def loss(self, log_probabilities, labels):
        return F.nll_loss(log_probabilities, labels)


class MnistMlp(nn.Module):
    """Report 4's MLP, with its dropout between the layers."""

    def __init__(self, dropout=True):
        super().__init__()
        self.fc1 = nn.Linear(784, 512)
        self.fc2 = nn.Linear(512, 512)
        self.fc3 = nn.Linear(512, 10)
        self.dropout = nn.Dropout(0.2 if dropout else 0)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = self.dropout(F.relu(self.fc1(x)))
        x = self.dropout(F.relu(self.fc2(x)))
        return F.log_softmax(self.fc3(x), dim=1)

    def loss(self, log_probabilities, labels):
        return F.nll_loss(log_probabilities, labels)


class OctMlp(nn.Module):
    """784-200-200-4."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 200)
        self.fc2 = nn.Linear(200, 200)
        self.fc3 = nn.Linear(200, 4)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)

    def loss(self, logits, labels):
        return F.cross_entropy(logits, labels % 4)


def adadelta(parameters):
    return torch.optim.Adadelta(parameters, lr=1.0, rho=0.9, eps=1e-6)


# By the names of the command line: the net, its optimizer and the batch size.
WORKLOADS = {
    "fashion-alpha": (
        FashionAlpha,
        lambda parameters: torch.optim.Adam(parameters, lr=1e-3),
        100,
    ),
    "mnist-convnet": (MnistConvNet, adadelta, 128),
    "mnist-mlp": (MnistMlp, adadelta, 128),
    "oct-mlp": (OctMlp, lambda parameters: torch.optim.SGD(parameters, lr=0.1), 16),
    "alpha-sweep-net": (
        AlphaSweepNet,
        lambda parameters: torch.optim.SGD(parameters, lr=0.01),
        64,
    ),
}


def create_fast_net(name):
    """The same net by PyTorch's fastest operations: F.prelu for ReLU_α."""
    create_net = WORKLOADS[name][0]
    if issubclass(create_net, AlphaNet):
        return create_net(prelu_alpha)
    return create_net()


def has_convolutions(net):
    return any(isinstance(module, nn.Conv2d) for module in net.modules())


def train_step(net, optimizer, x, labels):
    """One step, as all five scripts take it; returns the loss."""
    optimizer.zero_grad()
    loss = net.loss(net(x), labels)
    loss.backward()
    optimizer.step()
    if hasattr(net, "after_update"):
        net.after_update()
    return loss.item()
