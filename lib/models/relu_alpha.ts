import * as tf from "@tensorflow/tfjs";
import { reluAlpha } from "../ops/relu_alpha.ts";

/** Arguments of the layer, beside those of every `tf.layers` layer. */
export interface ReluAlphaArgs {
  /** α at the start; 0.5 by default. */
  alphaInit?: number;
  /** One α per channel (the input's last axis) instead of one for all. */
  perChannel?: boolean;
  /** The layer's name; TF.js makes one by default. */
  name?: string;
}

type LayerArgs = ConstructorParameters<typeof tf.layers.Layer>[0];

/**
 * ReLU_α (see `reluAlpha`) as a `tf.layers` layer with a trained α. Saved and
 * loaded with its model once `startBackend` has run.
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { ReluAlpha } from "alphalab/models";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const layer = new ReluAlpha({ alphaInit: 0.75 });
 * const y = layer.apply(tf.tensor2d([[-2, 3]])) as tf.Tensor;
 * console.log(y.arraySync()); // [ [ -0.5, 3 ] ]
 * backend.stop();
 * ```
 */
export class ReluAlpha extends tf.layers.Layer {
  /** The name it is saved by. */
  static readonly className = "ReluAlpha";

  readonly #alphaInit: number;
  readonly #perChannel: boolean;
  #alpha?: ReturnType<tf.layers.Layer["addWeight"]>;

  /**
   * Makes a layer whose α is made when its input is known.
   *
   * @param args how α starts, and whether each channel has one
   * @throws RangeError if alphaInit is not finite
   */
  constructor(args: ReluAlphaArgs = {}) {
    const { alphaInit = 0.5, perChannel = false, ...rest } = args;
    super(rest as LayerArgs);
    if (!Number.isFinite(alphaInit)) {
      throw new RangeError(
        `Cannot create ReluAlpha: alphaInit must be finite: got ${alphaInit}`,
      );
    }
    this.#alphaInit = alphaInit;
    this.#perChannel = perChannel;
  }

  /** Makes α, for an input of that shape. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const shape = inputShape as tf.Shape;
    this.#alpha = this.addWeight(
      "alpha",
      this.#perChannel ? [shape[shape.length - 1]!] : [],
      "float32",
      tf.initializers.constant({ value: this.#alphaInit }),
    );
    super.build(inputShape);
  }

  /** The input's shape. */
  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  /** ReLU_α of the input, or of the first of several. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return reluAlpha(x, this.#alpha!.read() as tf.Scalar);
  }

  /** What the constructor takes to make the layer again. */
  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      alphaInit: this.#alphaInit,
      perChannel: this.#perChannel,
    };
  }
}
