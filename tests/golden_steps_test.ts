/**
 * One training step of each workload, without dropout, against PyTorch's: same
 * weights, same images. tests/golden/make_steps.py says how they came about.
 */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { startBackend } from "../lib/backend/start_backend.ts";
import { createRandom } from "../lib/base/random.ts";
import { loadFashionMnist } from "../lib/data/fashion_mnist.ts";
import { l1Penalty } from "../lib/losses/penalties.ts";
import { softmaxCrossEntropy } from "../lib/losses/softmax_cross_entropy.ts";
import {
  conv2d,
  dense,
  flatten,
  type Layer,
  sequential,
} from "../lib/models/layers.ts";
import type { Activation } from "../lib/ops/bias_activation.ts";
import { pixelTensor } from "../lib/ops/pixel_tensor.ts";
import { Adam } from "../lib/optimizers/adam.ts";
import { Sgd } from "../lib/optimizers/sgd.ts";
import {
  createMnistNet,
  type MnistModel,
} from "../lib/reports/4_csi_5138/mnist_nets.ts";
import { goldenWeight } from "./golden/golden_weights.ts";

import golden from "./golden/steps.json" with { type: "json" };

/** Part of a gradient by which ours may differ from PyTorch's. */
const TOLERANCE = 1e-4;

/** Entries of a parameter at `indices`, and the norm and sum of all of them. */
interface Summary {
  norm: number;
  sum: number;
  samples: number[];
}

interface GoldenStep {
  loss: number;
  parameters: Record<
    string,
    {
      shape: number[];
      indices: number[];
      gradient: Summary;
      updated: Summary;
    }
  >;
}

interface Step {
  net: Layer;
  optimizer: tf.Optimizer;
  /** The loss beside the cross entropy. */
  penalty?: () => tf.Scalar;
  /** The labels are Fashion-MNIST's modulo this; 10 by default. */
  numClasses?: number;
}

type WorkloadName = keyof typeof golden.steps;

const RELU: Activation = { kind: "relu" };

const WORKLOADS: Record<WorkloadName, () => Step> = {
  "fashion-alpha": () => {
    const alphas = createAlphas();
    const [first, second, third] = alphas.map(reluAlpha);
    return {
      net: sequential([
        conv("conv1", 1, 8, { filterSize: 5, pad: 2, activation: first }),
        conv("conv2", 8, 16, { filterSize: 5, pad: 2, activation: second }),
        conv("conv3", 16, 32, { filterSize: 3, pad: 1, activation: third }),
        flatten(),
        fullyConnected("fc1", 25_088, 10),
      ]),
      optimizer: new Adam({ learningRate: 1e-3 }),
      penalty: () => l1Penalty(alphas, 0.5),
    };
  },
  "mnist-convnet": () => mnist("convnet"),
  "mnist-mlp": () => mnist("mlp"),
  "oct-mlp": () => ({
    net: sequential([
      flatten(),
      fullyConnected("fc1", 784, 200, RELU),
      fullyConnected("fc2", 200, 200, RELU),
      fullyConnected("fc3", 200, 4),
    ]),
    optimizer: new Sgd({ learningRate: 0.1 }),
    numClasses: 4,
  }),
  "alpha-sweep-net": () => {
    const alphas = createAlphas();
    const [first, second, third] = alphas.map(reluAlpha);
    return {
      net: sequential([
        conv("conv1", 1, 15, { filterSize: 2, stride: 2, activation: first }),
        conv("conv2", 15, 15, { filterSize: 2, stride: 2, activation: second }),
        conv("conv3", 15, 1, { filterSize: 2, activation: third }),
        flatten(),
        fullyConnected("fc1", 36, 10),
      ]),
      optimizer: new Sgd({ learningRate: 0.01 }),
      penalty: () => l1Penalty(alphas, 0.02),
    };
  },
};

Deno.test("a training step of each workload agrees with PyTorch's", async (t) => {
  const { train } = await loadFashionMnist();
  const backend = await startBackend({ threads: 2 });
  try {
    const pixels = train.images.subarray(0, golden.batchSize * 28 * 28);
    const images = pixelTensor(pixels, [golden.batchSize, 28, 28, 1]);
    for (const name of Object.keys(WORKLOADS) as WorkloadName[]) {
      await t.step(name, () => {
        try {
          checkStep(name, images, train.labels.subarray(0, golden.batchSize));
        } finally {
          tf.disposeVariables(); // the next net has the same names
        }
      });
    }
  } finally {
    backend.stop();
  }
});

