import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import * as reference from "../../reference/conv2d.ts";
import { startBackend } from "../../../lib/backend/start_backend.ts";
import { conv2dKernels } from "../../../lib/ops/conv2d.ts";
import { conv2dFilterGradKernels } from "../../../lib/ops/conv2d_gradients.ts";
import { hasOutput, windowGeometry } from "../../reference/window_geometry.ts";
import { assertInBounds } from "./fixtures/assert_in_bounds.ts";
import { guardedContext } from "./fixtures/guarded_context.ts";

type Shape = [number, number, number, number];
type Padding = "same" | "valid" | number | tf.backend_util.ExplicitPadding;

interface Case {
  inputShape: Shape;
  filterShape: Shape;
  strides: [number, number];
  dilations: [number, number];
  pad: Padding;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

const BUILDS = ["relaxed", "simd128"] as const;

/** Numbers in −1 … 1 that depend on the seed and their place alone. */
function numbers(size: number, seed: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    let bits = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
    bits = Math.imul(bits ^ bits >>> 15, 0x2c1b3c6d);
    bits = Math.imul(bits ^ bits >>> 12, 0x297a2d39);
    return ((bits ^ bits >>> 15) | 0) / 2 ** 31;
  });
}

function tensor(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tensor(numbers(tf.util.sizeFromShape([...shape]), seed), [
    ...shape,
  ]);
}

const geometry = (c: Case) => windowGeometry(c);

function attributes(c: Case) {
  return { ...c, dataFormat: "NHWC" } as unknown as tf.NamedAttrMap;
}

function run(kernel: string, inputs: Record<string, tf.Tensor>, c: Case) {
  return tf.engine().runKernel(kernel, inputs, attributes(c)) as tf.Tensor;
}

/**
 * A float32 sum of n products, in any order, fused or not, is off by at most
 * (n + 2) · 2⁻²⁴ · Σ |term| to first order (Higham 2002, section 3.1); a bias
 * and an activation are two more operations.
 */
function assertSums(
  actual: tf.Tensor,
  expected: reference.Sums,
  terms: number,
  what: string,
) {
  assert.equal(actual.dtype, "float32");
  const values = actual.dataSync();
  assert.equal(values.length, expected.values.length, what);
  const relative = (terms + 4) * 2 ** -24;
  values.forEach((value, i) => {
    const error = Math.abs(value - expected.values[i]!);
    const bound = relative * expected.magnitudes[i]!;
    if (!(error <= bound)) {
      assert.fail(
        `${what}[${i}]: ${value} must be ${
          expected.values[i]
        } to ${bound}: off by ${error}`,
      );
    }
  });
}

/**
 * 3×3 filters with stride 1 go through Winograd's F(2×2, 3×3), whose terms are
 * larger: to an output, each channel of a tile brings at most
 * |Aᵀ| (|G g Gᵀ| ⊙ |Bᵀ d B|) |A| ≤ 9 · 9/4 · 4 · max |g| · max |d|, and to a
 * filter's gradient |Gᵀ| (|A dy Aᵀ| ⊙ |Bᵀ d B|) |G| ≤ 4 · 4 · 4 · max · max. A
 * term passes at most 12 additions in the transforms.
 */
function isWinograd(c: Case): boolean {
  const [height, width, inChannels, outChannels] = c.filterShape;
  return height === 3 && width === 3 && c.strides.every((s) => s === 1) &&
    c.dilations.every((d) => d === 1) &&
    [inChannels, outChannels].every((n) => n >= 16 && n % 8 === 0);
}

/** The oracle's sums with the terms of the way that computes them. */
function winogradSums(sums: reference.Sums, magnitude: number) {
  return { ...sums, magnitudes: sums.magnitudes.map(() => magnitude) };
}

