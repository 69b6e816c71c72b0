import assert from "node:assert/strict";
import {
  isWeight,
  sparsityTable,
  weightSparsity,
} from "../../../../lib/reports/3_homework_1/weight_sparsity.ts";

const tensor = (...numbers: number[]) => ({
  dtype: "float32" as const,
  shape: [numbers.length],
  data: Float32Array.from(numbers),
});

Deno.test("weightSparsity() counts |w| < 0.001 by layer, without biases", () => {
  const sparsity = weightSparsity("L1", {
    // 1e-3 rounds to a float32 above it.
    "fc1/weights": tensor(0, -0.0009, 1e-3, -1, 0.5),
    "fc1/bias": tensor(0, 0, 0),
    "fc2/weights": tensor(2, -0),
    "fc2/bias": tensor(0),
  });
  assert.deepEqual(sparsity, {
    method: "L1",
    layers: { fc1: 2 / 5, fc2: 1 / 2 },
    all: 3 / 7,
  });
  assert.deepEqual(sparsityTable([sparsity]), {
    title: "Weights below 0.001 after training",
    columns: ["method", "fc1", "fc2", "all"],
    rows: [["L1", "40.0 %", "50.0 %", "42.9 %"]],
  });
});

Deno.test("isWeight() tells weights from biases", () => {
  assert.deepEqual(["fc1/weights", "fc1/bias"].map(isWeight), [true, false]);
});
