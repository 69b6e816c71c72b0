import assert from "node:assert/strict";
import { createRandom } from "../../../../../lib/base/random.ts";
import { type Matrix, matrixOf } from "../../../../../lib/matrices/matrix.ts";
import {
  crossEntropy,
  DIRECT,
  FACTORED,
  trainFamily,
} from "../../../../../lib/reports/4_csi_5138/families/train_family.ts";
import {
  drawColumns,
  drawZeroFactors,
} from "../../../../../lib/reports/4_csi_5138/families/draw_problem.ts";
import {
  centeredColumns,
  productOf,
  softmaxColumns,
} from "../../../../../lib/reports/4_csi_5138/families/hypotheses.ts";
import { assertValuesClose } from "../../../../assert_all_close.ts";
import { centralDifferences } from "../../../../reference/central_differences.ts";
import { softmaxCrossEntropy } from "../../../../reference/softmax_cross_entropy.ts";

const zeros = (rows: number, columns: number) =>
  matrixOf(rows, columns, () => 0);
const withValues = (matrix: Matrix, values: Float64Array) => ({
  ...matrix,
  values,
});

Deno.test("crossEntropy() is the reference's mean, with its gradient", () => {
  const random = createRandom(2);
  const data = drawColumns({ classes: 3, inputs: 4, count: 9 }, random);
  const W = matrixOf(3, 4, () => random.normal());
  const reference = (values: Float64Array) => {
    const logits = Array.from({ length: 9 * 3 }, (_, i) => {
      const [n, k] = [Math.floor(i / 3), i % 3];
      let z = 0;
      for (let j = 0; j < 4; j++) {
        z += values[k * 4 + j]! * data.inputs.values[j * 9 + n]!;
      }
      return z;
    });
    const { loss } = softmaxCrossEntropy(logits, data.labels, 3);
    return loss.reduce((sum, one) => sum + one) / 9;
  };
  const { loss, dW } = crossEntropy(W, data);
  assertValuesClose([loss], [reference(W.values)], { rtol: 1e-14, atol: 0 });
  assertValuesClose(
    dW.values,
    centralDifferences(reference, W.values, 1e-5),
    { rtol: 0, atol: 1e-9 },
  );
});

Deno.test("softmaxColumns() is stable, and sees no shift; centeredColumns() takes it away", () => {
  const z = matrixOf(3, 2, (row, column) => column === 0 ? 1000 * row : row);
  const e = Math.E;
  const sum = 1 + e + e * e;
  assertValuesClose(
    softmaxColumns(z).values,
    [0, 1 / sum, 0, e / sum, 1, e * e / sum],
    { rtol: 1e-15, atol: 0 },
  );
  const shifted = withValues(z, z.values.map((one, i) => one + 7 * (i % 2)));
  assertValuesClose(
    softmaxColumns(shifted).values,
    softmaxColumns(z).values,
    { rtol: 1e-14, atol: 0 },
  );
  assert.deepEqual(centeredColumns(shifted), centeredColumns(z));
  assertValuesClose(
    centeredColumns(z).values,
    [-1000, -1, 0, 0, 1000, 1],
    { rtol: 1e-15, atol: 1e-12 },
  );
});

Deno.test("FACTORED has the gradients that differences have", () => {
  const random = createRandom(8);
  const data = drawColumns({ classes: 3, inputs: 4, count: 20 }, random);
  const draw = (rows: number, columns: number) =>
    matrixOf(rows, columns, () => random.normal());
  const factors = { A: draw(3, 2), B: draw(3, 2), C: draw(2, 4) };
  const { dW } = crossEntropy(productOf(factors), data);
  const gradients = FACTORED.gradients(factors, dW);
  (["A", "B", "C"] as const).forEach((name, i) => {
    const differences = centralDifferences(
      (values) => {
        const moved = withValues(factors[name], values);
        return crossEntropy(productOf({ ...factors, [name]: moved }), data)
          .loss;
      },
      factors[name].values,
      1e-5,
    );
    assertValuesClose(gradients[i]!.values, differences, {
      rtol: 0,
      atol: 1e-9,
    });
  });
  assert.deepEqual(FACTORED.parts(factors), Object.values(factors));
});

