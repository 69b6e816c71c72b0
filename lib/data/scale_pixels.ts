/** pixel / 255, rounded to float32, for each of the 256 pixel values. */
const scaled = Float32Array.from({ length: 256 }, (_, pixel) => pixel / 255);

/**
 * Scales pixels to [0, 1]: out = pixel / 255, rounded to float32.
 *
 * @param pixels 0 to 255, any length
 * @param out float32 of the same length; overwritten
 * @returns `out`
 * @throws {RangeError} when the lengths differ
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { scalePixels } from "alphalab";
 *
 * const out = scalePixels(new Uint8Array([0, 51, 255]), new Float32Array(3));
 * assert.deepEqual(out, new Float32Array([0, 0.2, 1]));
 * ```
 */
export function scalePixels(
  pixels: Uint8Array,
  out: Float32Array,
): Float32Array {
  if (out.length !== pixels.length) {
    throw new RangeError(
      `Cannot scale pixels: out must have the pixels' length ${pixels.length}: got ${out.length}`,
    );
  }
  for (let i = 0; i < pixels.length; i++) out[i] = scaled[pixels[i]!]!;
  return out;
}
