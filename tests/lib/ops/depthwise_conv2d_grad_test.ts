import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { assertValuesClose } from "../../assert_all_close.ts";
import { centralDifferences } from "../../reference/central_differences.ts";
import * as reference from "../../reference/depthwise_conv2d.ts";
import { windowGeometry } from "../../reference/window_geometry.ts";
import { withBackend } from "../../with_backend.ts";
import { assertInBounds } from "./fixtures/assert_in_bounds.ts";
import { assertSameAtThreads } from "./fixtures/assert_same_at_threads.ts";
import { assertSums } from "./fixtures/assert_sums.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

type Shape = [number, number, number, number];

interface Case {
  inputShape: Shape;
  filterShape: Shape;
  strides: [number, number];
  dilations: [number, number];
  pad: "same" | "valid" | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

const INPUT_GRAD = "DepthwiseConv2dNativeBackpropInput";
const FILTER_GRAD = "DepthwiseConv2dNativeBackpropFilter";

const geometry = (c: Case) => windowGeometry(c, true);

function run(kernel: string, inputs: Record<string, tf.Tensor>, c: Case) {
  const attrs = { ...c } as unknown as tf.NamedAttrMap;
  return tf.engine().runKernel(kernel, inputs, attrs) as tf.Tensor;
}

const size = (min: number, max: number) => fc.integer({ min, max });

const anyCase: fc.Arbitrary<Case> = fc.record({
  inputShape: fc.tuple(size(0, 3), size(1, 9), size(1, 9), size(1, 18)),
  filter: fc.tuple(size(1, 4), size(1, 4)),
  multiplier: fc.oneof(fc.constant(1), size(1, 5)),
  strides: fc.tuple(size(1, 3), size(1, 3)),
  dilations: fc.oneof(
    { weight: 3, arbitrary: fc.constant<[number, number]>([1, 1]) },
    fc.tuple(size(1, 3), size(1, 3)),
  ),
  pad: fc.oneof(
    fc.constantFrom<Case["pad"][]>("same", "valid"),
    size(0, 3),
    fc.tuple(size(0, 3), size(0, 3), size(0, 3), size(0, 3)).map((
      [top, bottom, left, right],
    ): Case["pad"] => [[0, 0], [top, bottom], [left, right], [0, 0]]),
  ),
  dimRoundingMode: fc.constantFrom("floor", "round", "ceil"),
}).map(({ filter, multiplier, dimRoundingMode, ...c }): Case => ({
  ...c,
  ...(typeof c.pad === "string" ? {} : { dimRoundingMode }),
  filterShape: [...filter, c.inputShape[3], multiplier],
})).filter((c) => {
  const { outHeight, outWidth } = geometry(c);
  return outHeight >= 0 && outWidth >= 0;
});

function checkCase(c: Case, seed: number) {
  tf.tidy(() => {
    const g = geometry(c);
    const x = seededTensor(c.inputShape, seed);
    const filter = seededTensor(c.filterShape, seed + 1);
    const dy = seededTensor(g.outShape, seed + 2);
    const [xs, filters, dys] = [x.dataSync(), filter.dataSync(), dy.dataSync()];
    const dx = run(INPUT_GRAD, { dy, filter }, c);
    assert.deepEqual(dx.shape, c.inputShape);
    assertSums(
      dx,
      reference.depthwiseConv2dInputGrad(g, dys, filters),
      g.filterHeight * g.filterWidth * c.filterShape[3],
      "dx",
    );
    const dFilter = run(FILTER_GRAD, { x, dy }, c);
    assert.deepEqual(dFilter.shape, c.filterShape);
    assertSums(
      dFilter,
      reference.depthwiseConv2dFilterGrad(g, xs, dys),
      g.batchSize * g.outHeight * g.outWidth,
      "dFilter",
    );
  });
}

const layer = (
  inputShape: Shape,
  filterSize: number,
  multiplier: number,
  stride: number,
  pad: "same" | "valid",
): Case => ({
  inputShape,
  filterShape: [filterSize, filterSize, inputShape[3], multiplier],
  strides: [stride, stride],
  dilations: [1, 1],
  pad,
});

const LAYERS = [
  layer([4, 28, 28, 16], 3, 1, 1, "same"),
  layer([4, 27, 29, 33], 3, 1, 2, "same"),
  layer([9, 14, 14, 6], 5, 4, 1, "valid"),
];

for (const simd of ["relaxed", "simd128"] as const) {
  Deno.test(`depthwiseConv2d's gradients are the oracle's on random shapes (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      fc.assert(fc.property(anyCase, size(0, 1_000), checkCase), {
        numRuns: 300,
      });
      LAYERS.forEach(checkCase);
    });
  });
}

Deno.test("tf.grads() of tf.depthwiseConv2d() are the oracle's", async () => {
  await withBackend({ threads: 2 }, () => {
    for (
      const [stride, pad, multiplier] of [
        [1, "same", 1],
        [2, "valid", 3],
        [3, "same", 2],
      ] as const
    ) {
      tf.tidy(() => {
        const c = layer([2, 9, 8, 10], 3, multiplier, stride, pad);
        const g = geometry(c);
        const x = seededTensor(c.inputShape, 1);
        const filter = seededTensor(c.filterShape, 2);
        const dy = seededTensor(g.outShape, 3);
        const [dx, dFilter] = tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
          tf.depthwiseConv2d(
            x as tf.Tensor4D,
            filter as tf.Tensor4D,
            stride,
            pad,
          )
        )([x, filter], dy);
        const [xs, dys] = [x.dataSync(), dy.dataSync()];
        assertSums(
          dx!,
          reference.depthwiseConv2dInputGrad(g, dys, filter.dataSync()),
          9 * multiplier,
          "dx",
        );
        assertSums(
          dFilter!,
          reference.depthwiseConv2dFilterGrad(g, xs, dys),
          2 * g.outHeight * g.outWidth,
          "dFilter",
        );
      });
    }
  });
});

Deno.test("the oracle's gradients of depthwiseConv2d are central differences", () => {
  const c: Case = {
    ...layer([2, 5, 4, 2], 2, 3, 2, "same"),
    dilations: [2, 1],
  };
  const g = geometry(c);
  const numbers = (shape: number[], factor: number) =>
    Float64Array.from(
      { length: tf.util.sizeFromShape(shape) },
      (_, i) => Math.sin(factor * i + 1),
    );
  const x = numbers(c.inputShape, 1.3), filter = numbers(c.filterShape, 2.1);
  const dy = numbers(g.outShape, 3.7);
  const loss = (x: Float64Array, filter: Float64Array) =>
    reference.depthwiseConv2d(g, x, filter).values
      .reduce((sum, y, i) => sum + y * dy[i]!, 0);
  const tolerance = { rtol: 0, atol: 1e-9 };
  assertValuesClose(
    reference.depthwiseConv2dInputGrad(g, dy, filter).values,
    centralDifferences((x) => loss(x, filter), x, 1e-3),
    tolerance,
  );
  assertValuesClose(
    reference.depthwiseConv2dFilterGrad(g, x, dy).values,
    centralDifferences((filter) => loss(x, filter), filter, 1e-3),
    tolerance,
  );
});

Deno.test("depthwiseConv2d's gradients are the same bits at 1, 2, 3 and 8 threads", async () => {
  await assertSameAtThreads(() =>
    LAYERS.flatMap((c, seed) => {
      const x = seededTensor(c.inputShape, seed);
      const filter = seededTensor(c.filterShape, seed + 1);
      const dy = seededTensor(geometry(c).outShape, seed + 2);
      return [
        run(INPUT_GRAD, { dy, filter }, c),
        run(FILTER_GRAD, { x, dy }, c),
      ];
    })
  );
});

Deno.test("depthwiseConv2d's gradients write nothing outside of their output", async () => {
  await withBackend({ threads: 2 }, () => {
    const neighboured = LAYERS.flatMap((c, seed) =>
      tf.tidy(() => {
        const x = seededTensor(c.inputShape, seed);
        const filter = seededTensor(c.filterShape, seed + 1);
        const dy = seededTensor(geometry(c).outShape, seed + 2);
        run(FILTER_GRAD, { x, dy }, c); // scratch has its size from now on
        return [
          assertInBounds(x.shape, () => run(INPUT_GRAD, { dy, filter }, c)),
          assertInBounds(filter.shape, () => run(FILTER_GRAD, { x, dy }, c)),
        ];
      })
    );
    assert.ok(neighboured.filter(Boolean).length >= LAYERS.length);
  });
});

Deno.test("depthwiseConv2d's gradients reject what they cannot compute", async () => {
  await withBackend({ threads: 1 }, () => {
    tf.tidy(() => {
      const c = layer([1, 5, 5, 2], 3, 2, 1, "valid");
      const x = tf.zeros(c.inputShape), dy = tf.zeros([1, 3, 3, 4]);
      const filter = tf.zeros(c.filterShape);
      assert.throws(
        () => run(INPUT_GRAD, { dy: tf.zeros([1, 3, 3, 2]), filter }, c),
        /^RangeError: Cannot compute depthwiseConv2d's input gradient: dy must be \[1,3,3,4\]: got \[1,3,3,2\]$/,
      );
      assert.throws(
        () => run(INPUT_GRAD, { dy, filter: tf.zeros([3, 3, 3, 2]) }, c),
        /^RangeError: Cannot compute depthwiseConv2d's input gradient: filter must be/,
      );
      assert.throws(
        () => run(FILTER_GRAD, { x: tf.cast(x, "int32"), dy }, c),
        /^TypeError: Cannot compute depthwiseConv2d's filter gradient: x must be float32: got int32$/,
      );
      assert.throws(
        () => run(FILTER_GRAD, { x, dy: tf.zeros([1, 4, 3, 4]) }, c),
        /^RangeError: Cannot compute depthwiseConv2d's filter gradient: dy must be/,
      );
    });
  });
});
