import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { createRandom } from "../../../../../lib/base/random.ts";
import {
  type Diagonal,
  diagonalDistance,
  diagonalPixels,
} from "../../../../../lib/reports/4_csi_5138/diagonals/diagonal.ts";
import {
  countPeaks,
  featureMaps,
  labelOfPeaks,
} from "../../../../../lib/reports/4_csi_5138/diagonals/peak_rule.ts";
import { assertAllClose } from "../../../../assert_all_close.ts";
import { withBackend } from "../../../../with_backend.ts";

/** Peaks of images with these diagonals. */
function peaksOf(images: readonly (readonly Diagonal[])[], size: number) {
  const pixels = new Uint8Array(images.length * size * size);
  images.forEach((diagonals, i) => {
    for (const [row, column] of diagonals.flatMap(diagonalPixels)) {
      pixels[(i * size + row) * size + column] = 255;
    }
  });
  const labels = new Int32Array(images.length);
  return countPeaks({ images: pixels, labels, count: images.length }, size);
}

/** Every place of a diagonal in an image. */
function places(
  size: number,
  length: number,
  direction: Diagonal["direction"],
): Diagonal[] {
  const side = size - length + 1;
  return Array.from({ length: side * side }, (_, i) => ({
    row: Math.floor(i / side),
    column: i % side,
    length,
    direction,
  }));
}

Deno.test("featureMaps() adds up three pixels of a rising diagonal, exactly", async () => {
  await withBackend({ threads: 1 }, () => {
    const random = createRandom(3), height = 7, width = 9;
    const x = Array.from(
      { length: 2 * height * width },
      () => random.uniformInt(3) === 0 ? 1 : 0,
    );
    const at = (n: number, y: number, c: number) =>
      x[(n * height + y) * width + c]!;
    const values = [0, 1].flatMap((n) =>
      Array.from({ length: 5 * 7 }, (_, i) => {
        const y = Math.floor(i / 7), c = i % 7;
        return at(n, y, c + 2) + at(n, y + 1, c + 1) + at(n, y + 2, c);
      })
    );
    const expected = { dtype: "float32", shape: [2, 5, 7, 1], values } as const;
    const actual = featureMaps(tf.tensor4d(x, [2, height, width, 1]));
    assertAllClose(actual, expected, { rtol: 0, atol: 0 });
    assert.ok(values.includes(3));
  });
});

Deno.test("countPeaks() finds n − 2 peaks of a rising diagonal of n pixels and none of a falling one, wherever it is", async () => {
  await withBackend({ threads: 1 }, () => {
    for (const length of [1, 2, 3, 4, 5, 6]) {
      const rising = places(10, length, "rising").map((one) => [one]);
      const falling = places(10, length, "falling").map((one) => [one]);
      // above 100 images for some: two batches
      const peaks = peaksOf(rising, 10);
      assert.ok(peaks.every((count) => count === Math.max(0, length - 2)));
      assert.ok(peaksOf(falling, 10).every((count) => count === 0));
    }
    assert.ok(places(10, 1, "rising").length === 100);
  });
});

Deno.test("countPeaks() finds two peaks or more of any two rising diagonals, and two just from a distance of 2 on", async () => {
  await withBackend({ threads: 1 }, () => {
    const all = places(13, 3, "rising");
    const middle = { ...all[0]!, row: 5, column: 5 };
    const others = all.filter(({ row, column }) => row !== 5 || column !== 5);
    const peaks = peaksOf(others.map((other) => [middle, other]), 13);
    const distances = others.map((other) => diagonalDistance(middle, other));
    peaks.forEach((count, i) => {
      assert.ok(count >= 2);
      if (distances[i]! >= 2) assert.equal(count, 2);
    });
    // close together, some have more
    assert.ok(peaks.some((count, i) => distances[i] === 1 && count > 2));
    assert.ok([...distances].some((distance) => distance === 2));
  });
});

Deno.test("labelOfPeaks() is class 1 for one peak only", () => {
  assert.deepEqual([0, 1, 2, 3, 90].map(labelOfPeaks), [1, 0, 1, 1, 1]);
});
