import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Backend } from "../../../lib/backend/start_backend.ts";
import { fusedDense } from "../../../lib/ops/fused_dense.ts";
import { reluAlpha } from "../../../lib/ops/relu_alpha.ts";
import type { TfjsModule } from "../../../lib/wasm/_module_guard.ts";
import { allocateBlock } from "../../../lib/wasm/heap_block.ts";
import { kernelContext } from "../../../lib/wasm/kernel_context.ts";
import { withBackend } from "../../with_backend.ts";

const KIB = 2 ** 10, MIB = 2 ** 20;

/** What every allocation says that finds no room. */
const NO_ROOM =
  /^Cannot allocate memory: the heap, at [34]\.\d\d of 4 GiB, must have room for it: got \d+ bytes$/;

/** What TF.js's C++ code says that finds none. */
const GAVE_UP = (kernel: string) =>
  new RegExp(
    `^Cannot run ${kernel}: TF\\.js's code gave up, with the heap at 4\\.00 of 4 GiB: got `,
  );

/**
 * Takes all of the heap, and writes nothing there, so that it takes no memory
 * of the machine, until not even `smallest` bytes find room.
 */
function fillHeap(smallest: number): Disposable {
  const wasm = (tf.backend() as BackendWasm).wasm as unknown as TfjsModule;
  const held: number[] = [];
  for (let bytes = 256 * MIB; bytes >= smallest; bytes /= 2) {
    try {
      while (true) held.push(wasm._malloc(bytes));
    } catch (error) {
      assert.match((error as Error).message, NO_ROOM);
    }
  }
  assert.ok(held.length >= 16);
  return { [Symbol.dispose]: () => held.forEach((at) => wasm._free(at)) };
}

/** Everything that may not change: tensors, their data, the heap's start. */
function world({ memory }: Backend, watched: readonly tf.Tensor[]) {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return {
    numTensors,
    numDataBuffers,
    numBytes,
    numDataIds: (tf.backend() as BackendWasm).numDataIds(),
    values: watched.map((tensor) => tensor.arraySync()),
    // C++ keeps nothing below 1,024, where a pointer of 0 leads.
    start: new Uint8Array(memory.buffer, 0, KIB).slice(),
  };
}

function assertFails(call: () => unknown, message: RegExp) {
  assert.throws(() => tf.tidy(() => void call()), { name: "Error", message });
}

Deno.test("a full heap is an error in words for whoever allocates, and nothing changes", async () => {
  await withBackend({ threads: 2 }, (backend) => {
    const context = kernelContext("test");
    const small = tf.tensor1d([1, 2, 3]), half = tf.scalar(0.5);
    const n = 256;
    const square = tf.range(0, n * n).mod(7).reshape([n, n]) as tf.Tensor2D;
    const bias = tf.range(0, n) as tf.Tensor1D;
    const image = square.reshape([1, n, n, 1]) as tf.Tensor4D;
    const filter = tf.ones([3, 3, 1, 16]) as tf.Tensor4D;
    const calls: Record<string, () => unknown> = {
      tensor1d: () => tf.tensor1d(new Float32Array(16 * KIB)),
      tensor2d: () => tf.tensor2d(new Int32Array(16 * KIB), [16, KIB]),
      zeros: () => tf.zeros([16 * KIB], "bool"),
      variable: () => tf.variable(square.slice(0, 128)),
      add: () => tf.add(square, square),
      transpose: () => tf.transpose(square),
      concat: () => tf.concat([square, square]),
      fill: () => tf.fill([n, n], 3),
      reluAlpha: () => reluAlpha(square, half),
      matMul: () => tf.matMul(square, square),
      fusedDense: () => fusedDense(square, square, bias),
      conv2d: () => tf.conv2d(image, filter, 1, "same"),
      maxPool: () => tf.maxPool(image, 2, 1, "same"),
      gradient: () => tf.grad((x) => reluAlpha(x, half))(square),
      block: () => allocateBlock(context, 16 * KIB),
    };
    const watched = [small, half, square, bias, filter];
    const before = world(backend, watched);
    {
      using _full = fillHeap(4 * KIB);
      for (const [name, call] of Object.entries(calls)) {
        for (let i = 0; i < 3; i++) assertFails(call, NO_ROOM);
        assert.deepEqual(world(backend, watched), before, name);
      }
    }
    for (const call of Object.values(calls)) tf.tidy(() => void call());
    // Row 0, column 0: Σₖ (k mod 7)(256 k mod 7)
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (k % 7) * ((n * k) % 7);
    assert.equal(fusedDense(square, square, bias).dataSync()[0], sum);
    assert.equal(tf.matMul(square, square).dataSync()[0], sum);
  });
});

