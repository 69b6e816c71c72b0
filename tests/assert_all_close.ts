import assert from "node:assert/strict";
import type * as tf from "@tensorflow/tfjs";

/** What a tensor should be. */
export interface Expected {
  dtype: tf.DataType;
  shape: readonly number[];
  values: ArrayLike<number>;
}

/** How far a value may be off: atol + rtol · |expected|. */
export interface Tolerance {
  rtol: number;
  /** One number, or one for each value. */
  atol: number | ArrayLike<number>;
}

/**
 * Compares dtype and shape, then each value. NaN only equals NaN, an infinity
 * only itself.
 */
export function assertAllClose(
  actual: tf.Tensor,
  expected: Expected,
  tolerance: Tolerance,
) {
  assert.deepEqual(
    { dtype: actual.dtype, shape: actual.shape },
    { dtype: expected.dtype, shape: [...expected.shape] },
  );
  const values = actual.dataSync();
  assert.equal(values.length, expected.values.length, "expected.values.length");
  assertValuesClose(values, expected.values, tolerance);
}

/** The same for plain arrays of one length. */
export function assertValuesClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol, atol }: Tolerance,
) {
  assert.equal(actual.length, expected.length, "length");
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!, e = expected[i]!;
    if (Object.is(a, e) || a === e) continue;
    const bound = (typeof atol === "number" ? atol : atol[i]!) +
      rtol * Math.abs(e);
    if (Number.isFinite(e) && Math.abs(a - e) <= bound) continue;
    assert.fail(`value ${i} is ${a}, expected ${e} ± ${bound}`);
  }
}