/** All three passes of one case against the oracle. */
function checkCase(c: Case, seed: number) {
  tf.tidy(() => {
    const g = geometry(c);
    const x = tensor(c.inputShape, seed);
    const filter = tensor(c.filterShape, seed + 1);
    const dy = tensor(g.outShape, seed + 2);
    const [xs, filters, dys] = [x.dataSync(), filter.dataSync(), dy.dataSync()];
    const taps = g.filterHeight * g.filterWidth;
    const y = run("Conv2D", { x, filter }, c);
    assert.deepEqual(y.shape, g.outShape);
    const ySums = reference.conv2d(g, xs, filters);
    const winograd = isWinograd(c);
    if (winograd) {
      const magnitude = 81 * g.inChannels * largest(xs) * largest(filters);
      assertSums(y, winogradSums(ySums, magnitude), g.inChannels + 12, "y");
    } else {
      assertSums(y, ySums, taps * g.inChannels, "y");
    }
    const dx = run("Conv2DBackpropInput", { dy, filter }, c);
    assert.deepEqual(dx.shape, c.inputShape);
    const dxSums = reference.conv2dInputGrad(g, dys, filters);
    if (winograd) {
      const magnitude = 81 * g.outChannels * largest(dys) * largest(filters);
      assertSums(dx, winogradSums(dxSums, magnitude), g.outChannels + 12, "dx");
    } else {
      assertSums(dx, dxSums, taps * g.outChannels, "dx");
    }
    const dFilter = run("Conv2DBackpropFilter", { x, dy }, c);
    assert.deepEqual(dFilter.shape, c.filterShape);
    const filterSums = reference.conv2dFilterGrad(g, xs, dys);
    if (winograd) {
      const tiles = g.batchSize * Math.ceil(g.outHeight / 2) *
        Math.ceil(g.outWidth / 2);
      const magnitude = 64 * tiles * largest(xs) * largest(dys);
      assertSums(
        dFilter,
        winogradSums(filterSums, magnitude),
        tiles + 12,
        "dF",
      );
    } else {
      const pixels = g.batchSize * g.outHeight * g.outWidth;
      assertSums(dFilter, filterSums, pixels, "dFilter");
    }
  });
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}

const size = (min: number, max: number) => fc.integer({ min, max });

const anyPadding: fc.Arbitrary<Padding> = fc.oneof(
  fc.constantFrom<Padding[]>("same", "valid"),
  size(0, 3),
  fc.tuple(size(0, 3), size(0, 3), size(0, 3), size(0, 3)).map((
    [top, bottom, left, right],
  ): Padding => [[0, 0], [top, bottom], [left, right], [0, 0]]),
);

/** Dilations of 1 to 3, of an axis whose stride is 1. */
const anySteps = fc.oneof(
  { weight: 3, arbitrary: fc.constant<[number, number]>([1, 1]) },
  { weight: 2, arbitrary: fc.tuple(size(1, 3), size(1, 3)) },
);

/** Cases that have an output, with or without elements. */
const anyCase: fc.Arbitrary<Case> = fc.record({
  inputShape: fc.tuple(size(0, 3), size(1, 11), size(1, 15), size(1, 17)),
  filter: fc.tuple(size(1, 5), size(1, 5), size(1, 17)),
  strides: fc.tuple(size(1, 3), size(1, 3)),
  dilations: anySteps,
  pad: anyPadding,
  dimRoundingMode: fc.constantFrom("floor", "round", "ceil", undefined),
}).map(({ filter: [height, width, outChannels], ...c }): Case => ({
  ...c,
  filterShape: [height, width, c.inputShape[3], outChannels],
  strides: [0, 1].map((i) => c.dilations[i]! > 1 ? 1 : c.strides[i]!) as [
    ...[number, number],
  ],
  dimRoundingMode: typeof c.pad === "string" ? undefined : c.dimRoundingMode,
})).filter(hasOutput);

/** Cases that Winograd's algorithm takes. */
const winogradCase: fc.Arbitrary<Case> = fc.record({
  inputShape: fc.tuple(
    size(0, 3),
    size(1, 11),
    size(1, 11),
    fc.constantFrom(16, 24, 32),
  ) as fc.Arbitrary<Shape>,
  outChannels: fc.constantFrom(16, 24, 40),
  pad: anyPadding,
}).map(({ inputShape, outChannels, pad }): Case => ({
  inputShape,
  filterShape: [3, 3, inputShape[3], outChannels],
  strides: [1, 1],
  dilations: [1, 1],
  pad,
})).filter(hasOutput);

const square = (
  [batch, width, inChannels, outChannels]: Shape,
  filterSize: number,
  stride: number,
  pad: Padding,
): Case => ({
  inputShape: [batch, width, width, inChannels],
  filterShape: [filterSize, filterSize, inChannels, outChannels],
  strides: [stride, stride],
  dilations: [1, 1],
  pad,
});

