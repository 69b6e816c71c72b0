import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { dropout } from "../../../lib/ops/dropout.ts";
import { fusedConv2d } from "../../../lib/ops/fused_conv2d.ts";
import { fusedDense } from "../../../lib/ops/fused_dense.ts";
import { kernelContext } from "../../../lib/wasm/kernel_context.ts";
import { multiclassHinge } from "../../../lib/losses/multiclass_hinge.ts";
import { reluAlpha } from "../../../lib/ops/relu_alpha.ts";
import { softmaxCrossEntropy } from "../../../lib/losses/softmax_cross_entropy.ts";
import { withBackend } from "../../with_backend.ts";

/** Calls that need the thread pool after they have made their outputs. */
function calls(): Record<string, () => unknown> {
  const x = tf.ones([2, 4, 4, 3]) as tf.Tensor4D;
  const filter = tf.ones([3, 3, 3, 3]) as tf.Tensor4D;
  const a = tf.ones([4, 4]) as tf.Tensor2D;
  const labels = tf.zeros([4], "int32") as tf.Tensor1D;
  const [row, column] = [tf.ones([4]), tf.ones([4, 1])] as [
    tf.Tensor1D,
    tf.Tensor2D,
  ];
  const bias = tf.ones([3]) as tf.Tensor1D;
  const alpha = tf.scalar(1.5);
  const activation = { kind: "relu-alpha", alpha } as const;
  const kernel = (name: string, inputs: Record<string, tf.Tensor>) => () =>
    tf.engine().runKernel(name, inputs, {
      strides: 1,
      pad: "same",
      dataFormat: "NHWC",
      dimRoundingMode: null,
      filterShape: filter.shape,
      inputShape: x.shape,
      activation: "relu-alpha",
      keptZ: true,
    } as never);
  return {
    softmaxCrossEntropy: () => softmaxCrossEntropy(a, labels),
    multiclassHinge: () => multiclassHinge(a, labels),
    dropout: () => dropout(a, 0.5, 1),
    reluAlpha: () => reluAlpha(a, alpha),
    prelu: () => tf.prelu(a, column),
    "prelu of int32": () => tf.prelu(tf.ones([4, 4], "int32"), column),
    matMul: () => tf.matMul(a, a),
    "fused matMul": () => tf.fused.matMul({ a, b: a, bias: column }),
    fusedDense: () => fusedDense(a, a, row, { activation }),
    conv2d: () => tf.conv2d(x, filter, 1, "same"),
    fusedConv2d: () => fusedConv2d(x, filter, bias, { pad: 1, activation }),
    maxPool: () => tf.maxPool(x, 2, 2, "same"),
    PreluGrad: kernel("PreluGrad", { x: a, alpha: column, dy: a }),
    ReluAlphaGrad: kernel("ReluAlphaGrad", { x: a, alpha, dy: a }),
    BiasActivationGrad: kernel("BiasActivationGrad", {
      dy: a,
      reference: a,
      alpha,
    }),
    Conv2DBackpropInput: kernel("Conv2DBackpropInput", { dy: x, filter }),
    Conv2DBackpropFilter: kernel("Conv2DBackpropFilter", { x, dy: x }),
  };
}

Deno.test("a kernel whose threads fail leaves no tensor behind", async () => {
  await withBackend({ threads: 2 }, () => {
    const all = calls();
    for (const call of Object.values(all)) tf.tidy(() => void call());
    kernelContext("test").pool.stop();
    const buffers = () => tf.backend().numDataIds(); // tf.memory() sees tensors
    const before = buffers();
    for (const [name, call] of Object.entries(all)) {
      assert.throws(() => tf.tidy(() => void call()), {
        message: /^Cannot run \w+F32: the backend is stopped$/,
      }, name);
      assert.equal(buffers(), before, name);
    }
  });
});
