import type { Sums } from "../lib/ops/fixtures/close_sums.ts";

/** A depthwise convolution of NHWC images; outChannels = inChannels · m. */
export interface DepthwiseConv2DGeometry {
  batchSize: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outHeight: number;
  outWidth: number;
  outChannels: number;
  filterHeight: number;
  filterWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  padInfo: { top: number; left: number };
}

/**
 * Calls `visit` with the indices of every product of
 * y[n, oy, ox, c · m + j] = Σ x[n, oy · s + fy · d − pad, …, c] ·
 * filter[fy, fx, c, j] whose x is inside of the image.
 */
function visitProducts(
  g: DepthwiseConv2DGeometry,
  visit: (x: number, filter: number, y: number) => void,
) {
  const m = g.outChannels / g.inChannels;
  for (let n = 0; n < g.batchSize; n++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) {
        for (let fy = 0; fy < g.filterHeight; fy++) {
          const iy = oy * g.strideHeight + fy * g.dilationHeight -
            g.padInfo.top;
          if (iy < 0 || iy >= g.inHeight) continue;
          for (let fx = 0; fx < g.filterWidth; fx++) {
            const ix = ox * g.strideWidth + fx * g.dilationWidth -
              g.padInfo.left;
            if (ix < 0 || ix >= g.inWidth) continue;
            for (let c = 0; c < g.inChannels; c++) {
              const x = ((n * g.inHeight + iy) * g.inWidth + ix) *
                  g.inChannels + c;
              for (let j = 0; j < m; j++) {
                visit(
                  x,
                  ((fy * g.filterWidth + fx) * g.inChannels + c) * m + j,
                  ((n * g.outHeight + oy) * g.outWidth + ox) * g.outChannels +
                    c * m + j,
                );
              }
            }
          }
        }
      }
    }
  }
}

function sums(
  size: number,
  products: (add: (at: number, term: number) => void) => void,
): Sums {
  const values = new Float64Array(size), magnitudes = new Float64Array(size);
  products((at, term) => {
    values[at]! += term;
    magnitudes[at]! += Math.abs(term);
  });
  return { values, magnitudes };
}

/** y, [batch, outHeight, outWidth, outChannels]. */
export function depthwiseConv2d(
  g: DepthwiseConv2DGeometry,
  x: ArrayLike<number>,
  filter: ArrayLike<number>,
): Sums {
  return sums(
    g.batchSize * g.outHeight * g.outWidth * g.outChannels,
    (add) => visitProducts(g, (i, f, o) => add(o, x[i]! * filter[f]!)),
  );
}

/** dx = Σ dy · ∂y/∂x, [batch, inHeight, inWidth, inChannels]. */
export function depthwiseConv2dInputGrad(
  g: DepthwiseConv2DGeometry,
  dy: ArrayLike<number>,
  filter: ArrayLike<number>,
): Sums {
  return sums(
    g.batchSize * g.inHeight * g.inWidth * g.inChannels,
    (add) => visitProducts(g, (i, f, o) => add(i, dy[o]! * filter[f]!)),
  );
}

/** dFilter = Σ dy · ∂y/∂filter, [filterHeight, filterWidth, inChannels, m]. */
export function depthwiseConv2dFilterGrad(
  g: DepthwiseConv2DGeometry,
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
): Sums {
  return sums(
    g.filterHeight * g.filterWidth * g.outChannels,
    (add) => visitProducts(g, (i, f, o) => add(f, x[i]! * dy[o]!)),
  );
}
