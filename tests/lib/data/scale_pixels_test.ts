import assert from "node:assert/strict";
import { scalePixels } from "../../../lib/data/scale_pixels.ts";

Deno.test("scalePixels() returns the float32 nearest to pixel / 255 for every pixel", () => {
  const pixels = Uint8Array.from({ length: 256 }, (_, pixel) => pixel);
  const out = scalePixels(pixels, new Float32Array(256));
  for (let pixel = 0; pixel < 256; pixel++) {
    assert.equal(out[pixel], Math.fround(pixel / 255));
  }
});

Deno.test("scalePixels() gives numpy's float32 bits", () => {
  // numpy: (np.array([1, 85, 127, 254], np.float64) / 255)
  //   .astype(np.float32).view(np.uint32)
  const out = scalePixels(
    new Uint8Array([1, 85, 127, 254]),
    new Float32Array(4),
  );
  assert.deepEqual(
    [...new Uint32Array(out.buffer)],
    [0x3b808081, 0x3eaaaaab, 0x3efefeff, 0x3f7efeff],
  );
});

Deno.test("scalePixels() writes into the array that it returns", () => {
  const shared = new Float32Array(new SharedArrayBuffer(4 * 4));
  const out = shared.subarray(1, 3);
  assert.equal(scalePixels(new Uint8Array([255, 0]), out), out);
  assert.deepEqual([...shared], [0, 1, 0, 0]);
});

Deno.test("scalePixels() takes no pixels at all", () => {
  assert.equal(scalePixels(new Uint8Array(), new Float32Array()).length, 0);
});

Deno.test("scalePixels() rejects an array of another length", () => {
  for (const length of [0, 2, 4]) {
    assert.throws(
      () => scalePixels(new Uint8Array(3), new Float32Array(length)),
      {
        name: "RangeError",
        message:
          `Cannot scale pixels: out must have the pixels' length 3: got ${length}`,
      },
    );
  }
});
