import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { decode } from "sixel";
import { imageText } from "../../../lib/images/image_text.ts";
import { gray } from "./fixtures/gray.ts";

function rgb(width: number, ...pixels: [number, number, number][]) {
  const height = pixels.length / width;
  const data = new Uint8Array(pixels.flat());
  return { width, height, channels: 3, data } as const;
}

Deno.test("imageText() in ascii has more ink where the picture is brighter", () => {
  // Ten steps of 25.6 levels; the two rows' means are half a level higher.
  const upper = [0, 25, 26, 50, 51, 77, 103, 128, 154, 180, 205, 231];
  const image = gray(12, [...upper, ...upper.map((value) => value + 1)]);
  equal(imageText(image, { width: 12, mode: "ascii" }), "  ..:-=+*#%@");
});

Deno.test("imageText() in ascii takes the mean of two rows, and black below the last", () => {
  const image = gray(2, [255, 0, 0, 255, 255, 255]);
  equal(imageText(image, { width: 2, mode: "ascii" }), "==\n==");
});

Deno.test("imageText() in ascii goes by luminance", () => {
  // ITU-R BT.601: 76, 150 and 29 of 255, so 2, 5 and 1 of ten steps.
  const row: [number, number, number][] = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ];
  const image = rgb(3, ...row, ...row);
  equal(imageText(image, { width: 3, mode: "ascii" }), ":+.");
});

Deno.test("imageText() in half-blocks has the upper pixel as ink and the lower one as ground", () => {
  // xterm: 16 + 36 r + 6 g + b of levels 0, 95, 135, 175, 215, 255, and
  // 232 + i of gray 8 + 10 i. So 0 is 16, 255 is 231, 128 is 244 and 95 is 59.
  const image = gray(2, [0, 128, 255, 95]);
  equal(
    imageText(image, { width: 2, mode: "half-block" }),
    "\x1b[38;5;16;48;5;231m▀\x1b[38;5;244;48;5;59m▀\x1b[0m",
  );
});

Deno.test("imageText() in half-blocks names equal colours once, and leaves the ground below the last row", () => {
  const image = rgb(2, [255, 0, 0], [255, 0, 0]);
  equal(
    imageText(image, { width: 2, mode: "half-block" }),
    "\x1b[38;5;196;49m▀▀\x1b[0m",
  );
});

Deno.test("imageText() in half-blocks takes the nearest colour", () => {
  // (200, 40, 90) lies nearest to 215, 0, 95: 16 + 36 · 4 + 6 · 0 + 1.
  const image = rgb(1, [200, 40, 90]);
  equal(
    imageText(image, { width: 1, mode: "half-block" }),
    "\x1b[38;5;161;49m▀\x1b[0m",
  );
});

Deno.test("imageText() in characters has its width, and half as many lines as rows", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 100 }),
    (imageWidth, imageHeight, width) => {
      const image = gray(
        imageWidth,
        new Array(imageWidth * imageHeight).fill(255),
      );
      const height = Math.max(1, Math.round(width * imageHeight / imageWidth));
      for (const mode of ["ascii", "half-block"] as const) {
        const lines = imageText(image, { width, mode }).split("\n");
        equal(lines.length, Math.ceil(height / 2), mode);
        for (const line of lines) {
          // deno-lint-ignore no-control-regex -- escape codes are taken away
          equal([...line.replace(/\x1b\[[\d;]*m/g, "")].length, width, mode);
        }
      }
    },
  ));
});

/**
 * The pixels that a terminal would draw, `[height][width]` of red, green, blue.
 */
function decodeSixels(text: string) {
  // deno-lint-ignore no-control-regex -- an escape sequence is what is tested
  const [, data] = /^\x1bP0;0;q(.*)\x1b\\$/s.exec(text) ?? [];
  ok(data, "an escape sequence of sixels");
  const { width, height, data32 } = decode(data);
  const bytes = new Uint8Array(data32.buffer, data32.byteOffset);
  return {
    width,
    height,
    colorAt: (x: number, y: number) => [
      ...bytes.subarray(4 * (y * width + x), 4 * (y * width + x) + 3),
    ],
  };
}

Deno.test("imageText() in sixels draws each pixel, 8 a column", () => {
  const image = rgb(2, [255, 0, 0], [0, 255, 0], [0, 0, 255], [51, 102, 204]);
  const { width, height, colorAt } = decodeSixels(
    imageText(image, { width: 3, mode: "sixel" }),
  );
  deepEqual([width, height], [24, 24]);
  deepEqual(colorAt(0, 0), [255, 0, 0]);
  deepEqual(colorAt(11, 11), [255, 0, 0]);
  deepEqual(colorAt(12, 11), [0, 255, 0]);
  deepEqual(colorAt(11, 12), [0, 0, 255]);
  deepEqual(colorAt(12, 12), [51, 102, 204]);
  deepEqual(colorAt(23, 23), [51, 102, 204]);
});

Deno.test("imageText() in sixels keeps all grays to a hundredth", () => {
  const levels = Array.from({ length: 256 }, (_, i) => i);
  const image = gray(8, levels); // 32 rows of 8
  const { width, height, colorAt } = decodeSixels(
    imageText(image, { width: 1, mode: "sixel" }),
  );
  deepEqual([width, height], [8, 32]);
  for (const level of levels) {
    const [red] = colorAt(level % 8, level >> 3);
    ok(Math.abs(red! - level) <= 1.28 + 0.5, `${level} became ${red}`);
  }
});
