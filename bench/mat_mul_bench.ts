/**
 * tf.matMul against TensorFlow.js's own kernel: the dense layers of the reports
 * with their gradients, and squares in all four transpositions.
 *
 *   deno bench -A bench/mat_mul_bench.ts -- --threads 2
 */
import * as tf from "@tensorflow/tfjs";
import { getKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { backendLines, startBackend } from "../lib/backend/start_backend.ts";
import { createRandom } from "../lib/base/random.ts";
import { parseFlags } from "../lib/cli/command_line.ts";
import { flag, integer } from "../lib/cli/flags.ts";
import { measurePeak } from "./measure_peak.ts";

interface Product {
  name: string;
  rows: number;
  columns: number;
  depth: number;
  transposeA: boolean;
  transposeB: boolean;
}

/** Dense layers: batch size, inputs, outputs. */
const LAYERS = [
  [64, 36, 10],
  [16, 200, 4],
  [16, 200, 200],
  [16, 784, 200],
  [128, 512, 10],
  [128, 512, 512],
  [128, 784, 512],
  [100, 25_088, 10],
  [128, 9_216, 128],
] as const;

const SQUARES = [64, 128, 256, 512, 1_024];

const PRODUCTS: Product[] = [
  ...LAYERS.flatMap(([batch, inputs, outputs]) => {
    const layer = `[${batch}, ${inputs}] → ${outputs}`;
    return [
      {
        name: `${layer}: y`,
        transposeA: false,
        transposeB: false,
        rows: batch,
        columns: outputs,
        depth: inputs,
      },
      {
        name: `${layer}: dFilter`,
        transposeA: true,
        transposeB: false,
        rows: inputs,
        columns: outputs,
        depth: batch,
      },
      {
        name: `${layer}: dx`,
        transposeA: false,
        transposeB: true,
        rows: batch,
        columns: inputs,
        depth: outputs,
      },
    ];
  }),
  ...SQUARES.flatMap((size) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) => ({
        name: `${size}³ ${transposeA ? "Aᵀ" : "A"} ${transposeB ? "Bᵀ" : "B"}`,
        rows: size,
        columns: size,
        depth: size,
        transposeA,
        transposeB,
      }))
    )
  ),
];

/** The shortest of many runs in ms, in about 200 ms or at least 5 runs. */
function shortest(run: () => void): number {
  let best = Infinity;
  const end = performance.now() + 200;
  for (let runs = 0; runs < 5 || performance.now() < end; runs++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

const { threads } = parseFlags(
  "mat_mul_bench",
  "Times tf.matMul against TensorFlow.js's own kernel.",
  {
    threads: flag(integer({ min: 1, max: 8 }), {
      default: Math.min(8, navigator.hardwareConcurrency),
      describe: "threads that compute",
    }),
  },
  Deno.args,
);
const stock = getKernel("BatchMatMul", "wasm")!.kernelFunc;
const backend = await startBackend({ threads });
globalThis.addEventListener("unload", () => backend.stop());
const tfjs = tf.backend() as unknown as {
  disposeData(dataId: TensorInfo["dataId"]): void;
};
const random = createRandom(1);
const peak = measurePeak();
console.log(backendLines(backend));
console.log(`peak of ${threads} threads: ${peak.toFixed(1)} GFLOP/s`);
for (const product of PRODUCTS) {
  const { name, rows, columns, depth, transposeA, transposeB } = product;
  const tensor = (shape: [number, number]) =>
    tf.tensor2d(
      Float32Array.from({ length: shape[0] * shape[1] }, () => random.normal()),
      shape,
    );
  const a = tensor(transposeA ? [depth, rows] : [rows, depth]);
  const b = tensor(transposeB ? [columns, depth] : [depth, columns]);
  const ours = () => tf.matMul(a, b, transposeA, transposeB);
  const theirs = () =>
    stock({
      inputs: { a, b },
      backend: tfjs,
      attrs: { transposeA, transposeB },
    }) as TensorInfo;
  tf.tidy(() => {
    const difference = tf.sub(
      ours(),
      tf.engine().makeTensorFromTensorInfo(
        theirs(),
      ),
    ).abs().max().dataSync()[0]!;
    // Two sums of normal products, each off by some units of their length.
    if (!(difference < 1e-5 * Math.sqrt(depth) * 8)) {
      throw new Error(
        `Cannot time ${name}: results must agree: got ${difference}`,
      );
    }
  });
  const runOurs = () => ours().dispose();
  const runTheirs = () => tfjs.disposeData(theirs().dataId);
  const flops = 2 * rows * columns * depth;
  const [ms, stockMs] = [shortest(runOurs), shortest(runTheirs)];
  const speed = flops / ms / 1e6;
  console.log(
    `${name.padEnd(26)} ${speed.toFixed(1).padStart(6)} GFLOP/s, ${
      (100 * speed / peak).toFixed(0).padStart(3)
    } % of the peak; TF.js ${(flops / stockMs / 1e6).toFixed(1).padStart(5)}`,
  );
  // By itself Deno would take minutes for the products of seconds.
  const runs = (ms: number) => ({
    n: Math.min(1_000, Math.max(3, Math.ceil(300 / ms))),
    warmup: 1,
  });
  Deno.bench({
    name: "ours",
    group: name,
    baseline: true,
    fn: runOurs,
    ...runs(ms),
  });
  Deno.bench({
    name: "TF.js",
    group: name,
    fn: runTheirs,
    ...runs(stockMs),
  });
}
