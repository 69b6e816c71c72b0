import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import * as reference from "../../reference/depthwise_conv2d.ts";
import {
  depthwiseConv2dGradKernels,
  depthwiseConv2dKernels,
} from "../../../lib/ops/depthwise_conv2d.ts";
import {
  hasOutput,
  windowGeometry,
  type Windows,
} from "../../reference/window_geometry.ts";
import { withBackend } from "../../with_backend.ts";
import { assertSameAtThreads } from "./fixtures/assert_same_at_threads.ts";
import { assertSums } from "./fixtures/assert_sums.ts";
import { guardedContext } from "./fixtures/guarded_context.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

type Case = Windows & { dilations: [number, number] };

const geometry = (c: Case) => windowGeometry(c, true);

function run(kernel: string, inputs: Record<string, tf.Tensor>, c: Case) {
  const attrs = { dataFormat: "NHWC", ...c } as unknown as tf.NamedAttrMap;
  return tf.engine().runKernel(kernel, inputs, attrs) as tf.Tensor;
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
  pad: fc.oneof(
    fc.constantFrom<Case["pad"][]>("same", "valid"),
    size(0, 3),
    fc.tuple(size(0, 3), size(0, 3), size(0, 3), size(0, 3)).map((
      [top, bottom, left, right],
    ): Case["pad"] => [[0, 0], [top, bottom], [left, right], [0, 0]]),
  ),
  dimRoundingMode: fc.constantFrom("floor", "round", "ceil", undefined),
}).map(({ image, channels, filter, multiplier, ...c }): Case => ({
  ...c,
  inputShape: [...image, channels],
  filterShape: [...filter, channels, multiplier],
  dimRoundingMode: typeof c.pad === "string" ? undefined : c.dimRoundingMode,
})).filter(hasOutput);

function checkCase(c: Case, seed: number) {
  tf.tidy(() => {
    const g = geometry(c);
    const x = seededTensor(c.inputShape, seed);
    const filter = seededTensor(c.filterShape, seed + 1);
    const y = run("DepthwiseConv2dNative", { x, filter }, c);
    assert.deepEqual(y.shape, g.outShape);
    const sums = reference.depthwiseConv2d(
      g,
      x.dataSync(),
      filter.dataSync(),
    );
    assertSums(y, sums, g.filterHeight * g.filterWidth, JSON.stringify(c));
  });
}

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

for (const simd of ["relaxed", "simd128"] as const) {
  Deno.test(`depthwiseConv2d is the oracle's on random shapes (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      fc.assert(fc.property(anyCase, size(0, 1_000), checkCase), {
        numRuns: 600,
      });
      LAYERS.forEach(checkCase);
    });
  });
}

Deno.test("depthwiseConv2d is the same bits at 1, 2, 3 and 8 threads", async () => {
  await assertSameAtThreads(() =>
    LAYERS.map((c, seed) => {
      const x = seededTensor(c.inputShape, seed);
      const filter = seededTensor(c.filterShape, seed + 1);
      return run("DepthwiseConv2dNative", { x, filter }, c);
    })
  );
});

Deno.test("depthwiseConv2d and its gradients write all of their output, and nothing outside of it and of scratch", async () => {
  await withBackend({ threads: 2 }, () => {
    const { guarded, check, values } = guardedContext();
    const kernels = {
      ...depthwiseConv2dKernels(guarded),
      ...depthwiseConv2dGradKernels(guarded),
    };
    const checkGuards = (c: Case) =>
      tf.tidy(() => {
        const x = seededTensor(c.inputShape, 0);
        const filter = seededTensor(c.filterShape, 1);
        const dy = seededTensor(geometry(c).outShape, 2);
        const bias = seededTensor([geometry(c).outChannels], 3);
        const calls = {
          DepthwiseConv2dNative: { x, filter },
          FusedDepthwiseConv2D: { x, filter, bias },
          DepthwiseConv2dNativeBackpropInput: { dy, filter },
          DepthwiseConv2dNativeBackpropFilter: { x, dy },
        };
        for (const [kernel, inputs] of Object.entries(calls)) {
          const result = kernels[kernel]!({
            inputs: inputs as never,
            attrs: { ...c, activation: "relu6" } as never,
            backend: tf.backend(),
          });
          assert.ok(values(result as tf.TensorInfo).every(Number.isFinite));
          check(kernel);
        }
      });
    LAYERS.forEach(checkGuards);
    fc.assert(fc.property(anyCase, checkGuards), { numRuns: 300 });
  });
});

Deno.test("depthwiseConv2d has the values of its definition where TF.js's kernel had others", async () => {
  await withBackend({ threads: 2 }, () => {
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
  });
});

Deno.test("a bias and ReLU follow depthwiseConv2d's sums in the same pass", async () => {
  await withBackend({ threads: 2 }, () => {
    tf.tidy(() => {
      for (const [channels, multiplier] of [[1, 1], [3, 2], [7, 1]] as const) {
        const c = layer([2, 6, 7, channels], 3, multiplier, 1, "same");
        const x = seededTensor(c.inputShape, 1, (v) => 8 * v);
        const filter = seededTensor(c.filterShape, 2);
        const bias = seededTensor([channels * multiplier], 3);
        const sums = run("DepthwiseConv2dNative", { x, filter }, c).add(bias);
        for (const activation of ["linear", "relu", "relu6"] as const) {
          const y = tf.fused.depthwiseConv2d({
            x: x as tf.Tensor4D,
            filter: filter as tf.Tensor4D,
            bias,
            strides: 1,
            pad: "same",
            activation,
          });
          const wanted = activation === "linear" ? sums : tf[activation](sums);
          const error = tf.max(tf.abs(tf.sub(y, wanted))).dataSync()[0]!;
          assert.ok(error < 1e-5, `${activation}, ${channels}: ${error}`);
          const most = tf.max(tf.abs(y)).dataSync()[0]!;
          assert.ok(most > 1);
        }
      }
    });
  });
});

Deno.test("tf.layers' depthwise and separable convolutions are the oracle's", async () => {
  await withBackend({ threads: 2 }, () => {
    tf.tidy(() => {
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
      assertSums(depthwise.apply(x) as tf.Tensor, sums, 4, "depthwise");
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
    });
  });
});
