/**
 * One training step of each workload, without dropout, against PyTorch's: same
 * weights, same images. tests/golden/make_steps.py says how they came about.
 */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { startBackend } from "../lib/backend/start_backend.ts";
import { createRandom } from "../lib/base/random.ts";
import { loadFashionMnist } from "../lib/data/fashion_mnist.ts";
import type { Classifier } from "../lib/models/classifier.ts";
import { pixelTensor } from "../lib/ops/pixel_tensor.ts";
import {
  createFashionNet,
  REPORT_SETTINGS,
} from "../lib/reports/1_linearization/fashion_net.ts";
import { createSweepNet } from "../lib/reports/2_alpha_sweep/sweep_net.ts";
import { createAutodiffNet } from "../lib/reports/3_homework_1/autodiff_net.ts";
import { createMnistNet } from "../lib/reports/4_csi_5138/mnist_nets.ts";
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

type WorkloadName = keyof typeof golden.steps;

const SHAPE = { height: 28, width: 28, channels: 1, numClasses: 10 };

/** The α that make_steps.py starts from. */
const ALPHAS = [0.25, 0.5, 0.75];

/** The nets as their scripts train them; initial weights are overwritten. */
const NETS: Record<WorkloadName, () => Classifier> = {
  "fashion-alpha": () =>
    createFashionNet(
      {
        ...REPORT_SETTINGS,
        activation: "relu-alpha",
        lambda: 0.5,
      },
      SHAPE,
      createRandom(0),
    ),
  "mnist-convnet": () => createMnistNet("convnet", SHAPE, createRandom(0)),
  "mnist-mlp": () => createMnistNet("mlp", SHAPE, createRandom(0)),
  "oct-mlp": () =>
    createAutodiffNet(
      {
        model: "MLP",
        regularization: "none",
        hiddenLayers: 2,
        hiddenSize: 200,
        learningRate: 0.1,
      },
      { ...SHAPE, numClasses: 4 }, // Fashion-MNIST's labels modulo 4
      createRandom(0),
    ),
  "alpha-sweep-net": () =>
    createSweepNet(
      {
        alphaInit: ALPHAS,
        lambda: 0.02,
        clampAlpha: false,
        learningRate: 0.01,
      },
      SHAPE,
      createRandom(0),
    ),
};

Deno.test("a training step of each workload agrees with PyTorch's", async (t) => {
  const { train } = await loadFashionMnist();
  const backend = await startBackend({ threads: 2 });
  try {
    const pixels = train.images.subarray(0, golden.batchSize * 28 * 28);
    const images = pixelTensor(pixels, [golden.batchSize, 28, 28, 1]);
    for (const name of Object.keys(NETS) as WorkloadName[]) {
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
  const net = NETS[workload]();
  const names = net.variables.map(({ name }) => name);
  assert.deepEqual(names.toSorted(), Object.keys(parameters).toSorted());
  setWeights(net.variables);
  const numClasses = net.variables.at(-1)!.size; // of the last layer's bias
  const labels = tf.tensor1d(classIds.map((id) => id % numClasses), "int32");
  const { value, grads } = tf.variableGrads(() => {
    const logits = net.logits(images, false); // no dropout
    return net.loss(logits, labels);
  }, [...net.variables]);
  assertClose(value.dataSync()[0]!, loss, loss, "loss");
  for (
    const [name, { shape, indices, gradient }] of Object.entries(parameters)
  ) {
    assert.deepEqual(grads[name]!.shape, shape);
    assertSummary(grads[name]!, indices, gradient, `gradient of ${name}`);
  }
  net.optimizer.applyGradients(grads);
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

/** What make_steps.py starts from. */
function setWeights(variables: readonly tf.Variable[]) {
  let fanIn = 0;
  for (const [i, variable] of variables.entries()) {
    const alpha = /^alpha_(\d)$/.exec(variable.name);
    if (alpha) {
      variable.assign(tf.scalar(ALPHAS[Number(alpha[1]) - 1]!));
      continue;
    }
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
