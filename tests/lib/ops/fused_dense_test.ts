import assert from "node:assert/strict";
import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { fusedDense } from "../../../lib/ops/fused_dense.ts";
import { assertSameValues } from "../../assert_same_values.ts";
import { type Expectation, type Refusal, testOp } from "../../ops_suite.ts";
import * as reference from "../../reference/mat_mul.ts";
import { closeSums } from "./fixtures/close_sums.ts";
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

interface Case {
  batchSize: number;
  inFeatures: number;
  outFeatures: number;
  activation: ActivationCase;
  seed?: number;
}

function tensorsOf(c: Case): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const { seed = 1 } = c;
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

/** z and dy by the oracle. */
function preactivation(c: Case) {
  const { batchSize: rows, inFeatures, outFeatures, seed = 1 } = c;
  const [x, weights, bias] = tensorsOf(c).map((t) =>
    t.dataSync<"float32">()
  ) as [Float32Array, Float32Array, Float32Array];
  const sums = reference.matMul(x, weights, {
    rows,
    columns: outFeatures,
    depth: inFeatures,
    transposeA: false,
    transposeB: false,
  });
  const z = addBias(sums, bias, inFeatures);
  const drawn = seededTensor([rows, outFeatures], seed + 3);
  return { x, weights, z, dy: awayFromKink(drawn.dataSync<"float32">(), z) };
}

function compute(c: Case): Record<string, tf.Tensor> {
  const inputs = tensorsOf(c), layer = layerOf(c.activation);
  const dy = tf.tensor(dyOf(c), [c.batchSize, c.outFeatures]);
  const [dx, dWeights, dBias, dAlpha] = layer.grads(inputs, dy);
  return {
    y: layer.y(inputs),
    dx: dx!,
    dWeights: dWeights!,
    dBias: dBias!,
    ...(dAlpha && { dAlpha }),
  };
}

/** dy of a case, which the oracle keeps away from the kink. */
function dyOf(c: Case): Float32Array {
  const known = dys.get(c) ?? preactivation(c).dy;
  dys.set(c, known);
  return known;
}

const dys = new WeakMap<Case, Float32Array>();

function expect(c: Case): Record<string, Expectation> {
  const { batchSize: rows, inFeatures, outFeatures, activation } = c;
  const { x, weights, z, dy } = preactivation(c);
  const alpha = alphaOf(activation);
  const { dz, dBias, dAlpha } = biasAndAlphaGrads(z, dy, outFeatures, alpha);
  const dx = reference.matMul(dz, weights, {
    rows,
    columns: inFeatures,
    depth: outFeatures,
    transposeA: false,
    transposeB: true,
  });
  const dWeights = reference.matMul(x, dz, {
    rows: inFeatures,
    columns: outFeatures,
    depth: rows,
    transposeA: true,
    transposeB: false,
  });
  // dz brings two roundings of its own.
  return {
    y: activated(z, [rows, outFeatures], alpha),
    dx: closeSums([rows, inFeatures], dx, outFeatures + 2),
    dWeights: closeSums([inFeatures, outFeatures], dWeights, rows + 2),
    dBias,
    ...(typeof activation === "number" && { dAlpha }),
  };
}

const COUNTS = [1, 3, 4, 7, 8, 15, 32];

const TAILS = ACTIVATION_CASES.flatMap((activation) =>
  COUNTS.flatMap((outFeatures) =>
    [1, 5].map((batchSize) => ({ batchSize, outFeatures, activation }))
  )
).map((c, seed): Case => ({
  ...c,
  inFeatures: COUNTS[seed % COUNTS.length]!,
  seed,
}));

/** Cases of these sizes with some activations or all. */
const casesOf = (
  sizes: number[][],
  activations: readonly ActivationCase[] = ACTIVATION_CASES,
) =>
  activations.flatMap((activation) =>
    sizes.map((of, seed): Case => {
      const [batchSize, inFeatures, outFeatures] = of as [
        number,
        number,
        number,
      ];
      return { batchSize, inFeatures, outFeatures, activation, seed };
    })
  );

const size = (min: number, max: number) => fc.integer({ min, max });

const anyCase = fc.record({
  batchSize: size(0, 20),
  inFeatures: size(1, 40),
  outFeatures: size(1, 40),
  activation: fc.constantFrom(...ACTIVATION_CASES),
  seed: size(0, 1000),
});

testOp<Case>({
  name: "fusedDense() and its gradients",
  tolerance: "to the roundings of its sums",
  cases: {
    "every tail": TAILS,
    "a batch, features or outputs of size 0": casesOf([
      [0, 3, 7],
      [2, 0, 3],
      [0, 0, 1],
      [2, 3, 0],
    ]),
    // A depth in pieces, as of report 1's last layer, and two chunks of dz.
    "where the work is split": casesOf([
      [16, 6_272, 10],
      [100, 9, 201],
      [128, 65, 257],
    ], ["linear", "relu", 0.3, 1.7]),
    "random shapes": fc.sample(anyCase, { numRuns: 150, seed: 1 }),
  },
  compute,
  expect,
  refusals,
  stopped: {
    action: "compute fusedDense",
    call: (x) => fusedDense(x as tf.Tensor2D, x as tf.Tensor2D, x as never),
  },
  also: {
    "the known values": checkKnown,
    "dα takes nothing of a dy that is not finite where z is positive":
      checkInfiniteDy,
    "one tensor is made, whatever is kept for the gradient": checkTensors,
  },
});

function checkKnown() {
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
}

/** Of vectors and of a tail: where z is positive, dα takes no dy at all. */
function checkInfiniteDy() {
  for (const activation of [0.3, 1.7]) {
    for (let place = 0; place < 7; place++) {
      for (const value of [NaN, Infinity]) {
        const inputs = [tf.ones([1, 1]), tf.ones([1, 7]), tf.zeros([7])];
        const dy = new Float32Array(7).fill(1).with(place, value);
        const [, , dBias, dAlpha] = layerOf(activation)
          .grads(inputs, tf.tensor(dy, [1, 7]));
        const what = `${value} at ${place}, ${activation}`;
        assertSameValues(dBias!.dataSync(), dy, `dBias, ${what}`);
        assert.equal(dAlpha!.dataSync()[0]! + 0, 0, `dα, ${what}`);
      }
    }
  }
}

function checkTensors() {
  for (const activation of ACTIVATION_CASES) {
    const layer = layerOf(activation);
    const inputs = tensorsOf({
      batchSize: 2,
      inFeatures: 3,
      outFeatures: 4,
      activation,
    });
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
}

function refusals(): Refusal[] {
  const fitting = {
    x: tf.ones<tf.Rank>([2, 3]),
    weights: tf.ones<tf.Rank>([3, 8]),
    bias: tf.ones<tf.Rank>([8]),
    alpha: tf.scalar(1) as tf.Tensor,
  };
  type Name = keyof typeof fitting;
  const call = (
    change: Partial<Record<Name, tf.Tensor>>,
  ) =>
  () => {
    const { x, weights, bias, alpha } = { ...fitting, ...change };
    return fusedDense(
      x as tf.Tensor2D,
      weights as tf.Tensor2D,
      bias as tf.Tensor1D,
      { activation: { kind: "relu-alpha", alpha } },
    );
  };
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
  return inputRefusals("fusedDense", fitting, call, shapes);
}
