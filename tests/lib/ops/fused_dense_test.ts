import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { fusedDense } from "../../../lib/ops/fused_dense.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import * as reference from "../../reference/mat_mul.ts";
import { withBackend } from "../../with_backend.ts";
import { assertSameAtThreads } from "./fixtures/assert_same_at_threads.ts";
import { assertSums } from "./fixtures/assert_sums.ts";
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

interface Case {
  batchSize: number;
  inFeatures: number;
  outFeatures: number;
  activation: ActivationCase;
}

const BUILDS = ["relaxed", "simd128"] as const;

function tensorsOf(c: Case, seed: number): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return [
    seededTensor([c.batchSize, c.inFeatures], seed),
    seededTensor([c.inFeatures, c.outFeatures], seed + 1),
    seededTensor([c.outFeatures], seed + 2),
  ];
}

/** y of a layer, and its gradients dx, dWeights, dBias, and dα if it has α. */
function layerOf(activation: ActivationCase) {
  const f = (x: tf.Tensor, weights: tf.Tensor, b: tf.Tensor, a?: tf.Tensor) =>
    fusedDense(x as tf.Tensor2D, weights as tf.Tensor2D, b as tf.Tensor1D, {
      activation: activationOf(activation, a),
    });
  const alphas = typeof activation === "number" ? [tf.scalar(activation)] : [];
  return {
    y: (inputs: [tf.Tensor, tf.Tensor, tf.Tensor]) => f(...inputs, alphas[0]),
    grads: (inputs: tf.Tensor[], dy: tf.Tensor) =>
      tf.grads(f as never)([...inputs, ...alphas], dy),
  };
}

/** One case against the oracles' composition. */
function check(c: Case, seed: number) {
  tf.tidy(() => {
    const { batchSize: rows, inFeatures, outFeatures } = c;
    const inputs = tensorsOf(c, seed);
    const [x, weights, bias] = inputs.map((t) => t.dataSync<"float32">()) as [
      ...[Float32Array, Float32Array, Float32Array],
    ];
    const alpha = alphaOf(c.activation);
    const product = { transposeA: false, transposeB: false };
    const z = addBias(
      reference.matMul(x, weights, {
        rows,
        columns: outFeatures,
        depth: inFeatures,
        ...product,
      }),
      bias,
      inFeatures,
    );
    const layer = layerOf(c.activation);
    const shape = [rows, outFeatures];
    assertActivated(layer.y(inputs), z, shape, alpha);

    const dy = awayFromKink(
      seededTensor(shape, seed + 3).dataSync<"float32">(),
      z,
    );
    const [dx, dWeights, dBias, dAlpha] = layer.grads(
      inputs,
      tf.tensor(dy, shape),
    );
    const dz = assertBiasAndAlphaGrads(
      { dBias: dBias!, dAlpha },
      z,
      dy,
      alpha,
    );
    assert.deepEqual(dx!.shape, [rows, inFeatures]);
    assert.deepEqual(dWeights!.shape, [inFeatures, outFeatures]);
    // dz brings two roundings of its own.
    const ofX = { rows, columns: inFeatures, depth: outFeatures };
    const dxSums = reference.matMul(dz, weights, {
      ...ofX,
      ...product,
      transposeB: true,
    });
    assertSums(dx!, dxSums, outFeatures + 2, "dx");
    const ofWeights = { rows: inFeatures, columns: outFeatures, depth: rows };
    const weightSums = reference.matMul(x, dz, {
      ...ofWeights,
      ...product,
      transposeA: true,
    });
    assertSums(dWeights!, weightSums, rows + 2, "dWeights");
  });
}

const size = (min: number, max: number) => fc.integer({ min, max });

