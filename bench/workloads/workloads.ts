/**
 * The nets of the benchmarks, as the reports' scripts train them, on
 * Fashion-MNIST: MNIST has the same shape and so costs the same.
 */
import { loadFashionMnist } from "../../lib/data/fashion_mnist.ts";
import type { ImageDataset } from "../../lib/data/image_dataset.ts";
import {
  createFashionNet,
  REPORT_SETTINGS,
} from "../../lib/reports/1_linearization/fashion_net.ts";
import { createSweepNet } from "../../lib/reports/2_alpha_sweep/sweep_net.ts";
import { createAutodiffNet } from "../../lib/reports/3_homework_1/autodiff_net.ts";
import {
  createMnistNet,
  type MnistModel,
} from "../../lib/reports/4_csi_5138/mnist_nets.ts";
import type { CreateWorkload, Workload } from "./workload.ts";

/** Report 1's net with ReLU_α, λ = 0.5. */
const fashionAlpha: CreateWorkload = async (random) => {
  const dataset = await loadFashionMnist();
  const net = createFashionNet(
    {
      ...REPORT_SETTINGS,
      activation: "relu-alpha",
      lambda: 0.5,
    },
    dataset,
    random,
  );
  return { dataset, batchSize: 100, net };
};

/** A net of report 4. */
const mnist = (model: MnistModel): CreateWorkload => async (random) => {
  const dataset = await loadFashionMnist();
  return {
    dataset,
    batchSize: 128,
    net: createMnistNet(model, dataset, random),
  };
};

/** Report 3's multilayer perceptron; four classes are the ten modulo four. */
const octMlp: CreateWorkload = async (random) => {
  const dataset = moduloClasses(await loadFashionMnist(), 4);
  const net = createAutodiffNet(
    {
      model: "MLP",
      regularization: "none",
      hiddenLayers: 2,
      hiddenSize: 200,
      learningRate: 0.1,
    },
    dataset,
    random,
  );
  return { dataset, batchSize: 16, net };
};

/** Report 2's net, λ = 0.02, α kept in [0, 1]. */
const alphaSweepNet: CreateWorkload = async (random) => {
  const dataset = await loadFashionMnist();
  const net = createSweepNet(
    {
      alphaInit: [0.5, 0.5, 0.5],
      lambda: 0.02,
      clampAlpha: true,
      learningRate: 0.01,
    },
    dataset,
    random,
  );
  return { dataset, batchSize: 64, net };
};

/** The workloads by the names of the command line. */
export const WORKLOADS = {
  "fashion-alpha": fashionAlpha,
  "mnist-convnet": mnist("convnet"),
  "mnist-mlp": mnist("mlp"),
  "oct-mlp": octMlp,
  "alpha-sweep-net": alphaSweepNet,
} satisfies Record<string, CreateWorkload>;

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
