import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { conv2dInfo } from "../../../lib/ops/_conv2d_info.ts";
import { fusedConv2d } from "../../../lib/ops/fused_conv2d.ts";
import { kernelContext } from "../../../lib/wasm/kernel_context.ts";
import { withBackend } from "../../with_backend.ts";

Deno.test("conv2dInfo() computes each axis by its own numbers", () => {
  const out = (
    image: number[],
    filter: number[],
    attrs: Partial<Parameters<typeof conv2dInfo>[3]>,
  ) =>
    conv2dInfo("conv2d", [2, ...image, 3], [...filter, 3, 4], {
      strides: 1,
      pad: 0,
      ...attrs,
    }).outShape.slice(1, 3);
  // ⌊(size + 2 pad − (k − 1) d − 1) / stride⌋ + 1, PyTorch 1.13's Conv2d.
  assert.deepEqual(out([4, 4], [3, 1], { pad: 1 }), [4, 6]);
  assert.deepEqual(out([8, 8], [3, 3], { strides: [2, 1] }), [3, 6]);
  assert.deepEqual(out([8, 8], [3, 1], { pad: 1, dilations: 2 }), [6, 10]);
  assert.deepEqual(out([8, 8], [3, 3], { pad: 1, dilations: [1, 3] }), [8, 4]);
  const ceil = { strides: [3, 2], dimRoundingMode: "ceil" } as const;
  assert.deepEqual(out([9, 9], [2, 4], { ...ceil, strides: [3, 2] }), [4, 4]);
  assert.deepEqual(out([1, 9], [2, 4], { pad: "valid" }), [0, 6]);
});

const x = (height: number, width: number, channels = 16): tf.Tensor4D =>
  tf.ones([1, height, width, channels]);

const f = (height: number, width: number, out = 16): tf.Tensor4D =>
  tf.ones([height, width, 16, out]);

const run = (
  kernel: string,
  inputs: Record<string, tf.Tensor>,
  attrs: tf.NamedAttrMap,
) =>
  tf.engine().runKernel(kernel, inputs, {
    strides: 1,
    pad: "valid",
    dataFormat: "NHWC",
    ...attrs,
  }) as tf.Tensor;

const fit = (operation: string, filter: string, image: string) =>
  new RegExp(
    `^RangeError: Cannot compute ${operation}: .*filter ${filter} does not fit into ${image}$`,
  );

/** Calls that have no output, and what the error says of them. */
const MISFITS: [RegExp, () => tf.Tensor | tf.Tensor[]][] = [
  [
    fit("conv2d", "3×3", "1×1"),
    () => tf.conv2d(x(1, 1), f(3, 3), 1, "valid"),
  ],
  [
    fit("conv2d", "3×3", "1×9"),
    () => tf.conv2d(x(1, 9), f(3, 3), 1, "valid"),
  ],
  [fit("conv2d", "3×3", "9×1"), () => tf.conv2d(x(9, 1), f(3, 3), 1, 0)],
  [fit("conv2d", "9×9", "3×3"), () => tf.conv2d(x(1, 1), f(9, 9), 2, 1)],
  [
    fit("conv2d", "3×3 with dilations 2×2", "3×3"),
    () => tf.conv2d(x(3, 3), f(3, 3), 1, "valid", "NHWC", 2),
  ],
  [
    fit("conv2d", "3×3", "1×1"),
    () => tf.conv2d(x(16, 1, 1), f(3, 3), 1, "valid", "NCHW"),
  ],
  [
    fit("conv2d", "3×3", "1×1"),
    () =>
      tf.fused.conv2d({
        x: x(1, 1),
        filter: f(3, 3),
        strides: 1,
        pad: "valid",
        activation: "relu",
      }),
  ],
  [
    /^RangeError: Cannot compute fusedConv2d: filter must fit/,
    () => fusedConv2d(x(1, 1), f(3, 3), tf.zeros([16])),
  ],
  [
    fit("conv2d", "1×4", "1×1"),
    () =>
      tf.conv1d(
        tf.ones<tf.Rank.R3>([1, 1, 3]),
        tf.ones<tf.Rank.R3>([4, 3, 2]),
        1,
        "valid",
      ),
  ],
  [
    fit("depthwiseConv2d", "3×3", "1×1"),
    () => tf.depthwiseConv2d(x(1, 1), f(3, 3, 2), 1, "valid"),
  ],
  [
    fit("depthwiseConv2d", "3×3", "1×9"),
    () =>
      tf.fused.depthwiseConv2d({
        x: x(1, 9),
        filter: f(3, 3, 2),
        strides: 1,
        pad: 0,
      }),
  ],
  [
    fit("depthwiseConv2d", "3×3", "1×1"),
    () =>
      tf.separableConv2d(
        x(1, 1),
        f(3, 3, 1),
        f(1, 1),
        1,
        "valid",
      ),
  ],
  [fit("maxPool", "3×3", "1×1"), () => tf.maxPool(x(1, 1), 3, 1, "valid")],
  [fit("avgPool", "3×3", "9×1"), () => tf.avgPool(x(9, 1), 3, 1, 0)],
  [
    fit("conv2d's input gradient", "3×3", "1×1"),
    () => tf.conv2dTranspose(x(1, 1), f(3, 3), [1, 1, 1, 16], 1, "valid"),
  ],
  [
    fit("conv2d's filter gradient", "3×3", "1×1"),
    () =>
      run("Conv2DBackpropFilter", { x: x(1, 1), dy: x(1, 1) }, {
        filterShape: [3, 3, 16, 16],
      }),
  ],
  [
    fit("depthwiseConv2d's input gradient", "3×3", "1×1"),
    () =>
      run("DepthwiseConv2dNativeBackpropInput", {
        dy: x(1, 1),
        filter: f(3, 3, 1),
      }, { inputShape: [1, 1, 1, 16] }),
  ],
  [
    fit("depthwiseConv2d's filter gradient", "3×3", "1×1"),
    () =>
      run("DepthwiseConv2dNativeBackpropFilter", {
        x: x(1, 1),
        dy: x(1, 1),
      }, { filterShape: [3, 3, 16, 1] }),
  ],
  [
    fit("maxPool's gradient", "3×3", "1×1"),
    () =>
      run("MaxPoolGrad", { dy: x(1, 1), input: x(1, 1), output: x(1, 1) }, {
        filterSize: 3,
      }),
  ],
  [
    /^RangeError: Cannot compute conv2d: pad must be valid, same, .*: got -1$/,
    () => tf.conv2d(x(5, 5), f(3, 3), 1, -1),
  ],
  [
    /^RangeError: Cannot compute depthwiseConv2d: pad must .*: got 0.5$/,
    () => tf.depthwiseConv2d(x(5, 5), f(3, 3, 1), 1, 0.5),
  ],
  [
    /^RangeError: Cannot compute maxPool: strides must be integers from 1: got 0,1$/,
    () => tf.maxPool(x(5, 5), 2, [0, 1], 0),
  ],
  [
    /^RangeError: Cannot compute conv2d: strides must be integers from 1: got 1.5,1$/,
    () => tf.conv2d(x(5, 5), f(3, 3), [1.5, 1], "valid"),
  ],
  [
    /^RangeError: Cannot compute conv2d's input gradient: strides or dilations must be 1: got strides 2 and dilations 2$/,
    () =>
      run("Conv2DBackpropInput", { dy: x(1, 1), filter: f(3, 3) }, {
        inputShape: [1, 5, 5, 16],
        strides: 2,
        dilations: 2,
      }),
  ],
];

