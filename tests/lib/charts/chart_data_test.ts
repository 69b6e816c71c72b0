import { deepEqual } from "node:assert/strict";
import { binMeans } from "../../../lib/charts/_chart_data.ts";

Deno.test("binMeans() takes the mean of each bin", () => {
  deepEqual(binMeans([1, 3, 5, 7], 4, 2), [2, 6]);
  // bins of 1, 2 and 2 steps
  deepEqual(binMeans([1, 2, 4, 6, 10], 5, 3), [1, 3, 8]);
  deepEqual(binMeans(new Float32Array([1, 2]), 2, 2), [1, 2]);
});

Deno.test("binMeans() leaves out what is not drawable", () => {
  deepEqual(binMeans([1, NaN, Infinity, NaN], 4, 2), [1, NaN]);
  deepEqual(binMeans([1, 2], 4, 4), [1, 2, NaN, NaN]);
  deepEqual(binMeans([], 0, 0), []);
});

Deno.test("binMeans() does not overflow", () => {
  deepEqual(binMeans([9e299, 9e299, 9e299], 3, 1), [9e299]);
});