/** The layers of the reports, at a small batch. */
const LAYERS: Case[] = [
  square([3, 28, 1, 8], 5, 1, 2),
  square([3, 28, 8, 16], 5, 1, 2),
  square([2, 28, 16, 32], 3, 1, 1),
  square([3, 28, 1, 32], 3, 1, "valid"),
  square([1, 26, 32, 64], 3, 1, "valid"),
  square([5, 28, 1, 15], 2, 2, "valid"),
  square([5, 14, 15, 15], 2, 2, "valid"),
  square([5, 7, 15, 1], 2, 1, "valid"),
  square([2, 27, 32, 16], 3, 1, "same"),
  square([2, 32, 3, 16], 3, 2, "same"),
  square([1, 9, 64, 64], 3, 1, "same"),
  // A single image that is cut into bands.
  square([1, 120, 16, 24], 3, 1, "same"),
  square([1, 120, 16, 24], 3, 2, "same"),
  // A stride that passes over inputs: phases without a tap.
  square([2, 13, 5, 6], 1, 3, "valid"),
  square([2, 13, 5, 9], 2, 3, "same"),
  // Holes in the filter, each way and both.
  { ...square([2, 17, 5, 9], 3, 1, "same"), dilations: [1, 3] },
  { ...square([2, 17, 16, 16], 3, 1, 2), dilations: [2, 1] },
  { ...square([1, 40, 8, 12], 3, 1, "valid"), dilations: [2, 2] },
];

for (const simd of BUILDS) {
  Deno.test(`conv2d and its gradients are the oracle's on random shapes (${simd})`, async () => {
    const backend = await startBackend({ threads: 2, simd });
    try {
      fc.assert(
        fc.property(anyCase, size(0, 1_000), checkCase),
        { numRuns: 500 },
      );
      fc.assert(
        fc.property(winogradCase, size(0, 1_000), checkCase),
        { numRuns: 60 },
      );
    } finally {
      backend.stop();
    }
  });

  Deno.test(`conv2d and its gradients are the oracle's on the reports' layers (${simd})`, async () => {
    const backend = await startBackend({ threads: 2, simd });
    try {
      LAYERS.forEach(checkCase);
    } finally {
      backend.stop();
    }
  });
}

Deno.test("conv2d and its gradients are the same bits at 1, 2, 3 and 8 threads", async () => {
  const bits = async (threads: number) => {
    const backend = await startBackend({ threads });
    try {
      return tf.tidy(() =>
        LAYERS.flatMap((c, seed) => {
          const big = {
            ...c,
            inputShape: [c.inputShape[0] * 3, ...c.inputShape.slice(1)],
          } as Case;
          const x = tensor(big.inputShape, seed);
          const filter = tensor(big.filterShape, seed);
          const dy = tensor(geometry(big).outShape, seed);
          return [
            run("Conv2D", { x, filter }, big),
            run("Conv2DBackpropInput", { dy, filter }, big),
            run("Conv2DBackpropFilter", { x, dy }, big),
          ].map((y) => new Uint8Array(y.dataSync().slice().buffer));
        })
      );
    } finally {
      backend.stop();
    }
  };
  const one = await bits(1);
  for (const threads of [2, 3, 8]) {
    const many = await bits(threads);
    one.forEach((expected, i) => {
      const first = expected.findIndex((byte, at) => byte !== many[i]![at]);
      assert.equal(first, -1, `output ${i} at ${threads} threads`);
    });
  }
});

Deno.test("conv2d and its gradients write all of their output, and nothing outside of it and of scratch", async () => {
  const backend = await startBackend({ threads: 2 });
  const { guarded, check, values } = guardedContext();
  const kernels = {
    ...conv2dKernels(guarded),
    ...conv2dFilterGradKernels(guarded),
  };
  const checkScratch = (c: Case) => {
    tf.tidy(() => {
      const x = tensor(c.inputShape, 0);
      const filter = tensor(c.filterShape, 1);
      const dy = tensor(geometry(c).outShape, 2);
      for (
        const [kernel, inputs] of [
          ["Conv2D", { x, filter }],
          ["Conv2DBackpropInput", { dy, filter }],
          ["Conv2DBackpropFilter", { x, dy }],
        ] as const
      ) {
        const result = kernels[kernel]!({
          inputs,
          attrs: attributes(c),
          backend: tf.backend(),
        });
        assert.ok(values(result as tf.TensorInfo).every(Number.isFinite));
        check(kernel);
      }
    });
  };
  try {
    LAYERS.forEach(checkScratch);
    // No column of x is read: strides are larger than the filter.
    checkScratch({
      inputShape: [1, 1, 1, 5],
      filterShape: [5, 1, 5, 1],
      strides: [3, 3],
      dilations: [1, 1],
      pad: 1,
    });
    fc.assert(fc.property(anyCase, checkScratch), { numRuns: 300 });
    fc.assert(fc.property(winogradCase, checkScratch), { numRuns: 60 });
  } finally {
    backend.stop();
  }
});

