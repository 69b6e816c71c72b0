import * as tf from "@tensorflow/tfjs";
import { deriveRandom, type Random } from "../../base/random.ts";
import { countBatches } from "../../data/batches.ts";
import {
  type DatasetShape,
  type ImageDataset,
  takeFirst,
} from "../../data/image_dataset.ts";
import { drawSubset } from "../../data/splits.ts";
import { meanLoss } from "../../losses/mean_loss.ts";
import { l1Penalty } from "../../losses/penalties.ts";
import { softmaxCrossEntropy } from "../../losses/softmax_cross_entropy.ts";
import { type Classifier, classifier } from "../../models/classifier.ts";
import { conv2d, dense, flatten } from "../../models/layers.ts";
import { clampVariables } from "../../optimizers/clamp_variables.ts";
import { Sgd } from "../../optimizers/sgd.ts";
import { evaluate } from "../../train/evaluate.ts";
import { fit } from "../../train/fit.ts";
import { captureTensors } from "../../train/net_files.ts";
import type { AlphaNetPlan, AlphaNetResult } from "./alpha_net.ts";

/** What a net of the sweep is trained with. */
export interface SweepNetOptions {
  /** α₁, α₂, α₃ at the start. */
  readonly alphaInit: readonly number[];
  /** Weight of the penalty on α. */
  readonly lambda: number;
  /** Whether α is kept in [0, 1] after each step. */
  readonly clampAlpha: boolean;
  /** Of SGD. */
  readonly learningRate: number;
}

/** A net of report 2 with its loss and its optimizer. */
export interface SweepNet extends Classifier {
  /** α₁, α₂, α₃. */
  readonly alphas: readonly tf.Variable[];
}

/**
 * The conv net of report 2 (table 1), with a ReLU_α after each convolution, its
 * loss of equation 2,
 *
 *     mean cross entropy + λ (|α₁| + |α₂| + |α₃|),
 *
 * and plain SGD.
 *
 * @param dataset what the images are like; the last layer's size follows it
 * @param random draws the initial weights, in the order of the layers
 * @returns the net for float32 images `[batch, height, width, channels]`; its α
 *   are the variables `alpha_1` to `alpha_3`
 */
export function createSweepNet(
  { alphaInit, lambda, clampAlpha, learningRate }: SweepNetOptions,
  { height, width, channels, numClasses }: DatasetShape,
  random: Random,
): SweepNet {
  const alphas = alphaInit.map((value, i) =>
    tf.tidy(() => tf.variable(tf.scalar(value), true, `alpha_${i + 1}`))
  );
  const [first, second, third] = alphas.map((alpha) =>
    ({ kind: "relu-alpha", alpha }) as const
  );
  const inFeatures = (Math.floor(height / 4) - 1) * (Math.floor(width / 4) - 1);
  // deno-fmt-ignore -- a line per layer, between shapes for 28×28 images
  const layers = [
    // [batch, 28, 28, channels]
    conv2d("conv1", { inChannels: channels, outChannels: 15, filterSize: 2, stride: 2, activation: first }, random),
    // [batch, 14, 14, 15]
    conv2d("conv2", { inChannels: 15, outChannels: 15, filterSize: 2, stride: 2, activation: second }, random),
    // [batch, 7, 7, 15]
    conv2d("conv3", { inChannels: 15, outChannels: 1, filterSize: 2, activation: third }, random),
    // [batch, 6, 6, 1]
    flatten(),
    // [batch, 36]
    dense("fc1", { inFeatures, outFeatures: numClasses }, random),
    // [batch, numClasses]
  ];
  const net = classifier({
    layers,
    loss: (logits, labels) =>
      tf.add(
        meanLoss(softmaxCrossEntropy(logits, labels)),
        l1Penalty(alphas, lambda),
      ),
    optimizer: new Sgd({ learningRate }),
    project() {
      if (clampAlpha) clampVariables(alphas, 0, 1);
    },
  });
  return { ...net, alphas };
}

/** What all nets of a sweep are trained with. */
export interface SweepTraining
  extends Pick<SweepNetOptions, "clampAlpha" | "learningRate"> {
  readonly epochs: number;
  readonly batchSize: number;
  /** Images in a subset. */
  readonly trainSize: number;
  /** Of the subsets, the weights and the order of the images. */
  readonly seed: number;
}

/** Points of a trajectory per epoch; fewer where an epoch has fewer steps. */
const POINTS_PER_EPOCH = 10;

/** Images per batch of a test: fewer calls than with a training's batches. */
const TEST_BATCH = 500;

/**
 * Trains one net on its subset, and tests it. Its numbers do not depend on
 * which other nets there are.
 *
 * @param plan the net
 * @param training what all nets are trained with
 * @param dataset all training images, and the test images
 * @param progress called with the steps so far, at each point of the trajectory
 * @returns the path of its α, the accuracy on the test images, and what was
 *   learned
 * @throws DivergenceError if a loss is not finite
 */
export async function trainSweepNet(
  plan: AlphaNetPlan,
  training: SweepTraining,
  dataset: ImageDataset,
  progress: (steps: number) => void,
): Promise<AlphaNetResult> {
  const { seed, epochs, batchSize, trainSize } = training;
  const { subset, lambda, run } = plan;
  const subsetRandom = deriveRandom(seed, `subset ${subset}`);
  const random = deriveRandom(seed, `net ${subset} ${lambda} ${run}`);
  const net = createSweepNet({ ...training, ...plan }, dataset, random);
  const steps = countBatches(trainSize, batchSize);
  const points = Math.min(POINTS_PER_EPOCH, steps);
  const trajectory: number[] = [];
  const record = () => {
    for (const alpha of net.alphas) trajectory.push(alpha.dataSync()[0]!);
  };
  try {
    record();
    await fit(net, {
      ...dataset,
      train: drawSubset(dataset.train, trainSize, subsetRandom),
      test: takeFirst(dataset.test, 1), // the rest once, at the end
    }, {
      epochs,
      batchSize,
      random,
      events: {
        step({ step }) {
          const part = (step: number) => Math.floor(step * points / steps);
          if (part(step) === part(step - 1)) return;
          record();
          progress(step);
        },
      },
    });
    const { accuracy } = await evaluate(net, dataset.test, dataset, {
      batchSize: TEST_BATCH,
    });
    return {
      trajectory: Float32Array.from(trajectory),
      testAccuracy: accuracy,
      parameters: await captureTensors(net.variables),
    };
  } finally {
    net.optimizer.dispose();
    for (const variable of net.variables) variable.dispose();
  }
}
