import assert from "node:assert/strict";
import type * as tf from "@tensorflow/tfjs";
import { assertAllClose, assertValuesClose } from "./assert_all_close.ts";

/** What assertAllClose() reads of a tensor. */
function tensor(shape: number[], values: number[], dtype = "float32") {
  return { shape, dtype, dataSync: () => values } as unknown as tf.Tensor;
}

const exactly = { rtol: 0, atol: 0 };
const expected = { dtype: "float32", shape: [2], values: [1, 2] } as const;

Deno.test("assertAllClose() compares dtype and shape before values", () => {
  assertAllClose(tensor([2], [1, 2]), expected, exactly);
  const lax = { rtol: 1e9, atol: 1e9 };
  const close = (x: tf.Tensor) => () => assertAllClose(x, expected, lax);
  assert.throws(close(tensor([2, 1], [1, 2])), /shape/);
  assert.throws(close(tensor([2], [1, 2], "int32")), /dtype/);
});

Deno.test("assertAllClose() names the place, both values and the bound", () => {
  assert.throws(
    () =>
      assertAllClose(tensor([2], [1, 2.5]), expected, { rtol: 0.1, atol: 0.2 }),
    { message: "value 1 is 2.5, expected 2 ± 0.4" },
  );
});

Deno.test("assertValuesClose() takes a bound for each value", () => {
  const bounds = { rtol: 0, atol: [0, 1] };
  assertValuesClose([1, 3], [1, 2], bounds);
  assert.throws(() => assertValuesClose([1.5, 2], [1, 2], bounds), /value 0/);
});

Deno.test("assertValuesClose() tells NaN and the infinities apart", () => {
  const values = [NaN, Infinity, -Infinity, 1];
  const wide = { rtol: 1, atol: 1 };
  assertValuesClose(values, values, wide);
  for (const [i, a] of values.entries()) {
    for (const [k, e] of values.entries()) {
      if (i === k) continue;
      assert.throws(() => assertValuesClose([a], [e], wide), /value 0/);
    }
  }
  assert.throws(() => assertValuesClose([1], [1, 2], wide), /length/);
});
