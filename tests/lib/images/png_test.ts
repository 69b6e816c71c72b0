import { crc32, deflateSync, inflateSync } from "node:zlib";
import { deepEqual, equal, throws } from "node:assert/strict";
import { decode } from "fast-png";
import fc from "fast-check";
import { decodePng, encodePng } from "../../../lib/images/png.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function bigEndian(value: number): number[] {
  return [value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255];
}

function chunk(type: string, data: readonly number[]): number[] {
  const content = [...new TextEncoder().encode(type), ...data];
  const crc = crc32(Uint8Array.from(content));
  return [...bigEndian(data.length), ...content, ...bigEndian(crc)];
}

/** Colour types of the PNG specification, section 11.2.2. */
const [GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA] = [0, 2, 3, 4, 6];

/** A file from its parts, written from the specification. */
function pngFile(
  { width, depth, type, rows, before = [], interlace = 0 }: {
    width: number;
    depth: number;
    type: number;
    /** Each row's bytes. */
    rows: readonly (readonly number[])[];
    /** Chunks ahead of the pixels. */
    before?: readonly number[];
    interlace?: number;
  },
): Uint8Array {
  const header = [
    ...bigEndian(width),
    ...bigEndian(rows.length),
    depth,
    type,
    0,
    0,
    interlace,
  ];
  const pixels = rows.flatMap((row) => [0, ...row]); // without a filter
  return Uint8Array.from([
    ...SIGNATURE,
    ...chunk("IHDR", header),
    ...before,
    ...chunk("IDAT", [...deflateSync(Uint8Array.from(pixels))]),
    ...chunk("IEND", []),
  ]);
}

const PLTE = chunk("PLTE", [10, 20, 30, 200, 100, 50, 1, 2, 3]);

const CASES: [string, Uint8Array, channels: number, values: number[]][] = [
  [
    "gray, 8 bits",
    pngFile({ width: 3, depth: 8, type: GRAY, rows: [[0, 7, 255]] }),
    1,
    [0, 7, 255],
  ],
  [
    "gray, 1 bit, rows of part of a byte",
    pngFile({
      width: 10,
      depth: 1,
      type: GRAY,
      rows: [[0b10100000, 0b01000000], [0b00000001, 0b10000000]],
    }),
    1,
    [255, 0, 255, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0],
  ],
  [
    "gray, 2 bits",
    pngFile({ width: 4, depth: 2, type: GRAY, rows: [[0b00011011]] }),
    1,
    [0, 85, 170, 255],
  ],
  [
    "gray, 4 bits",
    pngFile({ width: 3, depth: 4, type: GRAY, rows: [[0x0f, 0x30]] }),
    1,
    [0, 255, 51],
  ],
  [
    "gray, 16 bits, rounded", // 0x1234 / 257 = 18.13, 0x12ff / 257 = 18.92
    pngFile({
      width: 3,
      depth: 16,
      type: GRAY,
      rows: [[0x12, 0x34, 0x12, 0xff, 0xff, 0xff]],
    }),
    1,
    [18, 19, 255],
  ],
  [
    "RGB",
    pngFile({
      width: 2,
      depth: 8,
      type: RGB,
      rows: [[1, 2, 3, 250, 251, 252]],
    }),
    3,
    [1, 2, 3, 250, 251, 252],
  ],
  [
    "gray with alpha, over black", // 200 · 128 / 255 = 100.4
    pngFile({
      width: 3,
      depth: 8,
      type: GRAY_ALPHA,
      rows: [[200, 255, 200, 128, 200, 0]],
    }),
    1,
    [200, 100, 0],
  ],
  [
    "RGBA, 16 bits, over black", // 0x8080 is 128 of 255
    pngFile({
      width: 1,
      depth: 16,
      type: RGBA,
      rows: [[0xff, 0xff, 0x80, 0x80, 0, 0, 0x80, 0x80]],
    }),
    3,
    [128, 64, 0],
  ],
  [
    "palette, 2 bits",
    pngFile({
      width: 3,
      depth: 2,
      type: PALETTE,
      before: PLTE,
      rows: [[0b01001000], [0b10010000]],
    }),
    3,
    [200, 100, 50, 10, 20, 30, 1, 2, 3, 1, 2, 3, 200, 100, 50, 10, 20, 30],
  ],
  [
    "palette with transparency, 8 bits", // 10 · 51 / 255 = 2
    pngFile({
      width: 2,
      depth: 8,
      type: PALETTE,
      before: [...PLTE, ...chunk("tRNS", [51])],
      rows: [[0, 1]],
    }),
    3,
    [2, 4, 6, 200, 100, 50],
  ],
];

for (const [name, bytes, channels, values] of CASES) {
  Deno.test(`decodePng() reads ${name}`, () => {
    const image = decodePng(bytes, "a.png");
    equal(image.channels, channels);
    equal(image.width * image.height * channels, values.length);
    deepEqual([...image.data], values);
  });
}

Deno.test("decodePng() refuses other files, every damaged byte and every cut", () => {
  const message =
    "Cannot read a.png: it must be a PNG file: got other or damaged content";
  const whole = CASES[5]![1];
  const refused = (bytes: Uint8Array, what: string) =>
    throws(() => decodePng(bytes, "a.png"), { message }, what);
  refused(new TextEncoder().encode("no picture"), "text");
  const size = { depth: 8, type: GRAY };
  refused(pngFile({ ...size, width: 0, rows: [[], []] }), "no columns");
  refused(pngFile({ ...size, width: 2, rows: [] }), "no rows");
  for (let at = 0; at < whole.length; at++) {
    refused(whole.slice(0, at), `cut at ${at}`);
    const bytes = whole.slice();
    bytes[at]! ^= 1 << (at % 8);
    refused(bytes, `byte ${at}`);
  }
});

Deno.test("decodePng() refuses an interlaced file of fewer than 8 bits", () => {
  const bytes = pngFile({
    width: 1,
    depth: 1,
    type: GRAY,
    rows: [[0b10000000]],
    interlace: 1,
  });
  throws(() => decodePng(bytes, "a.png"), {
    message:
      "Cannot read a.png: an interlaced PNG must have 8 bits per channel or more: got 1",
  });
});

Deno.test("decodePng() gives back what encodePng() wrote", () => {
  const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => 4 * i);
  const image = { width: 5, height: 4, channels: 3, data } as const;
  deepEqual(decodePng(encodePng(image), "a.png"), image);
});

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