Deno.test("conv2d and its gradients write nothing outside of their output", async () => {
  const backend = await startBackend({ threads: 2 });
  let neighboured = 0;
  try {
    LAYERS.forEach((c, seed) => {
      tf.tidy(() => {
        const x = tensor(c.inputShape, seed);
        const filter = tensor(c.filterShape, seed);
        const dy = tensor(geometry(c).outShape, seed);
        const passes = [
          ["Conv2D", { x, filter }, dy.shape],
          ["Conv2DBackpropInput", { dy, filter }, x.shape],
          ["Conv2DBackpropFilter", { x, dy }, filter.shape],
        ] as const;
        for (const [kernel, inputs, shape] of passes) {
          run(kernel, inputs, c).dispose(); // scratch has its size from now on
          const beside = assertInBounds(shape, () => run(kernel, inputs, c));
          if (beside) neighboured++;
        }
      });
    });
    assert.ok(neighboured > LAYERS.length, `${neighboured} were neighbours`);
  } finally {
    backend.stop();
  }
});

Deno.test("an ∞ reaches the outputs alone that have it in their window, by Winograd too", async () => {
  const backend = await startBackend({ threads: 1 });
  try {
    const [height, width] = [5, 6];
    for (const channels of [15, 16]) {
      for (let at = 0; at < height * width; at++) {
        tf.tidy(() => {
          const x = tf.buffer([1, height, width, channels]);
          const [row, column] = [Math.floor(at / width), at % width];
          x.set(Infinity, 0, row, column, 3);
          const y = tf.conv2d(
            x.toTensor() as tf.Tensor4D,
            tf.fill([3, 3, channels, channels], 0.5) as tf.Tensor4D,
            1,
            "same",
          );
          y.dataSync().forEach((value, i) => {
            const pixel = Math.floor(i / channels);
            const isReached = Math.abs(Math.floor(pixel / width) - row) < 2 &&
              Math.abs(pixel % width - column) < 2;
            assert.equal(Number.isFinite(value), !isReached);
            // The direct way has no differences of infinities.
            if (isReached && channels === 15) assert.equal(value, Infinity);
          });
        });
      }
    }
  } finally {
    backend.stop();
  }
});

Deno.test("tf.grads() of tf.conv2d are the oracle's", async () => {
  const backend = await startBackend({ threads: 2 });
  try {
    tf.tidy(() => {
      const c = square([2, 9, 3, 10], 3, 2, "same");
      const g = geometry(c);
      const x = tensor(c.inputShape, 1);
      const filter = tensor(c.filterShape, 2);
      const dy = tensor(g.outShape, 3);
      const [dx, dFilter] = tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, c.strides, "same")
      )([x, filter], dy);
      assertSums(
        dx!,
        reference.conv2dInputGrad(g, dy.dataSync(), filter.dataSync()),
        9 * 10,
        "dx",
      );
      assertSums(
        dFilter!,
        reference.conv2dFilterGrad(g, x.dataSync(), dy.dataSync()),
        2 * 5 * 5,
        "dFilter",
      );
    });
  } finally {
    backend.stop();
  }
});

const ACTIVATIONS: Record<string, (v: number, slope: number) => number> = {
  linear: (v) => v,
  relu: (v) => Math.max(v, 0),
  relu6: (v) => Math.min(Math.max(v, 0), 6),
  prelu: (v, slope) => v > 0 ? v : slope * v,
  leakyrelu: (v, slope) => v > 0 ? v : slope * v,
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  elu: (v) => v > 0 ? v : Math.expm1(v),
};

for (const simd of BUILDS) {
  Deno.test(`tf.fused.conv2d adds the bias and applies every activation (${simd})`, async () => {
    const backend = await startBackend({ threads: 2, simd });
    try {
      for (const [activation, apply] of Object.entries(ACTIVATIONS)) {
        for (const outChannels of [1, 7, 8, 13, 16]) {
          for (const withBias of [true, false]) {
            checkFused(activation, apply, outChannels, withBias);
          }
        }
      }
    } finally {
      backend.stop();
    }
  });
}

