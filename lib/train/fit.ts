import * as tf from "@tensorflow/tfjs";
import { batches, countBatches } from "../data/batches.ts";
import type { ImageDataset, ImageSplit } from "../data/image_dataset.ts";
import type { Random } from "../base/random.ts";
import {
  batchTensors,
  countCorrect,
  evaluate,
  type Evaluation,
  type ImageShape,
} from "./evaluate.ts";
import type { TrainableNet } from "../models/classifier.ts";
import { checkIntegers, DivergenceError } from "../base/errors.ts";

/** Where a training is: all of it that is not a tensor. */
export interface FitState {
  /** Epochs that are complete. */
  epoch: number;
  /** Batches of the present epoch that are done. */
  batch: number;
  /** Steps since the start. */
  step: number;
  /** Sum of the losses of the present epoch's batches. */
  lossSum: number;
  /** Sum of the accuracies of the present epoch's batches. */
  accuracySum: number;
  /** The run's generator before the present epoch's shuffling. */
  epochRandom: number[];
  /** The run's generator now. */
  random: number[];
}

/** One step, after its update. */
export interface StepRecord {
  /** 1-based, through all epochs. */
  step: number;
  /** Before the update, of this step's batch. */
  loss: number;
  /** 0 to 1; before the update, of this step's batch. */
  accuracy: number;
  /** Examples of the step. */
  batchSize: number;
}

/** One epoch: means over its batches, and over the other splits. */
export interface EpochRecord {
  /** 1-based. */
  epoch: number;
  /** Means over the epoch's batches, as they were before their updates. */
  train: Evaluation;
  /** null where the data set has no such split. */
  validation: Evaluation | null;
  /** After the epoch. */
  test: Evaluation;
}

/** How far the evaluation on a split is. */
export interface EvaluationRecord {
  /** Which split it is. */
  split: "validation" | "test";
  /** Steps since the start. */
  step: number;
  /** Images that are done, and of the batch that is done last. */
  done: number;
  /** Images of the batch that is done last. */
  batchSize: number;
  /** Images of the split. */
  count: number;
}

/** What happens while a net trains, for who asks; each may throw to end it. */
export interface FitEvents {
  /** After a step's update. */
  step?(record: StepRecord): void;
  /** After the evaluations that end an epoch. */
  epoch?(record: EpochRecord): void;
  /** After a batch of an evaluation. */
  evaluation?(record: EvaluationRecord): void;
  /** Between steps, and after an epoch's record: the state to save. */
  pause?(state: FitState): Promise<void>;
}

/** What `fit` reads of a data set. */
export type FitDataset =
  & ImageShape
  & Pick<ImageDataset, "train" | "validation" | "test">;

/** The state of a training that has not begun. */
export function initialFitState(random: Random): FitState {
  const state = random.state();
  return {
    epoch: 0,
    batch: 0,
    step: 0,
    lossSum: 0,
    accuracySum: 0,
    epochRandom: state,
    random: state,
  };
}

/**
 * Trains a net by mini-batches: each epoch shuffles the training split, takes
 * one step per batch, and evaluates on the validation split, if there is one,
 * and on the test split.
 *
 * @param net what is trained, with its loss and optimizer. Its `afterUpdate`
 * follows each update, to project parameters, or to set the next step's
 * learning rate, which the checkpoint then has too
 * @param dataset its splits; without a validation split that is null
 * @param options.epochs how many there are in all, also of a resumed training
 * @param options.batchSize examples per step; an epoch's last step has the rest
 * @param options.random decides the order of the examples, from its own state
 * @param options.state where to begin: at the start by default, or at one that
 * `pause` was given, with the parameters and the optimizer's state as they were
 * then
 * @param options.events what to call meanwhile
 * @returns resolves after the last epoch's events
 * @throws RangeError if epochs or batchSize is no positive integer, or a batch
 * is larger than the training split
 * @throws DivergenceError if a loss is not finite, before the update that would
 * follow
 *
 * @example A learning rate that is halved every second step
 * ```ts
 * import { startBackend } from "alphalab";
 * import { softmaxCrossEntropy } from "alphalab/losses";
 * import { dense } from "alphalab/models";
 * import { Sgd } from "alphalab/optimizers";
 * import { createRandom } from "alphalab/random";
 * import { fit } from "alphalab/train";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const random = createRandom(0);
 * const size = { inFeatures: 1, outFeatures: 2 };
 * const { apply, variables } = dense("fc", size, random);
 * const images = Uint8Array.of(10, 200, 20, 210, 30, 220); // of one pixel
 * const split = { images, labels: Int32Array.of(0, 1, 0, 1, 0, 1), count: 6 };
 * const dataset = {
 *   height: 1,
 *   width: 1,
 *   channels: 1,
 *   train: split,
 *   validation: null,
 *   test: split,
 * };
 * const optimizer = new Sgd({ learningRate: 0.5 });
 * const net = {
 *   variables,
 *   logits: (images: tf.Tensor4D, training: boolean) =>
 *     apply(tf.reshape(images, [-1, 1]), training) as tf.Tensor2D,
 *   loss: (logits: tf.Tensor2D, labels: tf.Tensor1D) =>
 *     tf.mean(softmaxCrossEntropy(logits, labels)) as tf.Scalar,
 *   optimizer,
 *   afterUpdate() { // by the steps that are done, also of a resumed training
 *     const halvings = Math.floor(optimizer.iterations / 2);
 *     optimizer.learningRate = 0.5 * 0.5 ** halvings;
 *   },
 * };
 * await fit(net, dataset, {
 *   epochs: 2,
 *   batchSize: 2,
 *   random,
 *   events: {
 *     step: ({ step }) => console.log(step, optimizer.learningRate),
 *     epoch: ({ epoch, test }) => console.log(epoch, test.loss),
 *   },
 * });
 * console.log(optimizer.learningRate); // 0.0625, after six steps
 * backend.stop();
 * ```
 */
