import {
  type NamedAttrMap,
  type TensorInfo,
  upcastType,
} from "@tensorflow/tfjs-core";
import type { KernelContext } from "../wasm/kernel_context.ts";
import { matMulGeometry } from "./_mat_mul_geometry.ts";
import { integerValues } from "./_tensors.ts";

/**
 * The product of two matrices of integers, as TF.js's cpu backend has it: each
 * element a float64 sum, put into the wider of the two dtypes. It runs in
 * JavaScript, on one thread, since no network multiplies integers, and float32
 * would be wrong above 2²⁴.
 *
 * @param a int32 or bool
 * @param b int32 or bool
 * @throws RangeError if the shapes do not fit each other
 */
export function matMulIntegers(
  context: KernelContext,
  a: TensorInfo,
  b: TensorInfo,
  attrs: NamedAttrMap,
): TensorInfo {
  const transposeA = Boolean(attrs.transposeA);
  const transposeB = Boolean(attrs.transposeB);
  const geometry = matMulGeometry(a.shape, b.shape, { transposeA, transposeB });
  const { batches, rows, columns, depth } = geometry.shape;
  const out = context.output(geometry.outShape, upcastType(a.dtype, b.dtype));
  const as = integerValues(context, a), bs = integerValues(context, b);
  const outs = integerValues(context, out);
  const [aRow, aDepth] = transposeA ? [1, rows] : [depth, 1];
  const [bDepth, bColumn] = transposeB ? [1, depth] : [columns, 1];
  for (const { aOffset, bOffset, outOffset } of geometry.products) {
    for (let batch = 0; batch < batches; batch++) {
      const aBatch = geometry.aRepeats ? 0 : batch * rows * depth;
      const bBatch = geometry.bRepeats ? 0 : batch * depth * columns;
      let to = outOffset + batch * rows * columns;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++, to++) {
          let sum = 0;
          let from = aOffset + aBatch + row * aRow;
          let by = bOffset + bBatch + column * bColumn;
          for (let k = 0; k < depth; k++, from += aDepth, by += bDepth) {
            sum += as[from]! * bs[by]!;
          }
          outs[to] = sum;
        }
      }
    }
  }
  return out;
}
