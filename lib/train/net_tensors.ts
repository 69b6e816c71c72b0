import * as tf from "@tensorflow/tfjs";
import type { Checkpoint } from "../run/checkpoint.ts";
import { DivergenceError } from "../base/errors.ts";

type Tensors = Checkpoint["tensors"];

/** What the optimizer's tensors are filed under. */
const OPTIMIZER = "optimizer/";

/**
 * Copies of a net's parameters under their names, and of its optimizer's
 * state under `optimizer/…`.
 *
 * @param step the step that is named where a value is not finite
 * @throws DivergenceError if a value is not finite: such a state is not worth keeping
 */
export async function captureTensors(
  variables: readonly tf.Variable[],
  optimizer?: tf.Optimizer,
  step?: number,
): Promise<Tensors> {
  const state = await optimizer?.getWeights() ?? [];
  const named = [
    ...variables.map((variable) => [variable.name, variable] as const),
    ...state.map(({ name, tensor }) => [OPTIMIZER + name, tensor] as const),
  ];
  const tensors: Tensors = {};
  for (const [name, tensor] of named) {
    const data = tensor.dataSync() as Float32Array | Int32Array;
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) {
      throw new DivergenceError(
        `Cannot go on training: parameters must be finite: got ${
          data[at]
        } in ${name}${step === undefined ? "" : ` after step ${step}`}`,
      );
    }
    const dtype = tensor.dtype as "float32" | "int32";
    tensors[name] = { dtype, shape: tensor.shape, data };
  }
  for (const { tensor } of state) { // slots are the optimizer's own
    if (!(tensor instanceof tf.Variable)) tensor.dispose();
  }
  return tensors;
}

/**
 * Gives parameters, and an optimizer its state, from `captureTensors`.
 *
 * @throws Error if a parameter is missing or has another shape
 */
export async function restoreTensors(
  tensors: Tensors,
  variables: readonly tf.Variable[],
  optimizer?: tf.Optimizer,
): Promise<void> {
  for (const variable of variables) {
    const saved = tensors[variable.name];
    if (!saved || !tf.util.arraysEqual([...saved.shape], variable.shape)) {
      throw new Error(
        `Cannot restore ${variable.name}: the checkpoint must hold it as [${variable.shape}]: got ${
          saved ? `[${saved.shape}]` : "none"
        }`,
      );
    }
    tf.tidy(() =>
      variable.assign(tf.tensor(saved.data, [...saved.shape], saved.dtype))
    );
  }
  if (!optimizer) return;
  const state = Object.entries(tensors)
    .filter(([name]) => name.startsWith(OPTIMIZER))
    .map(([name, { data, shape, dtype }]) => ({
      name: name.slice(OPTIMIZER.length),
      tensor: tf.tensor(data, [...shape], dtype),
    }));
  // It comes first in what `setWeights` takes.
  state.sort((a, b) => Number(b.name === "iter") - Number(a.name === "iter"));
  await optimizer.setWeights(state);
  for (const { tensor } of state) tensor.dispose();
}
