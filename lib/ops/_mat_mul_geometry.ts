import type { MatMulShape } from "./_mat_mul_plan.ts";

/** A product of two stacks of matrices as products that strides express. */
export interface MatMulGeometry {
  outShape: number[];
  /** The shape of each of `products`. */
  shape: MatMulShape;
  /** Whether all batches of a product share one A, one B. */
  aRepeats: boolean;
  bRepeats: boolean;
  /** Offsets in elements; empty when the output is. */
  products: { aOffset: number; bOffset: number; outOffset: number }[];
}

/**
 * @param a shape of A, `[…, rows, depth]`, or `[…, depth, rows]` transposed
 * @param b shape of B, `[…, depth, columns]`, or `[…, columns, depth]`
 * transposed; the leading dimensions of both broadcast
 * @throws RangeError if the shapes do not fit each other
 */
export function matMulGeometry(
  a: readonly number[],
  b: readonly number[],
  transposes: { transposeA: boolean; transposeB: boolean },
): MatMulGeometry {
  for (const [name, shape] of [["a", a], ["b", b]] as const) {
    if (shape.length < 2) {
      throw new RangeError(
        `Cannot compute matMul: ${name} must have rank 2 or more: got [${shape}]`,
      );
    }
  }
  const { transposeA, transposeB } = transposes;
  const rows = a.at(transposeA ? -1 : -2)!;
  const depth = a.at(transposeA ? -2 : -1)!;
  const columns = b.at(transposeB ? -2 : -1)!;
  const bDepth = b.at(transposeB ? -1 : -2)!;
  if (depth !== bDepth) {
    throw new RangeError(
      `Cannot compute matMul: inner dimensions of [${a}]${
        transposeA ? "ᵀ" : ""
      } and [${b}]${
        transposeB ? "ᵀ" : ""
      } must be equal: got ${depth} and ${bDepth}`,
    );
  }
  const batch = broadcast(a.slice(0, -2), b.slice(0, -2));
  const outShape = [...batch, rows, columns];
  const batches = product(batch);
  const aBatches = product(a.slice(0, -2));
  const bBatches = product(b.slice(0, -2));
  const shape = { batches, rows, columns, depth, ...transposes };
  const whole = [{ aOffset: 0, bOffset: 0, outOffset: 0 }];
  if (batches * rows * columns === 0) {
    return { outShape, shape, aRepeats: true, bRepeats: true, products: [] };
  }
  if (aBatches === batches && bBatches === 1 && !transposeA) {
    // One B for all: the As are one tall matrix.
    return {
      outShape,
      shape: { ...shape, batches: 1, rows: batches * rows },
      aRepeats: true,
      bRepeats: true,
      products: whole,
    };
  }
  if (
    (aBatches === batches || aBatches === 1) &&
    (bBatches === batches || bBatches === 1)
  ) {
    return {
      outShape,
      shape,
      aRepeats: aBatches === 1,
      bRepeats: bBatches === 1,
      products: whole,
    };
  }
  return {
    outShape,
    shape: { ...shape, batches: 1 },
    aRepeats: true,
    bRepeats: true,
    products: Array.from({ length: batches }, (_, i) => ({
      aOffset: sourceIndex(i, batch, a.slice(0, -2)) * rows * depth,
      bOffset: sourceIndex(i, batch, b.slice(0, -2)) * depth * columns,
      outOffset: i * rows * columns,
    })),
  };
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const aSize = a[a.length - rank + i] ?? 1;
    const bSize = b[b.length - rank + i] ?? 1;
    if (aSize !== bSize && aSize !== 1 && bSize !== 1) {
      throw new RangeError(
        `Cannot compute matMul: batch dimensions must broadcast: got [${a}] and [${b}]`,
      );
    }
    return aSize === 1 ? bSize : aSize;
  });
}

/** The index in a stack of shape `source` that broadcasts to `index`. */
function sourceIndex(
  index: number,
  shape: readonly number[],
  source: readonly number[],
): number {
  let result = 0;
  let stride = 1;
  for (let i = 1; i <= shape.length; i++) {
    const size = source.at(-i) ?? 1;
    if (i > source.length) break;
    if (size !== 1) result += (index % shape.at(-i)!) * stride;
    stride *= size;
    index = Math.floor(index / shape.at(-i)!);
  }
  return result;
}

function product(shape: readonly number[]): number {
  return shape.reduce((result, size) => result * size, 1);
}
