import {
  linearScores,
  predictedClass,
} from "../../lib/matrices/linear_scores.ts";
import { createRandom } from "../../lib/base/random.ts";
import { type ImageSplit, takeFirst } from "../../lib/data/image_dataset.ts";
import { type DatasetName, loadDataset } from "../../lib/data/load_dataset.ts";
import { splitValidation } from "../../lib/data/splits.ts";
import { perceptronStep } from "../../lib/reports/3_homework_1/by_hand/perceptron.ts";
import { inputsOf } from "../lib/reports/3_homework_1/by_hand/synthetic_examples.ts";
import { SIZES } from "./by_hand_task.ts";

/** A model of lib/reports/3_homework_1/by_hand. */
export interface Reference {
  /** Returns the loss before the step. */
  step(x: Float64Array, label: number): number;
  scores(x: Float64Array): Float64Array;
}

/** In whole numbers, as inputs of pixel / 255 would round. */
export function perceptronReference(pixels: number): Reference {
  const weights = new Float64Array(10 * (pixels + 1));
  const scaled = (x: Float64Array) => x.map((value) => Math.round(255 * value));
  return {
    step: (x, label) => perceptronStep(weights, scaled(x), label, 1),
    scores: (x) => linearScores(weights, scaled(x)),
  };
}

/** What the three epochs of SMALL give in float64: [loss, accuracies] each. */
export async function referenceEpochs(
  create: (random: ReturnType<typeof createRandom>) => Reference,
  bias: 1 | undefined,
  dataset: DatasetName = "fashion-mnist",
) {
  const whole = splitValidation(await loadDataset(dataset));
  const splits = (["train", "validation", "test"] as const).map((name) =>
    takeFirst(whole[name], SIZES[name])
  );
  const inputs = (split: ImageSplit) =>
    Array.from(split.labels, (_, i) => inputsOf(split, i, 1 / 255, bias));
  const x = splits.map(inputs);
  const random = createRandom(4);
  const model = create(random);
  return [1, 2, 3].map(() => {
    const order = Uint32Array.from(x[0]!, (_, i) => i);
    random.shuffle(order);
    let loss = 0;
    for (const i of order) loss += model.step(x[0]![i]!, splits[0]!.labels[i]!);
    const accuracies = splits.map(({ labels, count }, split) =>
      labels.reduce((correct, label, i) => {
        const prediction = predictedClass(model.scores(x[split]![i]!));
        return correct + (prediction === label ? 1 : 0);
      }, 0) / count
    );
    return { loss, accuracies };
  });
}
