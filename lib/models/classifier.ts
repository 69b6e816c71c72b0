import type * as tf from "@tensorflow/tfjs";
import { type Layer, sequential } from "./layer.ts";

/** A classifier of images as evaluation sees it: parameters, logits, loss. */
export interface Net {
  /** Parameters under unique names. */
  readonly variables: readonly tf.Variable[];
  /** Parameters that are not trained, such as running means; saved too. */
  readonly buffers?: readonly tf.Variable[];
  /**
   * float32 `[batch, height, width, channels]` → logits `[batch, numClasses]`;
   * `training` turns dropout on.
   */
  logits(images: tf.Tensor4D, training: boolean): tf.Tensor2D;
  /** The batch's scalar loss, as it is minimized and reported. */
  loss(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar;
  /** A scalar that is minimized too, and not reported. */
  penalty?(): tf.Scalar;
}

/** A net that can be trained. */
export interface TrainableNet extends Net {
  /** What makes the updates. */
  readonly optimizer: tf.Optimizer;
  /** Called after each update, to project parameters. */
  afterUpdate?(): void;
}

/** What a classifier is made of. */
export interface ClassifierOptions {
  /**
   * From float32 images `[batch, height, width, channels]`, 0 to 1, to logits
   * `[batch, numClasses]`.
   */
  readonly layers: readonly Layer[];
  /**
   * A batch's scalar loss, minimized and reported.
   *
   * @param logits float32 `[batch, numClasses]`
   * @param labels int32 `[batch]`, class ids
   */
  loss(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar;
  /** What makes the updates. */
  readonly optimizer: tf.Optimizer;
  /** A scalar that is minimized too and not reported; none by default. */
  penalty?(): tf.Scalar;
  /**
   * Puts parameters back to where they may be, after each update; by default
   * none is moved.
   */
  project?(): void;
}

/** A net with all that its training needs. */
export interface Classifier extends TrainableNet {
  /** From the images to the logits. */
  readonly layers: readonly Layer[];
}

/**
 * Layers, a loss and an optimizer as one net to train. With the layers' output
 * f(x), a step minimizes
 *
 *     loss(f(images), labels) + penalty()
 *
 * and then calls `project`. What is part of `loss` is reported too, what is
 * `penalty` is in the gradient alone.
 *
 * @param options the parts; parameters are those of the layers, in their order
 * @returns the net, for `fit` and `trainNets`
 *
 * @example Softmax regression with λ/2 ‖W‖²
 * ```ts
 * import { startBackend } from "alphalab";
 * import { l2Penalty, meanLoss, softmaxCrossEntropy } from "alphalab/losses";
 * import { classifier, dense, flatten } from "alphalab/models";
 * import { Sgd } from "alphalab/optimizers";
 * import { createRandom } from "alphalab/random";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const size = { inFeatures: 784, outFeatures: 10 };
 * const fc1 = dense("fc1", size, createRandom(0));
 * const [weights] = fc1.variables;
 * const net = classifier({
 *   layers: [flatten(), fc1], // [batch, 784], then [batch, 10]
 *   loss: (logits, labels) => meanLoss(softmaxCrossEntropy(logits, labels)),
 *   penalty: () => l2Penalty([weights!], 0.0001),
 *   optimizer: new Sgd({ learningRate: 0.1 }),
 * });
 * console.log(net.logits(tf.zeros([2, 28, 28, 1]), false).shape); // [ 2, 10 ]
 * backend.stop();
 * ```
 */
export function classifier(options: ClassifierOptions): Classifier {
  const { layers, loss, optimizer, penalty, project } = options;
  const net = sequential(layers);
  return {
    layers,
    variables: net.variables,
    buffers: net.buffers,
    logits: (images, training) => net.apply(images, training) as tf.Tensor2D,
    loss,
    penalty,
    optimizer,
    afterUpdate: project,
  };
}
