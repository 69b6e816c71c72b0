import { updateParameters } from "../ops/parameter_update.ts";
import {
  checkOption,
  SlotOptimizer,
  type SlotUpdate,
} from "./slot_optimizer.ts";

/** SGD's hyperparameters. */
export interface SgdOptions {
  /** Step size, above 0; may be set later. */
  learningRate: number;
  /** Share of the last step that goes on, 0 ≤ μ < 1; 0 by default. */
  momentum?: number;
  /** λ of the gradient λ · value that is added, at least 0; 0 by default. */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum and weight decay as in PyTorch's
 * `torch.optim.SGD` (dampening 0, no Nesterov): g ← g + λ value,
 * velocity ← μ velocity + g (at first g), value ← value − lr velocity. Takes
 * the place of `tf.train.sgd` and `tf.train.momentum`, in one pass over each
 * parameter.
 *
 * The state that `getWeights` returns and `setWeights` takes is `iter`, with
 * momentum `<name>/velocity` for each variable, and what a schedule has set.
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { Sgd } from "alphalab/optimizers";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const x = tf.variable(tf.scalar(1));
 * const optimizer = new Sgd({ learningRate: 0.25, momentum: 0.5 });
 * optimizer.minimize(() => tf.square(x));
 * console.log(x.dataSync()[0]); // 0.5
 * optimizer.minimize(() => tf.square(x));
 * console.log(x.dataSync()[0]); // 0
 * backend.stop();
 * ```
 */
export class Sgd extends SlotOptimizer {
  /** The name it is saved by. */
  static readonly className = "AlphalabSgd";

  readonly #options: Required<Omit<SgdOptions, "learningRate">>;

  /**
   * Makes an optimizer at its first step.
   *
   * @param options hyperparameters, fixed but for the learning rate
   * @throws RangeError if a hyperparameter is out of its range
   */
  constructor(options: SgdOptions) {
    const { learningRate, momentum = 0, weightDecay = 0 } = options;
    super(momentum === 0 ? [] : ["velocity"], learningRate);
    const check = checkOption.bind(undefined, "Sgd");
    check("momentum", momentum, "in [0, 1)", momentum >= 0 && momentum < 1);
    const isDecay = weightDecay >= 0 && Number.isFinite(weightDecay);
    check("weightDecay", weightDecay, "at least 0 and finite", isDecay);
    this.#options = { momentum, weightDecay };
  }

  /** μ, fixed. */
  get momentum(): number {
    return this.#options.momentum;
  }

  /** λ, fixed. */
  get weightDecay(): number {
    return this.#options.weightDecay;
  }

  /** One pass over each parameter. */
  protected override update(parameters: readonly SlotUpdate[]): void {
    const { momentum, weightDecay } = this.#options;
    updateParameters(
      parameters,
      (pool, chunks, starts) =>
        pool.run("sgdF32", chunks, {
          starts,
          learningRate: this.learningRate,
          momentum,
          weightDecay,
        }),
    );
  }

  /** What the constructor takes to make the optimizer again. */
  override getConfig(): Record<string, number> {
    return { learningRate: this.learningRate, ...this.#options };
  }
}
