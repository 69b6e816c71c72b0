import * as tf from "@tensorflow/tfjs";
import { batches, countBatches } from "../data/batches.ts";
import type { ImageDataset, ImageSplit } from "../data/image_dataset.ts";
import type { Random } from "../data/random.ts";
import { countCorrect } from "../losses/count_correct.ts";
import { DivergenceError } from "./divergence_error.ts";
import {
  batchTensors,
  evaluate,
  type Evaluation,
  type Net,
} from "./evaluate.ts";

/** Where a training is: all of it that is not a tensor. */
export interface FitState {
  /** Epochs that are complete. */
  epoch: number;
  /** Batches of the present epoch that are done. */
  batch: number;
  /** Steps since the start. */
  step: number;
  /** Sums over the present epoch's batches. */
  lossSum: number;
  accuracySum: number;
  /** The run's generator before the present epoch's shuffling, and now. */
  epochRandom: number[];
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
  batchSize: number;
}

/** One epoch: means over its batches, and over the other splits. */
export interface EpochRecord {
  /** 1-based. */
  epoch: number;
  train: Evaluation;
  /** null where the data set has no such split. */
  validation: Evaluation | null;
  test: Evaluation;
}

/** What happens while a net trains; each may throw to end it. */
export interface FitEvents {
  step(record: StepRecord): void;
  epoch(record: EpochRecord): void;
  /** Between steps, and after an epoch's record: the state to save. */
  pause(state: FitState): Promise<void>;
}

/** The state of a training that has not begun. */
export function initialFitState(random: Random): FitState {
  const state = random.state();
  return {
    ...{ epoch: 0, batch: 0, step: 0, lossSum: 0, accuracySum: 0 },
    ...{ epochRandom: state, random: state },
  };
}

/**
 * Trains a net by mini-batches: each epoch shuffles the training split, takes
 * a step a batch, and evaluates on the validation split, if there is one, and
 * on the test split.
 *
 * @param options.state where to begin: `initialFitState`, or one that `pause`
 * was given, with the parameters and the optimizer's state as they were then
 * @param options.afterUpdate called after each update, to project parameters
 * @throws DivergenceError if a loss is not finite, before the update that would follow
 */
export async function fit(
  net: Net,
  optimizer: tf.Optimizer,
  dataset: ImageDataset,
  options: {
    epochs: number;
    batchSize: number;
    /** The run's generator, which the net may draw from too. */
    random: Random;
    state: FitState;
    events: FitEvents;
    afterUpdate?: () => void;
  },
): Promise<void> {
  const { epochs, batchSize, random, events, afterUpdate } = options;
  const state = { ...options.state };
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
      afterUpdate?.();
      state.batch++;
      state.step++;
      state.random = random.state();
      state.lossSum += loss;
      const accuracy = correct / batch.size;
      state.accuracySum += accuracy;
      events.step({ step: state.step, loss, accuracy, batchSize: batch.size });
      if (state.batch < batchCount) await events.pause({ ...state });
    }
    const pause = () => events.pause({ ...state });
    const evaluateOn = async (name: string, split: ImageSplit) => {
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
      ...{ epoch: record.epoch, batch: 0, lossSum: 0, accuracySum: 0 },
      epochRandom: state.random,
    });
    events.epoch(record);
    await pause();
  }
}
