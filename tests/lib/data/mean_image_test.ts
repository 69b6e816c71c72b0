import assert from "node:assert/strict";
import { meanImage } from "../../../lib/data/mean_image.ts";

Deno.test("meanImage() is each pixel's own mean, exact for many bright images", () => {
  const count = 70_000; // 255 times as much is beyond 24 bits
  const images = new Uint8Array(3 * count).map((_, i) =>
    [255, i % 2 === 0 ? 254 : 255, 0][i % 3]!
  );
  const labels = new Int32Array(count);
  assert.deepEqual([...meanImage({ images, labels, count })], [255, 254.5, 0]);
});