for (const simd of BUILDS) {
  Deno.test(`fusedDense() and its gradients are the oracles' at every tail (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      const counts = [1, 3, 4, 7, 8, 15, 32];
      let seed = 0;
      for (const activation of ACTIVATION_CASES) {
        for (const outFeatures of counts) {
          for (const batchSize of [1, 5]) {
            const inFeatures = counts[seed % counts.length]!;
            check({ batchSize, inFeatures, outFeatures, activation }, seed++);
          }
        }
      }
    });
  });

  Deno.test(`fusedDense() and its gradients are the oracles' on random shapes (${simd})`, async () => {
    const anyCase = fc.record({
      batchSize: size(0, 20),
      inFeatures: size(1, 40),
      outFeatures: size(1, 40),
      activation: fc.constantFrom(...ACTIVATION_CASES),
    });
    await withBackend({ threads: 2, simd }, () => {
      fc.assert(
        fc.property(anyCase, size(0, 1000), check),
        { numRuns: 150, seed: 1 },
      );
    });
  });

  Deno.test(`fusedDense() and its gradients are the oracles' where the work is split (${simd})`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      let seed = 0;
      for (const activation of ["linear", "relu", 0.3, 1.7] as const) {
        // A depth in pieces, as of report 1's last layer, and two chunks of dz.
        check({
          batchSize: 16,
          inFeatures: 6_272,
          outFeatures: 10,
          activation,
        }, seed++);
        check({
          batchSize: 100,
          inFeatures: 9,
          outFeatures: 201,
          activation,
        }, seed++);
      }
    });
  });
}

Deno.test("fusedDense() and its gradients are the same bits at 1, 2, 3 and 8 threads", async () => {
  await assertSameAtThreads(() =>
    (["linear", "relu", 0.3, 1.7] as const).flatMap((activation) =>
      [[16, 6_272, 10], [128, 65, 257]].flatMap((sizes) => {
        const [batchSize, inFeatures, outFeatures] = sizes as [
          ...[number, number, number],
        ];
        const c = { batchSize, inFeatures, outFeatures, activation };
        const layer = layerOf(activation), inputs = tensorsOf(c, 1);
        const dy = seededTensor([batchSize, outFeatures], 9);
        return [layer.y(inputs), ...layer.grads(inputs, dy)];
      })
    )
  );
});

Deno.test("fusedDense() and its gradients have the known values", async () => {
  await withBackend({ threads: 1 }, () => {
    // z = [3.5, −3, 0]; by hand.
    const inputs: [tf.Tensor, tf.Tensor, tf.Tensor] = [
      tf.tensor2d([[1, 2]]),
      tf.tensor2d([[1, -1, 2], [1, -1, -1]]),
      tf.tensor1d([0.5, 0, 0]),
    ];
    const dy = tf.tensor2d([[1, 2, 4]]);
    const known: [ActivationCase, number[], number[]][] = [
      ["linear", [3.5, -3, 0], [1, 2, 4]],
      ["relu", [3.5, 0, 0], [1, 0, 0]],
      [0.75, [3.5, -0.75, 0], [1, 0.5, 1]],
      [1, [3.5, 0, 0], [1, 0, 0]],
      [2, [3.5, 3, 0], [1, -2, -4]],
    ];
    // 0 and −0 are both right for the sign of a zero.
    const values = (t: tf.Tensor) => t.dataSync().map((v) => v + 0);
    for (const [activation, y, dz] of known) {
      const layer = layerOf(activation);
      const [dx, dWeights, dBias, dAlpha] = layer.grads(inputs, dy);
      const [a, b, c] = dz as [number, number, number];
      assertSameValues(values(layer.y(inputs)), y, `y, ${activation}`);
      assertSameValues(values(dBias!), dz, `dBias, ${activation}`);
      const expected = [a - b + 2 * c, a - b - c];
      assertSameValues(values(dx!), expected, `dx, ${activation}`);
      const outer = [a, b, c, 2 * a, 2 * b, 2 * c];
      assertSameValues(values(dWeights!), outer, `dWeights, ${activation}`);
      // dα = −Σ z dy over z ≤ 0
      if (dAlpha) assertSameValues(values(dAlpha), [6], `dα, ${activation}`);
    }
    const nan = tf.tensor2d([[NaN, NaN]]);
    for (const activation of ACTIVATION_CASES) {
      const y = layerOf(activation).y([nan, inputs[1], inputs[2]]);
      assertSameValues(y.dataSync(), [NaN, NaN, NaN], `${activation}`);
    }
  });
});

