import * as tf from "@tensorflow/tfjs";
import { checkIntegers } from "../base/errors.ts";
import { BATCH_NORM_EPSILON, fusedBatchNorm } from "../ops/batch_norm.ts";
import type { Layer } from "./layer.ts";

/** PyTorch 1.13's default, documentation of `torch.nn.BatchNorm2d`. */
const BATCH_NORM_MOMENTUM = 0.1;

/**
 * Batch normalization of each channel, the last axis: y = scale ·
 * (x − mean) / √(variance + 1e-5) + offset, see `fusedBatchNorm`. Training
 * takes the batch's own mean and variance, anything else the running ones. Each
 * training call moves the running ones: running ← 0.9 · running + 0.1 · the
 * batch's, whose variance is then the sum divided by n − 1. Scale and running
 * variance start at 1, offset and running mean at 0. PyTorch's BatchNorm2d does
 * the same by default.
 *
 * @param name prefix of the variables' names, which TF.js wants unique
 * @param options.channels numbers along the last axis
 * @returns float32 `[batch, …, channels]` → the same shape; running mean and
 * variance are its buffers
 * @throws RangeError for channels that are no positive integer; from `apply`,
 * if x has other channels, or, in training, only one value per channel
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { batchNorm } from "alphalab/models";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const layer = batchNorm("norm1", { channels: 1 });
 * const y = layer.apply(tf.tensor2d([[1], [3]]), true);
 * console.log(y.dataSync()); // -1 and 1, but for 1e-5
 * const [mean, variance] = layer.buffers!.map((b) => b.dataSync()[0]);
 * console.log(mean, variance); // 0.2 and 0.9 · 1 + 0.1 · 2, in float32
 * backend.stop();
 * ```
 */
export function batchNorm(name: string, options: { channels: number }): Layer {
  const { channels } = options;
  checkIntegers(`make batch normalization ${name}`, { channels }, 1);
  const filled = (what: string, value: number, trained: boolean) =>
    tf.tidy(() =>
      tf.variable(tf.fill([channels], value), trained, `${name}/${what}`)
    ) as tf.Tensor as tf.Variable<tf.Rank.R1>;
  const scale = filled("scale", 1, true);
  const offset = filled("offset", 0, true);
  const runningMean = filled("runningMean", 0, false);
  const runningVariance = filled("runningVariance", 1, false);
  const move = (running: tf.Variable, batch: tf.Tensor, factor: number) => {
    const values = batch.dataSync();
    const moved = running.dataSync<"float32">().map((value, i) =>
      (1 - BATCH_NORM_MOMENTUM) * value +
      BATCH_NORM_MOMENTUM * factor * values[i]!
    );
    tf.tidy(() => running.assign(tf.tensor1d(moved)));
  };
  return {
    variables: [scale, offset],
    buffers: [runningMean, runningVariance],
    description: {
      kind: "batch-norm",
      name,
      scale,
      offset,
      mean: runningMean,
      variance: runningVariance,
      epsilon: BATCH_NORM_EPSILON,
    },
    apply(x, training) {
      const count = x.size / channels;
      if (x.shape.at(-1) !== channels || training && count < 2) {
        const values = training ? " with at least 2 values each" : "";
        throw new RangeError(
          `Cannot apply ${name}: x must have ${channels} channels${values}: got [${x.shape}]`,
        );
      }
      if (!training) {
        return tf.batchNorm(
          x as tf.Tensor4D,
          runningMean,
          runningVariance,
          offset,
          scale,
          BATCH_NORM_EPSILON,
        );
      }
      const { y, mean, variance } = fusedBatchNorm(x, scale, offset);
      move(runningMean, mean, 1);
      move(runningVariance, variance, count / (count - 1));
      tf.dispose([mean, variance]);
      return y;
    },
  };
}
