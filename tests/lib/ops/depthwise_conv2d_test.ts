import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { drawCases } from "../../draw_cases.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import { assertGradients } from "../../assert_gradients.ts";
import { type Expectation, type Refusal, testOp } from "../../ops_suite.ts";
import * as reference from "../../reference/depthwise_conv2d.ts";
import {
  hasOutput,
  windowGeometry,
  type Windows,
} from "../../reference/window_geometry.ts";
import { closeSums } from "./fixtures/close_sums.ts";
import { anyPadding } from "./fixtures/any_padding.ts";
import { GRADIENT_WINDOWS, gradsOf } from "./fixtures/grads_of.ts";
import {
  seededNumbers,
  seededTensor,
  specialNumber,
} from "./fixtures/seeded_tensor.ts";

type Case = Windows & {
  dilations: [number, number];
  seed?: number;
  /** Changes x: values that are no finite numbers, for one. */
  change?: (value: number) => number;
  /** Whether the gradients come from `tf.grads`, not from their kernels. */
  throughGrads?: boolean;
  /** Of the fused one, whose bias is tested too. */
  activation?: "linear" | "relu" | "relu6";
};

const geometry = (c: Case) => windowGeometry(c, true);

function run(kernel: string, inputs: Record<string, tf.Tensor>, c: Case) {
  const { change: _, throughGrads: __, ...attributes } = c;
  return tf.engine().runKernel(
    kernel,
    inputs,
    { dataFormat: "NHWC", ...attributes } as unknown as tf.NamedAttrMap,
  ) as tf.Tensor;
}

function inputsOf(c: Case) {
  const { seed = 0 } = c, { outShape, outChannels } = geometry(c);
  return {
    x: seededTensor(c.inputShape, seed, c.change),
    filter: seededTensor(c.filterShape, seed + 1),
    dy: seededTensor(outShape, seed + 2),
    bias: seededTensor([outChannels], seed + 3),
  };
}

function compute(c: Case) {
  const inputs = inputsOf(c), { x, filter, dy, bias } = inputs;
  const fused = { ...c, activation: c.activation ?? "relu6" };
  const { dx, dFilter } = c.throughGrads
    ? gradsOf(tf.depthwiseConv2d, inputs, c)
    : {
      dx: run(INPUT_GRAD, { dy, filter }, c),
      dFilter: run(FILTER_GRAD, { x, dy }, c),
    };
  return {
    y: run("DepthwiseConv2dNative", { x, filter }, c),
    fused: run("FusedDepthwiseConv2D", { x, filter, bias }, fused),
    dx,
    dFilter,
  };
}

const INPUT_GRAD = "DepthwiseConv2dNativeBackpropInput";
const FILTER_GRAD = "DepthwiseConv2dNativeBackpropFilter";

const ACTIVATIONS = {
  linear: (v: number) => v,
  relu: (v: number) => Math.max(v, 0),
  relu6: (v: number) => Math.min(Math.max(v, 0), 6),
};