Deno.test("fusedDense() takes a batch, features or outputs of size 0", async () => {
  await withBackend({ threads: 2 }, () => {
    for (const activation of ACTIVATION_CASES) {
      for (const sizes of [[0, 3, 7], [2, 0, 3], [0, 0, 1], [2, 3, 0]]) {
        const [batchSize, inFeatures, outFeatures] = sizes as [
          ...[number, number, number],
        ];
        check({ batchSize, inFeatures, outFeatures, activation }, 1);
      }
    }
  });
});

Deno.test("fusedDense() makes one tensor, whatever it keeps for its gradient", async () => {
  await withBackend({ threads: 1 }, () => {
    for (const activation of ACTIVATION_CASES) {
      const layer = layerOf(activation);
      const inputs = tensorsOf({
        batchSize: 2,
        inFeatures: 3,
        outFeatures: 4,
        activation,
      }, 1);
      const f = activationOf(activation);
      const before = tf.memory();
      const y = fusedDense(
        ...inputs as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D],
        { activation: f },
      );
      assert.equal(tf.memory().numTensors, before.numTensors + 1);
      assert.equal(tf.memory().numDataBuffers, before.numDataBuffers + 1);
      const grads = layer.grads(inputs, tf.ones(y.shape));
      tf.dispose([y, ...grads]);
    }
  });
});

Deno.test("fusedDense() refuses what does not fit", async () => {
  await withBackend({ threads: 1 }, () => {
    const fitting = {
      x: tf.ones<tf.Rank>([2, 3]),
      weights: tf.ones<tf.Rank>([3, 8]),
      bias: tf.ones<tf.Rank>([8]),
      alpha: tf.scalar(1) as tf.Tensor,
    };
    type Name = keyof typeof fitting;
    const refuses = (
      change: Partial<Record<Name, tf.Tensor>>,
      error: object,
    ) => {
      const { x, weights, bias, alpha } = { ...fitting, ...change };
      assert.throws(() =>
        fusedDense(
          x as tf.Tensor2D,
          weights as tf.Tensor2D,
          bias as tf.Tensor1D,
          { activation: { kind: "relu-alpha", alpha } },
        ), error);
    };
    const error = (name: string, what: string) => ({
      name,
      message: `Cannot compute fusedDense: ${what}`,
    });
    const shapes: [Name, number[], string][] = [
      ["x", [2, 4], "x must be [any,3]: got [2,4]"],
      ["x", [3], "x must be [any,3]: got [3]"],
      ["weights", [1, 3, 8], "weights must be [any,any]: got [1,3,8]"],
      ["bias", [4], "bias must be [8]: got [4]"],
      ["bias", [1], "bias must be [8]: got [1]"],
      ["bias", [1, 8], "bias must be [8]: got [1,8]"],
      ["alpha", [1], "alpha must be []: got [1]"],
      ["alpha", [8], "alpha must be []: got [8]"],
    ];
    for (const [name, shape, message] of shapes) {
      refuses({ [name]: tf.ones(shape) }, error("RangeError", message));
    }
    for (const name of ["x", "weights", "bias", "alpha"] as const) {
      refuses(
        { [name]: tf.ones(fitting[name].shape, "int32") },
        error("TypeError", `${name} must be float32: got int32`),
      );
      const gone = tf.ones(fitting[name].shape);
      gone.dispose();
      refuses({ [name]: gone }, /disposed/);
    }
  });
});

Deno.test("fusedDense() needs a backend that runs", async () => {
  let x!: tf.Tensor2D;
  await withBackend({ threads: 1 }, () => void (x = tf.ones([1, 1])));
  assert.throws(() => fusedDense(x, x, x as tf.Tensor as tf.Tensor1D), {
    message: "Cannot compute fusedDense: startBackend() must have been called",
  });
});
