import * as tf from "@tensorflow/tfjs";
import type { Random } from "../base/random.ts";
import type { Activation } from "../ops/bias_activation.ts";

/** α, where an activation has one to train. */
export function activationVariables(
  activation?: Activation,
): tf.Variable[] {
  return activation?.kind === "relu-alpha" &&
      activation.alpha instanceof tf.Variable
    ? [activation.alpha]
    : [];
}

/** A parameter that starts uniform in ±bound. */
export function uniformVariable(
  name: string,
  shape: number[],
  bound: number,
  random: Random,
): tf.Variable {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  random.fillUniform(values, -bound, bound);
  return tf.tidy(() => tf.variable(tf.tensor(values, shape), true, name));
}
