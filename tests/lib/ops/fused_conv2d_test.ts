import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { isWinograd } from "../../../lib/ops/_conv2d_winograd.ts";
import { fusedConv2d } from "../../../lib/ops/fused_conv2d.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { type Expectation, type Refusal, testOp } from "../../ops_suite.ts";
import * as reference from "../../reference/conv2d.ts";
import { windowGeometry } from "../../reference/window_geometry.ts";
import { closeSums, type Sums } from "./fixtures/close_sums.ts";
import {
  activated,
  ACTIVATION_CASES,
  type ActivationCase,
  activationOf,
  addBias,
  alphaOf,
  awayFromKink,
  biasAndAlphaGrads,
  inputRefusals,
} from "./fixtures/fused_layer.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

type Shape = [number, number, number, number];

interface Case {
  inputShape: Shape;
  filterShape: Shape;
  stride: number;
  pad: number;
  activation: ActivationCase;
  seed?: number;
  /** Whether the oracle would take too long. */
  large?: boolean;
}

function tensorsOf(c: Case) {
  const { seed = 1 } = c;
  return {
    x: seededTensor(c.inputShape, seed) as tf.Tensor4D,
    filter: seededTensor(c.filterShape, seed + 1) as tf.Tensor4D,
    bias: seededTensor([c.filterShape[3]], seed + 2) as tf.Tensor1D,
  };
}

/** y of a case, and its gradients dx, dFilter, dBias, and dα if there is α. */
function layerOf({ stride, pad, activation }: Case) {
  const f = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor, a?: tf.Tensor) =>
    fusedConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, bias as tf.Tensor1D, {
      stride,
      pad,
      activation: activationOf(activation, a),
    });
  const alphas = typeof activation === "number" ? [tf.scalar(activation)] : [];
  type Tensors = ReturnType<typeof tensorsOf>;
  return {
    y: ({ x, filter, bias }: Tensors) => f(x, filter, bias, alphas[0]),
    grads: ({ x, filter, bias }: Tensors, dy: tf.Tensor) =>
      tf.grads(f as never)([x, filter, bias, ...alphas], dy),
  };
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}

/** Sums whose terms have these bounds instead of their own magnitudes. */
function bounded(sums: Sums, magnitude: number): Sums {
  return { ...sums, magnitudes: sums.magnitudes.map(() => magnitude) };
}

const geometry = (c: Case) =>
  windowGeometry({ ...c, strides: [c.stride, c.stride] });

const byWinograd = (
  { filterShape, stride }: Case,
  outShape: readonly number[],
) => isWinograd(filterShape, outShape, [stride, stride]);

/**
 * z and dy by the oracle. The terms of Winograd's way are larger, see
 * conv2d_test.ts.
 */
function preactivation(c: Case) {
  const g = geometry(c), inputs = tensorsOf(c), { seed = 1 } = c;
  const [x, filter, bias] = [inputs.x, inputs.filter, inputs.bias].map((t) =>
    t.dataSync<"float32">()
  ) as [Float32Array, Float32Array, Float32Array];
  const sums = reference.conv2d(g, x, filter);
  const z = byWinograd(c, g.outShape)
    ? addBias(
      bounded(sums, 81 * g.inChannels * largest(x) * largest(filter)),
      bias,
      g.inChannels + 12,
    )
    : addBias(sums, bias, g.filterHeight * g.filterWidth * g.inChannels);
  const drawn = seededTensor(g.outShape, seed + 3);
  return { x, filter, z, dy: awayFromKink(drawn.dataSync<"float32">(), z) };
}

/** dy of a case, which the oracle keeps away from the kink. */
function dyOf(c: Case): Float32Array {
  const drawn = () =>
    seededTensor(geometry(c).outShape, 9).dataSync<"float32">();
  const known = dys.get(c) ?? (c.large ? drawn() : preactivation(c).dy);
  dys.set(c, known);
  return known;
}

const dys = new WeakMap<Case, Float32Array>();

function compute(c: Case): Record<string, tf.Tensor> {
  const inputs = tensorsOf(c), layer = layerOf(c);
  const dy = tf.tensor(dyOf(c), geometry(c).outShape);
  const [dx, dFilter, dBias, dAlpha] = layer.grads(inputs, dy);
  return {
    y: layer.y(inputs),
    dx: dx!,
    dFilter: dFilter!,
    dBias: dBias!,
    ...(dAlpha && { dAlpha }),
  };
}

