import { deepEqual, equal, throws } from "node:assert/strict";
import type { RasterImage } from "../../../lib/images/raster_image.ts";
import { tileImages } from "../../../lib/images/tile_images.ts";
import { gray } from "./fixtures/gray.ts";

/** Rows of a gray picture, as they would be drawn. */
function rowsOf({ width, data }: RasterImage): number[][] {
  return Array.from(
    { length: data.length / width },
    (_, y) => [...data.subarray(y * width, (y + 1) * width)],
  );
}

Deno.test("tileImages() puts each picture into its place", () => {
  const tiles = [gray(2, [1, 2]), gray(2, [3, 4]), gray(2, [5, 6])];
  const tiled = tileImages(tiles, { columns: 2, gap: 1 });
  equal(tiled.width, 5);
  equal(tiled.height, 3);
  deepEqual(rowsOf(tiled), [
    [1, 2, 0, 3, 4],
    [0, 0, 0, 0, 0],
    [5, 6, 0, 0, 0],
  ]);
});

Deno.test("tileImages() has one row where all pictures fit into it", () => {
  const tiles = [gray(1, [1, 2]), gray(1, [3, 4])];
  const tiled = tileImages(tiles, { columns: 3, gap: 1 });
  deepEqual(rowsOf(tiled), [
    [1, 0, 3],
    [2, 0, 4],
  ]);
});

Deno.test("tileImages() keeps colours together", () => {
  const pixel = (...data: number[]): RasterImage => ({
    width: 1,
    height: 1,
    channels: 3,
    data: new Uint8Array(data),
  });
  const tiles = [pixel(1, 2, 3), pixel(4, 5, 6)];
  const tiled = tileImages(tiles, { columns: 2, gap: 0 });
  deepEqual(tiled, {
    width: 2,
    height: 1,
    channels: 3,
    data: new Uint8Array([1, 2, 3, 4, 5, 6]),
  });
});

Deno.test("tileImages() refuses no picture, and pictures of two sizes", () => {
  const options = { columns: 2, gap: 0 };
  throws(() => tileImages([], options), /^RangeError: .* got none$/);
  throws(
    () => tileImages([gray(2, [1, 2]), gray(1, [3, 4])], options),
    new RangeError("Cannot tile images: all must be 2×1×1: got 1×2×1"),
  );
  const image = gray(1, [3]);
  throws(
    () => tileImages([image], { ...options, columns: 0 }),
    new RangeError(
      "Cannot tile images: columns must be an integer from 1: got 0",
    ),
  );
  throws(
    () => tileImages([image], { ...options, gap: -1 }),
    new RangeError("Cannot tile images: gap must be an integer from 0: got -1"),
  );
});
