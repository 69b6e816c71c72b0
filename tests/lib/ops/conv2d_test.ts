import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { isWinograd } from "../../../lib/ops/_conv2d_winograd.ts";
import { drawCases } from "../../draw_cases.ts";
import { assertGradients } from "../../assert_gradients.ts";
import { type Expectation, type Refusal, testOp } from "../../ops_suite.ts";
import * as reference from "../../reference/conv2d.ts";
import { hasOutput, windowGeometry } from "../../reference/window_geometry.ts";
import { closeSums } from "./fixtures/close_sums.ts";
import { anyPadding, type Padding } from "./fixtures/any_padding.ts";
import {
  DILATED_WINDOWS,
  GRADIENT_WINDOWS,
  gradsOf,
} from "./fixtures/grads_of.ts";
import {
  seededNumbers,
  seededTensor,
  specialNumber,
} from "./fixtures/seeded_tensor.ts";

type Shape = [number, number, number, number];

/** A convolution and its gradients, or a fused one alone. */
interface Case {
  inputShape: Shape;
  filterShape: Shape;
  strides: [number, number];
  dilations: [number, number];
  pad: Padding;
  dimRoundingMode?: "floor" | "round" | "ceil";
  seed?: number;
  /** Changes x: values that are no finite numbers, for one. */
  change?: (value: number) => number;
  /** Whether the gradients come from `tf.grads`, not from their kernels. */
  throughGrads?: boolean;
  fused?: { activation: string; hasBias: boolean; slopeShape?: number[] };
  /** Whether the oracle would take too long. */
  large?: boolean;
}

const geometry = (c: Case) => windowGeometry(c);

function run(kernel: string, inputs: Record<string, tf.Tensor>, c: Case) {
  const { fused: _, change: __, throughGrads: ___, ...attributes } = c;
  return tf.engine().runKernel(
    kernel,
    inputs,
    { ...attributes, dataFormat: "NHWC" } as unknown as tf.NamedAttrMap,
  ) as tf.Tensor;
}

/** Inputs of a case, and their values. */
function inputsOf(c: Case) {
  const { seed = 0 } = c;
  const x = seededTensor(c.inputShape, seed, c.change);
  const filter = seededTensor(c.filterShape, seed + 1);
  const dy = seededTensor(geometry(c).outShape, seed + 2);
  return { x, filter, dy };
}

function compute(c: Case): Record<string, tf.Tensor> {
  if (c.fused) return { y: computeFused(c, c.fused) };
  const inputs = inputsOf(c), { x, filter, dy } = inputs;
  const y = run("Conv2D", { x, filter }, c);
  if (c.throughGrads) return { y, ...gradsOf(tf.conv2d, inputs, c) };
  return {
    y,
    dx: run("Conv2DBackpropInput", { dy, filter }, c),
    dFilter: run("Conv2DBackpropFilter", { x, dy }, c),
  };
}

/**
 * What Winograd's F(4×4, 3×3) makes of a sum: to an output, each channel of a
 * tile brings terms of at most 81 · max |g| · max |d| together, and to a
 * filter's gradient 64 · max · max, which pass 12 additions in the transforms.
 * These are the bounds of F(2×2, 3×3). Those of the larger tiles are up to 19
 * times as large, but would need all roundings to have one sign;
 * conv2d_winograd_test.ts has what they lose.
 */
function viaWinograd(c: Case, outShape: readonly number[]): boolean {
  return isWinograd(c.filterShape, outShape, [...c.strides, ...c.dilations]);
}

/** The oracle's sums with the terms of the way that computes them. */
function expect(c: Case): Record<string, Expectation> | undefined {
  if (c.large) return;
  if (c.fused) return { y: expectFused(c, c.fused) };
  const g = geometry(c);
  const inputs = inputsOf(c);
  const [x, filter, dy] = [inputs.x, inputs.filter, inputs.dy].map((t) =>
    t.dataSync<"float32">()
  ) as [Float32Array, Float32Array, Float32Array];
  const y = reference.conv2d(g, x, filter);
  const dx = reference.conv2dInputGrad(g, dy, filter);
  const dFilter = reference.conv2dFilterGrad(g, x, dy);
  const taps = g.filterHeight * g.filterWidth;
  const pixels = g.batchSize * g.outHeight * g.outWidth;
  const within = (
    shape: readonly number[],
    { values, magnitudes }: reference.Sums,
    outShape: readonly number[],
    direct: number,
    terms: number,
    magnitude: number,
  ) =>
    viaWinograd(c, outShape)
      ? closeSums(shape, {
        values,
        magnitudes: magnitudes.fill(magnitude),
      }, terms + 12)
      : closeSums(shape, { values, magnitudes }, direct);
  const [mostX, mostFilter, mostDy] = [x, filter, dy].map(largest) as [
    number,
    number,
    number,
  ];
  const tiles = g.batchSize * Math.ceil(g.outHeight / 4) *
    Math.ceil(g.outWidth / 4);
  const ofY = 81 * g.inChannels * mostX * mostFilter;
  const ofX = 81 * g.outChannels * mostDy * mostFilter;
  const ofFilter = 64 * tiles * mostX * mostDy;
  const { inChannels: ins, outChannels: outs, outShape } = g;
  const { inputShape, filterShape } = c;
  return {
    y: within(outShape, y, outShape, taps * ins, ins, ofY),
    dx: within(inputShape, dx, inputShape, taps * outs, outs, ofX),
    dFilter: within(filterShape, dFilter, outShape, pixels, tiles, ofFilter),
  };
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}

