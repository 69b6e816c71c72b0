import assert from "node:assert/strict";
import nodeOs from "node:os";
import nodeWorkerThreads from "node:worker_threads";
import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  describeBackend,
  inspectBackend,
  startBackend,
} from "../../../lib/backend/start_backend.ts";
import { reluAlpha } from "../../../lib/ops/relu_alpha.ts";
import { runScript } from "../../run_script.ts";
import { withBackend } from "../../with_backend.ts";

const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url);

/** What TF.js's own C++ side says. */
function tfjsThreads(): number {
  const backend = tf.backend() as BackendWasm;
  return backend.wasm.tfjs.getThreadsCount();
}

/** A matrix product and a kernel of ours, over more than one chunk. */
function checkArithmetic() {
  tf.tidy(() => {
    // (A B)ᵢⱼ = Σₖ (i + k)(k − j), in integers that float32 holds
    const n = 64;
    const i = tf.range(0, n).reshape([n, 1]), k = tf.range(0, n);
    const a = tf.add(i, k), b = tf.sub(k.reshape([n, 1]), k);
    const c = tf.matMul(a, b).dataSync();
    for (const [row, column] of [[0, 0], [3, 5], [63, 63]] as const) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += (row + k) * (k - column);
      assert.equal(c[row * n + column], sum);
    }
    const y = reluAlpha(tf.fill([100_000], -4), tf.scalar(0.75));
    assert.ok(y.dataSync().every((value) => value === -1));
  });
}

// First, so that nothing is left from another start.
Deno.test("startBackend() leaves the process as it was", async () => {
  const world = () => ({
    worker: globalThis.Worker,
    threadsWorker: nodeWorkerThreads.Worker,
    cpus: nodeOs.cpus,
    cores: nodeOs.cpus().length,
    memory: WebAssembly.Memory,
    errors: process.listeners("uncaughtException"),
    rejections: process.listeners("unhandledRejection"),
    warnings: process.listeners("warning"),
    exits: process.listeners("exit"),
    globals: Object.getOwnPropertyNames(globalThis),
  });
  const before = world();
  const backend = await startBackend({ threads: 2 });
  assert.deepEqual(world(), before);
  backend.stop();
  assert.deepEqual(world(), before);
});

Deno.test("inspectBackend() says what startBackend() would start, and starts nothing", async () => {
  const names = tf.engine().registryFactory;
  const before = Object.keys(names);
  const inspected = await inspectBackend(2);
  assert.deepEqual(Object.keys(names), before);
  await withBackend({ threads: 2 }, (backend) => {
    assert.deepEqual(describeBackend(inspected), describeBackend(backend));
    const { backend: name } = describeBackend(inspected).environment;
    assert.equal(name, tf.getBackend());
  });
});

Deno.test("startBackend() runs 1, 2, 4 and 8 threads with each build, one after the other", async () => {
  const starts = [
    [1, "relaxed"],
    [2, "simd128"],
    [4, "relaxed"],
    [8, "simd128"],
    [1, "simd128"],
    [3, "wide"],
  ] as [number, "wide" | "relaxed" | "simd128"][];
  for (const [threads, simd] of starts) {
    const start = performance.now();
    const backend = await startBackend({ threads, simd });
    const ms = (performance.now() - start).toFixed();
    console.log(`${threads} threads, ${simd}: started in ${ms} ms`);
    assert.equal(backend.threads, threads);
    assert.equal(backend.simd, simd);
    assert.equal(tf.getBackend(), "wasm");
    assert.equal(tfjsThreads(), threads);
    checkArithmetic();
    backend.stop();
  }
});

Deno.test("startBackend() takes the machine's cores and the build of 128 bits by default, without V8's flags", async () => {
  await withBackend({}, (backend) => {
    const cores = Math.min(8, navigator.hardwareConcurrency);
    assert.equal(backend.threads, cores);
    assert.equal(backend.simd, "relaxed");
  });
});

Deno.test("simd128 rounds a product before it adds, whatever the host", async () => {
  await withBackend({ threads: 1, simd: "simd128" }, (backend) => {
    assert.equal(backend.fusedMultiplyAdd, false);
  });
});

Deno.test("startBackend() refuses thread counts that TF.js cannot have", async () => {
  for (const threads of [0, -1, 1.5, 9, NaN, Infinity, "2"]) {
    await assert.rejects(startBackend({ threads: threads as number }), {
      name: "RangeError",
      message:
        `Cannot start backend: threads must be an integer from 1 to 8, the most that TF.js runs: got ${threads}`,
    });
  }
});

