import { updateParameters } from "../ops/parameter_update.ts";
import {
  checkOption,
  SlotOptimizer,
  type SlotUpdate,
} from "./slot_optimizer.ts";

/** Adadelta's hyperparameters. */
export interface AdadeltaOptions {
  /** Factor of the step, above 0; 1 by default; may be set later. */
  learningRate?: number;
  /** Decay of both averages, 0 ≤ ρ < 1; 0.9 by default. */
  rho?: number;
  /** Added under both roots, above 0; 1e-6 by default. */
  epsilon?: number;
  /** λ of the gradient λ · value that is added, at least 0; 0 by default. */
  weightDecay?: number;
}

/**
 * Adadelta (Zeiler 2012, algorithm 1) with the defaults of PyTorch's
 * `torch.optim.Adadelta`: g ← g + λ value, v ← ρ v + (1 − ρ) g²,
 * Δ = √(u + ε) / √(v + ε) · g, u ← ρ u + (1 − ρ) Δ², value ← value − lr Δ.
 * Takes the place of `tf.train.adadelta`, and differs from it in its defaults
 * (TF.js: lr 0.001, ρ 0.95, ε 1e-7) and in speed: one pass over each
 * parameter.
 *
 * The state that `getWeights` returns and `setWeights` takes is `iter`, for
 * each variable `<name>/v` and `<name>/u`, and what a schedule has set.
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { Adadelta } from "alphalab/optimizers";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const x = tf.variable(tf.scalar(1));
 * const optimizer = new Adadelta();
 * optimizer.minimize(() => tf.square(x));
 * console.log(x.dataSync()[0]!.toFixed(5)); // 0.99684
 * backend.stop();
 * ```
 */
export class Adadelta extends SlotOptimizer {
  /** The name it is saved by. */
  static readonly className = "AlphalabAdadelta";

  readonly #options: Required<Omit<AdadeltaOptions, "learningRate">>;

  /**
   * Makes an optimizer at its first step.
   *
   * @param options hyperparameters, fixed but for the learning rate
   * @throws RangeError if a hyperparameter is out of its range
   */
  constructor(options: AdadeltaOptions = {}) {
    const { learningRate = 1, rho = 0.9, epsilon = 1e-6, weightDecay = 0 } =
      options;
    super(["v", "u"], learningRate);
    const check = checkOption.bind(undefined, "Adadelta");
    check("rho", rho, "in [0, 1)", rho >= 0 && rho < 1);
    const isOffset = epsilon > 0 && Number.isFinite(epsilon);
    check("epsilon", epsilon, "above 0 and finite", isOffset);
    const isDecay = weightDecay >= 0 && Number.isFinite(weightDecay);
    check("weightDecay", weightDecay, "at least 0 and finite", isDecay);
    this.#options = { rho, epsilon, weightDecay };
  }

  /** ρ, fixed. */
  get rho(): number {
    return this.#options.rho;
  }

  /** ε, fixed. */
  get epsilon(): number {
    return this.#options.epsilon;
  }

  /** λ, fixed. */
  get weightDecay(): number {
    return this.#options.weightDecay;
  }

  /** One pass over each parameter. */
  protected override update(parameters: readonly SlotUpdate[]): void {
    const { rho, epsilon, weightDecay } = this.#options;
    updateParameters(
      parameters,
      (pool, chunks, starts) =>
        pool.run("adadeltaF32", chunks, {
          starts,
          learningRate: this.learningRate,
          rho,
          oneMinusRho: 1 - rho,
          epsilon,
          weightDecay,
        }),
    );
  }

  /** What the constructor takes to make the optimizer again. */
  override getConfig(): Record<string, number> {
    return { learningRate: this.learningRate, ...this.#options };
  }
}
