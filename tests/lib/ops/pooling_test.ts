import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { assertValuesClose } from "../../assert_all_close.ts";
import { centralDifferences } from "../../reference/central_differences.ts";
import * as reference from "../../reference/pooling.ts";
import { windowGeometry } from "../../reference/window_geometry.ts";
import { withBackend } from "../../with_backend.ts";
import { assertInBounds } from "./fixtures/assert_in_bounds.ts";
import { assertSameAtThreads } from "./fixtures/assert_same_at_threads.ts";
import { assertSums } from "./fixtures/assert_sums.ts";
import { seededNumbers, seededTensor } from "./fixtures/seeded_tensor.ts";

type Shape = [number, number, number, number];

interface Case {
  inputShape: Shape;
  filterSize: [number, number];
  strides: [number, number];
  pad: "same" | "valid" | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

const BUILDS = ["relaxed", "simd128"] as const;

function geometry(c: Case) {
  const channels = c.inputShape[3];
  const filterShape: Shape = [...c.filterSize, channels, channels];
  return windowGeometry({ ...c, filterShape });
}

function run(kernel: string, inputs: Record<string, tf.Tensor>, c: Case) {
  const attrs = { ...c } as unknown as tf.NamedAttrMap;
  return tf.engine().runKernel(kernel, inputs, attrs) as tf.Tensor;
}

const whole = (value: number) => Math.round(value * 8);

/** Numbers in which ties, NaN and −Infinity are frequent; none above 0. */
const awkward = (value: number) =>
  value > 0.8
    ? NaN
    : value < -0.8
    ? -Infinity
    : -Math.abs(Math.round(value * 3));

const size = (min: number, max: number) => fc.integer({ min, max });

const anyCase: fc.Arbitrary<Case> = fc.record({
  inputShape: fc.tuple(size(0, 3), size(1, 9), size(1, 9), size(1, 18)),
  filterSize: fc.oneof(
    fc.constant<[number, number]>([2, 2]),
    fc.tuple(size(1, 4), size(1, 4)),
  ),
  strides: fc.oneof(
    fc.constant<[number, number]>([2, 2]),
    fc.tuple(size(1, 4), size(1, 4)),
  ),
  pad: fc.oneof(
    fc.constantFrom<Case["pad"][]>("same", "valid"),
    size(0, 3),
    fc.tuple(size(0, 3), size(0, 3), size(0, 3), size(0, 3)).map((
      [top, bottom, left, right],
    ): Case["pad"] => [[0, 0], [top, bottom], [left, right], [0, 0]]),
  ),
  dimRoundingMode: fc.constantFrom("floor", "round", "ceil"),
}).map(({ dimRoundingMode, ...c }): Case =>
  typeof c.pad === "string" ? c : { ...c, dimRoundingMode }
).filter((c) => {
  const { outHeight, outWidth } = geometry(c);
  return outHeight >= 0 && outWidth >= 0;
});

/** All four kernels on one case, exactly where no rounding is. */
function checkCase(c: Case, seed: number, change: (value: number) => number) {
  tf.tidy(() => {
    const g = geometry(c);
    const x = seededTensor(c.inputShape, seed, change);
    const dy = seededTensor(g.outShape, seed + 1, whole);
    const [xs, dys] = [x.dataSync(), dy.dataSync()];
    const y = run("MaxPool", { x }, c);
    assert.deepEqual([y.shape, y.dtype], [g.outShape, "float32"]);
    const isCopy = g.filterHeight * g.filterWidth === 1 &&
      tf.util.arraysEqual(g.outShape, c.inputShape);
    const expected = isCopy ? Float64Array.from(xs) : reference.maxPool(g, xs);
    assert.deepEqual(Float64Array.from(y.dataSync()), expected, "y");
    const dx = run("MaxPoolGrad", { dy, input: x, output: y }, c);
    assert.deepEqual([dx.shape, dx.dtype], [c.inputShape, "float32"]);
    assert.deepEqual(
      Array.from(dx.dataSync(), (value) => value + 0),
      Array.from(reference.maxPoolGrad(g, xs, dys), (value) => value + 0),
      "dx",
    );
    checkAverages(c, seed);
    const averaged = run("AvgPoolGrad", { dy, input: x }, c);
    assert.deepEqual(averaged.shape, c.inputShape);
    const terms = g.filterHeight * g.filterWidth;
    assertSums(averaged, reference.avgPoolGrad(g, dys), terms, "avgPool's dx");
  });
}

function checkAverages(c: Case, seed: number) {
  const g = geometry(c);
  const x = seededTensor(c.inputShape, seed + 2);
  const y = run("AvgPool", { x }, c);
  assert.deepEqual(y.shape, g.outShape);
  const isCopy = g.filterHeight * g.filterWidth === 1 &&
    tf.util.arraysEqual(g.outShape, c.inputShape);
  const average = (xs: ArrayLike<number>) =>
    isCopy ? Float64Array.from(xs) : reference.avgPool(g, xs);
  const values = average(x.dataSync());
  const nans = Array.from(values, Number.isNaN);
  assert.deepEqual(Array.from(y.dataSync(), Number.isNaN), nans);
  const orZero = (value: number) => Number.isNaN(value) ? 0 : value;
  assertSums(
    tf.tensor(y.dataSync().map(orZero), y.shape),
    {
      values: values.map(orZero),
      magnitudes: average(x.dataSync().map(Math.abs)).map(orZero),
    },
    g.filterHeight * g.filterWidth,
    "avgPool",
  );
}

/** Pooling of the reports and what else is common, at a small batch. */
const LAYERS: Case[] = [
  {
    inputShape: [3, 26, 26, 32],
    filterSize: [2, 2],
    strides: [2, 2],
    pad: "valid",
  },
  {
    inputShape: [3, 11, 11, 64],
    filterSize: [2, 2],
    strides: [2, 2],
    pad: "valid",
  },
  {
    inputShape: [2, 11, 13, 19],
    filterSize: [2, 2],
    strides: [2, 2],
    pad: "same",
  },
  {
    inputShape: [5, 24, 24, 8],
    filterSize: [3, 3],
    strides: [2, 2],
    pad: "same",
  },
  {
    inputShape: [2, 17, 17, 6],
    filterSize: [3, 3],
    strides: [1, 1],
    pad: "same",
  },
  { inputShape: [2, 17, 17, 5], filterSize: [2, 2], strides: [3, 3], pad: 1 },
];

for (const simd of BUILDS) {
  Deno.test(`pooling kernels are the oracle's on random shapes (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      fc.assert(
        fc.property(
          anyCase,
          size(0, 1_000),
          fc.boolean(),
          (c, seed, rough) =>
            checkCase(c, seed, rough ? awkward : (value) => value),
        ),
        { numRuns: 400 },
      );
      LAYERS.forEach((c, seed) => checkCase(c, seed, awkward));
    });
  });
}

Deno.test("MaxPool, MaxPoolGrad and AvgPool equal TF.js's cpu backend's, NaN and ties included", async () => {
  const compute = (c: Case, seed: number) =>
    tf.tidy(() => {
      const x = seededTensor(c.inputShape, seed, awkward);
      const dy = seededTensor(geometry(c).outShape, seed + 1, whole);
      const y = run("MaxPool", { x }, c);
      const dx = run("MaxPoolGrad", { dy, input: x, output: y }, c);
      const mean = run("AvgPool", { x }, c); // of whole numbers: no sum rounds
      return [y, dx, mean].map((t) => Array.from(t.dataSync(), (v) => v + 0));
    });
  await withBackend({ threads: 2 }, async () => {
    // Where the padding is a number TF.js's width needs equal sides.
    const cases = fc.sample(anyCase, { numRuns: 300, seed: 7 }).filter((c) =>
      typeof c.pad !== "number" || tf.util.arraysEqual(
        geometry(c).outShape,
        tf.backend_util.computePool2DInfo(
          c.inputShape,
          c.filterSize,
          c.strides,
          1,
          c.pad,
          c.dimRoundingMode,
        ).outShape,
      )
    );
    assert.ok(cases.length > 150);
    const ours = cases.map(compute);
    await tf.setBackend("cpu");
    const theirs = cases.map(compute);
    await tf.setBackend("wasm");
    ours.forEach((values, i) => {
      assert.deepEqual(values, theirs[i], JSON.stringify(cases[i]));
    });
  });
});

/** One pooling of one channel through tf.grad. */
function gradOf(
  pool: (x: tf.Tensor4D) => tf.Tensor,
  rows: number[][],
  dyRows: number[][],
): number[][] {
  return tf.tidy(() => {
    const shape: Shape = [1, rows.length, rows[0]!.length, 1];
    const x = tf.tensor4d(rows.flat(), shape);
    const dy = tf.tensor4d(
      dyRows.flat(),
      [1, dyRows.length, dyRows[0]!.length, 1],
    );
    const dx = tf.grad(pool as (x: tf.Tensor) => tf.Tensor)(x, dy);
    return dx.reshape([rows.length, rows[0]!.length]).arraySync() as number[][];
  });
}

Deno.test("maxPool()'s gradient is kept where every value is at most 0", async () => {
  await withBackend({ threads: 1 }, () => {
    const pool = (x: tf.Tensor4D) => tf.maxPool(x, 2, 2, "valid");
    assert.deepEqual(
      gradOf(pool, [[-3, -1], [-2, -4]], [[5]]),
      [[0, 5], [0, 0]],
    );
    assert.deepEqual(gradOf(pool, [[0, 0], [0, 0]], [[5]]), [[5, 0], [0, 0]]);
  });
});

Deno.test("maxPool()'s gradient goes to the first of equal maxima, row by row", async () => {
  await withBackend({ threads: 1 }, () => {
    const apart = (x: tf.Tensor4D) => tf.maxPool(x, 2, 2, "valid");
    assert.deepEqual(gradOf(apart, [[1, 7], [7, 7]], [[5]]), [[0, 5], [0, 0]]);
    assert.deepEqual(gradOf(apart, [[1, 2], [7, 7]], [[5]]), [[0, 0], [5, 0]]);
    const overlapping = (x: tf.Tensor4D) => tf.maxPool(x, 2, 1, "valid");
    assert.deepEqual(
      gradOf(overlapping, [[7, 7, 1], [7, 7, 7]], [[1, 2]]),
      [[1, 2, 0], [0, 0, 0]],
    );
  });
});

Deno.test("maxPool() passes over NaN, and its gradient too", async () => {
  await withBackend({ threads: 1 }, () => {
    const pool = (x: tf.Tensor4D) => tf.maxPool(x, 2, 2, "valid");
    assert.deepEqual(
      gradOf(pool, [[NaN, -1], [-2, NaN]], [[5]]),
      [[0, 5], [0, 0]],
    );
    assert.deepEqual(
      gradOf(pool, [[NaN, NaN], [NaN, -Infinity]], [[5]]),
      [[0, 0], [0, 0]],
    );
  });
});

Deno.test("tf.maxPool()'s gradient takes what dimRoundingMode made of y", async () => {
  await withBackend({ threads: 1 }, () => {
    const pool = (x: tf.Tensor4D) => tf.maxPool(x, 2, 2, 0, "ceil");
    assert.deepEqual(
      gradOf(pool, [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 2], [3, 4]]),
      [[0, 0, 0], [0, 1, 2], [0, 3, 4]],
    );
  });
});

Deno.test("the oracle's gradients of pooling, avgPool's without padding, are central differences of its poolings", () => {
  const cases: Case[] = [
    {
      inputShape: [2, 5, 4, 2],
      filterSize: [3, 2],
      strides: [2, 1],
      pad: "same",
    },
    { inputShape: [1, 4, 5, 3], filterSize: [2, 2], strides: [2, 2], pad: 1 },
    {
      inputShape: [2, 5, 4, 2],
      filterSize: [3, 2],
      strides: [1, 2],
      pad: "valid",
    },
  ];
  for (const c of cases) {
    const g = geometry(c);
    // All different, by more than the step.
    const length = tf.util.sizeFromShape(c.inputShape);
    const x = Float64Array.from(
      { length },
      (_, i) => (i * 17 % 41) / 41 + i / 1e3,
    );
    const dy = seededNumbers(tf.util.sizeFromShape(g.outShape), 1);
    const check = (
      pool: (x: Float64Array) => Float64Array,
      gradient: Float64Array,
    ) => {
      const loss = (x: Float64Array) =>
        pool(x).reduce((sum, y, i) => sum + y * dy[i]!, 0);
      assertValuesClose(gradient, centralDifferences(loss, x, 1e-5), {
        rtol: 0,
        atol: 1e-8,
      });
    };
    check((x) => reference.maxPool(g, x), reference.maxPoolGrad(g, x, dy));
    if (c.pad !== "valid") continue;
    check((x) => reference.avgPool(g, x), reference.avgPoolGrad(g, dy).values);
  }
});

Deno.test("tf.avgPool() divides by what is inside of the image, its gradient by the filter's size", async () => {
  await withBackend({ threads: 2 }, () => {
    const pool = (x: tf.Tensor4D) => tf.avgPool(x, 2, 2, 1);
    const y = tf.tidy(() => pool(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])));
    assert.deepEqual([...y.dataSync()], [1, 2, 3, 4]);
    assert.deepEqual(
      gradOf(pool, [[1, 2], [3, 4]], [[4, 8], [12, 16]]),
      [[1, 2], [3, 4]],
    );
  });
});

Deno.test("AvgPool of 1 × 1 skips what its strides skip", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
    const y = tf.avgPool(x, 1, 2, "valid").dataSync();
    assert.deepEqual([...y], [1, 3, 7, 9]);
  });
});

Deno.test("pooling kernels are the same bits at 1, 2, 3 and 8 threads", async () => {
  await assertSameAtThreads(() =>
    LAYERS.flatMap((layer, seed) => {
      const [batch, ...image] = layer.inputShape;
      const c: Case = { ...layer, inputShape: [batch * 3, ...image] };
      const x = seededTensor(c.inputShape, seed);
      const dy = seededTensor(geometry(c).outShape, seed + 1);
      const y = run("MaxPool", { x }, c);
      return [
        y,
        run("MaxPoolGrad", { dy, input: x, output: y }, c),
        run("AvgPool", { x }, c),
        run("AvgPoolGrad", { dy, input: x }, c),
      ];
    })
  );
});

Deno.test("pooling kernels write nothing outside of their output", async () => {
  await withBackend({ threads: 2 }, () => {
    const neighboured = LAYERS.flatMap((c, seed) =>
      tf.tidy(() => {
        const x = seededTensor(c.inputShape, seed);
        const y = run("MaxPool", { x }, c);
        const dy = seededTensor(y.shape, seed + 1);
        const grad = { dy, input: x, output: y };
        return [
          assertInBounds(y.shape, () => run("MaxPool", { x }, c)),
          assertInBounds(y.shape, () => run("AvgPool", { x }, c)),
          assertInBounds(x.shape, () => run("MaxPoolGrad", grad, c)),
          assertInBounds(
            x.shape,
            () => run("AvgPoolGrad", { dy, input: x }, c),
          ),
        ];
      })
    );
    assert.ok(neighboured.filter(Boolean).length > LAYERS.length);
  });
});

Deno.test("pooling kernels reject what they cannot compute", async () => {
  await withBackend({ threads: 1 }, () => {
    tf.tidy(() => {
      const c: Case = {
        inputShape: [1, 4, 4, 3],
        filterSize: [2, 2],
        strides: [2, 2],
        pad: "valid",
      };
      const x = tf.zeros(c.inputShape);
      assert.throws(
        () => run("MaxPool", { x: tf.cast(x, "int32") }, c),
        /^TypeError: Cannot compute maxPool: x must be float32: got int32$/,
      );
      assert.throws(
        () => run("AvgPool", { x: tf.zeros([4, 4, 3]) }, c),
        /^RangeError: Cannot compute avgPool: x must be/,
      );
      const y = tf.zeros([1, 2, 2, 3]), wrong = tf.zeros([1, 2, 2, 4]);
      assert.throws(
        () => run("MaxPoolGrad", { dy: wrong, input: x, output: y }, c),
        /^RangeError: Cannot compute maxPool's gradient: dy must be \[1,2,2,3\]: got \[1,2,2,4\]$/,
      );
      assert.throws(
        () => run("MaxPoolGrad", { dy: y, input: x, output: wrong }, c),
        /^RangeError: Cannot compute maxPool's gradient: output must be/,
      );
      assert.throws(
        () => run("AvgPoolGrad", { dy: tf.zeros([2, 2, 2, 3]), input: x }, c),
        /^RangeError: Cannot compute avgPool's gradient: dy must be/,
      );
    });
  });
});
