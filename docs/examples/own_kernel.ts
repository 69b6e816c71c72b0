/**
 * A kernel of your own, from its AssemblyScript to its gradient: softsign,
 * f(x) = x / (1 + |x|), with f′(x) = (1 − |f(x)|)².
 *
 *   deno run -q -P=build docs/examples/own_kernel.ts
 *
 * It runs on one thread. Kernels that share their work among all threads are
 * those of kernels/; CONTRIBUTING.md says how to add one.
 */
import asc from "assemblyscript/asc";
import { startBackend } from "alphalab";
import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

const SOURCE = `
export function softsign(x: usize, y: usize, size: i32): void {
  for (let i: usize = 0; i < <usize> size * 4; i += 4) {
    const value = load<f32>(x + i);
    store<f32>(y + i, value / (1 + abs(value)));
  }
}`;
// deno-fmt-ignore -- in two lines
const { error, stderr, binary } = await asc.compileString(SOURCE, {
  runtime: "stub", optimizeLevel: 3, enable: ["threads"],
  importMemory: true, sharedMemory: true, initialMemory: 1, maximumMemory: 65_536,
});
if (error) throw new Error(`Cannot compile softsign: ${stderr}`);

// The kernel works on the heap that TF.js keeps its tensors in.
const backend = await startBackend({ threads: 1 });
const module = new WebAssembly.Module(new Uint8Array(binary!));
const imports = { env: { memory: backend.memory } };
const { exports } = new WebAssembly.Instance(module, imports);
const kernel = exports.softsign as (...words: number[]) => void;
const tensors = tf.backend() as BackendWasm;
const pointer = ({ dataId }: tf.TensorInfo) =>
  tensors.dataIdMap.get(dataId).memoryOffset;

const softsign = tf.customGrad((x, save) => {
  const { shape, size } = x as tf.Tensor;
  const y = tensors.makeOutput(shape, "float32");
  kernel(pointer(x as tf.Tensor), pointer(y), size);
  const value = tf.engine().makeTensorFromTensorInfo(y);
  (save as (tensors: tf.Tensor[]) => void)([value]);
  const gradFunc = (dy: tf.Tensor, [y]: tf.Tensor[]) =>
    tf.mul(dy, tf.square(tf.sub(1, tf.abs(y!))));
  return { value, gradFunc };
});
const x = tf.tensor1d([-3, 0, 1]);
console.log("y", softsign(x).arraySync()); // −¾, 0, ½
console.log("dx", tf.grad(softsign)(x).arraySync()); // 1/16, 1, ¼
backend.stop();