export async function fit(
  net: TrainableNet,
  dataset: FitDataset,
  options: {
    epochs: number;
    batchSize: number;
    /** The run's generator, which the net may draw from too. */
    random: Random;
    state?: FitState;
    events?: FitEvents;
  },
): Promise<void> {
  const { epochs, batchSize, random, events = {} } = options;
  checkIntegers("train", { epochs }, 1);
  const state = { ...options.state ?? initialFitState(random) };
  const { optimizer } = net;
  const { train, validation, test } = dataset;
  const batchCount = countBatches(train.count, batchSize);
  const order = new Uint32Array(train.count);
  const variables = [...net.variables];
  while (state.epoch < epochs) {
    random.restore(state.epochRandom);
    for (let i = 0; i < order.length; i++) order[i] = i;
    random.shuffle(order);
    if (state.batch > 0) random.restore(state.random);
    const options = { batchSize, order, firstBatch: state.batch };
    for (const batch of batches(train, options)) {
      const { loss, correct } = tf.tidy(() => {
        const { images, labels } = batchTensors(batch, dataset);
        let correct = 0, loss = 0;
        const { grads } = tf.variableGrads(() => {
          const logits = net.logits(images, true);
          correct = countCorrect(
            logits.dataSync() as Float32Array,
            batch.labels,
          );
          const scalar = net.loss(logits, labels);
          loss = scalar.dataSync()[0]!;
          // In the gradient alone. What is reported too is part of net.loss,
          // and that is where the --penalty of a task may be.
          return net.penalty ? tf.add(scalar, net.penalty()) : scalar;
        }, variables);
        if (!Number.isFinite(loss)) {
          throw new DivergenceError(
            `Cannot go on training: the loss must be finite: got ${loss} at step ${
              state.step + 1
            }`,
          );
        }
        optimizer.applyGradients(grads);
        return { loss, correct };
      });
      net.afterUpdate?.();
      state.batch++;
      state.step++;
      state.random = random.state();
      state.lossSum += loss;
      const accuracy = correct / batch.size;
      state.accuracySum += accuracy;
      events.step?.({
        step: state.step,
        loss,
        accuracy,
        batchSize: batch.size,
      });
      if (state.batch < batchCount) await events.pause?.({ ...state });
    }
    const evaluateOn = async (
      name: EvaluationRecord["split"],
      split: ImageSplit,
    ) => {
      const { count } = split;
      let done = 0;
      const pause = async () => {
        const size = Math.min(batchSize, count - done);
        done += size;
        const { step } = state;
        const record = { split: name, step, done, batchSize: size, count };
        events.evaluation?.(record);
        await events.pause?.({ ...state });
      };
      const result = await evaluate(net, split, dataset, { batchSize, pause });
      if (!Number.isFinite(result.loss)) {
        throw new DivergenceError(
          `Cannot go on training: the ${name} loss must be finite: got ${result.loss} after step ${state.step}`,
        );
      }
      return result;
    };
    const record = {
      epoch: state.epoch + 1,
      train: {
        loss: state.lossSum / batchCount,
        accuracy: state.accuracySum / batchCount,
      },
      validation: validation && await evaluateOn("validation", validation),
      test: await evaluateOn("test", test),
    };
    Object.assign(state, {
      epoch: record.epoch,
      batch: 0,
      lossSum: 0,
      accuracySum: 0,
      epochRandom: state.random,
    });
    events.epoch?.(record);
    await events.pause?.({ ...state });
  }
}

/** The record of an epoch that did not come to its end. */
export function divergedRecord(
  epoch: number,
  { validation }: ImageDataset,
): EpochRecord {
  const none = { loss: NaN, accuracy: NaN };
  return { epoch, train: none, validation: validation && none, test: none };
}
