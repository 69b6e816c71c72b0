import * as tf from "@tensorflow/tfjs";
import { mean } from "../../base/statistics.ts";
import { takeFirst } from "../../data/image_dataset.ts";
import { createRandom } from "../../base/random.ts";
import type { ValidatedDataset } from "../../data/splits.ts";
import { DivergenceError } from "../../base/errors.ts";
import { batchTensors, evaluate } from "../../train/evaluate.ts";
import { fit, type FitState, initialFitState } from "../../train/fit.ts";
import { captureTensors } from "../../train/net_files.ts";
import {
  createSvmNet,
  initialSvm,
  type SvmParameters,
  svmParameters,
  type SvmSettings,
} from "./_svm_net.ts";

/** A linear classifier to train. */
export interface SvmPlan extends SvmSettings {
  /** Unique in the run. */
  readonly name: string;
  readonly batchSize: number;
}

/** A point of the loss's curve. */
export interface SvmPoint {
  /** Steps that are done. */
  readonly step: number;
  /** Mean over the batches since the last point or start; null at step 0. */
  readonly trainLoss: number | null;
  readonly validationLoss: number;
}

/** What became of a plan after some epochs. */
export interface TrainedSvm {
  /** null: it diverged. */
  readonly parameters: SvmParameters | null;
  /** Where more epochs go on. */
  readonly fit: FitState;
  /** From the first step on. */
  readonly curve: readonly SvmPoint[];
  /** 0 to 1, of all training images after the last step; null: it diverged. */
  readonly trainAccuracy: number | null;
  /** 0 to 1, of all validation images; null: it diverged. */
  readonly validationAccuracy: number | null;
}

/** What `trainSvm` needs beside the plan. */
export interface TrainSvmOptions {
  readonly dataset: ValidatedDataset;
  /** Of the training images, float32 `[pixels]`. */
  readonly mean: Float32Array;
  /** In all, those of `from` included. */
  readonly epochs: number;
  /** Of weights and shuffling. */
  readonly seed: number;
  /** Steps between two points of the curve. */
  readonly validationEvery: number;
  /** What a shorter training of this plan came to; null: none. */
  readonly from: TrainedSvm | null;
  /** Now and then, with the steps since the start. */
  progress(step: number): void;
}

/** Images at once when accuracies are measured: some 10 MB of tensors. */
const EVALUATION_BATCH = 500;

/** Steps between two calls of `progress`. */
const PROGRESS_STEPS = 10;

/**
 * Trains a linear classifier; all plans of a seed begin with the same weights.
 * A training that goes on ends with the numbers of one that never stopped.
 *
 * @param plan what is trained
 * @param options see {@link TrainSvmOptions}
 * @returns what became of it, also where it diverged
 */
export async function trainSvm(
  plan: SvmPlan,
  options: TrainSvmOptions,
): Promise<TrainedSvm> {
  const { dataset, epochs, seed, validationEvery, from } = options;
  const { train, validation } = dataset;
  const random = createRandom(seed);
  const net = createSvmNet(
    plan,
    options.mean,
    from?.parameters ?? initialSvm(dataset, random),
  );
  const curve: SvmPoint[] = [...from?.curve ?? []];
  let state = from?.fit ?? initialFitState(random);
  const losses: number[] = [];
  const addPoint = (step: number) => {
    const validationLoss = tf.tidy(() => {
      const batch = { ...validation, size: validation.count };
      const { images, labels } = batchTensors(batch, dataset);
      return net.loss(net.logits(images, false), labels).dataSync()[0]!;
    });
    if (!Number.isFinite(validationLoss)) {
      throw new DivergenceError(`validation loss after step ${step}`);
    }
    const trainLoss = step === 0 ? null : mean(losses.splice(0));
    curve.push({ step, trainLoss, validationLoss });
  };
  const pause = () => Promise.resolve();
  const accuracyOf = async (split: typeof train) => {
    const batchSize = EVALUATION_BATCH;
    const options = { batchSize, pause };
    return (await evaluate(net, split, dataset, options)).accuracy;
  };
  try {
    if (from === null) addPoint(0);
    await fit(net, {
      ...dataset,
      validation: null,
      test: takeFirst(train, 1), // no test image is looked at here
    }, {
      epochs,
      batchSize: plan.batchSize,
      random,
      state,
      events: {
        step({ step, loss }) {
          state = { ...state, step }; // the last one, where it diverges now
          losses.push(loss);
          if (step % validationEvery === 0) addPoint(step);
          if (step % PROGRESS_STEPS === 0) options.progress(step);
        },
        pause(now) {
          state = now;
          return Promise.resolve();
        },
      },
    });
    return {
      parameters: svmParameters(await captureTensors(net.variables)),
      fit: state,
      curve,
      trainAccuracy: await accuracyOf(train),
      validationAccuracy: await accuracyOf(validation),
    };
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
    const none = { trainAccuracy: null, validationAccuracy: null };
    return { parameters: null, fit: state, curve, ...none };
  } finally {
    net.optimizer.dispose();
    tf.dispose([...net.variables]);
  }
}
