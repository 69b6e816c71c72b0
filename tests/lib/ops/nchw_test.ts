import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { withBackend } from "../../with_backend.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

const toNchw = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2]) as tf.Tensor4D;

type Padding = tf.backend_util.ExplicitPadding | "same" | "valid" | number;

/** Paddings of NHWC with the same ones of NCHW. */
const PADDINGS: Record<string, [Padding, Padding]> = {
  valid: ["valid", "valid"],
  same: ["same", "same"],
  number: [2, 2],
  explicit: [
    [[0, 0], [1, 2], [0, 3], [0, 0]],
    [[0, 0], [0, 0], [1, 2], [0, 3]],
  ],
};

function assertEqual(actual: tf.Tensor, expected: tf.Tensor, what: string) {
  assert.deepEqual(actual.shape, expected.shape, what);
  assert.deepEqual([...actual.dataSync()], [...expected.dataSync()], what);
}

const KINDS = {
  conv2d: { filterShape: [3, 2, 3, 4], op: tf.conv2d },
  depthwiseConv2d: { filterShape: [3, 2, 3, 2], op: tf.depthwiseConv2d },
} as const;

for (const [name, { filterShape, op }] of Object.entries(KINDS)) {
  Deno.test(`tf.${name} and its gradients take NCHW as they take NHWC`, async () => {
    await withBackend({ threads: 2 }, () => {
      const before = tf.memory().numDataBuffers;
      for (const [padding, [pad, nchwPad]] of Object.entries(PADDINGS)) {
        for (const [stride, dilation] of [[1, 1], [2, 1], [1, 2]] as const) {
          tf.tidy(() => {
            const x = seededTensor([2, 8, 9, 3], 1) as tf.Tensor4D;
            const filter = seededTensor(filterShape, 2) as tf.Tensor4D;
            const apply =
              (dataFormat: "NHWC" | "NCHW") => (x: tf.Tensor, f: tf.Tensor) =>
                (op as typeof tf.conv2d)(
                  x as tf.Tensor4D,
                  f as tf.Tensor4D,
                  stride,
                  dataFormat === "NHWC" ? pad : nchwPad,
                  dataFormat,
                  dilation,
                );
            const y = apply("NHWC")(x, filter);
            const what = `${padding}, ${stride}, ${dilation}`;
            assertEqual(apply("NCHW")(toNchw(x), filter), toNchw(y), what);
            if (op === tf.depthwiseConv2d && dilation > 1) return; // refused
            const dy = seededTensor(y.shape, 3);
            const grads = tf.grads(apply("NHWC"))([x, filter], dy);
            const [dx, dFilter] = tf.grads(apply("NCHW"))(
              [toNchw(x), filter],
              toNchw(dy),
            );
            assertEqual(dx!, toNchw(grads[0]!), `dx, ${what}`);
            assertEqual(dFilter!, grads[1]!, `dFilter, ${what}`);
          });
        }
      }
      assert.equal(tf.memory().numDataBuffers, before);
    });
  });
}

Deno.test("fused convolutions of NCHW broadcast bias and slopes to its channels", async () => {
  await withBackend({ threads: 2 }, () => {
    tf.tidy(() => {
      const x = seededTensor([2, 5, 6, 3], 1);
      for (
        const [kernel, filter] of [
          ["FusedConv2D", seededTensor([3, 2, 3, 6], 2)],
          ["FusedDepthwiseConv2D", seededTensor([3, 2, 3, 2], 2)],
        ] as const
      ) {
        const run = (
          inputs: Record<string, tf.Tensor>,
          dataFormat: string,
          activation: string,
        ) =>
          tf.engine().runKernel(kernel, { filter, ...inputs }, {
            strides: 1,
            pad: "same",
            dataFormat,
            activation,
          }) as tf.Tensor;
        for (const activation of ["linear", "relu", "sigmoid", "prelu"]) {
          const slopes = seededTensor([5, 1, 6], 4);
          for (const bias of [seededTensor([6], 3), seededTensor([], 3)]) {
            const nhwc = run(
              { x, bias, preluActivationWeights: slopes },
              "NHWC",
              activation,
            );
            const nchw = run(
              {
                x: toNchw(x),
                bias,
                preluActivationWeights: slopes.transpose([2, 0, 1]),
              },
              "NCHW",
              activation,
            );
            assertEqual(nchw, toNchw(nhwc), `${kernel}, ${activation}`);
          }
        }
      }
    });
  });
});

Deno.test("a convolution refuses another data format, and images that are none", async () => {
  await withBackend({ threads: 1 }, () => {
    tf.tidy(() => {
      const filter = tf.zeros([1, 1, 3, 3]);
      const run = (x: tf.Tensor, dataFormat: string) =>
        tf.engine().runKernel("Conv2D", { x, filter }, {
          strides: 1,
          pad: "valid",
          dataFormat,
        });
      assert.throws(
        () => run(tf.zeros([1, 3, 2, 2]), "CHWN"),
        /^RangeError: Cannot compute a convolution: dataFormat must be NHWC or NCHW: got CHWN$/,
      );
      assert.throws(
        () => run(tf.zeros([3, 2, 2]), "NCHW"),
        /^RangeError: Cannot compute a convolution: x must be \[any,any,any,any\]: got \[3,2,2\]$/,
      );
    });
  });
});
