import type { DatasetShape } from "../../data/image_dataset.ts";
import type { Random } from "../../base/random.ts";
import { meanLoss } from "../../losses/mean_loss.ts";
import { softmaxCrossEntropy } from "../../losses/softmax_cross_entropy.ts";
import { Adadelta } from "../../optimizers/adadelta.ts";
import { type Classifier, classifier } from "../../models/classifier.ts";
import {
  conv2d,
  dense,
  dropoutLayer,
  flatten,
  type Layer,
  maxPool,
} from "../../models/layers.ts";

/** Report 4's nets, in its order. */
export const MNIST_MODELS = ["softmax", "mlp", "convnet"] as const;

/** One of them. */
export type MnistModel = typeof MNIST_MODELS[number];

const RELU = { kind: "relu" } as const;

/**
 * The nets of report 4 ("CSI 5138 R00 Homework Exercise 2", Lioutas, 2018,
 * question 4), their loss, the mean negative log-likelihood of the softmax, and
 * Adadelta with PyTorch's defaults: learning rate 1, ρ = 0.9, ε = 1e-6. Sizes
 * in the comments are those for MNIST.
 *
 * @param model which net
 * @param sizes of the images, at least 6×6 for `convnet`, and of the logits: a
 *   data set
 * @param random draws the initial weights, in the order of the layers, and what
 *   dropout drops
 * @returns the net for float32 images, 0 to 1,
 *   `[batch, height, width, channels]`
 *
 * @example
 * ```ts
 * import { createMnistNet } from "#lib/reports/4_csi_5138/mnist_nets.ts";
 * import { startBackend } from "alphalab";
 * import { createRandom } from "alphalab/random";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const sizes = { height: 28, width: 28, channels: 1, numClasses: 10 };
 * const net = createMnistNet("convnet", sizes, createRandom(0));
 * console.log(net.logits(tf.zeros([2, 28, 28, 1]), false).shape); // [ 2, 10 ]
 * backend.stop();
 * ```
 */
export function createMnistNet(
  model: MnistModel,
  sizes: DatasetShape,
  random: Random,
): Classifier {
  return classifier({
    layers: LAYERS[model](sizes, random),
    loss: (logits, labels) => meanLoss(softmaxCrossEntropy(logits, labels)),
    optimizer: new Adadelta(),
  });
}

/** The layers of each net; above each layer the shape that leaves it. */
const LAYERS = {
  softmax: ({ height, width, channels, numClasses }, random) => [
    // [batch, 784]
    flatten(),
    // [batch, 10]
    dense("fc1", {
      inFeatures: height * width * channels,
      outFeatures: numClasses,
    }, random),
  ],
  mlp: ({ height, width, channels, numClasses }, random) => [
    // [batch, 784]
    flatten(),
    // [batch, 512]
    dense("fc1", {
      inFeatures: height * width * channels,
      outFeatures: 512,
      activation: RELU,
    }, random),
    dropoutLayer(0.2, random),
    // [batch, 512]
    dense("fc2", {
      inFeatures: 512,
      outFeatures: 512,
      activation: RELU,
    }, random),
    dropoutLayer(0.2, random),
    // [batch, 10]
    dense("fc3", { inFeatures: 512, outFeatures: numClasses }, random),
  ],
  convnet: ({ height, width, channels, numClasses }, random) => [
    // [batch, 26, 26, 32]
    conv2d("conv1", {
      inChannels: channels,
      outChannels: 32,
      filterSize: 3,
      activation: RELU,
    }, random),
    // [batch, 24, 24, 64]
    conv2d("conv2", {
      inChannels: 32,
      outChannels: 64,
      filterSize: 3,
      activation: RELU,
    }, random),
    // [batch, 12, 12, 64]
    maxPool(2),
    dropoutLayer(0.25, random),
    // [batch, 9216]
    flatten(),
    // [batch, 128]
    dense("fc1", {
      inFeatures: pooled(height) * pooled(width) * 64,
      outFeatures: 128,
      activation: RELU,
    }, random),
    dropoutLayer(0.5, random),
    // [batch, 10]
    dense("fc2", { inFeatures: 128, outFeatures: numClasses }, random),
  ],
} satisfies Record<
  MnistModel,
  (sizes: DatasetShape, random: Random) => Layer[]
>;

/** A side after two 3×3 convolutions without padding and a 2×2 max pool. */
function pooled(side: number): number {
  return Math.floor((side - 2 - 2) / 2);
}
