import assert from "node:assert/strict";
import { startBackend } from "../../../lib/backend/start_backend.ts";
import { pixelTensor } from "../../../lib/ops/pixel_tensor.ts";

Deno.test("pixelTensor() gives the float32 nearest to pixel / 255, at every tail", async () => {
  for (const simd of ["relaxed", "simd128"] as const) {
    const backend = await startBackend({ threads: 2, simd });
    try {
      for (const size of [0, 1, 7, 8, 9, 256, 65_536, 140_001]) {
        const pixels = Uint8Array.from({ length: size }, (_, i) => i % 256);
        const tensor = pixelTensor(pixels, [1, 1, size, 1]);
        assert.deepEqual(tensor.shape, [1, 1, size, 1]);
        assert.equal(tensor.dtype, "float32");
        const expected = Float32Array.from(pixels, (pixel) => pixel / 255);
        assert.deepEqual(tensor.dataSync(), expected);
        tensor.dispose();
      }
      assert.throws(
        () => pixelTensor(new Uint8Array(3), [1, 2, 2, 1]),
        new RangeError(
          "Cannot compute pixelTensor: pixels must fill [1,2,2,1]: got 3",
        ),
      );
    } finally {
      backend.stop();
    }
  }
});