Deno.test("every operation refuses an output of a negative size, and leaves nothing behind", async () => {
  await withBackend({ threads: 2 }, () => {
    const held = Array.from({ length: 40 }, () => tf.fill([64], 7));
    for (const [message, call] of MISFITS) {
      const before = tf.memory().numDataBuffers;
      assert.throws(() => tf.tidy(() => void call()), message);
      assert.equal(tf.memory().numDataBuffers, before, String(message));
    }
    assert.ok(held.every((t) => t.dataSync().every((value) => value === 7)));
    const a: tf.Tensor2D = tf.ones([64, 64]);
    assert.equal(tf.matMul(a, a).dataSync()[0], 64);
  });
});

Deno.test("an output without elements is empty and nothing else", async () => {
  await withBackend({ threads: 2 }, () => {
    const x: tf.Tensor4D = tf.ones([1, 2, 9, 16]);
    const filter: tf.Tensor4D = tf.ones([3, 3, 16, 16]);
    const multiplier: tf.Tensor4D = tf.ones([3, 3, 16, 2]);
    assert.deepEqual(tf.conv2d(x, filter, 1, "valid").shape, [1, 0, 7, 16]);
    const y = tf.depthwiseConv2d(x, multiplier, 1, 0);
    assert.deepEqual(y.shape, [1, 0, 7, 32]);
    assert.deepEqual(tf.maxPool(x, 3, 1, 0).shape, [1, 0, 7, 16]);
    const [dx, dFilter] = tf.grads((x: tf.Tensor, filter: tf.Tensor) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "valid")
    )([x, filter]);
    assert.ok(
      [...dx!.dataSync(), ...dFilter!.dataSync()].every((v) => v === 0),
    );
    assert.deepEqual([dx!.shape, dFilter!.shape], [x.shape, filter.shape]);
  });
});

Deno.test("a context allocates sizes that are integers from 0", async () => {
  await withBackend({ threads: 1 }, () => {
    const context = kernelContext("test");
    const before = tf.memory().numDataBuffers;
    for (const bytes of [NaN, -4, 0.5, Infinity]) {
      assert.throws(
        () => context.scratch(bytes),
        new RangeError(
          `Cannot allocate scratch: sizes must be integers from 0: got [${bytes}]`,
        ),
      );
      assert.throws(
        () => context.output([2, bytes, bytes]),
        new RangeError(
          `Cannot allocate a tensor: sizes must be integers from 0: got [2,${bytes},${bytes}]`,
        ),
      );
    }
    assert.equal(tf.memory().numDataBuffers, before);
    assert.equal(context.scratch(0) % 64, 0);
    context.dispose(context.output([0, 3]));
  });
});
