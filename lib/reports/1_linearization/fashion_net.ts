import * as tf from "@tensorflow/tfjs";
import type { Random } from "../../base/random.ts";
import type { DatasetShape } from "../../data/image_dataset.ts";
import { meanLoss } from "../../losses/mean_loss.ts";
import { l1Penalty } from "../../losses/penalties.ts";
import { softmaxCrossEntropy } from "../../losses/softmax_cross_entropy.ts";
import {
  activation as activationLayer,
  batchNorm,
  conv2d,
  dense,
  flatten,
  type Layer,
  maxPool,
  sequential,
} from "../../models/layers.ts";
import { type Classifier, classifier } from "../../models/classifier.ts";
import type { Activation } from "../../ops/bias_activation.ts";
import type { LogSpec } from "../../run/run_logs.ts";
import { Adam } from "../../optimizers/adam.ts";
import { clampVariables } from "../../optimizers/clamp_variables.ts";

/** What follows each convolution. */
export const FASHION_ACTIVATIONS = ["relu", "linear", "relu-alpha"] as const;

/** The net of section 3, and the one that its authors discarded. */
export const FASHION_ARCHITECTURES = ["plain", "batch-norm-pool"] as const;

/**
 * What is added to the cross entropy of a ReLU_α net: another penalty has its
 * name here, its function in `PENALTIES`, and its words in `penaltyText`.
 * `none`: λ Σ |α| is part of the loss, but not of its gradient.
 */
export const FASHION_PENALTIES = ["l1", "none"] as const;

type Penalty = typeof FASHION_PENALTIES[number];

/** Each penalty as a scalar of α₁, α₂, α₃ and λ. */
const PENALTIES: Readonly<
  Record<Penalty, (alphas: readonly tf.Variable[], lambda: number) => tf.Scalar>
> = {
  l1: (alphas, lambda) => l1Penalty(alphas, lambda),
  none: (alphas, lambda) => l1Penalty(alphas, lambda, { inGradient: false }),
};

/** What the loss is with a penalty, in words. */
export function penaltyText(penalty: Penalty): string {
  const texts: Readonly<Record<Penalty, string>> = {
    l1: "loss as written",
    none: "penalty not in the gradient",
  };
  return texts[penalty];
}

/** Which of report 1's nets, and how it is trained. */
export interface FashionNetOptions {
  readonly architecture: typeof FASHION_ARCHITECTURES[number];
  readonly activation: typeof FASHION_ACTIVATIONS[number];
  /** Weight of the penalty on α; null without one. */
  readonly lambda: number | null;
  /** What λ weighs. */
  readonly penalty: Penalty;
  /** Whether α is kept in [0, 1] after each step. */
  readonly clampAlpha: boolean;
  /** α at the start. */
  readonly alphaInit: number;
  /** Of Adam. */
  readonly learningRate: number;
}

/** The settings of sections 3 and 4 that all nets of the report share. */
export const REPORT_SETTINGS = {
  architecture: "plain",
  penalty: "l1",
  clampAlpha: false,
  alphaInit: 0.5,
  learningRate: 0.001,
} as const satisfies Partial<FashionNetOptions>;

/** A net of report 1 with its loss and its optimizer. */
export interface FashionNet extends Classifier {
  /** α₁, α₂, α₃; none without ReLU_α. */
  readonly alphas: readonly tf.Variable[];
}

/** α₁, α₂ and α₃ in a log, empty where the net has no α. */
export const ALPHA_COLUMNS: LogSpec<{ readonly net: FashionNet }> = {
  alpha_1: ({ net }) => alphaOf(net, 0),
  alpha_2: ({ net }) => alphaOf(net, 1),
  alpha_3: ({ net }) => alphaOf(net, 2),
};

function alphaOf({ alphas }: FashionNet, index: number): number | null {
  return alphas[index]?.dataSync()[0] ?? null;
}

/** A net's α in words; undefined where it has none. */
export function alphasText({ alphas }: FashionNet): string | undefined {
  return alphas.length === 0
    ? undefined
    : `α ${alphas.map((a) => a.dataSync()[0]!.toFixed(2)).join(" ")}`;
}

/**
 * The conv net of report 1 ("On the Linearization of Convolutional Layers for
 * FashionMNIST Dataset", Curaba, Olivetti, 2023, section 3), its loss of
 * section 4,
 *
 *     L̃ = mean cross entropy + λ (|α₁| + |α₂| + |α₃|),
 *
 * and Adam. `batch-norm-pool` has batch norm between each convolution and its
 * activation, and a 2×2 max pool after it.
 *
 * @param dataset what the images are like; sizes of the last layer follow it
 * @param random draws the initial weights, in the order of the layers: the
 *   nets of one architecture start equal from equal generators
 * @returns the net for float32 images `[batch, height, width, channels]`; its α
 *   are the variables `alpha_1` to `alpha_3`
 *
 * @example
 * ```ts
 * import {
 *   createFashionNet,
 * } from "#lib/reports/1_linearization/fashion_net.ts";
 * import { startBackend } from "alphalab";
 * import { createRandom } from "alphalab/random";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const net = createFashionNet({
 *   architecture: "plain",
 *   activation: "relu-alpha",
 *   lambda: 0.5,
 *   penalty: "l1",
 *   clampAlpha: false,
 *   alphaInit: 0.5,
 *   learningRate: 0.001,
 * }, { height: 28, width: 28, channels: 1, numClasses: 10 }, createRandom(0));
 * console.log(net.logits(tf.zeros([2, 28, 28, 1]), false).shape); // [2, 10]
 * backend.stop();
 * ```
 */