Deno.test("trainFamily() ends at the known optimum in both families", () => {
  // x = 1 always, three of four labels 0: p = 3/4, the loss its entropy
  const data = {
    inputs: matrixOf(1, 4, () => 1),
    labels: Uint8Array.of(0, 0, 1, 0),
  };
  const entropy = Math.log(4) - 0.75 * Math.log(3);
  const options = { learningRate: 0.5, tolerance: 1e-9, maxSteps: 5000 };
  const factors = drawZeroFactors(
    { classes: 2, inner: 2, inputs: 1 },
    createRandom(0),
  );
  const difference = factors.A.values.map((a, i) => a - factors.B.values[i]!);
  for (
    const descent of [
      trainFamily(DIRECT, zeros(2, 1), data, options),
      trainFamily(FACTORED, factors, data, options),
    ]
  ) {
    assert.ok(descent.converged);
    assert.equal(descent.losses[0], Math.log(2));
    assertValuesClose([descent.losses.at(-1)!], [entropy], {
      rtol: 1e-14,
      atol: 0,
    });
    assert.ok(descent.gradient < 1e-8);
    assert.equal(descent.path.length, descent.losses.length);
    assert.deepEqual(descent.path[0], [0, 0]);
    // w₁ − w₂ = log(3/4) − log(1/4)
    const half = Math.log(3) / 2;
    assertValuesClose(descent.path.at(-1)!, [half, -half], {
      rtol: 1e-7,
      atol: 0,
    });
  }
  assertValuesClose(
    factors.A.values.map((a, i) => a - factors.B.values[i]!),
    difference,
    { rtol: 1e-12, atol: 0 },
  );
  const short = trainFamily(DIRECT, zeros(2, 1), data, {
    ...options,
    maxSteps: 3,
  });
  assert.ok(!short.converged);
  assert.equal(short.losses.length, 4);
});

Deno.test("trainFamily() takes the step of gradient descent", () => {
  const random = createRandom(1);
  const data = drawColumns({ classes: 3, inputs: 2, count: 30 }, random);
  const { dW } = crossEntropy(zeros(3, 2), data);
  const options = { learningRate: 0.3, tolerance: 0, maxSteps: 1 };
  const { product } = trainFamily(DIRECT, zeros(3, 2), data, options);
  assertValuesClose(product.values, dW.values.map((one) => -0.3 * one), {
    rtol: 1e-15,
    atol: 0,
  });
});

Deno.test("trainFamily() follows P W, and stops where the loss is no number", () => {
  const data = { inputs: matrixOf(2, 1, () => 1), labels: Uint8Array.of(0) };
  const options = { learningRate: 1, tolerance: 0, maxSteps: 5 };
  const W = matrixOf(3, 2, (row, column) => 7 + row * (column + 1));
  assert.deepEqual(trainFamily(DIRECT, W, data, options).path[0], [-1, -2]);
  const none = trainFamily(DIRECT, matrixOf(3, 2, () => NaN), data, options);
  assert.equal(none.losses.length, 1);
  assert.ok(!none.converged);
});

Deno.test("drawZeroFactors() draws A with variance 1/r and C with 1/m", () => {
  const sizes = { classes: 99, inner: 16, inputs: 64 };
  const { A, C } = drawZeroFactors(sizes, createRandom(0));
  const scaled = ({ values }: Matrix, size: number) =>
    size * values.reduce((sum, one) => sum + one * one, 0) / values.length;
  // means of at least 1,024 squares: 5 σ = 5 √(2 / 1,024)
  for (const variance of [scaled(A, 16), scaled(C, 64)]) {
    assert.ok(Math.abs(variance - 1) < 0.22, `${variance}`);
  }
});

Deno.test("drawColumns() draws labels from the softmax that it starts from", () => {
  const sizes = { classes: 3, inputs: 2, count: 20_000 };
  const { inputs, labels } = drawColumns(sizes, createRandom(5));
  const again = createRandom(5);
  const W = matrixOf(3, 2, () => again.normal());
  const { loss, dW } = crossEntropy(W, { inputs, labels });
  // dW is a mean of N terms of variance below E x²: 5 σ = 5 / √20,000
  for (const one of dW.values) assert.ok(Math.abs(one) < 0.035, `${one}`);
  assert.ok(loss > 0.3 && loss < Math.log(3), "neither certain nor chance");
});
