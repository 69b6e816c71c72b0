import * as tf from "@tensorflow/tfjs";
import type { Random } from "../../base/random.ts";
import type { ImageDataset } from "../../data/image_dataset.ts";
import { meanLoss } from "../../losses/mean_loss.ts";
import { multiclassHinge } from "../../losses/multiclass_hinge.ts";
import { l1Penalty, l2Penalty } from "../../losses/penalties.ts";
import { fusedDense } from "../../ops/fused_dense.ts";
import { Sgd } from "../../optimizers/sgd.ts";
import type { Checkpoint } from "../../run/checkpoint.ts";
import type { TrainableNet } from "../../models/classifier.ts";
import type { Hinge, Regularization } from "./linear_svm.ts";

/** What a linear classifier is trained with. */
export interface SvmSettings {
  readonly hinge: Hinge;
  /** γ of SGD. */
  readonly learningRate: number;
  /** λ. */
  readonly lambda: number;
  readonly regularization: Regularization;
}

/** The parameters of a linear classifier. */
export interface SvmParameters {
  /** Wᵀ, `[pixels, numClasses]`, row-major. */
  readonly weights: Float32Array;
  /** b, `[numClasses]`. */
  readonly bias: Float32Array;
}

const WEIGHTS = "svm/weights", BIAS = "svm/bias";

/**
 * Parameters as tensors of a checkpoint, under their variables' names.
 *
 * @param parameters of a classifier
 */
export function svmTensors(
  { weights, bias }: SvmParameters,
): Checkpoint["tensors"] {
  const dtype = "float32";
  const shape = [weights.length / bias.length, bias.length];
  return {
    [WEIGHTS]: { dtype, shape, data: weights },
    [BIAS]: { dtype, shape: [bias.length], data: bias },
  };
}

/**
 * The parameters that `svmTensors` was given.
 *
 * @param tensors of a checkpoint that has them
 */
export function svmParameters(tensors: Checkpoint["tensors"]): SvmParameters {
  return {
    weights: tensors[WEIGHTS]!.data as Float32Array,
    bias: tensors[BIAS]!.data as Float32Array,
  };
}

/** Standard deviation of the initial weights. */
const INITIAL_DEVIATION = 0.0001;

/**
 * Initial parameters: weights normal with standard deviation 0.0001, biases 0.
 *
 * @param random draws pixels · numClasses normal numbers
 */
export function initialSvm(
  { height, width, channels, numClasses }: ImageDataset,
  random: Random,
): SvmParameters {
  const size = height * width * channels * numClasses;
  return {
    weights: new Float32Array(size)
      .map(() => INITIAL_DEVIATION * random.normal()),
    bias: new Float32Array(numClasses),
  };
}

/**
 * The linear classifier f(x) = W x + b of report 5, with x the pixels, 0 to
 * 255, less the mean image, and its loss λ R(W) + mean hinge (section 1.2),
 * trained by plain SGD. Its gradient is what `svmGradient` computes by hand:
 * the hinge's kernel gives ds, and matMul the sum over the examples.
 *
 * @param settings the loss and the step
 * @param mean the mean image, float32 `[pixels]`
 * @param parameters what to begin with; copied
 * @returns the net; its loss includes the penalty
 */
export function createSvmNet(
  { hinge, learningRate, lambda, regularization }: SvmSettings,
  mean: Float32Array,
  parameters: SvmParameters,
): TrainableNet {
  const pixels = mean.length;
  const numClasses = parameters.bias.length;
  const weights = tf.tidy(() =>
    tf.variable(
      tf.tensor2d(parameters.weights, [pixels, numClasses]),
      true,
      WEIGHTS,
    )
  );
  const bias = tf.tidy(() =>
    tf.variable(tf.tensor1d(parameters.bias), true, BIAS)
  );
  return {
    variables: [weights, bias],
    optimizer: new Sgd({ learningRate }),
    logits(images) {
      const flat = tf.reshape(images, [-1, pixels]); // [batch, pixels], 0 to 1
      // Exact: float32(p / 255) · 255 rounds to p for each p from 0 to 255.
      const x = tf.sub(tf.mul(flat, 255), mean); // [batch, pixels]
      return fusedDense( // [batch, numClasses]
        x as tf.Tensor2D,
        weights as tf.Tensor as tf.Tensor2D,
        bias as tf.Tensor as tf.Tensor1D,
      );
    },
    loss(logits, labels) {
      const losses = multiclassHinge(logits, labels, { reduction: hinge });
      const penalty = regularization === "l1"
        ? l1Penalty([weights], lambda)
        : l2Penalty([weights], 2 * lambda); // it halves Σ w²
      return tf.add(meanLoss(losses), penalty);
    },
  };
}
