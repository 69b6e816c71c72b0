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
const FLAGS = "--runtime stub -O3 --importMemory --sharedMemory " +
  "--initialMemory 1 --maximumMemory 65536 --enable threads";

let wasm = new Uint8Array();
const { error, stderr } = await asc.main(
  ["softsign.ts", "--outFile", "softsign.wasm"].concat(FLAGS.split(" ")),
  {
    readFile: (name) => name === "softsign.ts" ? SOURCE : null,
    writeFile: (_name, bytes) => void (wasm = new Uint8Array(bytes as never)),
    listFiles: () => [],
  },
);
if (error) throw new Error(`Cannot compile softsign: ${stderr}`);

// The kernel works on the heap that TF.js keeps its tensors in.
const backend = await startBackend({ threads: 1 });
const { instance } = await WebAssembly.instantiate(wasm, {
  env: { memory: backend.memory },
});
const softsign = instance.exports.softsign as (...words: number[]) => void;

const tensors = tf.backend() as BackendWasm;
const pointer = ({ dataId }: tf.TensorInfo) =>
  tensors.dataIdMap.get(dataId).memoryOffset;

tf.registerKernel({
  kernelName: "Softsign",
  backendName: "wasm",
  kernelFunc({ inputs: { x } }) {
    const y = tensors.makeOutput(x!.shape, "float32");
    softsign(pointer(x!), pointer(y), tf.util.sizeFromShape(x!.shape));
    return y;
  },
});
tf.registerGradient({
  kernelName: "Softsign",
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({
    x: () => tf.mul(dy as tf.Tensor, tf.square(tf.sub(1, tf.abs(y!)))),
  }),
});

const f = (x: tf.Tensor): tf.Tensor =>
  tf.engine().runKernel("Softsign", { x }) as tf.Tensor;
const x = tf.tensor1d([-3, 0, 1]);
console.log("y", f(x).arraySync()); // −¾, 0, ½
console.log("dx", tf.grad(f)(x).arraySync()); // 1/16, 1, ¼
backend.stop();
