/** A 2-D convolution of NHWC images, in numbers. */
export interface Conv2DGeometry {
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
 * y[n, oy, ox, o] = Σ x[n, oy · s + fy · d − pad, …, i] · filter[fy, fx, i, o]
 * whose x is inside of the image; outside it is 0.
 */
function visitProducts(
  g: Conv2DGeometry,
  visit: (x: number, filter: number, y: number) => void,
) {
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
            for (let i = 0; i < g.inChannels; i++) {
              const x = ((n * g.inHeight + iy) * g.inWidth + ix) *
                  g.inChannels + i;
              for (let o = 0; o < g.outChannels; o++) {
                visit(
                  x,
                  ((fy * g.filterWidth + fx) * g.inChannels + i) *
                      g.outChannels + o,
                  ((n * g.outHeight + oy) * g.outWidth + ox) * g.outChannels +
                    o,
                );
              }
            }
          }
        }
      }
    }
  }
}

/** A sum for each element, and the sum of its terms' absolute values. */
export interface Sums {
  values: Float64Array;
  magnitudes: Float64Array;
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
export function conv2d(
  g: Conv2DGeometry,
  x: ArrayLike<number>,
  filter: ArrayLike<number>,
): Sums {
  const size = g.batchSize * g.outHeight * g.outWidth * g.outChannels;
  return sums(
    size,
    (add) => visitProducts(g, (i, f, o) => add(o, x[i]! * filter[f]!)),
  );
}

/** dx = Σ dy · ∂y/∂x, [batch, inHeight, inWidth, inChannels]. */
export function conv2dInputGrad(
  g: Conv2DGeometry,
  dy: ArrayLike<number>,
  filter: ArrayLike<number>,
): Sums {
  const size = g.batchSize * g.inHeight * g.inWidth * g.inChannels;
  return sums(
    size,
    (add) => visitProducts(g, (i, f, o) => add(i, dy[o]! * filter[f]!)),
  );
}

/** dFilter = Σ dy · ∂y/∂filter, [filterHeight, filterWidth, in, out]. */
export function conv2dFilterGrad(
  g: Conv2DGeometry,
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
): Sums {
  const size = g.filterHeight * g.filterWidth * g.inChannels * g.outChannels;
  return sums(
    size,
    (add) => visitProducts(g, (i, f, o) => add(f, x[i]! * dy[o]!)),
  );
}