function checkFused(
  activation: string,
  apply: (v: number, slope: number) => number,
  outChannels: number,
  withBias: boolean,
) {
  tf.tidy(() => {
    const c = square([2, 7, 24, outChannels], 3, 1, "same");
    const g = geometry(c);
    const x = tensor(c.inputShape, 1).mul(2) as tf.Tensor4D;
    const filter = tensor(c.filterShape, 2) as tf.Tensor4D;
    const bias = tensor([outChannels], 3) as tf.Tensor1D;
    const slopeShapes = activation === "prelu"
      ? [[outChannels], [1, 1, outChannels], [7, 7, outChannels], [1]]
      : [[1]];
    const sums = reference.conv2d(g, x.dataSync(), filter.dataSync());
    for (const slopeShape of slopeShapes) {
      const slope = tensor(slopeShape, 4);
      const [biases, slopes] = [bias.dataSync(), slope.dataSync()];
      const y = tf.fused.conv2d({
        x,
        filter,
        strides: 1,
        pad: "same",
        bias: withBias ? bias : undefined,
        activation: activation as "linear",
        preluActivationWeights: activation === "prelu" ? slope : undefined,
        leakyreluAlpha: activation === "leakyrelu" ? 0.25 : undefined,
      });
      const sloped = (i: number) =>
        activation === "leakyrelu" ? 0.25 : slopes[i % slopes.length]!;
      const biased = (i: number) => withBias ? biases[i % outChannels]! : 0;
      assertSums(
        y,
        {
          values: sums.values.map((v, i) => apply(v + biased(i), sloped(i))),
          // XNNPACK's sigmoid and elu are good to some 2⁻²² of themselves.
          magnitudes: sums.magnitudes.map((m, i) =>
            (isWinograd(c) ? 81 * 24 * 2 : m) + Math.abs(biased(i)) + 1
          ),
        },
        9 * 24,
        `${activation} ${outChannels}`,
      );
    }
  });
}

Deno.test("conv2d's kernels reject what they cannot compute", async () => {
  const backend = await startBackend({ threads: 1 });
  try {
    tf.tidy(() => {
      const c = square([1, 5, 2, 3], 3, 1, "valid");
      const x = tf.zeros(c.inputShape);
      const filter = tf.zeros(c.filterShape);
      const integers = tf.zeros(c.inputShape, "int32");
      assert.throws(
        () => run("Conv2D", { x: integers, filter }, c),
        /^TypeError: Cannot compute conv2d: x must be float32: got int32$/,
      );
      assert.throws(
        () => run("Conv2D", { x, filter: tf.zeros([3, 3, 4, 3]) }, c),
        /^RangeError: Cannot compute conv2d: filter must be \[any,any,2,any\]: got \[3,3,4,3\]$/,
      );
      const wrong = tf.zeros([1, 3, 3, 4]);
      assert.throws(
        () => run("Conv2DBackpropInput", { dy: wrong, filter }, c),
        /^RangeError: Cannot compute conv2d's input gradient: dy must be \[1,3,3,3\]: got \[1,3,3,4\]$/,
      );
      assert.throws(
        () => run("Conv2DBackpropFilter", { x, dy: wrong }, c),
        /^RangeError: Cannot compute conv2d's filter gradient: dy must be/,
      );
    });
  } finally {
    backend.stop();
  }
});

Deno.test("conv2dTranspose() takes the top left part of what is too large", async () => {
  const backend = await startBackend({ threads: 1 });
  try {
    tf.tidy(() => {
      const large = tensor([2, 7, 6, 3], 1) as tf.Tensor4D;
      const filter = tensor([3, 3, 4, 3], 2) as tf.Tensor4D;
      const transpose = (x: tf.Tensor4D) =>
        tf.conv2dTranspose(x, filter, [2, 7, 8, 4], 2, "same");
      const part = large.slice([0, 0, 0, 0], [2, 4, 4, 3]);
      const before = tf.memory().numDataBuffers;
      assert.deepEqual(
        transpose(large).dataSync(),
        transpose(part).dataSync(),
      );
      assert.equal(tf.memory().numDataBuffers, before + 2);
      assert.throws(
        () => transpose(part.slice([0, 0, 0, 0], [2, 3, 4, 3])),
        /^RangeError: .*: dy must be \[2,4,4,3\]: got \[2,3,4,3\]$/,
      );
    });
  } finally {
    backend.stop();
  }
});