function expect(c: Case): Record<string, Expectation> | undefined {
  if (c.large) return;
  const g = geometry(c), alpha = alphaOf(c.activation);
  const { x, filter, z, dy } = preactivation(c);
  const { dz, ...others } = biasAndAlphaGrads(z, dy, g.outChannels, alpha);
  const dx = reference.conv2dInputGrad(g, dz, filter);
  const dFilter = reference.conv2dFilterGrad(g, x, dz);
  // dz brings two roundings of its own.
  const taps = g.filterHeight * g.filterWidth;
  const pixels = g.batchSize * g.outHeight * g.outWidth;
  const tiles = g.batchSize * Math.ceil(g.outHeight / 4) *
    Math.ceil(g.outWidth / 4);
  const ofX = byWinograd(c, c.inputShape)
    ? 81 * g.outChannels * largest(dz) * largest(filter)
    : undefined;
  const ofFilter = byWinograd(c, g.outShape)
    ? 64 * tiles * largest(x) * largest(dz)
    : undefined;
  return {
    y: activated(z, g.outShape, alpha),
    dx: ofX === undefined
      ? closeSums(c.inputShape, dx, taps * g.outChannels + 2)
      : closeSums(c.inputShape, bounded(dx, ofX), g.outChannels + 14),
    dFilter: ofFilter === undefined
      ? closeSums(c.filterShape, dFilter, pixels + 2)
      : closeSums(c.filterShape, bounded(dFilter, ofFilter), tiles + 14),
    dBias: others.dBias,
    ...(typeof c.activation === "number" && { dAlpha: others.dAlpha }),
  };
}

const size = (min: number, max: number) => fc.integer({ min, max });
const channels = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 15, 16, 17);

const anyCase: fc.Arbitrary<Case> = fc.record({
  image: fc.tuple(size(0, 3), size(1, 7), size(1, 9)),
  filter: fc.tuple(size(1, 4), size(1, 4)),
  channels: fc.tuple(channels, channels),
  stride: size(1, 3),
  pad: size(0, 2),
  activation: fc.constantFrom(...ACTIVATION_CASES),
  seed: size(0, 1000),
}).map(({ image, filter, channels, ...c }): Case => ({
  ...c,
  inputShape: [...image, channels[0]],
  filterShape: [...filter, ...channels],
})).filter(({ inputShape, filterShape, pad }) =>
  [0, 1].every((i) => filterShape[i]! <= inputShape[i + 1]! + 2 * pad)
);

const COUNTS = [1, 3, 4, 7, 8, 15, 32];

const TAILS = ACTIVATION_CASES.flatMap((activation) =>
  COUNTS.map((outChannels) => ({ activation, outChannels }))
).map(({ activation, outChannels }, seed): Case => {
  const inChannels = COUNTS[seed % COUNTS.length]!;
  return {
    inputShape: [1 + seed % 3, 5, 6, inChannels],
    filterShape: [3, 3, inChannels, outChannels],
    stride: 1 + seed % 2,
    pad: 1,
    activation,
    seed,
  };
});

/** A layer with stride 1 and a border of 1, with some activations or all. */
const casesOf = (
  inputShape: Shape,
  filterShape: Shape,
  activations: readonly ActivationCase[] = ACTIVATION_CASES,
) =>
  activations.map((activation, seed): Case => ({
    inputShape,
    filterShape,
    stride: 1,
    pad: 1,
    activation,
    seed,
  }));

testOp<Case>({
  name: "fusedConv2d() and its gradients",
  tolerance: "to the roundings of its sums",
  cases: {
    "every tail of channels": TAILS,
    "an empty batch": casesOf([0, 4, 4, 3], [3, 3, 3, 7]),
    // 15 · 2 · 25² elements: two chunks
    "several chunks": casesOf([2, 24, 24, 1], [2, 2, 1, 15]),
    "by Winograd": casesOf([2, 6, 7, 16], [3, 3, 16, 24]),
    "more chunks than threads": [
      ...casesOf([2, 24, 24, 1], [3, 3, 1, 15], ["linear", "relu", 0.3, 1.7]),
      ...casesOf([2, 24, 24, 16], [3, 3, 16, 32], ["linear", "relu", 0.3, 1.7]),
    ].map((c) => ({ ...c, large: true })),
    "random shapes": fc.sample(anyCase, { numRuns: 100, seed: 1 }),
  },
  compute,
  expect,
  refusals,
  stopped: {
    action: "compute fusedConv2d",
    call: (x) => fusedConv2d(x as tf.Tensor4D, x as tf.Tensor4D, x as never),
  },
  also: {
    "the known values, the kink and NaN among them": checkKnown,
    "one tensor is made, whatever is kept for the gradient": checkTensors,
  },
});

