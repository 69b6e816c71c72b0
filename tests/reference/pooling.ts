import type { Sums } from "../lib/ops/fixtures/close_sums.ts";

/** A 2-D pooling of NHWC images, in numbers. */
export interface PoolingGeometry {
  batchSize: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outHeight: number;
  outWidth: number;
  filterHeight: number;
  filterWidth: number;
  strideHeight: number;
  strideWidth: number;
  padInfo: { top: number; left: number };
}

/**
 * Calls `visit` for each element of y with its index and the indices of its
 * window's elements inside of the image, row by row.
 */
function visitWindows(
  g: PoolingGeometry,
  visit: (y: number, window: number[]) => void,
) {
  let y = 0;
  for (let n = 0; n < g.batchSize; n++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        for (let c = 0; c < g.inChannels; c++, y++) {
          const window: number[] = [];
          for (let fy = 0; fy < g.filterHeight; fy++) {
            const iy = oy * g.strideHeight + fy - g.padInfo.top;
            if (iy < 0 || iy >= g.inHeight) continue;
            for (let fx = 0; fx < g.filterWidth; fx++) {
              const ix = ox * g.strideWidth + fx - g.padInfo.left;
              if (ix < 0 || ix >= g.inWidth) continue;
              window.push(
                ((n * g.inHeight + iy) * g.inWidth + ix) * g.inChannels + c,
              );
            }
          }
          visit(y, window);
        }
      }
    }
  }
}

const inSize = (g: PoolingGeometry) =>
  g.batchSize * g.inHeight * g.inWidth * g.inChannels;
const outSize = (g: PoolingGeometry) =>
  g.batchSize * g.outHeight * g.outWidth * g.inChannels;

/** The place of the first largest number above −∞; NaN is no number. */
function argmax(x: ArrayLike<number>, window: number[]): number | undefined {
  let best: number | undefined;
  for (const i of window) {
    if (x[i]! > (best === undefined ? -Infinity : x[best]!)) best = i;
  }
  return best;
}

/** y, −∞ where a window has no number. */
export function maxPool(
  g: PoolingGeometry,
  x: ArrayLike<number>,
): Float64Array {
  const y = new Float64Array(outSize(g));
  visitWindows(g, (o, window) => {
    const best = argmax(x, window);
    y[o] = best === undefined ? -Infinity : x[best]!;
  });
  return y;
}

export function maxPoolGrad(
  g: PoolingGeometry,
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
): Float64Array {
  const dx = new Float64Array(inSize(g));
  visitWindows(g, (o, window) => {
    const best = argmax(x, window);
    if (best !== undefined) dx[best]! += dy[o]!;
  });
  return dx;
}

/** y, the mean of what is inside of the image; NaN if nothing is. */
export function avgPool(
  g: PoolingGeometry,
  x: ArrayLike<number>,
): Float64Array {
  const y = new Float64Array(outSize(g));
  visitWindows(g, (o, window) => {
    y[o] = window.reduce((sum, i) => sum + x[i]!, 0) / window.length;
  });
  return y;
}

/**
 * As TF.js defines it, divided by the filter's size: y's derivative only where
 * the padding cuts no window.
 */
export function avgPoolGrad(
  g: PoolingGeometry,
  dy: ArrayLike<number>,
): Sums {
  const values = new Float64Array(inSize(g));
  const magnitudes = new Float64Array(inSize(g));
  const size = g.filterHeight * g.filterWidth;
  visitWindows(g, (o, window) => {
    for (const i of window) {
      values[i]! += dy[o]! / size;
      magnitudes[i]! += Math.abs(dy[o]!) / size;
    }
  });
  return { values, magnitudes };
}
