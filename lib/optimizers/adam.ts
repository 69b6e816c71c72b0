import * as tf from "@tensorflow/tfjs";
import type { NamedTensorMap } from "@tensorflow/tfjs-core";

/** As TF.js names it, but does not export. */
type NamedTensor = { name: string; tensor: tf.Tensor };
import { adamUpdate } from "../kernels/adam_update.ts";

/** Adam's hyperparameters. */
export interface AdamOptions {
  /** Step size, above 0. */
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
 * m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ). Takes the place of
 * `tf.train.adam`, and differs from it in ε = 1e-8 (the paper's and PyTorch's;
 * TF.js: 1e-7) and in speed: one pass over each parameter.
 *
 * The state that `getWeights` returns and `setWeights` takes is `iter` and,
 * for each variable, `<name>/m` and `<name>/v`.
 *
 * @example
 * ```ts
 * import { Adam, startBackend } from "alphalab";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const x = tf.variable(tf.scalar(1));
 * const optimizer = new Adam({ learningRate: 0.1 });
 * optimizer.minimize(() => tf.square(x));
 * console.log(x.dataSync()[0]); // 0.8999999761581421
 * backend.stop();
 * ```
 */
export class Adam extends tf.Optimizer {
  static readonly className = "AlphalabAdam";

  readonly #options: Required<AdamOptions>;
  readonly #moments = new Map<string, { m: tf.Tensor; v: tf.Tensor }>();

  /** @throws RangeError if a hyperparameter is out of its range */
  constructor(options: AdamOptions = {}) {
    super();
    const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } =
      options;
    const fail = (name: string, range: string, value: number) => {
      throw new RangeError(
        `Cannot create Adam: ${name} must be ${range}: got ${value}`,
      );
    };
    if (!(learningRate > 0 && Number.isFinite(learningRate))) {
      fail("learningRate", "above 0 and finite", learningRate);
    }
    if (!(beta1 >= 0 && beta1 < 1)) fail("beta1", "in [0, 1)", beta1);
    if (!(beta2 >= 0 && beta2 < 1)) fail("beta2", "in [0, 1)", beta2);
    if (!(epsilon > 0)) fail("epsilon", "above 0", epsilon);
    this.#options = { learningRate, beta1, beta2, epsilon };
    this.iterations_ = 0;
  }

  override applyGradients(gradients: NamedTensorMap | NamedTensor[]) {
    const named = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients);
    this.incrementIterations();
    const t = this.iterations_;
    const { learningRate, beta1, beta2, epsilon } = this.#options;
    const variables = tf.engine().registeredVariables;
    adamUpdate(
      named.filter(([, gradient]) => gradient != null)
        .map(([name, gradient]) => {
          const value = variables[name]!;
          return { value, gradient, ...this.#momentsOf(name, value) };
        }),
      {
        beta1,
        beta2,
        epsilon,
        stepSize: learningRate / (1 - beta1 ** t),
        vScale: 1 / Math.sqrt(1 - beta2 ** t),
      },
    );
  }

  #momentsOf(name: string, value: tf.Variable) {
    let moments = this.#moments.get(name);
    if (!moments) {
      const zeros = () => tf.keep(tf.zeros(value.shape));
      moments = { m: zeros(), v: zeros() };
      this.#moments.set(name, moments);
    }
    return moments;
  }

  /** The state: `iter`, then every m, then every v. */
  override async getWeights(): Promise<NamedTensor[]> {
    const moments = [...this.#moments];
    return [
      await this.saveIterations(),
      ...moments.map(([name, { m }]) => ({ name: `${name}/m`, tensor: m })),
      ...moments.map(([name, { v }]) => ({ name: `${name}/v`, tensor: v })),
    ];
  }

  /** Takes copies of what `getWeights` returned. */
  override async setWeights(weights: NamedTensor[]) {
    const state = await this.extractIterations(weights);
    const byName = new Map(state.map(({ name, tensor }) => [name, tensor]));
    this.#disposeMoments();
    for (const [key, m] of byName) {
      if (!key.endsWith("/m")) continue;
      const name = key.slice(0, -2);
      const v = byName.get(`${name}/v`);
      if (!v) {
        throw new Error(
          `Cannot restore Adam: ${name}/v must be in the state: got none`,
        );
      }
      const copy = (x: tf.Tensor) => tf.keep(tf.mul(x, 1));
      this.#moments.set(name, { m: copy(m), v: copy(v) });
    }
  }

  override getConfig(): Record<string, number> {
    return { ...this.#options };
  }

  #disposeMoments() {
    for (const { m, v } of this.#moments.values()) tf.dispose([m, v]);
    this.#moments.clear();
  }

  override dispose() {
    this.#disposeMoments();
  }
}
