import assert from "node:assert/strict";
import fc from "fast-check";
import { createRandom } from "../../../../../lib/base/random.ts";
import {
  type Diagonal,
  diagonalDistance,
  diagonalPixels,
  drawDiagonals,
} from "../../../../../lib/reports/4_csi_5138/diagonals/diagonal.ts";

const anyDiagonal: fc.Arbitrary<Diagonal> = fc.record({
  row: fc.integer({ min: 0, max: 9 }),
  column: fc.integer({ min: 0, max: 9 }),
  length: fc.integer({ min: 1, max: 5 }),
  direction: fc.constantFrom("rising", "falling"),
});

Deno.test("diagonalPixels() runs from the upper end to the lower one", () => {
  const place = { row: 1, column: 4, length: 3 };
  assert.deepEqual(diagonalPixels({ ...place, direction: "rising" }), [[1, 6], [
    2,
    5,
  ], [3, 4]]);
  assert.deepEqual(diagonalPixels({ ...place, direction: "falling" }), [
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
});

Deno.test("diagonalDistance() is at least 3 just where no window holds both, and where Euclid's is", () => {
  fc.assert(fc.property(anyDiagonal, anyDiagonal, (a, b) => {
    const pairs = diagonalPixels(a).flatMap((p) =>
      diagonalPixels(b).map((q) => [p[0] - q[0], p[1] - q[1]] as const)
    );
    const isFar = diagonalDistance(a, b) >= 3;
    const euclid = Math.min(...pairs.map(([y, x]) => Math.hypot(y, x)));
    assert.equal(isFar, euclid >= 3);
    const share = pairs.some(([y, x]) => Math.abs(y) < 3 && Math.abs(x) < 3);
    assert.equal(isFar, !share);
    assert.equal(diagonalDistance(a, b), diagonalDistance(b, a));
  }));
});

Deno.test("drawDiagonals() draws every place of two diagonals with one probability", () => {
  const size = 8, draws = 12_000;
  const corners = Array.from({ length: 36 }, (_, i): Diagonal => ({
    row: Math.floor(i / 6),
    column: i % 6,
    length: 3,
    direction: "rising",
  }));
  const counts = new Map(
    corners.flatMap((a) =>
      corners.filter((b) => diagonalDistance(a, b) >= 3)
        .map((b) => [JSON.stringify([a, b]), 0])
    ),
  );
  const random = createRandom(4);
  for (let i = 0; i < draws; i++) {
    const drawn = drawDiagonals(random, {
      count: 2,
      size,
      lengths: [3, 3],
      directions: ["rising"],
    });
    const key = JSON.stringify(drawn);
    assert.ok(counts.has(key), key);
    counts.set(key, counts.get(key)! + 1);
  }
  const mean = draws / counts.size;
  const chi2 = [...counts.values()]
    .reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
  // mean k, variance 2k for k = places − 1 degrees of freedom
  const k = counts.size - 1;
  assert.ok(Math.abs(chi2 - k) < 4 * Math.sqrt(2 * k), `${chi2} of ${k}`);
});

Deno.test("drawDiagonals() draws each length and direction as often", () => {
  const random = createRandom(0), counts = new Map<string, number>();
  for (let i = 0; i < 6_000; i++) {
    const [{ length, direction, row, column }] = drawDiagonals(random, {
      count: 1,
      size: 6,
      lengths: [4, 6],
      directions: ["rising", "falling"],
    }) as [Diagonal];
    assert.ok(row + length <= 6 && column + length <= 6);
    const key = `${length} ${direction}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  // standard deviation √(6000 · 1/6 · 5/6) = 29
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 116);
});

Deno.test("drawDiagonals() refuses an image without room", () => {
  const draw = (size: number) =>
    drawDiagonals(createRandom(0), {
      count: 2,
      size,
      lengths: [3, 3],
      directions: ["rising"],
    });
  assert.equal(draw(8).length, 2);
  assert.throws(() => draw(7), {
    name: "RangeError",
    message:
      "Cannot draw diagonals: size must be at least 8 for 2 of 3 pixels: got 7",
  });
});
