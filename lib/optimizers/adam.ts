import { updateParameters } from "../ops/parameter_update.ts";
import {
  checkOption,
  SlotOptimizer,
  type SlotUpdate,
} from "./slot_optimizer.ts";

/** Adam's hyperparameters. */
export interface AdamOptions {
  /** Step size, above 0; may be set later. */
  learningRate?: number;
  /** Decay of the first moment, 0 ≤ β₁ < 1. */
  beta1?: number;
  /** Decay of the second moment, 0 ≤ β₂ < 1. */
  beta2?: number;
  /** Added to the root of the second moment. */
  epsilon?: number;
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1): m ← β₁ m + (1 − β₁) g,
 * v ← β₂ v + (1 − β₂) g², value ← value − lr · m̂ / (√v̂ + ε) with
 * m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ); t is 1 at a variable's first step.
 * Takes the place of `tf.train.adam`, and differs from it in ε = 1e-8 (the
 * paper's and PyTorch's; TF.js: 1e-7), in that a variable's moments are its own
 * and not those of its place in the list, and in speed: one pass over each
 * parameter.
 *
 * The state that `getWeights` returns and `setWeights` takes is `iter`, for
 * each variable `<name>/m` and `<name>/v`, and what a schedule has set.
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { Adam } from "alphalab/optimizers";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const x = tf.variable(tf.scalar(1));
 * const optimizer = new Adam({ learningRate: 0.1 });
 * optimizer.minimize(() => tf.square(x));
 * console.log(x.dataSync()[0]); // 0.8999999761581421
 * optimizer.learningRate = 0; // `fit` has an example of a schedule
 * optimizer.minimize(() => tf.square(x));
 * console.log(x.dataSync()[0]); // 0.8999999761581421
 * backend.stop();
 * ```
 */
export class Adam extends SlotOptimizer {
  /** The name it is saved by. */
  static readonly className = "AlphalabAdam";

  readonly #options: Required<Omit<AdamOptions, "learningRate">>;

  /**
   * Makes an optimizer at its first step.
   *
   * @param options hyperparameters, fixed but for the learning rate
   * @throws RangeError if a hyperparameter is out of its range
   */
  constructor(options: AdamOptions = {}) {
    const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } =
      options;
    super(["m", "v"], learningRate);
    const check = checkOption.bind(undefined, "Adam");
    check("beta1", beta1, "in [0, 1)", beta1 >= 0 && beta1 < 1);
    check("beta2", beta2, "in [0, 1)", beta2 >= 0 && beta2 < 1);
    check("epsilon", epsilon, "above 0", epsilon > 0);
    this.#options = { beta1, beta2, epsilon };
  }

  /** β₁, fixed. */
  get beta1(): number {
    return this.#options.beta1;
  }

  /** β₂, fixed. */
  get beta2(): number {
    return this.#options.beta2;
  }

  /** ε, fixed. */
  get epsilon(): number {
    return this.#options.epsilon;
  }

  /** One pass over each parameter. */
  protected override update(parameters: readonly SlotUpdate[]): void {
    const { beta1, beta2, epsilon } = this.#options;
    // One group, unless a variable came later than the others.
    for (const [t, group] of Map.groupBy(parameters, ({ step }) => step)) {
      updateParameters(
        group,
        (pool, chunks, starts) =>
          pool.run("adamF32", chunks, {
            starts,
            beta1,
            oneMinusBeta1: 1 - beta1,
            beta2,
            oneMinusBeta2: 1 - beta2,
            stepSize: this.learningRate / (1 - beta1 ** t),
            vScale: 1 / Math.sqrt(1 - beta2 ** t),
            epsilon,
          }),
      );
    }
  }

  /** What the constructor takes to make the optimizer again. */
  override getConfig(): Record<string, number> {
    return { learningRate: this.learningRate, ...this.#options };
  }
}