function expect(c: Case): Record<string, Expectation> {
  const g = geometry(c);
  const { x, filter, dy, bias } = inputsOf(c);
  const [xs, filters, dys, biases] = [x, filter, dy, bias].map((t) =>
    t.dataSync<"float32">()
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const taps = g.filterHeight * g.filterWidth;
  const sums = reference.depthwiseConv2d(g, xs, filters);
  const biasAt = (i: number) => biases[i % g.outChannels]!;
  const fused = {
    values: sums.values.map((v, i) =>
      ACTIVATIONS[c.activation ?? "relu6"](v + biasAt(i))
    ),
    magnitudes: sums.magnitudes.map((m, i) => m + Math.abs(biasAt(i))),
  };
  const dx = reference.depthwiseConv2dInputGrad(g, dys, filters);
  const dFilter = reference.depthwiseConv2dFilterGrad(g, xs, dys);
  const pixels = g.batchSize * g.outHeight * g.outWidth;
  return {
    y: closeSums(g.outShape, sums, taps),
    fused: closeSums(g.outShape, fused, taps + 1),
    dx: closeSums(c.inputShape, dx, taps * c.filterShape[3]),
    dFilter: closeSums(c.filterShape, dFilter, pixels),
  };
}

const size = (min: number, max: number) => fc.integer({ min, max });

const anyCase: fc.Arbitrary<Case> = fc.record({
  image: fc.tuple(size(0, 3), size(1, 9), size(1, 16)),
  channels: fc.oneof(size(0, 9), fc.constantFrom(16, 18)),
  filter: fc.tuple(size(1, 4), size(1, 5)),
  multiplier: fc.oneof(fc.constant(1), size(1, 5)),
  strides: fc.tuple(size(1, 4), size(1, 4)),
  dilations: fc.oneof(
    { weight: 3, arbitrary: fc.constant<[number, number]>([1, 1]) },
    fc.tuple(size(1, 3), size(1, 3)),
  ),
  pad: anyPadding,
  seed: size(0, 1_000),
  dimRoundingMode: fc.constantFrom("floor", "round", "ceil", undefined),
}).map(({ image, channels, filter, multiplier, ...c }): Case => ({
  ...c,
  inputShape: [...image, channels],
  filterShape: [...filter, channels, multiplier],
  dimRoundingMode: typeof c.pad === "string" ? undefined : c.dimRoundingMode,
})).filter(hasOutput);

const layer = (
  inputShape: Case["inputShape"],
  filterSize: number,
  multiplier: number,
  stride: number,
  pad: Case["pad"],
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
  { ...layer([2, 30, 31, 7], 3, 3, 1, 2), dilations: [2, 3] } as Case,
  layer([3, 28, 28, 1], 5, 2, 1, 2),
];

testOp<Case>({
  name: "depthwiseConv2d and its gradients",
  tolerance: "to the roundings of its sums",
  cases: {
    "layers": LAYERS.map((c, seed) => ({ ...c, seed })),
    "random shapes": drawCases(anyCase, 600),
    "NaN, ±∞, −0 and denormals": [1, 2, 5].map((multiplier) => ({
      ...layer([2, 6, 7, 5], 3, multiplier, 1, "same"),
      change: specialNumber,
    })),
    "tf.grads()": [
      layer([2, 9, 8, 10], 3, 1, 1, "same"),
      layer([2, 9, 8, 10], 3, 3, 2, "valid"),
      layer([2, 9, 8, 10], 3, 2, 3, "same"),
      ...GRADIENT_WINDOWS,
    ].map((c) => ({ ...c, throughGrads: true })),
    "a bias and each activation": [[1, 1], [3, 2], [7, 1]].flatMap(
      ([channels, multiplier]) =>
        (["linear", "relu", "relu6"] as const).map((activation): Case => ({
          ...layer([2, 6, 7, channels!], 3, multiplier!, 1, "same"),
          change: (value) => 8 * value,
          activation,
        })),
    ),
  },
  compute,
  expect,
  refusals,
  also: {
    "the values of its definition where TF.js's kernel had others":
      checkDefinition,
    "tf.layers' depthwise and separable convolutions are the oracle's":
      checkLayers,
  },
});

Deno.test("the oracle of depthwiseConv2d has the gradients that differences have", () => {
  const c: Case = {
    ...layer([2, 5, 4, 2], 2, 3, 2, "same"),
    dilations: [2, 1],
  };
  const g = geometry(c);
  const [x, filter, dy] = [c.inputShape, c.filterShape, g.outShape].map(
    (shape, seed) => seededNumbers(tf.util.sizeFromShape(shape), seed),
  ) as [Float32Array, Float32Array, Float32Array];
  assertGradients(
    ({ x, filter }) => reference.depthwiseConv2d(g, x, filter).values,
    { x, filter },
    dy,
    {
      x: reference.depthwiseConv2dInputGrad(g, dy, filter).values,
      filter: reference.depthwiseConv2dFilterGrad(g, x, dy).values,
    },
    { h: 1e-3, atol: 1e-9 },
  );
});

function checkDefinition() {
  const image = (height: number, width: number) =>
    tf.range(1, height * width + 1)
      .reshape([1, height, width, 1]) as tf.Tensor4D;
  const ones = (height: number, width: number): tf.Tensor4D =>
    tf.ones([height, width, 1, 1]);
  const y = (...args: Parameters<typeof tf.depthwiseConv2d>) => {
    const y = tf.depthwiseConv2d(...args) as tf.Tensor4D;
    return { shape: y.shape, values: [...y.dataSync()] };
  };
  // 1 + 2 + 7 + 8, and so on: strides that leave columns out.
  assert.deepEqual(y(image(6, 6), ones(2, 2), 3, "same"), {
    shape: [1, 2, 2, 1],
    values: [18, 30, 90, 102],
  });
  assert.deepEqual(
    y(image(4, 4), ones(3, 3), 2, 0, "NHWC", 1, "ceil"),
    { shape: [1, 2, 2, 1], values: [54, 45, 72, 54] },
  );
  // Three rows, one column: a border of zeros left and right.
  assert.deepEqual(y(image(4, 4), ones(3, 1), 1, 1), {
    shape: [1, 4, 6, 1],
    // deno-fmt-ignore -- the image's rows
    values: [
      0, 6, 8, 10, 12, 0,
      0, 15, 18, 21, 24, 0,
      0, 27, 30, 33, 36, 0,
      0, 22, 24, 26, 28, 0,
    ],
  });
  assert.deepEqual(y(image(4, 4), ones(1, 1), [2, 1], 0), {
    shape: [1, 2, 4, 1],
    values: [1, 2, 3, 4, 9, 10, 11, 12],
  });
}

function checkLayers() {
  const c = layer([2, 7, 8, 3], 2, 2, 3, "same");
  const x = seededTensor(c.inputShape, 1) as tf.Tensor4D;
  const filter = seededTensor(c.filterShape, 2);
  const point = seededTensor([1, 1, 6, 4], 3);
  const sums = reference.depthwiseConv2d(
    geometry(c),
    x.dataSync(),
    filter.dataSync(),
  );
  const options = {
    kernelSize: 2,
    depthMultiplier: 2,
    strides: 3,
    padding: "same" as const,
    useBias: false,
  };
  const depthwise = tf.layers.depthwiseConv2d(options);
  depthwise.apply(x);
  depthwise.setWeights([filter]);
  const expected = closeSums([2, 3, 3, 6], sums, 4);
  assertValuesClose(
    (depthwise.apply(x) as tf.Tensor).dataSync(),
    expected.values,
    { rtol: 0, atol: expected.atol! },
  );
  const separable = tf.layers.separableConv2d({ ...options, filters: 4 });
  separable.apply(x);
  separable.setWeights([filter, point]);
  const wanted = tf.matMul(
    tf.tensor(Float32Array.from(sums.values), [18, 6]),
    point.reshape([6, 4]) as tf.Tensor2D,
  );
  const y = separable.apply(x) as tf.Tensor;
  assert.deepEqual(y.shape, [2, 3, 3, 4]);
  const error = tf.max(tf.abs(tf.sub(y.reshape([18, 4]), wanted)));
  assert.ok(error.dataSync()[0]! < 1e-5);
}

function refusals(): Refusal[] {
  const c = layer([1, 5, 5, 2], 3, 2, 1, "valid");
  const x = tf.zeros(c.inputShape), filter = tf.zeros(c.filterShape);
  const dy = tf.zeros([1, 3, 3, 4]), integers = tf.zeros(c.inputShape, "int32");
  const of = (pass: string, what: string) =>
    `Cannot compute depthwiseConv2d's ${pass} gradient: ${what}`;
  return [
    [
      () => run(INPUT_GRAD, { dy: tf.zeros([1, 3, 3, 2]), filter }, c),
      "RangeError",
      of("input", "dy must be [1,3,3,4]: got [1,3,3,2]"),
    ],
    [
      () => run(INPUT_GRAD, { dy, filter: tf.zeros([3, 3, 3, 2]) }, c),
      "RangeError",
      /^Cannot compute depthwiseConv2d's input gradient: filter must be/,
    ],
    [
      () => run(FILTER_GRAD, { x: integers, dy }, c),
      "TypeError",
      of("filter", "x must be float32: got int32"),
    ],
    [
      () => run(FILTER_GRAD, { x, dy: tf.zeros([1, 4, 3, 4]) }, c),
      "RangeError",
      /^Cannot compute depthwiseConv2d's filter gradient: dy must be/,
    ],
  ];
}