const size = (min: number, max: number) => fc.integer({ min, max });

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
  seed: size(0, 1_000),
}).map(({ filter: [height, width, outChannels], ...c }): Case => ({
  ...c,
  filterShape: [height, width, c.inputShape[3], outChannels],
  strides: [
    c.dilations[0] > 1 ? 1 : c.strides[0],
    c.dilations[1] > 1 ? 1 : c.strides[1],
  ],
  dimRoundingMode: typeof c.pad === "string" ? undefined : c.dimRoundingMode,
})).filter(hasOutput);

/** Cases that Winograd's algorithm takes, where the output is large enough. */
const winogradCase: fc.Arbitrary<Case> = fc.record({
  inputShape: fc.tuple(
    size(0, 3),
    size(1, 13),
    size(1, 13),
    fc.constantFrom(16, 24, 32),
  ) as fc.Arbitrary<Shape>,
  outChannels: fc.constantFrom(16, 24, 40),
  pad: anyPadding,
  seed: size(0, 1_000),
}).map(({ inputShape, outChannels, ...c }): Case => ({
  ...c,
  inputShape,
  filterShape: [3, 3, inputShape[3], outChannels],
  strides: [1, 1],
  dilations: [1, 1],
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
  // No column of x is read: strides are larger than the filter.
  {
    inputShape: [1, 1, 1, 5],
    filterShape: [5, 1, 5, 1],
    strides: [3, 3],
    dilations: [1, 1],
    pad: 1,
  },
];

const ACTIVATIONS: Record<string, (v: number, slope: number) => number> = {
  linear: (v) => v,
  relu: (v) => Math.max(v, 0),
  relu6: (v) => Math.min(Math.max(v, 0), 6),
  prelu: (v, slope) => v > 0 ? v : slope * v,
  leakyrelu: (v, slope) => v > 0 ? v : slope * v,
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  elu: (v) => v > 0 ? v : Math.expm1(v),
};

/** Each activation with tails of channels, and slopes that broadcast. */
const FUSED: Case[] = Object.keys(ACTIVATIONS).flatMap((activation) =>
  [1, 7, 8, 13, 16].flatMap((channels) =>
    [true, false].flatMap((hasBias) =>
      (activation === "prelu"
        ? [[channels], [1, 1, channels], [7, 7, channels], [1]]
        : [undefined]).map((slopeShape): Case => ({
          ...square([2, 7, 24, channels], 3, 1, "same"),
          seed: 1,
          change: (value) => 2 * value,
          fused: { activation, hasBias, slopeShape },
        }))
    )
  )
);

/** Sums that are no finite numbers, in each lane and in the tail. */
const FUSED_SPECIAL: Case[] = ["linear", "relu", "relu6", "leakyrelu"].map(
  (activation) => ({
    ...square([2, 6, 4, 13], 3, 1, "same"),
    change: specialNumber,
    fused: { activation, hasBias: true },
  }),
);

/** Bias and slopes of a fused convolution. */
function fusedInputs(c: Case, { slopeShape }: NonNullable<Case["fused"]>) {
  return {
    bias: seededTensor([c.filterShape[3]], 3) as tf.Tensor1D,
    slopes: slopeShape && seededTensor(slopeShape, 4),
  };
}

function computeFused(c: Case, fused: NonNullable<Case["fused"]>): tf.Tensor {
  const { x, filter } = inputsOf(c);
  const { bias, slopes } = fusedInputs(c, fused);
  const { activation, hasBias } = fused;
  return tf.fused.conv2d({
    x: x as tf.Tensor4D,
    filter: filter as tf.Tensor4D,
    strides: 1,
    pad: "same",
    bias: hasBias ? bias : undefined,
    activation: activation as "linear",
    preluActivationWeights: slopes,
    leakyreluAlpha: activation === "leakyrelu" ? 0.25 : undefined,
  });
}

function expectFused(
  c: Case,
  fused: NonNullable<Case["fused"]>,
): Expectation {
  const g = geometry(c);
  const { x, filter } = inputsOf(c);
  const sums = reference.conv2d(g, x.dataSync(), filter.dataSync());
  const { bias, slopes } = fusedInputs(c, fused);
  const [biases, slopeValues] = [
    bias.dataSync(),
    slopes?.dataSync() ?? [0.25],
  ];
  const biasAt = (i: number) => fused.hasBias ? biases[i % g.outChannels]! : 0;
  const apply = ACTIVATIONS[fused.activation]!;
  return closeSums(g.outShape, {
    values: sums.values.map((v, i) =>
      apply(v + biasAt(i), slopeValues[i % slopeValues.length]!)
    ),
    // XNNPACK's sigmoid and elu are good to some 2⁻²² of themselves.
    magnitudes: sums.magnitudes.map((m, i) =>
      (viaWinograd(c, g.outShape) ? 81 * 24 * 2 : m) + Math.abs(biasAt(i)) + 1
    ),
  }, 9 * 24);
}

Deno.test("the oracle of conv2d has the gradients that differences have", () => {
  const dilated: Case = { ...square([1, 5, 2, 3], 2, 1, 1), dilations: [2, 1] };
  for (const c of [square([2, 5, 2, 3], 2, 2, "same"), dilated]) {
    const g = geometry(c);
    const [x, filter, dy] = [c.inputShape, c.filterShape, g.outShape].map(
      (shape, seed) => seededNumbers(tf.util.sizeFromShape(shape), seed),
    ) as [Float32Array, Float32Array, Float32Array];
    assertGradients(
      ({ x, filter }) => reference.conv2d(g, x, filter).values,
      { x, filter },
      dy,
      {
        x: reference.conv2dInputGrad(g, dy, filter).values,
        filter: reference.conv2dFilterGrad(g, x, dy).values,
      },
      { h: 1e-3, atol: 1e-9 },
    );
  }
});

testOp<Case>({
  name: "conv2d and its gradients",
  tolerance: "to the roundings of its sums",
  cases: {
    "layers, small ones": LAYERS.map((c, seed) => ({ ...c, seed })),
    "layers, several chunks": LAYERS.map((c) => {
      const [batchSize, ...image] = c.inputShape;
      return { ...c, inputShape: [3 * batchSize, ...image], large: true };
    }),
    "random shapes": drawCases(anyCase, 400),
    "random shapes, by Winograd": drawCases(winogradCase, 80),
    "NaN, ±∞, −0 and denormals": [[1, 3], [4, 8], [7, 13]].map(
      ([inChannels, outChannels]): Case => ({
        ...square([2, 6, inChannels!, outChannels!], 3, 1, "same"),
        change: specialNumber,
      }),
    ),
    "tf.grads()": [
      square([2, 9, 3, 10], 3, 2, "same"),
      ...GRADIENT_WINDOWS,
      ...DILATED_WINDOWS,
    ].map((c) => ({ ...c, throughGrads: true })),
    "fused, each activation": FUSED,
    "fused, NaN and ±∞": FUSED_SPECIAL,
  },
  compute,
  expect,
  refusals,
  also: {
    "an ∞ reaches the outputs alone that have it in their window, by Winograd too":
      checkInfinities,
    "conv2dTranspose() takes the top left part of what is too large":
      checkTranspose,
  },
});

function checkInfinities() {
  const [height, width] = [8, 7];
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
          if (isReached) assert.equal(value, Infinity);
        });
      });
    }
  }
}

