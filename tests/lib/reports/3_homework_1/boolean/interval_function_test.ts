import assert from "node:assert/strict";
import {
  attainableSums,
  dotTable,
  inputVector,
  intervalFunction,
  intervalValue,
  MAX_DIMENSION,
} from "../../../../../lib/reports/3_homework_1/boolean/interval_function.ts";
import {
  allInputs,
  allIntervals,
  value,
} from "../../../../reference/boolean_interval.ts";
import { createRandom } from "../../../../../lib/base/random.ts";

Deno.test("inputVector() counts through all inputs", () => {
  for (let D = 1; D <= 6; D++) {
    const inputs = Array.from({ length: 2 ** D }, (_, i) => [
      ...inputVector(i, D),
    ]);
    assert.deepEqual(inputs, allInputs(D));
  }
});

Deno.test("intervalValue() is the definition's value on all inputs", () => {
  for (const [D, A, B] of allIntervals(6)) {
    const f = intervalFunction(D, A, B);
    allInputs(D).forEach((x, i) =>
      assert.equal(intervalValue(f, i), value(x, A, B), `${D} ${A} ${B} ${x}`)
    );
  }
});

Deno.test("attainableSums() lists the sums of all inputs in order", () => {
  for (let D = 1; D <= 6; D++) {
    const sums = allInputs(D).map((x) => x.reduce((a, b) => a + b));
    assert.deepEqual(
      attainableSums(D),
      [...new Set(sums)].sort((a, b) => a - b),
    );
  }
});

Deno.test("intervalFunction() refuses what is none", () => {
  for (const D of [0, -1, 1.5, NaN, MAX_DIMENSION + 1]) {
    assert.throws(() => intervalFunction(D, 0, 0), {
      name: "RangeError",
      message:
        `Cannot make the function: dimension must be an integer from 1 to 24: got ${D}`,
    });
  }
  for (const [A, B] of [[1, 0], [0.5, 1], [0, NaN], [-Infinity, 0]] as const) {
    assert.throws(
      () => intervalFunction(2, A, B),
      { name: "RangeError", message: new RegExp(`: got ${A} and ${B}$`) },
    );
  }
});

Deno.test("dotTable() holds the product with each input", () => {
  const random = createRandom(1);
  for (let n = 1; n <= 7; n++) {
    const weights = Array.from(
      { length: n },
      () => random.uniformInt(2001) - 1000,
    );
    assert.deepEqual(
      [...dotTable(Float64Array.from(weights))],
      allInputs(n).map((x) =>
        x.reduce((sum, xi, i) => sum + weights[i]! * xi, 0)
      ),
    );
  }
});

Deno.test("dotTable() of no weights is the empty sum", () => {
  assert.deepEqual([...dotTable(new Float64Array(0))].map(Math.abs), [0]);
});