Deno.test("a kernel that finds room for its output alone leaves no output behind", async () => {
  await withBackend({ threads: 2 }, (backend) => {
    const context = kernelContext("test");
    const wide = tf.ones([64, 4_096]) as tf.Tensor2D;
    const bias = tf.zeros([64]) as tf.Tensor1D;
    const image = tf.ones([1, 64, 64, 16]) as tf.Tensor4D;
    const filter = tf.ones([3, 3, 16, 4]) as tf.Tensor4D;
    const two = tf.ones([2, 7_000]);
    const hole = context.output([16 * KIB]);
    const calls: [string, () => unknown][] = [
      ["scratch of matMul", () => tf.matMul(wide, wide, false, true)],
      [
        "scratch of fusedDense",
        () => fusedDense(wide, tf.reshape(wide, [4_096, 64]), bias),
      ],
      ["scratch of conv2d", () => tf.conv2d(image, filter, 1, "same")],
      // TF.js's own: first a transposed copy that fits, then one that does not
      ["temporary tensors", () => tf.max(two, 0)],
    ];
    using _full = fillHeap(4 * KIB);
    context.dispose(hole);
    const before = world(backend, [bias]);
    for (const [name, call] of calls) {
      for (let i = 0; i < 20; i++) assertFails(call, NO_ROOM);
      assert.deepEqual(world(backend, [bias]), before, name);
    }
    // The hole is still one.
    context.dispose(context.output([16 * KIB]));
  });
});

Deno.test("a heap without a byte left is an error of TF.js's C++ code too", async () => {
  await withBackend({ threads: 2 }, (backend) => {
    const context = kernelContext("test");
    const x = tf.scalar(0), values = tf.zeros([1, 100_000]);
    const holes = [4, 4].map((size) => context.output([size]));
    const wasm = (tf.backend() as BackendWasm).wasm as unknown as TfjsModule;
    const hole = wasm._malloc(16);
    const full = fillHeap(1);
    // Room for the numbers of a tensor, and none for C++'s record of it.
    wasm._free(hole);
    for (let i = 0; i < 3; i++) {
      const atFirst = world(backend, [x]);
      assertFails(() => tf.tensor1d([1, 2, 3, 4]), GAVE_UP("register_tensor"));
      assert.deepEqual(world(backend, [x]), atFirst);
    }
    holes.forEach(context.dispose);
    const before = world(backend, [x]);
    assertFails(() => tf.sigmoid(x), GAVE_UP("Sigmoid"));
    // An abort leaves through the stack of 64 KiB, which must not fill up.
    for (let i = 0; i < 2_000; i++) {
      assertFails(() => tf.topk(values, 1), /^Cannot (allocate|run) /);
    }
    assert.deepEqual(world(backend, [x]), before);
    full[Symbol.dispose]();
    assert.equal(tf.sigmoid(x).dataSync()[0], 0.5);
    assert.deepEqual(tf.topk(values, 1).values.arraySync(), [[0]]);
  });
});

Deno.test("no tensor is 4 GiB or larger, whatever is left of its size modulo 4 GiB", async () => {
  await withBackend({ threads: 1 }, (backend) => {
    const before = world(backend, []);
    for (const size of [2 ** 30, 2 ** 30 + 1, 3 * 2 ** 30]) {
      assertFails(() => tf.fill([size], 1), new RegExp(`: got ${4 * size} b`));
    }
    const row = tf.zeros([1, 2 ** 16]) as tf.Tensor2D;
    assertFails(() => tf.matMul(row, row, true), / got 17179869184 bytes$/);
    row.dispose();
    assert.deepEqual(world(backend, []), before);
  });
});

Deno.test("kernels compute beyond 2 GiB, where pointers are negative numbers", async () => {
  await withBackend({ threads: 2 }, () => {
    const context = kernelContext("test");
    let high: TensorInfo;
    // The only block that is free lies there.
    do high = context.output([64 * MIB]); while (
      context.pointer(high) < 2 ** 31
    );
    using _full = fillHeap(1);
    context.dispose(high);
    const x = tf.tensor2d([[1, -2], [3, -4]]);
    assert.ok(context.pointer(x) > 2 ** 31);
    assert.deepEqual(tf.add(x, x).arraySync(), [[2, -4], [6, -8]]);
    assert.deepEqual(tf.matMul(x, x).arraySync(), [[-5, 6], [-9, 10]]);
    const y = reluAlpha(x, tf.scalar(0.5));
    assert.deepEqual(y.arraySync(), [[1, -1], [3, -2]]);
    assert.deepEqual(tf.max(x, 0).arraySync(), [3, -2]);
    const boxes = tf.tensor2d([0, 0, 1, 1, 0, 0, 1, 1.1, 5, 5, 6, 6], [3, 4]);
    const scores = tf.tensor1d([0.5, 0.6, 0.7]);
    const { nonMaxSuppression, nonMaxSuppressionWithScore } = tf.image;
    const selected = nonMaxSuppression(boxes, scores, 3);
    assert.deepEqual(selected.arraySync(), [2, 1]);
    const scored = nonMaxSuppressionWithScore(boxes, scores, 3);
    assert.deepEqual(
      Object.values(scored).map((tensor) => [...tensor.dataSync()]),
      [[2, 1], [...new Float32Array([0.7, 0.6])]],
    );
  });
});