function checkTranspose() {
  const large = seededTensor([2, 7, 6, 3], 1) as tf.Tensor4D;
  const filter = seededTensor([3, 3, 4, 3], 2) as tf.Tensor4D;
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
}

function refusals(): Refusal[] {
  const c = square([1, 5, 2, 3], 3, 1, "valid");
  const x = tf.zeros(c.inputShape), filter = tf.zeros(c.filterShape);
  const wrong = tf.zeros([1, 3, 3, 4]);
  const integers = tf.zeros(c.inputShape, "int32");
  return [
    [
      () => run("Conv2D", { x: integers, filter }, c),
      "TypeError",
      "Cannot compute conv2d: x must be float32: got int32",
    ],
    [
      () => run("Conv2D", { x, filter: tf.zeros([3, 3, 4, 3]) }, c),
      "RangeError",
      "Cannot compute conv2d: filter must be [any,any,2,any]: got [3,3,4,3]",
    ],
    [
      () => run("Conv2DBackpropInput", { dy: wrong, filter }, c),
      "RangeError",
      "Cannot compute conv2d's input gradient: dy must be [1,3,3,3]: got [1,3,3,4]",
    ],
    [
      () => run("Conv2DBackpropFilter", { x, dy: wrong }, c),
      "RangeError",
      /^Cannot compute conv2d's filter gradient: dy must be/,
    ],
  ];
}
