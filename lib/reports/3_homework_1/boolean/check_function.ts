import { createRandom } from "../../../base/random.ts";
import { checkNet, type NetCheck } from "./check_net.ts";
import {
  attainableSums,
  type IntervalFunction,
  intervalFunction,
} from "./interval_function.ts";
import {
  plainSignNet,
  reluNet,
  sameHiddenReluNet,
  signNet,
} from "./interval_net.ts";
import { type PerceptronTraining, trainPerceptron } from "./perceptron.ts";

/** What the nets of report 3 make of one function. */
export interface FunctionCheck {
  readonly f: IntervalFunction;
  /** Equations 9 to 11, before the bounds are extended. */
  readonly plain: NetCheck;
  /** Equations 11, 14 and 15. */
  readonly sign: NetCheck;
  /** Equations 18 to 20. */
  readonly relu: NetCheck;
  /** Inputs that the hidden layer of `sign` gets wrong with ReLU. */
  readonly sameHiddenWrong: number;
  /** A single perceptron, trained; null where that takes too long. */
  readonly perceptron: PerceptronTraining | null;
}

/** Nets that {@linkcode checkFunction} lets all inputs through. */
export const NETS_PER_FUNCTION = 4;

/** How many inputs have passed nets in all checks together. */
export function countPasses(checks: readonly FunctionCheck[]): number {
  return checks.reduce(
    (sum, { f }) => sum + NETS_PER_FUNCTION * 2 ** f.dimension,
    0,
  );
}

/** Examples for one perceptron: a second or two. */
const EXAMPLES = 2 ** 24;

/** Inputs up to which `checkAll` trains perceptrons, all in a few seconds. */
export const PERCEPTRON_DIMENSION = 12;

/** A function's nets, checked on all its inputs. */
function checkNets(f: IntervalFunction) {
  return {
    f,
    plain: checkNet(plainSignNet(f), f),
    sign: checkNet(signNet(f), f),
    relu: checkNet(reluNet(f), f),
    sameHiddenWrong: checkNet(sameHiddenReluNet(f), f).wrong,
  };
}

/**
 * Checks the nets of one function on all its inputs, and trains a perceptron.
 *
 * @param f the function
 * @param seed of the order of the perceptron's inputs
 * @param progress called with the part that is done, 0 to 1, or less of it
 *   where the perceptron ends early
 * @returns what came out
 *
 * @example
 * ```ts
 * import {
 *   checkFunction,
 * } from "#lib/reports/3_homework_1/boolean/check_function.ts";
 * import {
 *   intervalFunction,
 * } from "#lib/reports/3_homework_1/boolean/interval_function.ts";
 * import { deepEqual } from "node:assert/strict";
 *
 * const { plain, sign } = checkFunction(intervalFunction(4, 0, 0), 1);
 * deepEqual([plain.margin, sign.margin], [0, 0.5]);
 * ```
 */
export function checkFunction(
  f: IntervalFunction,
  seed: number,
  progress: (part: number) => void = () => {},
): FunctionCheck {
  progress(0);
  const nets = checkNets(f);
  const inputs = 2 ** f.dimension;
  const most = Math.max(1, Math.floor(EXAMPLES / inputs)) * inputs;
  const perceptron = trainPerceptron(f, {
    random: createRandom(seed),
    examples: EXAMPLES,
    progress: (examples) => progress(examples / most),
  });
  return { ...nets, perceptron };
}

/** Functions of D inputs that {@linkcode checkAll} checks. */
const countFunctions = (D: number) => (2 * D + 5) * (D + 3);

/**
 * Checks all functions of D inputs with −(D + 2) ≤ A ≤ B ≤ D + 2, for D from 1
 * up: those within ±D, and beyond that both parities of each bound. Still
 * further out nothing changes but the distance of a hyperplane that no input
 * is near.
 *
 * @param dimension the largest D
 * @param seed of the order of the perceptrons' inputs
 * @param progress called after each function with the part of all inputs that
 *   has passed nets, 0 to 1
 * @yields the functions of one D, by A and then by B
 */
export function* checkAll(
  dimension: number,
  seed: number,
  progress: (part: number) => void = () => {},
): Generator<FunctionCheck[]> {
  let total = 0, done = 0;
  for (let D = 1; D <= dimension; D++) total += countFunctions(D) * 2 ** D;
  for (let D = 1; D <= dimension; D++) {
    const checks: FunctionCheck[] = [];
    // Functions are equal where their intervals hold the same sums.
    const perceptrons = new Map<string, PerceptronTraining>();
    for (let lower = -D - 2; lower <= D + 2; lower++) {
      for (let upper = lower; upper <= D + 2; upper++) {
        const f = intervalFunction(D, lower, upper);
        const sums = attainableSums(D)
          .filter((sum) => lower <= sum && sum <= upper).join();
        if (D <= PERCEPTRON_DIMENSION && !perceptrons.has(sums)) {
          const options = { random: createRandom(seed), examples: EXAMPLES };
          perceptrons.set(sums, trainPerceptron(f, options));
        }
        const perceptron = perceptrons.get(sums) ?? null;
        checks.push({ ...checkNets(f), perceptron });
        done += 2 ** D;
        progress(done / total);
      }
    }
    yield checks;
  }
}

/**
 * Whether both bounds are within ±D, where the report's functions lie.
 *
 * @param f the function
 * @returns true for −D ≤ A ≤ B ≤ D
 */
export function isWithin({ dimension, lower, upper }: IntervalFunction) {
  return -dimension <= lower && upper <= dimension;
}
