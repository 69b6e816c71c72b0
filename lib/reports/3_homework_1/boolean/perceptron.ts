import type { Random } from "../../../base/random.ts";
import {
  dotTable,
  type IntervalFunction,
  intervalValue,
} from "./interval_function.ts";
import { sign, type Unit } from "./interval_net.ts";

/** How the training of a perceptron went. */
export interface PerceptronTraining {
  /**
   * `converged`: an epoch passed without a mistake. `cycles`: an epoch ended
   * with the weights of an earlier one, so that it never will. `stopped`:
   * neither happened within the allowed examples.
   */
  readonly end: "converged" | "cycles" | "stopped";
  /** Epochs that were trained. */
  readonly epochs: number;
  /** Epochs until the same weights come again; 0 unless it cycles. */
  readonly period: number;
  /** Its weights after the first epoch that left the fewest inputs wrong. */
  readonly best: Unit;
  /** Inputs that these get wrong. */
  readonly wrong: number;
}

/** What decides a perceptron's training. */
export interface PerceptronOptions {
  /** Draws the order of the inputs, the same in every epoch. */
  readonly random: Random;
  /** Where to stop at the latest, after a whole epoch. */
  readonly examples: number;
  /** Called now and then with the number of examples so far. */
  progress?(examples: number): void;
}

/** Examples between two calls of `progress`: some milliseconds. */
const PROGRESS_INTERVAL = 2 ** 16;

/**
 * Trains a single perceptron on all inputs of a function, report 3, equations 5
 * and 6: from zeros, and after each mistake w ← w + f(x) x, b ← b + f(x).
 *
 * The order of the inputs stays, so that the weights before an epoch decide all
 * that follow: weights that come again prove that it never converges. They must
 * come again where no hyperplane separates the function, since the weights are
 * integers and stay bounded (Block and Levin, "On the boundedness of an
 * iterative procedure for solving a system of linear inequalities", 1970).
 *
 * @param f what it is to learn
 * @param options see {@linkcode PerceptronOptions}
 * @returns how it ended, and its best weights
 *
 * @example
 * ```ts
 * import {
 *   intervalFunction,
 * } from "#lib/reports/3_homework_1/boolean/interval_function.ts";
 * import {
 *   trainPerceptron,
 * } from "#lib/reports/3_homework_1/boolean/perceptron.ts";
 * import { createRandom } from "alphalab/random";
 * import { equal } from "node:assert/strict";
 *
 * const train = (lower: number, upper: number) =>
 *   trainPerceptron(intervalFunction(2, lower, upper), {
 *     random: createRandom(0),
 *     examples: 1000,
 *   });
 * equal(train(0, 2).end, "converged"); // at least one +1
 * equal(train(-1, 1).end, "cycles"); // just one +1
 * ```
 */
export function trainPerceptron(
  f: IntervalFunction,
  { random, examples, progress }: PerceptronOptions,
): PerceptronTraining {
  const { dimension } = f;
  const order = Uint32Array.from({ length: 2 ** dimension }, (_, i) => i);
  const labels = Int8Array.from(order, (input) => intervalValue(f, input));
  random.shuffle(order);
  const weights = new Float64Array(dimension);
  let bias = 0;
  /** Takes the examples in their order; returns the number of mistakes. */
  const learn = (inputs: Uint32Array) => {
    let mistakes = 0;
    for (const input of inputs) {
      let z = bias;
      for (let i = 0; i < dimension; i++) {
        z += (input >> i & 1) === 1 ? weights[i]! : -weights[i]!;
      }
      const y = labels[input]!;
      if (sign(z) === y) continue;
      mistakes++;
      bias += y;
      for (let i = 0; i < dimension; i++) {
        weights[i]! += (input >> i & 1) === 1 ? y : -y;
      }
    }
    return mistakes;
  };
  let best: Unit = { weights, bias };
  let wrong = Infinity;
  const seen = new Map([[stateOf({ weights, bias }), 0]]);
  for (let epoch = 1;; epoch++) {
    let mistakes = 0;
    for (let at = 0; at < order.length; at += PROGRESS_INTERVAL) {
      const inputs = order.subarray(at, at + PROGRESS_INTERVAL);
      mistakes += learn(inputs);
      progress?.((epoch - 1) * order.length + at + inputs.length);
    }
    const present = { weights: weights.slice(), bias };
    const errors = mistakes === 0 ? 0 : countErrors(present, labels);
    if (errors < wrong) [best, wrong] = [present, errors];
    const before = seen.get(stateOf(present));
    const result = { epochs: epoch, period: 0, best, wrong };
    if (mistakes === 0) return { ...result, end: "converged" };
    if (before !== undefined) {
      return { ...result, end: "cycles", period: epoch - before };
    }
    if ((epoch + 1) * order.length > examples) {
      return { ...result, end: "stopped" };
    }
    seen.set(stateOf(present), epoch);
  }
}

const stateOf = ({ weights, bias }: Unit) => `${weights} ${bias}`;

function countErrors({ weights, bias }: Unit, labels: Int8Array): number {
  return dotTable(weights).reduce(
    (errors, dot, input) =>
      errors + (sign(dot + bias) === labels[input] ? 0 : 1),
    0,
  );
}
