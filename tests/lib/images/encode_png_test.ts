import { deepEqual, equal } from "node:assert/strict";
import { inflateSync } from "node:zlib";
import { decode } from "fast-png";
import fc from "fast-check";
import { encodePng } from "../../../lib/images/encode_png.ts";

const images = fc.tuple(
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: 9 }),
  fc.constantFrom(1 as const, 3 as const),
).chain(([width, height, channels]) => {
  const length = width * height * channels;
  return fc.uint8Array({ minLength: length, maxLength: length })
    .map((data) => ({ width, height, channels, data }));
});

Deno.test("encodePng() decodes to the same pixels", () => {
  fc.assert(fc.property(images, (image) => {
    const { width, height, channels, depth, data } = decode(encodePng(image));
    deepEqual(
      { width, height, channels, depth, data: new Uint8Array(data) },
      { ...image, depth: 8, data: new Uint8Array(image.data) },
    );
  }));
});

// https://www.w3.org/TR/png-3: signature, IHDR of 13 bytes, then IDAT, whose
// unpacked rows each begin with their filter, 0 for none.
Deno.test("encodePng() writes what the standard says", () => {
  const data = new Uint8Array([1, 2, 3, 255, 128, 0]);
  const png = encodePng({ width: 2, height: 1, channels: 3, data });
  deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const view = new DataView(png.buffer, png.byteOffset);
  equal(view.getUint32(8), 13);
  // width, height; depth 8, RGB, deflate, adaptive filters, not interlaced
  deepEqual([view.getUint32(16), view.getUint32(20)], [2, 1]);
  deepEqual([...png.subarray(24, 29)], [8, 2, 0, 0, 0]);
  const type = new TextDecoder().decode(png.subarray(37, 41));
  equal(type, "IDAT");
  const row = inflateSync(png.subarray(41, 41 + view.getUint32(33)));
  deepEqual([...row], [0, ...data]);
});
