import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { withBackend } from "../../with_backend.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

// deno-fmt-ignore -- a list of names
const ACTIVATIONS = [
  "linear", "relu", "relu6", "prelu", "leakyrelu", "sigmoid", "elu",
] as const;

/** What broadcasts to an output of [2, 4, 3, 6]. */
const SHAPES = [
  [],
  [1],
  [6],
  [3, 6],
  [4, 1, 1],
  [1, 3, 1],
  [4, 3, 6],
  [1, 1, 1, 6],
  [2, 1, 1, 1],
  [2, 4, 3, 6],
];

/** Small numbers of which no sum rounds. */
const small = (value: number) => Math.round(value * 4) / 2;

/** A fused convolution of [2, 5, 4, 3] by 2 × 2, or 5 × 4 with holes. */
function fused(
  kernel: "FusedConv2D" | "FusedDepthwiseConv2D",
  options: {
    activation: string;
    bias?: readonly number[];
    slopes?: readonly number[];
    dilations: number;
  },
): { shape: number[]; values: number[] } {
  return tf.tidy(() => {
    const { activation, bias, slopes, dilations } = options;
    const [multiplier, inChannels] = kernel === "FusedConv2D" ? [6, 3] : [2, 3];
    const y = tf.engine().runKernel(kernel, {
      x: seededTensor([2, 4 + dilations, 3 + dilations, inChannels], 1, small),
      filter: seededTensor([2, 2, inChannels, multiplier], 2, small),
      ...bias && { bias: seededTensor(bias, 3, small) },
      ...slopes && { preluActivationWeights: seededTensor(slopes, 4, small) },
    }, {
      strides: 1,
      pad: "valid",
      dataFormat: "NHWC",
      activation,
      dilations: [dilations, dilations],
      leakyreluAlpha: 0.25,
    }) as tf.Tensor;
    assert.deepEqual(y.shape, [2, 4, 3, 6]);
    return { shape: y.shape, values: Array.from(y.dataSync(), (v) => v + 0) };
  });
}

for (const kernel of ["FusedConv2D", "FusedDepthwiseConv2D"] as const) {
  Deno.test(`${kernel} broadcasts bias and slopes as TF.js's cpu backend does`, async () => {
    await withBackend({ threads: 2 }, async () => {
      const cases = [1, 2].flatMap((dilations) => [
        ...ACTIVATIONS.filter((name) => name !== "prelu").flatMap((
          activation,
        ) => SHAPES.map((bias) => ({ activation, bias, dilations }))),
        ...SHAPES.map((slopes) => ({
          activation: "prelu",
          bias: [6],
          slopes,
          dilations,
        })),
        { activation: "prelu", bias: [4, 1, 1], slopes: [6], dilations },
      ]);
      const ours = cases.map((c) => fused(kernel, c));
      await tf.setBackend("cpu");
      const theirs = cases.map((c) => fused(kernel, c));
      await tf.setBackend("wasm");
      ours.forEach(({ values }, i) => {
        const what = JSON.stringify(cases[i]);
        // Sigmoid and elu are good to some 2⁻²² of themselves.
        const bound = /sigmoid|elu"/.test(what) ? 2 ** -20 : 0;
        theirs[i]!.values.forEach((value, j) =>
          assert.ok(
            Math.abs(values[j]! - value) <= bound * Math.max(1, value),
            `${what}[${j}]: got ${values[j]}, expected ${value}`,
          )
        );
      });
    });
  });

  Deno.test(`${kernel} rejects what it cannot apply and leaves no tensor behind`, async () => {
    await withBackend({ threads: 1 }, () => {
      const before = tf.backend().numDataIds();
      const linear = { activation: "linear", dilations: 1 };
      assert.throws(() => fused(kernel, { ...linear, bias: [2, 6] }), {
        name: "RangeError",
        message:
          /^Cannot compute \w+: bias must broadcast to \[2,4,3,6\]: got \[2,6\]$/,
      });
      assert.throws(
        () => fused(kernel, { ...linear, bias: [4, 1, 1], activation: "gelu" }),
        /^RangeError: Cannot compute \w+: activation must be one of linear,/,
      );
      assert.throws(
        () => fused(kernel, { ...linear, activation: "prelu" }),
        /^TypeError: Cannot compute \w+: preluActivationWeights must be given/,
      );
      fused(kernel, { ...linear, bias: [4, 1, 1], activation: "elu" });
      fused(kernel, { ...linear, activation: "prelu", slopes: [4, 1, 1] });
      assert.equal(tf.backend().numDataIds(), before);
    });
  });
}
