/**
 * How steep a plane is at each pixel: √(Gx² + Gy²), where Gx and Gy are Sobel's
 * operators (Sobel, Feldman, 1968), the pixels of the border repeated beyond it:
 *
 *          −1 0 1                −1 −2 −1
 *     Gx = −2 0 2 / 8,      Gy =  0  0  0 / 8.
 *          −1 0 1                 1  2  1
 *
 * @param plane `[height, width]` in row-major order
 * @returns float64 of that shape, in units of the plane a pixel: 1 inside a ramp
 *   that rises by 1 a pixel
 * @throws {RangeError} where the values do not fill the plane
 *
 * @example
 * ```ts
 * import { gradientMagnitude } from "alphalab";
 *
 * const ramp = [0, 2, 4, 0, 2, 4];
 * const size = { width: 3, height: 2 };
 * console.log(gradientMagnitude(ramp, size)); // Float64Array [ 1, 2, 1, 1, 2, 1 ]
 * ```
 */
export function gradientMagnitude(
  plane: ArrayLike<number>,
  { width, height }: { readonly width: number; readonly height: number },
): Float64Array {
  if (plane.length !== width * height) {
    throw new RangeError(
      `Cannot compute the gradient: values must fill [${height},${width}]: got ${plane.length}`,
    );
  }
  const at = (x: number, y: number) => {
    const column = Math.min(width - 1, Math.max(0, x));
    const row = Math.min(height - 1, Math.max(0, y));
    return plane[row * width + column]!;
  };
  return Float64Array.from(plane, (_, i) => {
    const x = i % width;
    const y = Math.floor(i / width);
    const across = (dy: number) => at(x + 1, y + dy) - at(x - 1, y + dy);
    const down = (dx: number) => at(x + dx, y + 1) - at(x + dx, y - 1);
    return Math.hypot(
      (across(-1) + 2 * across(0) + across(1)) / 8,
      (down(-1) + 2 * down(0) + down(1)) / 8,
    );
  });
}
