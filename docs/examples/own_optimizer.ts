/**
 * An optimizer of your own: AdaGrad (Duchi, Hazan and Singer 2011), whose
 * steps get shorter where gradients were large.
 *
 *   deno run -q -P=read docs/examples/own_optimizer.ts
 */
import { startBackend } from "alphalab";
import { SlotOptimizer, type SlotUpdate } from "alphalab/optimizers";
import * as tf from "@tensorflow/tfjs";

class AdaGrad extends SlotOptimizer {
  static readonly className = "AdaGrad";

  /** One slot per variable: the sum of squares, saved with the state. */
  constructor({ learningRate = 0.1 } = {}) {
    super(["squares"], learningRate);
  }

  /** s ← s + g², value ← value − lr g / (√s + 10⁻⁸). */
  protected override update(parameters: readonly SlotUpdate[]): void {
    tf.tidy(() => {
      for (const { value, gradient, slots: [squares] } of parameters) {
        squares!.assign(tf.add(squares!, tf.square(gradient)));
        const scale = tf.add(tf.sqrt(squares!), 1e-8);
        const step = tf.mul(tf.div(gradient, scale), this.learningRate);
        value.assign(tf.sub(value, step));
      }
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate };
  }
}

const backend = await startBackend({ threads: 1 });
const x = tf.variable(tf.tensor1d([1, -2]));
const optimizer = new AdaGrad({ learningRate: 0.5 });
for (let step = 0; step < 20; step++) {
  optimizer.minimize(() => tf.sum(tf.square(x)) as tf.Scalar);
}
console.log("x", [...x.dataSync()]); // on their way to 0
backend.stop();