function checkKnown() {
  // z = 2x − 1: positive, the kink, negative, NaN. By hand.
  const x = tf.tensor4d([1, 0.5, -1, NaN], [1, 2, 2, 1]);
  const filter = tf.tensor4d([2], [1, 1, 1, 1]);
  const bias = tf.tensor1d([-1]);
  const dy = tf.tensor4d([1, 2, 4, 0], [1, 2, 2, 1]);
  const known: [ActivationCase, number[], number[], number][] = [
    ["linear", [1, 0, -3, NaN], [2, 4, 8, 0], 7],
    ["relu", [1, 0, 0, NaN], [2, 0, 0, 0], 1],
    [0.75, [1, 0, -0.75, NaN], [2, 1, 2, 0], 2.5],
    [1, [1, 0, -0, NaN], [2, 0, 0, 0], 1],
    [2, [1, -0, 3, NaN], [2, -4, -8, 0], -5],
  ];
  // 0 and −0 are both right for the sign of a zero.
  const positive = (t: tf.Tensor) => t.dataSync().map((v) => v + 0);
  for (const [activation, y, dx, dBias] of known) {
    const layer = layerOf({ stride: 1, pad: 0, activation } as Case);
    const inputs = { x, filter, bias };
    const [gotX, , gotBias] = layer.grads(inputs, dy);
    const what = `${activation}`;
    assertSameValues(positive(layer.y(inputs)), y.map((v) => v + 0), what);
    assertSameValues(positive(gotX!), dx.map((v) => v + 0), what);
    assertSameValues(positive(gotBias!), [dBias], what);
  }
  const finite = x.slice([0, 0, 0, 0], [1, 1, 2, 1]).concat(
    x.slice([0, 1, 0, 0], [1, 1, 1, 1]),
    2,
  ) as tf.Tensor4D;
  for (const alpha of [0.75, 1, 2]) {
    // dα = −Σ z dy over z ≤ 0 = 3 · 4
    const layer = layerOf({ stride: 1, pad: 0, activation: alpha } as Case);
    const grads = layer.grads(
      { x: finite, filter, bias },
      tf.tensor4d([1, 2, 4], [1, 1, 3, 1]),
    );
    assertSameValues(grads[3]!.dataSync(), [12], `dα of ${alpha}`);
  }
}

function checkTensors() {
  for (const activation of ACTIVATION_CASES) {
    const c: Case = {
      inputShape: [1, 4, 4, 3],
      filterShape: [3, 3, 3, 7],
      stride: 1,
      pad: 0,
      activation,
    };
    const layer = layerOf(c), inputs = tensorsOf(c);
    const f = activationOf(activation);
    const before = tf.memory();
    const y = fusedConv2d(inputs.x, inputs.filter, inputs.bias, {
      activation: f,
    });
    assert.equal(tf.memory().numTensors, before.numTensors + 1);
    assert.equal(tf.memory().numDataBuffers, before.numDataBuffers + 1);
    tf.dispose([y, ...layer.grads(inputs, tf.ones(y.shape))]);
  }
}

function refusals(): Refusal[] {
  const fitting = {
    x: tf.ones<tf.Rank>([1, 4, 4, 3]),
    filter: tf.ones<tf.Rank>([3, 3, 3, 8]),
    bias: tf.ones<tf.Rank>([8]),
    alpha: tf.scalar(1) as tf.Tensor,
  };
  type Name = keyof typeof fitting;
  const call = (
    change: Partial<Record<Name, tf.Tensor>>,
    options: { pad?: number; stride?: number } = {},
  ) =>
  () => {
    const { x, filter, bias, alpha } = { ...fitting, ...change };
    return fusedConv2d(
      x as tf.Tensor4D,
      filter as tf.Tensor4D,
      bias as tf.Tensor1D,
      { ...options, activation: { kind: "relu-alpha", alpha } },
    );
  };
  const of = (what: string) => `Cannot compute fusedConv2d: ${what}`;
  const shapes: [Name, number[], string][] = [
    ["x", [1, 4, 4, 2], "x must be [any,any,any,3]: got [1,4,4,2]"],
    ["x", [4, 4, 3], "x must be [any,any,any,3]: got [4,4,3]"],
    ["filter", [3, 8], "filter must be [any,any,any,any]: got [3,8]"],
    ["bias", [4], "bias must be [8]: got [4]"],
    ["bias", [1], "bias must be [8]: got [1]"],
    ["bias", [1, 8], "bias must be [8]: got [1,8]"],
    ["alpha", [1], "alpha must be []: got [1]"],
    ["alpha", [8], "alpha must be []: got [8]"],
  ];
  const low = tf.ones([1, 2, 4, 3]);
  return [
    ...inputRefusals("fusedConv2d", fitting, call, shapes),
    ...[-1, 0.5].map((pad): Refusal => [
      call({}, { pad }),
      "RangeError",
      of(`pad must be an integer from 0: got ${pad}`),
    ]),
    ...[0, 1.5].map((stride): Refusal => [
      call({}, { stride }),
      "RangeError",
      of(`stride must be an integer from 1: got ${stride}`),
    ]),
    [
      call({ x: low }),
      "RangeError",
      of("filter must fit the padded image of [2,4]: got [3,3,3,8]"),
    ],
  ];
}
