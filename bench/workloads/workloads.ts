/**
 * The nets of the benchmarks, on Fashion-MNIST: MNIST has the same shape and
 * so costs the same.
 */
import * as tf from "@tensorflow/tfjs";
import { loadFashionMnist } from "../../lib/data/fashion_mnist.ts";
import type { ImageDataset } from "../../lib/data/image_dataset.ts";
import { meanLoss } from "../../lib/losses/mean_loss.ts";
import { l1Penalty } from "../../lib/losses/penalties.ts";
import { softmaxCrossEntropy } from "../../lib/losses/softmax_cross_entropy.ts";
import {
  conv2d,
  dense,
  flatten,
  type Layer,
  sequential,
} from "../../lib/models/layers.ts";
import { Adam } from "../../lib/optimizers/adam.ts";
import { clampVariables } from "../../lib/optimizers/clamp_variables.ts";
import { Sgd } from "../../lib/optimizers/sgd.ts";
import {
  createMnistNet,
  type MnistModel,
} from "../../lib/reports/4_csi_5138/mnist_nets.ts";
import type { Net } from "../../lib/train/evaluate.ts";
import type { CreateWorkload, Workload } from "./workload.ts";

const RELU = { kind: "relu" } as const;

/** Report 1's net with ReLU_α, λ = 0.5. */
const fashionAlpha: CreateWorkload = async (random) => {
  const alphas = createAlphas();
  const activations = alphas.map(reluAlpha);
  return {
    dataset: await loadFashionMnist(),
    batchSize: 100,
    optimizer: new Adam({ learningRate: 1e-3 }),
    // deno-fmt-ignore -- one line per layer
    net: classifier(sequential([
      conv2d("conv1", { inChannels: 1, outChannels: 8, filterSize: 5, pad: 2, activation: activations[0] }, random),
      conv2d("conv2", { inChannels: 8, outChannels: 16, filterSize: 5, pad: 2, activation: activations[1] }, random),
      conv2d("conv3", { inChannels: 16, outChannels: 32, filterSize: 3, pad: 1, activation: activations[2] }, random),
      flatten(),
      dense("fc1", { inFeatures: 25_088, outFeatures: 10 }, random),
    ]), () => l1Penalty(alphas, 0.5)),
  };
};

/** A net of report 4. */
const mnist = (model: MnistModel): CreateWorkload => async (random) => {
  const dataset = await loadFashionMnist();
  const net = createMnistNet(model, dataset, random);
  return { dataset, batchSize: 128, net, optimizer: net.optimizer };
};

/** Report 3's multilayer perceptron; four classes are the ten modulo four. */
const octMlp: CreateWorkload = async (random) => ({
  dataset: moduloClasses(await loadFashionMnist(), 4),
  batchSize: 16,
  optimizer: new Sgd({ learningRate: 0.1 }),
  net: classifier(sequential([
    flatten(),
    dense(
      "fc1",
      { inFeatures: 784, outFeatures: 200, activation: RELU },
      random,
    ),
    dense(
      "fc2",
      { inFeatures: 200, outFeatures: 200, activation: RELU },
      random,
    ),
    dense("fc3", { inFeatures: 200, outFeatures: 4 }, random),
  ])),
});

/** Report 2's net, λ = 0.02, α kept in [0, 1]. */
const alphaSweepNet: CreateWorkload = async (random) => {
  const alphas = createAlphas();
  const activations = alphas.map(reluAlpha);
  return {
    dataset: await loadFashionMnist(),
    batchSize: 64,
    optimizer: new Sgd({ learningRate: 0.01 }),
    // deno-fmt-ignore -- one line per layer
    net: classifier(sequential([
      conv2d("conv1", { inChannels: 1, outChannels: 15, filterSize: 2, stride: 2, activation: activations[0] }, random),
      conv2d("conv2", { inChannels: 15, outChannels: 15, filterSize: 2, stride: 2, activation: activations[1] }, random),
      conv2d("conv3", { inChannels: 15, outChannels: 1, filterSize: 2, activation: activations[2] }, random),
      flatten(),
      dense("fc1", { inFeatures: 36, outFeatures: 10 }, random),
    ]), () => l1Penalty(alphas, 0.02)),
    afterUpdate: () => clampVariables(alphas, 0, 1),
  };
};

/** The workloads by the names of the command line. */
export const WORKLOADS = {
  "fashion-alpha": fashionAlpha,
  "mnist-convnet": mnist("convnet"),
  "mnist-mlp": mnist("mlp"),
  "oct-mlp": octMlp,
  "alpha-sweep-net": alphaSweepNet,
} satisfies Record<string, CreateWorkload>;

/** Mean cross entropy, and a penalty where there is one. */
function classifier(net: Layer, penalty?: () => tf.Scalar): Net {
  return {
    variables: net.variables,
    logits: (images, training) => net.apply(images, training) as tf.Tensor2D,
    loss(logits, labels) {
      const loss = meanLoss(softmaxCrossEntropy(logits, labels));
      return penalty ? tf.add(loss, penalty()) : loss;
    },
  };
}

function createAlphas(): tf.Variable[] {
  return [1, 2, 3].map((i) =>
    tf.tidy(() => tf.variable(tf.scalar(0.5), true, `alpha_${i}`))
  );
}

function reluAlpha(alpha: tf.Variable) {
  return { kind: "relu-alpha", alpha } as const;
}

function moduloClasses(
  dataset: ImageDataset,
  numClasses: number,
): Workload["dataset"] {
  const modulo = (split: ImageDataset["train"]) => ({
    ...split,
    labels: split.labels.map((label) => label % numClasses),
  });
  const { train, test } = dataset;
  return { ...dataset, numClasses, train: modulo(train), test: modulo(test) };
}
