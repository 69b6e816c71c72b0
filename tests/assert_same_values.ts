import assert from "node:assert/strict";

/** Compares bit for bit, but for NaN, of which there is one; 0 is not −0. */
export function assertSameValues(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
) {
  assert.equal(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(actual[i], expected[i])) {
      assert.fail(`${what}: value ${i} is ${actual[i]}, not ${expected[i]}`);
    }
  }
}
