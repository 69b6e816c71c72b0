/**
 * ReLU_α against TensorFlow.js's composition relu(x) − (1 − α) relu(−x),
 * against tf.prelu, and against a copy of as many bytes as it moves.
 *
 *   deno task bench:relu-alpha --threads 2
 */
import * as tf from "@tensorflow/tfjs";
import { backendLines, startBackend } from "../lib/backend/start_backend.ts";
import { createRandom } from "../lib/base/random.ts";
import { flag, integer } from "../lib/cli/flags.ts";
import { parseFlags } from "../lib/cli/command_line.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { reluAlpha } from "../lib/ops/relu_alpha.ts";
import { kernelContext } from "../lib/wasm/kernel_context.ts";
import { compare, type Contender } from "./paired.ts";

const FLAGS = {
  threads: flag(integer({ min: 1, max: 8 }), {
    default: Math.min(8, navigator.hardwareConcurrency),
    describe: "threads that compute",
  }),
};

const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7];

/** As ReLU_α's own kernels have it. */
const COPY_CHUNK = 32_768;

type Activation = (x: tf.Tensor, alpha: tf.Scalar) => tf.Tensor;

const ACTIVATIONS: Record<string, Activation> = {
  "reluAlpha": (x, alpha) => reluAlpha(x, alpha),
  "composition": (x, alpha) =>
    tf.sub(tf.relu(x), tf.mul(tf.sub(1, alpha), tf.relu(tf.neg(x)))),
  "tf.prelu": (x, alpha) => tf.prelu(x, tf.reshape(tf.sub(1, alpha), [1])),
};

async function main() {
  const { threads } = parseFlags(
    "bench:relu-alpha",
    "Times ReLU_α, its alternatives, and a copy of the bytes that it moves.",
    FLAGS,
    Deno.args,
  );
  using cleanup = new DisposableStack();
  const backend = await startBackend({ threads });
  cleanup.defer(() => backend.stop());
  console.log(backendLines(backend));
  console.log("median ms a call; GB/s of the bytes that ReLU_α must move;");
  console.log("ratio to the copy of as many bytes, median of paired rounds\n");
  for (const size of SIZES) benchSize(size);
}

function benchSize(size: number) {
  const random = createRandom(1);
  const values = Float32Array.from({ length: size }, () => random.normal());
  const x = tf.tensor1d(values);
  const dy = tf.tensor1d(values.toReversed());
  const alpha = tf.scalar(0.3);
  checkEqual(x, dy, alpha);
  const forward = (f: Activation) => () =>
    tf.dispose(tf.tidy(() => f(x, alpha)));
  const both = (f: Activation) => {
    const grads = tf.grads((x, alpha) => f(x!, alpha as tf.Scalar));
    return () => tf.dispose(tf.tidy(() => grads([x, alpha], dy)));
  };
  const backward = () =>
    tf.dispose(
      tf.engine().runKernel("ReluAlphaGrad", { x, alpha, dy }) as tf.Tensor[],
    );
  const entries = Object.entries(ACTIVATIONS);
  print(`forward, ${size} elements`, 8 * size, [
    copy(8 * size),
    ...entries.map(([name, f]) => ({ name, run: forward(f) })),
  ]);
  print(`backward alone, ${size} elements`, 12 * size, [
    copy(12 * size),
    { name: "reluAlpha", run: backward },
  ]);
  print(`forward + gradient, ${size} elements`, 20 * size, [
    copy(20 * size),
    ...entries.map(([name, f]) => ({ name, run: both(f) })),
  ]);
  tf.dispose([x, dy, alpha]);
}

/** A copy that reads and writes `bytes` in all, on the same threads. */
function copy(bytes: number): Contender {
  const context = kernelContext("copy");
  const size = bytes / 8;
  const from = tf.zeros([size]);
  const to = tf.zeros([size]);
  const params = {
    x: context.pointer(from),
    out: context.pointer(to),
    size,
    chunkSize: COPY_CHUNK,
  };
  const chunks = Math.ceil(size / COPY_CHUNK);
  return {
    name: "copy",
    run: () => context.pool.run("copyF32", chunks, params),
  };
}

function print(title: string, bytes: number, contenders: Contender[]) {
  console.log(title);
  for (const { name, median, ratio } of compare(contenders)) {
    const gigabytes = (bytes / median / 1e6).toFixed(1);
    console.log(
      `  ${name.padEnd(12)} ${median.toFixed(4).padStart(10)} ms ` +
        `${gigabytes.padStart(6)} GB/s ${ratio.toFixed(2).padStart(8)} ×`,
    );
  }
  console.log("");
}

/** Nothing is timed that does not compute the same. */
function checkEqual(x: tf.Tensor, dy: tf.Tensor, alpha: tf.Scalar) {
  const results = Object.values(ACTIVATIONS).map((f) => {
    const grads = tf.grads((x, alpha) => f(x!, alpha as tf.Scalar));
    const [dx, dAlpha] = grads([x, alpha], dy);
    return [f(x, alpha), dx!, dAlpha!].map((t) => t.dataSync());
  });
  for (const [k, name] of ["y", "dx", "dAlpha"].entries()) {
    const ours = results[0]![k]!;
    for (const other of results.slice(1)) {
      const tolerance = name === "dAlpha" ? 1e-5 * x.size : 1e-6;
      const wrong = ours.findIndex((v, i) =>
        !(Math.abs(v - other[k]![i]!) <= tolerance)
      );
      if (wrong >= 0) {
        throw new Error(
          `Cannot compare: ${name} must be equal: got ${ours[wrong]} and ${
            other[k]![wrong]
          } at ${wrong}`,
        );
      }
    }
  }
}

if (import.meta.main) await runMain(main);
