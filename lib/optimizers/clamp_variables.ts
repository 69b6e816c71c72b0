import * as tf from "@tensorflow/tfjs";
import { kernelContext } from "../wasm/kernel_context.ts";

/**
 * Projects parameters onto [low, high], in place: value ← min(max(value, low),
 * high). For a few small ones after each update; NaN stays.
 *
 * @param variables float32, any shapes
 * @param low the least value that is left, or −∞
 * @param high the largest value that is left, at least low, or ∞
 * @throws TypeError if a variable is not float32
 * @throws RangeError if low is above high
 *
 * @example
 * ```ts
 * import { startBackend } from "alphalab";
 * import { clampVariables } from "alphalab/optimizers";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const backend = await startBackend({ threads: 1 });
 * const alpha = tf.variable(tf.scalar(1.5));
 * clampVariables([alpha], 0, 1);
 * console.log(alpha.dataSync()[0]); // 1
 * backend.stop();
 * ```
 */
export function clampVariables(
  variables: readonly tf.Variable[],
  low: number,
  high: number,
): void {
  if (!(low <= high)) {
    throw new RangeError(
      `Cannot clamp variables: low must be at most high: got ${low} and ${high}`,
    );
  }
  const context = kernelContext("clamp variables");
  for (const variable of variables) {
    variable.throwIfDisposed();
    if (variable.dtype !== "float32") {
      throw new TypeError(
        `Cannot clamp variables: ${variable.name} must be float32: got ${variable.dtype}`,
      );
    }
    if (context.isShared(variable)) {
      tf.tidy(() => variable.assign(tf.mul(variable, 1)));
    }
    const values = context.view(variable);
    values.forEach((value, i) => {
      values[i] = Math.min(Math.max(value, low), high);
    });
    context.changed(variable);
  }
}
