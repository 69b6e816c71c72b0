import {
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "../run/checkpoint.ts";
import type { FitState } from "./fit.ts";
import type { RunDirectory } from "../run/run_directory.ts";
import type { LogName } from "../run/run_logs.ts";
import { endFile } from "../run/run_record.ts";
import * as tf from "@tensorflow/tfjs";
import { createRandom, type Random } from "../base/random.ts";
import { DivergenceError, explainIoError } from "../base/errors.ts";
import { sha256Of } from "../data/data_file.ts";
import type { TrainableNet } from "../models/classifier.ts";

/** The file in which a trained net's parameters are left. */
export function netFile(plan: { readonly name: string }): string {
  return `net-${plan.name}.safetensors`;
}

/** All files of a net: its parameters, and where its training ended. */
export function netFiles(plan: { readonly name: string }): string[] {
  return [netFile(plan), endFile(plan)];
}

/**
 * Where a net's training ended, with all that a longer one needs: the state of
 * net, optimizer and generator, and the net's rows of the run's logs.
 */
export interface NetEnd {
  readonly fit: FitState;
  /** The net's lines in each log, without the header. */
  readonly rows: Readonly<Partial<Record<LogName, string>>>;
  readonly tensors: Checkpoint["tensors"];
}

/**
 * Writes a net's end.
 *
 * @throws {Error} `Cannot write <path>: <reason>`
 */
export function saveNetEnd(path: string, { fit, rows, tensors }: NetEnd): void {
  saveCheckpoint(path, { state: { fit, rows } as never, tensors });
}

/**
 * Reads a net's end.
 *
 * @returns null where there is none
 * @throws {Error} `Cannot load checkpoint <path>: ...`
 */
export function loadNetEnd(path: string): NetEnd | null {
  try {
    const { state, tensors } = loadCheckpoint(path);
    return { ...state as unknown as Omit<NetEnd, "tensors">, tensors };
  } catch (error) {
    if ((error as Error).cause instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/**
 * Where a run goes on, in words.
 *
 * @param run what its directory holds
 * @param plans its nets, in their order
 * @param begun the number of complete nets, and the present net's state
 */
export function placeOf(
  { run, plans }: {
    readonly run: Pick<RunDirectory, "file">;
    readonly plans: readonly { readonly name: string }[];
  },
  begun: { readonly net: number; readonly fit: FitState | null } | undefined,
): string {
  if (begun) {
    const name = plans[begun.net]?.name ?? "the report";
    const step = begun.fit ? ` after step ${begun.fit.step}` : "";
    return `going on with ${name}${step}`;
  }
  const ended = plans.filter((plan) => loadNetEnd(run.file(endFile(plan))));
  return ended.length === 0
    ? "no checkpoint yet: from the beginning"
    : `going on where ${ended.length} of ${plans.length} nets ended`;
}

type Tensors = Checkpoint["tensors"];

/** What the optimizer's tensors are filed under. */
const OPTIMIZER = "optimizer/";

/**
 * Copies of a net's parameters under their names, and of its optimizer's
 * state under `optimizer/…`.
 *
 * @param step the step that is named where a value is not finite
 * @throws DivergenceError if a value is not finite: such a state is not worth
 * keeping
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

/**
 * The checksum of a trained net: it decides what is made of it.
 *
 * @param file a `netFile`
 * @returns SHA-256 in hex digits
 * @throws Error `Cannot load net <file>: …` if it cannot be read
 */
export function netDigest(file: string): string {
  try {
    return sha256Of(Deno.readFileSync(file));
  } catch (error) {
    throw explainIoError(`load net ${file}`, error);
  }
}

/**
 * Makes a net, gives it the parameters that `trainNets` left in a file, and
 * disposes of it after its use: the names of its variables are free again then.
 *
 * @param file a `netFile`
 * @param create makes the net with any parameters
 * @param use what is done with the net; it keeps no tensor of it
 * @returns what `use` returned
 * @throws Error `Cannot load …` if the file cannot be read, or its parameters
 *   are others than the net's, by their names and shapes
 */
export async function withTrainedNet<N extends TrainableNet, T>(
  file: string,
  create: () => N,
  use: (net: N) => T,
): Promise<T> {
  const { tensors } = loadCheckpoint(file);
  const net = create();
  const saved = [...net.variables, ...net.buffers ?? []];
  try {
    await restoreTensors(tensors, saved).catch((error) => {
      throw explainIoError(`load net ${file}`, error);
    });
    const names = saved.map(({ name }) => name);
    const extra = Object.keys(tensors).find((name) => !names.includes(name));
    if (extra !== undefined) {
      throw new Error(
        `Cannot load net ${file}: it must hold ${names} and nothing else: got ${extra} too`,
      );
    }
    return use(net);
  } finally {
    net.optimizer.dispose();
    for (const variable of saved) variable.dispose();
  }
}

/**
 * The same for all nets of a run, one after the other.
 *
 * @param task the run, its nets, and what makes one, as `trainNets` had them
 * @param use what is done with each net; it keeps no tensor of it
 * @returns what `use` returned, by the net's name
 * @throws Error as {@linkcode withTrainedNet}
 */
export async function withTrainedNets<
  P extends { readonly name: string },
  N extends TrainableNet,
  T,
>(
  { run, plans, createNet }: {
    readonly run: Pick<RunDirectory, "file">;
    readonly plans: readonly P[];
    createNet(plan: P, random: Random): N;
  },
  use: (net: N) => T,
): Promise<Record<string, T>> {
  const results: Record<string, T> = {};
  for (const plan of plans) {
    results[plan.name] = await withTrainedNet(
      run.file(netFile(plan)),
      () => createNet(plan, createRandom(0)),
      use,
    );
  }
  return results;
}
