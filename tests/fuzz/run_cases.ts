import * as tf from "@tensorflow/tfjs";
import { getGradient } from "@tensorflow/tfjs-core";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  type Bound,
  type Call,
  callText,
  type Input,
  type KernelCase,
  type Tensors,
} from "./call.ts";
import type { GuardedHeap } from "../guarded_heap.ts";

/** One tensor that a kernel gave. */
interface Output {
  dtype: string;
  shape: number[];
  values: ArrayLike<number>;
}

/** What a call came to: tensors, or why there are none. */
type Outcome = Output[] | Error;

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function makeTensors({ inputs }: Call): Tensors {
  const make = ({ values, shape, dtype }: Input) =>
    tf.tensor(ARRAYS[dtype].from(values), shape, dtype);
  return (Array.isArray(inputs) ? inputs.map(make) : Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, make(input)]),
  )) as unknown as Tensors;
}

type Run = (inputs: Tensors) => tf.Tensor | tf.Tensor[];

/** What is computed: a kernel's outputs, or its gradients in its inputs. */
type Part = "outputs" | "gradients";

/**
 * Computes on the present backend.
 *
 * @param change what happens to the numbers of dy
 */
function outcomeOf(
  run: Run,
  inputs: Tensors,
  part: Part,
  change = (dy: number) => dy,
): Outcome {
  tf.engine().startScope();
  try {
    const outputs = [run(inputs)].flat();
    const tensors = part === "gradients"
      ? gradients(run, inputs, outputs, change)
      : outputs;
    return tensors
      .map((tensor) => ({
        dtype: tensor.dtype,
        shape: tensor.shape,
        values: tensor.dataSync().slice() as ArrayLike<number>,
      }));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error;
  } finally {
    tf.engine().endScope();
  }
}

/** Of the first output, in each float32 input, by one and the same dy. */
function gradients(
  run: Run,
  inputs: Tensors,
  [first]: tf.Tensor[],
  change: (dy: number) => number,
) {
  const floats = Object.entries(inputs)
    .filter(([, { dtype }]) => dtype === "float32");
  const f = (...xs: tf.Tensor[]) => {
    const all = Object.assign(
      Array.isArray(inputs) ? [] : {},
      inputs,
    ) as Tensors;
    floats.forEach(([name], i) => all[name] = xs[i]!);
    return [run(all)].flat()[0]!;
  };
  const dy = tf.tensor(
    Float32Array.from(
      { length: first!.size },
      (_, i) => change((i * 5 % 7 - 2) / 4),
    ),
    first!.shape,
  );
  return tf.grads(f)(floats.map(([, tensor]) => tensor), dy);
}

/** What a call came to on our backend, and what else it did. */
interface Guarded {
  outcome: Outcome;
  faults: string[];
}

function runGuarded(
  run: Run,
  call: Call,
  part: Part,
  heap: GuardedHeap,
): Guarded {
  const backend = tf.backend() as BackendWasm;
  const before = backend.numDataIds();
  const inputs = makeTensors(call);
  const bytes = () =>
    Object.values(inputs).map((tensor) =>
      new Uint8Array(tensor.dataSync().slice().buffer)
    );
  const given = bytes();
  const outcome = outcomeOf(run, inputs, part);
  const faults = heap.faults().map((what) => `wrote outside: ${what}`);
  if (isTrap(outcome)) return { outcome, faults };
  bytes().forEach((now, i) => {
    const at = now.findIndex((byte, j) => byte !== given[i]![j]);
    if (at >= 0) faults.push(`changed byte ${at} of input ${i}`);
  });
  tf.dispose(Object.values(inputs));
  const left = backend.numDataIds() - before;
  // What a gradient tape still holds when it fails is TF.js core's own loss.
  const failed = part === "gradients" && outcome instanceof Error;
  if (left !== 0 && !failed && !isTrap(outcome)) {
    faults.push(`left ${left} tensors behind`);
  }
  return { outcome, faults };
}

/** How far each value may be off, beside rtol · |expected|. */
interface Allowed {
  rtol: number;
  atol: number | ArrayLike<number>[];
}

function allowedOf(bound: Bound, run: Run, call: Call, part: Part): Allowed {
  if (!("terms" in bound)) {
    const { rtol, atol, broadcast } = bound;
    return { rtol, atol: broadcast ? keptBySums(atol, run, call) : atol };
  }
  const absolute = ({ values, ...input }: Input) => ({
    ...input,
    values: values.map(Math.abs),
  });
  const inputs = Array.isArray(call.inputs)
    ? call.inputs.map(absolute)
    : Object.fromEntries(
      Object.entries(call.inputs)
        .map(([name, input]) => [name, absolute(input)]),
    );
  const tensors = makeTensors({ ...call, inputs });
  const magnitudes = outcomeOf(run, tensors, part, Math.abs);
  tf.dispose(Object.values(tensors));
  if (magnitudes instanceof Error) throw magnitudes;
  const relative = (bound.terms(call) + 4) * 2 ** -24;
  return {
    rtol: 0,
    atol: magnitudes.map(({ values }) =>
      Array.from(values, (value) => 2 ** -126 + relative * value)
    ),
  };
}

/**
 * What gradients of broadcast inputs may be off: their terms are the gradients
 * of inputs that have the shape which the call's are broadcast to.
 */