Deno.test("startBackend() refuses a second backend, also while the first starts", async () => {
  const error = {
    name: "Error",
    message: "Cannot start backend: one runs already in this process",
  };
  const starting = startBackend({ threads: 2 });
  await assert.rejects(startBackend({ threads: 2 }), error);
  const backend = await starting;
  await assert.rejects(startBackend({ threads: 1 }), error);
  checkArithmetic();
  backend.stop();
  backend.stop();
  await withBackend({ threads: 1 }, checkArithmetic);
});

Deno.test("stop() puts TF.js's own kernels and gradients back", async () => {
  const ours = ["ReluAlpha", "SoftmaxCrossEntropy", "Conv2DBackpropFilter"];
  const kernels = () => ({
    conv2d: tf.getKernel("Conv2D", "wasm").kernelFunc,
    ours: ours.map((name) => tf.getKernel(name, "wasm")),
    gradient: tf.getGradient("ReluAlpha"),
  });
  const before = kernels();
  assert.ok(before.ours.every((kernel) => !kernel));
  await withBackend({ threads: 1 }, () => {
    assert.notEqual(kernels().conv2d, before.conv2d);
    assert.ok(kernels().ours.every((kernel) => kernel));
    assert.ok(kernels().gradient);
  });
  assert.deepEqual(kernels(), before);
});

Deno.test("a process ends by itself after stop(), with nothing allowed but to read", async () => {
  for (const threads of [1, 2, 8]) {
    const { code, stdout, stderr } = await runScript(
      fixture("starts_and_stops.ts"),
      [String(threads)],
    );
    assert.equal(stderr, "");
    assert.equal(stdout, `${threads} -25000\n`);
    assert.equal(code, 0);
  }
});

Deno.test("an uncaught error still ends a process that runs a backend with exit code 1", async () => {
  const texts = { throw: "thrown", reject: "rejected", "": "not awaited" };
  for (const [way, text] of Object.entries(texts)) {
    const { code, stderr } = await runScript(
      fixture("fails_while_running.ts"),
      [way],
    );
    assert.match(stderr, new RegExp(`^error: Uncaught .*${text} on purpose`));
    assert.equal(code, 1);
  }
});

/** Deno's own word for a worker's module that is not there. */
const MISSING =
  /^error: Uncaught \(in worker "tfjs-pthread"\) Module not .*\n/gm;

Deno.test("a start that fails says why, leaves no thread and can be tried again", async () => {
  const other =
    "Error: Cannot start backend: tfjs-backend-wasm must be as in 4.22.0: ";
  const ways: [string, RegExp | string][] = [
    ["no function", `${other}its threaded module is not a function`],
    ["no pool", `${other}it has no pool of workers`],
    [
      "other threads",
      "Error: Cannot start backend: TF.js must run 3 threads: got 1",
    ],
    ["no thread", /^Error: Cannot start thread of TF\.js: .*none\.ts/],
    [
      "broken thread",
      /^Error: Cannot run init_with_threads_count: thread [12] failed: RangeError: .*WebAssembly\.Table/,
    ],
    ["no build", /^NotFound: .*kernels\/build\/simd129\.wasm/],
  ];
  for (const [way, text] of ways) {
    const { code, stdout, stderr } = await runScript(
      fixture("fails_to_start.ts"),
      [way],
    );
    assert.equal(stderr.replace(MISSING, ""), "", way);
    const [first, ...rest] = stdout.trimEnd().split("\n");
    if (text instanceof RegExp) assert.match(first!, text);
    else assert.equal(first, text);
    assert.deepEqual(rest, ["then 2 threads"]);
    assert.equal(code, 0, way);
  }
});

Deno.test({
  name:
    "startBackend() says in one line that the host has no SIMD, before anything else",
  // V8's flag for it is there on this architecture only.
  ignore: Deno.build.arch !== "x86_64",
  async fn() {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--allow-read=.",
        "--v8-flags=--no-enable-sse4-1",
        fixture("fails_to_start.ts").pathname,
      ],
    }).output();
    assert.equal(
      new TextDecoder().decode(stdout),
      "Error: Cannot start backend: the processor must have what WebAssembly's SIMD needs (SSE4.1 on x86-64): got one without\n",
    );
  },
});
