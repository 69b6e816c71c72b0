import assert from "node:assert/strict";
import { compareLogits } from "../../../lib/onnx/export_nets.ts";

Deno.test("compareLogits() finds the largest difference and counts both nets' right images", () => {
  const labels = new Int32Array([0, 1, 1]);
  const logits = new Float32Array([3, 1, 0, 2, 5, 4]); // Right, right, wrong.
  // Right, wrong, wrong.
  const others = new Float32Array([3, 1.5, 2.25, 2, 5, 4]);
  assert.deepEqual(compareLogits(logits, others, labels), {
    largestDifference: 2.25,
    correct: 2,
    otherCorrect: 1,
  });
  others[5] = NaN;
  assert.ok(Number.isNaN(
    compareLogits(logits, others, labels).largestDifference,
  ));
  assert.throws(() => compareLogits(logits, others.subarray(2), labels), {
    name: "RangeError",
    message: "Cannot compare logits: there must be 6 of both nets: got 4",
  });
});
