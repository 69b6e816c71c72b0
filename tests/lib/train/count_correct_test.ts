import assert from "node:assert/strict";
import { countCorrect } from "../../../lib/train/count_correct.ts";

const count = (logits: number[], labels: number[]) =>
  countCorrect(Float32Array.from(logits), Int32Array.from(labels));

Deno.test("countCorrect() counts the rows whose largest logit is their label's", () => {
  const logits = [1, 2, 3, /**/ -3, -2, -4, /**/ 0, -1, -1];
  assert.equal(count(logits, [2, 1, 0]), 3);
  assert.equal(count(logits, [2, 0, 0]), 2);
  assert.equal(count(logits, [0, 2, 1]), 0);
});

Deno.test("countCorrect() takes the first of equal largest logits", () => {
  assert.equal(count([5, 5, /**/ 5, 5], [0, 1]), 1);
  assert.equal(count([1, 7, 7], [1]), 1);
  assert.equal(count([1, 7, 7], [2]), 0);
});

Deno.test("countCorrect() takes infinities, one class and no rows", () => {
  assert.equal(count([-Infinity, 0, /**/ 0, Infinity], [1, 1]), 2);
  assert.equal(count([-Infinity, -Infinity], [0]), 1);
  assert.equal(count([3, -3], [0, 0]), 2);
  assert.equal(count([], []), 0);
});
