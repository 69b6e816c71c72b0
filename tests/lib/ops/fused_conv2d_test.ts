import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import * as reference from "../../reference/conv2d.ts";
import { isWinograd } from "../../../lib/ops/_conv2d_winograd.ts";
import { fusedConv2d } from "../../../lib/ops/fused_conv2d.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { windowGeometry } from "../../reference/window_geometry.ts";
import { withBackend } from "../../with_backend.ts";
import { assertSameAtThreads } from "./fixtures/assert_same_at_threads.ts";
import { assertSums, type Sums } from "./fixtures/assert_sums.ts";
import {
  ACTIVATION_CASES,
  type ActivationCase,
  activationOf,
  addBias,
  alphaOf,
  assertActivated,
  assertBiasAndAlphaGrads,
  awayFromKink,
} from "./fixtures/fused_layer.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

type Shape = [number, number, number, number];

interface Case {
  inputShape: Shape;
  filterShape: Shape;
  stride: number;
  pad: number;
  activation: ActivationCase;
}

const BUILDS = ["relaxed", "simd128"] as const;

function tensorsOf(c: Case, seed: number) {
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

/**
 * One case against the oracles' composition. The terms of Winograd's F(2×2,
 * 3×3) are larger, see conv2d_test.ts.
 */
function check(c: Case, seed: number) {
  tf.tidy(() => {
    const g = windowGeometry({ ...c, strides: [c.stride, c.stride] });
    const winograd = isWinograd(c.filterShape, [c.stride, c.stride]);
    const taps = c.filterShape[0] * c.filterShape[1];
    const inputs = tensorsOf(c, seed);
    const [x, filter, bias] = [inputs.x, inputs.filter, inputs.bias]
      .map((tensor) => tensor.dataSync<"float32">()) as [
        ...[Float32Array, Float32Array, Float32Array],
      ];
    const alpha = alphaOf(c.activation);
    const sums = reference.conv2d(g, x, filter);
    const z = winograd
      ? addBias(
        bounded(sums, 81 * g.inChannels * largest(x) * largest(filter)),
        bias,
        g.inChannels + 12,
      )
      : addBias(sums, bias, taps * g.inChannels);
    const layer = layerOf(c);
    assertActivated(layer.y(inputs), z, g.outShape, alpha);

    const dy = awayFromKink(
      seededTensor(g.outShape, seed + 3).dataSync<"float32">(),
      z,
    );
    const [dx, dFilter, dBias, dAlpha] = layer.grads(
      inputs,
      tf.tensor(dy, g.outShape),
    );
    const dz = assertBiasAndAlphaGrads(
      { dBias: dBias!, dAlpha },
      z,
      dy,
      alpha,
    );
    assert.deepEqual(dx!.shape, c.inputShape);
    assert.deepEqual(dFilter!.shape, c.filterShape);
    const dxSums = reference.conv2dInputGrad(g, dz, filter);
    const filterSums = reference.conv2dFilterGrad(g, x, dz);
    // dz brings two roundings of its own.
    if (winograd) {
      const ofX = 81 * g.outChannels * largest(dz) * largest(filter);
      assertSums(dx!, bounded(dxSums, ofX), g.outChannels + 14, "dx");
      const tiles = g.batchSize * Math.ceil(g.outHeight / 2) *
        Math.ceil(g.outWidth / 2);
      const ofFilter = 64 * tiles * largest(x) * largest(dz);
      assertSums(dFilter!, bounded(filterSums, ofFilter), tiles + 14, "dF");
    } else {
      assertSums(dx!, dxSums, taps * g.outChannels + 2, "dx");
      const pixels = g.batchSize * g.outHeight * g.outWidth;
      assertSums(dFilter!, filterSums, pixels + 2, "dFilter");
    }
  });
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
}).map(({ image, filter, channels, ...c }): Case => ({
  ...c,
  inputShape: [...image, channels[0]],
  filterShape: [...filter, ...channels],
})).filter(({ inputShape, filterShape, pad }) =>
  [0, 1].every((i) => filterShape[i]! <= inputShape[i + 1]! + 2 * pad)
);

