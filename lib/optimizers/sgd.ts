import {
  type ParameterUpdate,
  updateParameters,
} from "../kernels/parameter_update.ts";
import { checkOption, SlotOptimizer } from "./slot_optimizer.ts";

/** SGD's hyperparameters. */
export interface SgdOptions {
  /** Step size, above 0. */
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
 * The state that `getWeights` returns and `setWeights` takes is `iter` and,
 * with momentum, `<name>/velocity` for each variable.
 *
 * @example
 * ```ts
 * import { Sgd, startBackend } from "alphalab";
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
  static readonly className = "AlphalabSgd";

  readonly #options: Required<SgdOptions>;

  /** @throws RangeError if a hyperparameter is out of its range */
  constructor(options: SgdOptions) {
    const { learningRate, momentum = 0, weightDecay = 0 } = options;
    super(momentum === 0 ? [] : ["velocity"]);
    const check = checkOption.bind(undefined, "Sgd");
    const isStep = learningRate > 0 && Number.isFinite(learningRate);
    check("learningRate", learningRate, "above 0 and finite", isStep);
    check("momentum", momentum, "in [0, 1)", momentum >= 0 && momentum < 1);
    const isDecay = weightDecay >= 0 && Number.isFinite(weightDecay);
    check("weightDecay", weightDecay, "at least 0 and finite", isDecay);
    this.#options = { learningRate, momentum, weightDecay };
  }

  protected override update(parameters: readonly ParameterUpdate[]) {
    const { learningRate, momentum, weightDecay } = this.#options;
    updateParameters("sgdF32", parameters, [
      ...[learningRate, momentum, weightDecay],
    ]);
  }

  override getConfig(): Record<string, number> {
    return { ...this.#options };
  }
}
