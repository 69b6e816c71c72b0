import assert from "node:assert/strict";
import { createRandom } from "../../../../../lib/base/random.ts";
import {
  createDiagonalImages,
  detectorConditions,
  diagonalDataset,
  noisyCondition,
  picturedConditions,
  PLAIN_CONDITION,
  seededImages,
} from "../../../../../lib/reports/4_csi_5138/diagonals/diagonal_images.ts";
import { diagonalPixels } from "../../../../../lib/reports/4_csi_5138/diagonals/diagonal.ts";

const draw = (
  condition: Parameters<typeof createDiagonalImages>[0],
  count: number,
) =>
  createDiagonalImages(condition, {
    count,
    size: 30,
    random: createRandom(7),
  });

/** Of each image, the pixels of its diagonals. */
function ownPixels({ diagonals }: ReturnType<typeof draw>): Set<number>[] {
  return diagonals.map((drawn) =>
    new Set(drawn.flatMap(diagonalPixels).map(([y, x]) => 30 * y + x))
  );
}

Deno.test("createDiagonalImages() lights the diagonals' pixels, one or two in turn, and no other", () => {
  const split = draw(PLAIN_CONDITION, 50);
  const own = ownPixels(split);
  assert.deepEqual([...split.labels.slice(0, 4)], [0, 1, 0, 1]);
  split.images.forEach((pixel, i) => {
    const isOwn = own[Math.floor(i / 900)]!.has(i % 900);
    assert.equal(pixel, isOwn ? 255 : 0);
  });
  assert.deepEqual(own.map(({ size }) => size).slice(0, 2), [3, 6]);
});

Deno.test("createDiagonalImages() draws the same first images however many follow", () => {
  const condition = detectorConditions([0.05]).at(-1)!;
  const few = draw(condition, 3), many = draw(condition, 20);
  assert.deepEqual(few.images, many.images.subarray(0, few.images.length));
  assert.notDeepEqual(few.images, draw(PLAIN_CONDITION, 3).images);
});

Deno.test("createDiagonalImages() lights the background with p, neighbours independently, and loses pixels with q", () => {
  const p = 0.05, q = 0.2, count = 1_000;
  const split = draw({ ...noisyCondition(p), lost: q }, count);
  const own = ownPixels(split);
  let background = 0, lit = 0, pairs = 0, bothLit = 0, dark = 0, all = 0;
  split.images.forEach((pixel, i) => {
    const image = Math.floor(i / 900);
    const isOwn = own[image]!.has(i % 900);
    if (isOwn) {
      all++;
      if (pixel === 0) dark++;
      return;
    }
    background++;
    if (pixel === 255) lit++;
    if (i % 900 === 899 || own[image]!.has(i % 900 + 1)) return;
    pairs++;
    if (pixel === 255 && split.images[i + 1] === 255) bothLit++;
  });
  const isNear = (got: number, n: number, p: number) => {
    const sd = Math.sqrt(n * p * (1 - p));
    assert.ok(
      Math.abs(got - n * p) < 4 * sd,
      `${got} of ${n}, ${n * p} ± ${sd}`,
    );
  };
  isNear(lit, background, p);
  isNear(bothLit, pairs, p * p);
  isNear(dark, all, q);
});

Deno.test("detectorConditions() lose pixels in flips only, and mix with the noise in the middle", () => {
  const numbers = detectorConditions([0.1, 0.3, 0.2])
    .map(({ name, lit, lost }) => [name, lit, lost]);
  assert.deepEqual(numbers, [
    ["plain", 0, 0],
    ["noise 0.1", 0.1, 0],
    ["noise 0.3", 0.3, 0],
    ["noise 0.2", 0.2, 0],
    ["flips 0.1", 0.1, 0.1],
    ["flips 0.3", 0.3, 0.3],
    ["flips 0.2", 0.2, 0.2],
    ["lengths 4 to 6", 0, 0],
    ["both directions", 0, 0],
    ["both, 4 to 6, noise 0.3", 0.3, 0],
  ]);
});

Deno.test("diagonalDataset() has its own images for each use and seed, and tests an epoch by the first of the test", () => {
  const options = { seed: 1, trainSize: 4, testSize: 1_002 };
  const { train, test } = diagonalDataset(PLAIN_CONDITION, options);
  assert.deepEqual([train.count, test.count], [4, 1_000]);
  const whole = seededImages(PLAIN_CONDITION, "test", {
    seed: 1,
    count: 1_002,
  });
  assert.deepEqual(test.images, whole.images.subarray(0, 1_000 * 100 * 100));
  const first = (pixels: Uint8Array) => pixels.subarray(0, 100 * 100);
  assert.notDeepEqual(first(train.images), first(test.images));
  const other = diagonalDataset(PLAIN_CONDITION, { ...options, seed: 2 });
  assert.notDeepEqual(first(other.train.images), first(train.images));
});

Deno.test("picturedConditions() leaves out noise but the last, and flips", () => {
  assert.deepEqual(picturedConditions([0.01, 0.03]).map(({ name }) => name), [
    "plain",
    "noise 0.03",
    "lengths 4 to 6",
    "both directions",
  ]);
});