export function createFashionNet(
  options: FashionNetOptions,
  { height, width, channels, numClasses }: DatasetShape,
  random: Random,
): FashionNet {
  const { architecture, lambda, penalty, clampAlpha, learningRate } = options;
  const alphas: tf.Variable[] = [];
  const activation = () => {
    const made = createActivation(options, `alpha_${alphas.length + 1}`);
    if (made.kind === "relu-alpha") alphas.push(made.alpha as tf.Variable);
    return made;
  };
  const plainSize = height * width * 32;
  const pooledSize = Math.floor(height / 8) * Math.floor(width / 8) * 32;
  // deno-fmt-ignore -- a line per layer, between shapes for 28×28 images
  const layers = architecture === "plain" ? [
    // [batch, 28, 28, channels]
    conv2d("conv1", { inChannels: channels, outChannels: 8, filterSize: 5, pad: 2, activation: activation() }, random),
    // [batch, 28, 28, 8]
    conv2d("conv2", { inChannels: 8, outChannels: 16, filterSize: 5, pad: 2, activation: activation() }, random),
    // [batch, 28, 28, 16]
    conv2d("conv3", { inChannels: 16, outChannels: 32, filterSize: 3, pad: 1, activation: activation() }, random),
    // [batch, 28, 28, 32]
    flatten(),
    // [batch, 25088]
    dense("fc1", { inFeatures: plainSize, outFeatures: numClasses }, random),
    // [batch, numClasses]
  ] : [
    // [batch, 28, 28, channels]
    pooledStage(1, { inChannels: channels, outChannels: 8, filterSize: 5, pad: 2 }, activation(), random),
    // [batch, 14, 14, 8]
    pooledStage(2, { inChannels: 8, outChannels: 16, filterSize: 5, pad: 2 }, activation(), random),
    // [batch, 7, 7, 16]
    pooledStage(3, { inChannels: 16, outChannels: 32, filterSize: 3, pad: 1 }, activation(), random),
    // [batch, 3, 3, 32]
    flatten(),
    // [batch, 288]
    dense("fc1", { inFeatures: pooledSize, outFeatures: numClasses }, random),
    // [batch, numClasses]
  ];
  const net = classifier({
    layers,
    loss(logits, labels) {
      const crossEntropy = meanLoss(softmaxCrossEntropy(logits, labels));
      if (lambda === null) return crossEntropy;
      return tf.add(crossEntropy, PENALTIES[penalty](alphas, lambda));
    },
    optimizer: new Adam({ learningRate }),
    project() {
      if (clampAlpha) clampVariables(alphas, 0, 1);
    },
  });
  return { ...net, alphas };
}

/** Convolution, batch norm, activation, max pool. */
function pooledStage(
  index: number,
  options: Parameters<typeof conv2d>[1],
  activation: Activation,
  random: Random,
): Layer {
  const { outChannels } = options;
  return sequential([
    conv2d(`conv${index}`, options, random),
    batchNorm(`norm${index}`, { channels: outChannels }),
    activationLayer(activation),
    maxPool(2),
  ]);
}

function createActivation(
  { activation, alphaInit }: FashionNetOptions,
  name: string,
): Activation {
  if (activation !== "relu-alpha") return { kind: activation };
  return {
    kind: activation,
    alpha: tf.tidy(() => tf.variable(tf.scalar(alphaInit), true, name)),
  };
}

/** What report 1 states of its nets, which ours stand beside. */
export const REPORTED = {
  /** Test accuracy without activation less that with ReLU (figure 2). */
  linearLessRelu: -0.075,
  /** The same with batch norm and max pool (§3). */
  discardedLinearLessRelu: 0,
  /** Test accuracy with ReLU_α less that with ReLU (§6). */
  reluAlphaLessRelu: 0,
  /** α₁ at the end lies between these two (§6). */
  firstAlpha: [0.5, 0.8],
  /** α₂ and α₃ at the end (§6). */
  laterAlphas: 1,
  /** What becomes of the image after the last layer, by net (§6). */
  finalImage: { relu: "unrecognizable", linear: "recognizable" },
  /** What becomes of the image's borders (§6). */
  finalEdges: { relu: "highlighted", linear: "blurred" },
  /** The classes of the images in figures 15 to 23, three figures each. */
  subjectClasses: ["Ankle boot", "Shirt", "Trouser"],
} as const;
