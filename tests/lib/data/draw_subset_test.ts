import assert from "node:assert/strict";
import { createRandom } from "../../../lib/base/random.ts";
import { drawSubset } from "../../../lib/data/draw_subset.ts";

/** Images of 2×2 pixels that tell their place, and labels that do too. */
function numbered(count: number) {
  return {
    images: Uint8Array.from({ length: 4 * count }, (_, i) => i),
    labels: Int32Array.from({ length: count }, (_, i) => i),
    count,
  };
}

Deno.test("drawSubset() draws images with their labels, none twice", () => {
  const { images, labels, count } = drawSubset(
    ...[numbered(50), 20, createRandom(3)] as const,
  );
  assert.equal(count, 20);
  assert.equal(new Set(labels).size, 20);
  assert.deepEqual(
    [...images],
    [...labels].flatMap((label) => [0, 1, 2, 3].map((i) => 4 * label + i)),
  );
});

Deno.test("drawSubset() of all images is an order of them, and a smaller one its beginning", () => {
  const all = drawSubset(numbered(50), 50, createRandom(3));
  assert.deepEqual([...all.labels].sort((a, b) => a - b), [
    ...numbered(50).labels,
  ]);
  const some = drawSubset(numbered(50), 7, createRandom(3));
  assert.deepEqual(some.labels, all.labels.subarray(0, 7));
  assert.deepEqual(some.images, all.images.subarray(0, 28));
});

Deno.test("drawSubset() draws each image as often as any other", () => {
  const random = createRandom(5);
  const counts = new Array(10).fill(0);
  for (let i = 0; i < 3000; i++) {
    for (const label of drawSubset(numbered(10), 3, random).labels) {
      counts[label]++;
    }
  }
  // Each 900 times, with a standard deviation of √(3000 · 0.3 · 0.7) = 25.
  for (const count of counts) {
    assert.ok(Math.abs(count - 900) < 125, `${counts}`);
  }
});

Deno.test("drawSubset() refuses a count that the split has not got", () => {
  for (const count of [0, 51, 1.5]) {
    assert.throws(() => drawSubset(numbered(50), count, createRandom(0)), {
      name: "RangeError",
      message:
        `Cannot draw a subset: count must be an integer from 1 to 50: got ${count}`,
    });
  }
});
