import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { withBackend } from "../../with_backend.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

Deno.test("tf.depthwiseConv2d's gradient refuses dilations, as TF.js's own", async () => {
  await withBackend({ threads: 1 }, () => {
    tf.tidy(() => {
      const filter: tf.Tensor4D = tf.ones([2, 2, 1, 1]);
      assert.throws(
        () =>
          tf.grad((x: tf.Tensor) =>
            tf.depthwiseConv2d(x as tf.Tensor4D, filter, 1, 0, "NHWC", [1, 2])
          )(tf.ones([1, 4, 4, 1])),
        /^RangeError: Cannot compute depthwiseConv2d's gradient: dilation rates greater than 1 are not yet supported: got 1,2$/,
      );
    });
  });
});

Deno.test("the gradient of a dilated convolution's gradient is right", async () => {
  await withBackend({ threads: 1 }, () => {
    tf.tidy(() => {
      // s = Σ (∂/∂x Σ conv2d(x, f)²)² is of degree 4 in f: Σ f ∂s/∂f = 4 s.
      const x = seededTensor([1, 7, 6, 2], 1);
      const f = seededTensor([3, 2, 2, 3], 2);
      const s = (f: tf.Tensor) => {
        const dx = tf.grad((x: tf.Tensor) =>
          tf.sum(tf.square(tf.conv2d(
            x as tf.Tensor4D,
            f as tf.Tensor4D,
            1,
            "same",
            "NHWC",
            2,
          )))
        )(x);
        return tf.sum(tf.square(dx)).asScalar();
      };
      const { value, grad } = tf.valueAndGrad(s)(f);
      const sum = tf.sum(tf.mul(f, grad)).dataSync()[0]!;
      const expected = 4 * value.dataSync()[0]!;
      assert.ok(Math.abs(sum - expected) < 1e-4 * expected);
    });
  });
});

Deno.test("tf.fused.conv2d's gradient refuses a rounding that it would lose", async () => {
  await withBackend({ threads: 1 }, () => {
    tf.tidy(() => {
      const filter: tf.Tensor4D = tf.ones([2, 2, 1, 1]);
      const y = (pad: number) => (x: tf.Tensor) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter,
          strides: 2,
          pad,
          dimRoundingMode: "ceil",
        });
      const x = tf.ones([1, 3, 3, 1]);
      assert.deepEqual(y(0)(x).shape, [1, 2, 2, 1]);
      assert.throws(
        () => tf.grad(y(0))(x),
        /^RangeError: Cannot compute gradients of tf.fused.conv2d: .*: got ceil$/,
      );
      assert.deepEqual(
        [...tf.grad(y(0))(tf.ones([1, 4, 4, 1])).dataSync()],
        Array.from({ length: 16 }, () => 1),
      );
    });
  });
});

Deno.test("a backend's stop gives TF.js its gradients back", async () => {
  const names = ["Conv2D", "Conv2DBackpropInput", "DepthwiseConv2dNative"];
  const before = names.map(tf.getGradient);
  await withBackend({ threads: 1 }, () => {
    names.forEach((name, i) =>
      assert.notEqual(tf.getGradient(name), before[i])
    );
  });
  assert.deepEqual(names.map(tf.getGradient), before);
});

Deno.test("gradients with dilations are refused on a backend whose kernels lose them", async () => {
  await withBackend({ threads: 1 }, async () => {
    await tf.setBackend("cpu");
    const filter: tf.Tensor4D = tf.ones([2, 2, 1, 1]);
    const grad = (dilation: number) =>
      tf.grad((x: tf.Tensor) =>
        tf.conv2d(x as tf.Tensor4D, filter, 1, 0, "NHWC", dilation)
      )(tf.ones([1, 4, 4, 1]));
    assert.throws(
      () => grad(2),
      /^RangeError: Cannot compute Conv2DBackpropInput on backend cpu: dilation rates .*: got 2$/,
    );
    assert.equal(tf.sum(grad(1)).dataSync()[0], 36);
    await tf.setBackend("wasm");
  });
});