for (const simd of BUILDS) {
  Deno.test(`fusedConv2d() and its gradients are the oracles' at every tail of channels (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      const counts = [1, 3, 4, 7, 8, 15, 32];
      let seed = 0;
      for (const activation of ACTIVATION_CASES) {
        for (const outChannels of counts) {
          const inChannels = counts[seed % counts.length]!;
          const stride = 1 + seed % 2;
          check({
            inputShape: [1 + seed % 3, 5, 6, inChannels],
            filterShape: [3, 3, inChannels, outChannels],
            stride,
            pad: 1,
            activation,
          }, seed++);
        }
      }
    });
  });

  Deno.test(`fusedConv2d() and its gradients are the oracles' on random shapes (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      fc.assert(
        fc.property(anyCase, size(0, 1000), check),
        { numRuns: 100, seed: 1 },
      );
    });
  });

  Deno.test(`fusedConv2d() and its gradients are the oracles' over several chunks, and by Winograd (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      let seed = 0;
      for (const activation of ACTIVATION_CASES) {
        check({
          inputShape: [2, 24, 24, 1],
          filterShape: [2, 2, 1, 15], // 15 · 2 · 25² elements: two chunks
          stride: 1,
          pad: 1,
          activation,
        }, seed++);
        check({
          inputShape: [2, 6, 7, 16],
          filterShape: [3, 3, 16, 24],
          stride: 1,
          pad: 1,
          activation,
        }, seed++);
      }
    });
  });
}

Deno.test("fusedConv2d() and its gradients are the same bits at 1, 2, 3 and 8 threads", async () => {
  await assertSameAtThreads(() =>
    (["linear", "relu", 0.3, 1.7] as const).flatMap((activation) =>
      [[1, 15], [16, 32]].flatMap(([inChannels, outChannels]) => {
        const c: Case = {
          inputShape: [2, 24, 24, inChannels!],
          filterShape: [3, 3, inChannels!, outChannels!],
          stride: 1,
          pad: 1,
          activation,
        };
        const layer = layerOf(c), inputs = tensorsOf(c, 1);
        const dy = seededTensor([2, 24, 24, outChannels!], 9);
        return [layer.y(inputs), ...layer.grads(inputs, dy)];
      })
    )
  );
});

Deno.test("fusedConv2d() and its gradients have the known values, the kink and NaN among them", async () => {
  await withBackend({ threads: 1 }, () => {
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
  });
});

Deno.test("fusedConv2d() of an empty batch is empty, and its gradients are 0", async () => {
  await withBackend({ threads: 2 }, () => {
    for (const activation of ACTIVATION_CASES) {
      check({
        inputShape: [0, 4, 4, 3],
        filterShape: [3, 3, 3, 7],
        stride: 1,
        pad: 1,
        activation,
      }, 1);
    }
  });
});

Deno.test("fusedConv2d() makes one tensor, whatever it keeps for its gradient", async () => {
  await withBackend({ threads: 1 }, () => {
    for (const activation of ACTIVATION_CASES) {
      const c: Case = {
        inputShape: [1, 4, 4, 3],
        filterShape: [3, 3, 3, 7],
        stride: 1,
        pad: 0,
        activation,
      };
      const layer = layerOf(c), inputs = tensorsOf(c, 1);
      const f = activationOf(activation);
      const before = tf.memory();
      const y = fusedConv2d(inputs.x, inputs.filter, inputs.bias, {
        activation: f,
      });
      assert.equal(tf.memory().numTensors, before.numTensors + 1);
      assert.equal(tf.memory().numDataBuffers, before.numDataBuffers + 1);
      tf.dispose([y, ...layer.grads(inputs, tf.ones(y.shape))]);
    }
  });
});

Deno.test("fusedConv2d() refuses what does not fit", async () => {
  await withBackend({ threads: 1 }, () => {
    const fitting = {
      x: tf.ones<tf.Rank>([1, 4, 4, 3]),
      filter: tf.ones<tf.Rank>([3, 3, 3, 8]),
      bias: tf.ones<tf.Rank>([8]),
      alpha: tf.scalar(1) as tf.Tensor,
    };
    type Name = keyof typeof fitting;
    const refuses = (
      change: Partial<Record<Name, tf.Tensor>>,
      error: object,
      options: { pad?: number; stride?: number } = {},
    ) => {
      const { x, filter, bias, alpha } = { ...fitting, ...change };
      assert.throws(() =>
        fusedConv2d(
          x as tf.Tensor4D,
          filter as tf.Tensor4D,
          bias as tf.Tensor1D,
          { ...options, activation: { kind: "relu-alpha", alpha } },
        ), error);
    };
    const error = (name: string, what: string) => ({
      name,
      message: `Cannot compute fusedConv2d: ${what}`,
    });
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
    for (const [name, shape, message] of shapes) {
      refuses({ [name]: tf.ones(shape) }, error("RangeError", message));
    }
    for (const name of ["x", "filter", "bias", "alpha"] as const) {
      refuses(
        { [name]: tf.ones(fitting[name].shape, "int32") },
        error("TypeError", `${name} must be float32: got int32`),
      );
      const gone = tf.ones(fitting[name].shape);
      gone.dispose();
      refuses({ [name]: gone }, /disposed/);
    }
    for (const pad of [-1, 0.5]) {
      const what = `pad must be an integer from 0: got ${pad}`;
      refuses({}, error("RangeError", what), { pad });
    }
    for (const stride of [0, 1.5]) {
      const what = `stride must be an integer from 1: got ${stride}`;
      refuses({}, error("RangeError", what), { stride });
    }
    const what = "filter must fit the padded image of [2,4]: got [3,3,3,8]";
    refuses({ x: tf.ones([1, 2, 4, 3]) }, error("RangeError", what));
  });
});

Deno.test("fusedConv2d() needs a backend that runs", async () => {
  let x!: tf.Tensor4D;
  await withBackend({ threads: 1 }, () => void (x = tf.ones([1, 1, 1, 1])));
  assert.throws(() => fusedConv2d(x, x, x as tf.Tensor as tf.Tensor1D), {
    message: "Cannot compute fusedConv2d: startBackend() must have been called",
  });
});
