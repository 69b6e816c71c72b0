import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { resizeImage } from "../../../lib/images/raster_image.ts";
import { gray } from "./fixtures/gray.ts";

Deno.test("resizeImage() takes means of blocks", () => {
  const image = gray(4, [10, 20, 100, 100, 30, 40, 100, 104]);
  const { data } = resizeImage(image, { width: 2, height: 1 });
  deepEqual([...data], [25, 101]);
});

Deno.test("resizeImage() divides pixels that lie on a border", () => {
  // Each new pixel covers 1.5 old ones: (60 + 120 / 2) / 1.5, (120 / 2 + 30) /
  // 1.5.
  const { data } = resizeImage(gray(3, [60, 120, 30]), { width: 2, height: 1 });
  deepEqual([...data], [80, 60]);
});

Deno.test("resizeImage() repeats pixels of a larger picture", () => {
  const { data } = resizeImage(gray(1, [7, 9]), { width: 2, height: 4 });
  deepEqual([...data], [7, 7, 7, 7, 9, 9, 9, 9]);
});

Deno.test("resizeImage() keeps colours apart", () => {
  const data = new Uint8Array([10, 20, 30, 30, 60, 90]);
  const image = { width: 2, height: 1, channels: 3, data } as const;
  deepEqual(resizeImage(image, { width: 1, height: 1 }), {
    width: 1,
    height: 1,
    channels: 3,
    data: new Uint8Array([20, 40, 60]),
  });
});

Deno.test("resizeImage() keeps the mean to half a level, whatever the sizes", () => {
  const size = fc.integer({ min: 1, max: 12 });
  fc.assert(fc.property(
    fc.tuple(size, size, size, size).chain(([w, h, width, height]) =>
      fc.record({
        image: fc.array(fc.integer({ min: 0, max: 255 }), {
          minLength: w * h,
          maxLength: w * h,
        }).map((data) => gray(w, data)),
        size: fc.constant({ width, height }),
      })
    ),
    ({ image, size }) => {
      const resized = resizeImage(image, size);
      equal(resized.data.length, size.width * size.height);
      const mean = (data: Uint8Array) =>
        data.reduce((sum, value) => sum + value, 0) / data.length;
      ok(Math.abs(mean(resized.data) - mean(image.data)) <= 0.5 + 1e-9);
    },
  ));
});

Deno.test("resizeImage() refuses a size that is no positive integer", () => {
  for (const width of [0, -2, 1.5, NaN]) {
    throws(
      () => resizeImage(gray(1, [1]), { width, height: 1 }),
      new RangeError(
        `Cannot resize an image: width must be an integer from 1: got ${width}`,
      ),
    );
  }
});