function keptBySums(
  atol: number,
  run: Run,
  call: Call,
): number | ArrayLike<number>[] {
  const shape = Object.values(call.inputs).map((input: Input) => input.shape)
    .reduce(tf.broadcast_util.assertAndGetBroadcastShape);
  if (shape.includes(0)) return atol;
  const given = makeTensors(call);
  const whole = Object.fromEntries(
    Object.entries(given).map(([name, t]) => [name, tf.broadcastTo(t, shape)]),
  );
  const terms = outcomeOf(run, whole, "gradients");
  tf.dispose([given, whole]);
  if (terms instanceof Error) throw terms;
  const floats = Object.values(call.inputs)
    .filter(({ dtype }: Input) => dtype === "float32");
  return terms.map(({ values }, i) => {
    const axes = tf.broadcast_util.getReductionAxes(floats[i]!.shape, shape);
    const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
    const sums = tf.tidy(() =>
      tf.sum(tf.abs(tf.tensor(values as Float32Array, shape)), axes).dataSync()
    );
    return Array.from(sums, (sum) => atol + (count + 4) * 2 ** -24 * sum);
  });
}

function compare(
  actual: Output[],
  expected: Output[],
  { rtol, atol }: Allowed,
): string[] {
  if (actual.length !== expected.length) {
    return [`gave ${actual.length} tensors, not ${expected.length}`];
  }
  return actual.flatMap(({ dtype, shape, values }, i) => {
    const right = expected[i]!;
    const [got, must] = [
      `${dtype}[${shape}]`,
      `${right.dtype}[${right.shape}]`,
    ];
    if (got !== must) return [`output ${i} is ${got}, not ${must}`];
    for (let j = 0; j < values.length; j++) {
      const a = values[j]!, e = right.values[j]!;
      if (a === e || Object.is(a, e)) continue;
      const own = typeof atol === "number" ? atol : atol[i]![j]!;
      const bound = own + rtol * Math.abs(e);
      if (Number.isFinite(e) && Math.abs(a - e) <= bound) continue;
      return [`output ${i}[${j}] is ${a}, not ${e} ± ${bound}`];
    }
    return [];
  });
}

/** Whether WASM trapped, in the main thread or another. */
function isTrap(outcome: Outcome): boolean {
  return outcome instanceof Error &&
    (outcome instanceof WebAssembly.RuntimeError ||
      /RuntimeError|Aborted|started anew/.test(outcome.message));
}

/** Whether an error is none of a kernel's words: a trap, or a bug. */
function isCrash(error: Error): boolean {
  return isTrap(error) || error instanceof ReferenceError ||
    /undefined|null|is not a function|gave up/.test(error.message);
}

/** Whether float32's sums of a call's numbers may overflow on their way. */
function hasLarge({ inputs }: Call): boolean {
  return Object.values(inputs).some(({ values }: Input) =>
    values.some((value) => Math.abs(value) > 2 ** 60)
  );
}

/** What is wrong with a call's part, a line each. */
function faultsOf(
  { outcome, faults }: Guarded,
  kernelCase: KernelCase,
  cpuRun: Run,
  call: Call,
  part: Part,
): string[] {
  const tensors = makeTensors(call);
  const right = outcomeOf(cpuRun, tensors, part);
  tf.dispose(Object.values(tensors));
  if (outcome instanceof Error) {
    const { message } = outcome;
    if (right instanceof Error && right.message === message) return faults;
    if (isCrash(outcome)) return [...faults, `crashed: ${message}`];
    const mayRefuse = right instanceof Error ||
      kernelCase.refuses?.test(message);
    return mayRefuse ? faults : [...faults, `refused: ${message}`];
  }
  if (right instanceof Error) return faults;
  const bound = part === "outputs" ? kernelCase.bound : kernelCase.gradBound!;
  const allowed = allowedOf(bound, cpuRun, call, part);
  return [...faults, ...compare(outcome, right, allowed)];
}

/**
 * Runs calls of a kernel on both backends and compares: nothing written
 * outside of a tensor, no input changed, no tensor left behind, the same
 * dtype, shape and values, the same gradients.
 *
 * @returns what is wrong, a line each; none where all is right
 */
export async function runCases(
  kernel: string,
  kernelCase: KernelCase,
  calls: readonly Call[],
  heap: GuardedHeap,
): Promise<string[][]> {
  const { oracle, gradBound } = kernelCase;
  const partsOf = (call: Call): Part[] =>
    gradBound && getGradient(kernel) && !hasLarge(call)
      ? ["outputs", "gradients"]
      : ["outputs"];
  const ours = ({ attrs }: Call): Run => (inputs) =>
    tf.engine().runKernel(kernel, inputs, attrs as never) as tf.Tensor;
  const theirs = (call: Call): Run =>
    oracle ? (inputs) => oracle(inputs, call.attrs as never) : ours(call);
  await tf.setBackend("wasm");
  const all: Guarded[][] = [];
  for (const call of calls) {
    const made = partsOf(call)
      .map((part) => runGuarded(ours(call), call, part, heap));
    all.push(made);
    // It takes the backend with it.
    if (made.some(({ outcome }) => isTrap(outcome))) break;
  }
  await tf.setBackend("cpu");
  const lines = all.map((made, i) => {
    const call = calls[i]!;
    return partsOf(call).flatMap((part, j) =>
      faultsOf(made[j]!, kernelCase, theirs(call), call, part)
        .map((line) => part === "outputs" ? line : `gradient ${line}`)
    ).map((line) => `${line}: ${callText(kernel, call)}`);
  });
  await tf.setBackend("wasm");
  return lines;
}