function checkStep(
  workload: WorkloadName,
  images: tf.Tensor4D,
  classIds: Int32Array,
) {
  const { loss, parameters } = golden.steps[workload] as unknown as GoldenStep;
  const { net, optimizer, penalty, numClasses = 10 } = WORKLOADS[workload]();
  const names = net.variables.map(({ name }) => name);
  assert.deepEqual(names.toSorted(), Object.keys(parameters).toSorted());
  setWeights(net.variables);
  const labels = tf.tensor1d(classIds.map((id) => id % numClasses), "int32");
  const { value, grads } = tf.variableGrads(() => {
    const logits = net.apply(images, false) as tf.Tensor2D; // no dropout
    const loss = tf.mean<tf.Scalar>(softmaxCrossEntropy(logits, labels));
    return penalty ? tf.add(loss, penalty()) : loss;
  }, [...net.variables]);
  assertClose(value.dataSync()[0]!, loss, loss, "loss");
  for (
    const [name, { shape, indices, gradient }] of Object.entries(parameters)
  ) {
    assert.deepEqual(grads[name]!.shape, shape);
    assertSummary(grads[name]!, indices, gradient, `gradient of ${name}`);
  }
  optimizer.applyGradients(grads);
  for (const variable of net.variables) {
    const { indices, updated } = parameters[variable.name]!;
    assertSummary(variable, indices, updated, `updated ${variable.name}`);
  }
}

/** Compares the norm, each sample, and the sum; `TOLERANCE` is per entry. */
function assertSummary(
  actual: tf.Tensor,
  indices: readonly number[],
  expected: Summary,
  what: string,
) {
  const values = actual.dataSync();
  let squares = 0;
  let sum = 0;
  for (const value of values) {
    squares += value ** 2;
    sum += value;
  }
  assertClose(
    Math.sqrt(squares),
    expected.norm,
    expected.norm,
    `norm of ${what}`,
  );
  for (const [i, index] of indices.entries()) {
    const sample = expected.samples[i]!;
    assertClose(values[index]!, sample, sample, `${what} at ${index}`);
  }
  // |Σ d| ≤ √n ‖d‖ for the differences d
  const scale = Math.sqrt(values.length) * expected.norm;
  assertClose(sum, expected.sum, scale, `sum of ${what}`);
}

function assertClose(
  actual: number,
  expected: number,
  scale: number,
  what: string,
) {
  const error = Math.abs(actual - expected);
  assert.ok(
    error <= TOLERANCE * Math.abs(scale),
    `${what}: expected ${expected} within ${TOLERANCE} × ${
      Math.abs(scale)
    }: got ${actual}`,
  );
}

/** What make_steps.py starts from: α is 0.25, 0.5, 0.75. */
function setWeights(variables: readonly tf.Variable[]) {
  let fanIn = 0;
  for (const [i, variable] of variables.entries()) {
    if (variable.name.startsWith("alpha")) continue;
    if (!variable.name.endsWith("bias")) {
      fanIn = variable.size / variable.shape[variable.rank - 1]!;
    }
    const values = Float32Array.from(
      { length: variable.size },
      (_, index) => goldenWeight(i, index, fanIn),
    );
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
}

function createAlphas(): tf.Variable[] {
  return [1, 2, 3].map((i) =>
    tf.variable(tf.scalar(i / 4), true, `alpha_${i}`)
  );
}

function mnist(model: MnistModel): Step {
  const sizes = { height: 28, width: 28, channels: 1, numClasses: 10 };
  const { layers, optimizer } = createMnistNet(model, sizes, createRandom(0));
  return { net: sequential(layers), optimizer };
}

function reluAlpha(alpha: tf.Variable): Activation {
  return { kind: "relu-alpha", alpha };
}

// Initial weights are overwritten, but a layer wants a generator.

function conv(
  name: string,
  inChannels: number,
  outChannels: number,
  options: {
    filterSize: number;
    pad?: number;
    stride?: number;
    activation?: Activation;
  },
): Layer {
  return conv2d(name, { inChannels, outChannels, ...options }, createRandom(0));
}

function fullyConnected(
  name: string,
  inFeatures: number,
  outFeatures: number,
  activation?: Activation,
): Layer {
  return dense(
    name,
    { inFeatures, outFeatures, activation },
    createRandom(0),
  );
}
