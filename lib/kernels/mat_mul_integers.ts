import {
  type NamedAttrMap,
  type TensorInfo,
  upcastType,
  util,
} from "@tensorflow/tfjs-core";
import type { KernelContext } from "./kernel_context.ts";
import { matMulGeometry } from "./mat_mul_geometry.ts";

/** Whether a tensor's numbers are whole by their dtype. */
export function isInteger({ dtype }: TensorInfo): boolean {
  return dtype === "int32" || dtype === "bool";
}

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
  const [as, bs, outs] = [a, b, out].map((t) => values(context, t)) as [
    ...[Numbers, Numbers, Numbers],
  ];
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

type Numbers = Int32Array | Uint8Array;

/** A view of a tensor; valid until the heap grows. */
function values(context: KernelContext, tensor: TensorInfo): Numbers {
  const { buffer } = context.memory;
  const at = context.pointer(tensor);
  const size = util.sizeFromShape(tensor.shape);
  return tensor.dtype === "bool"
    ? new Uint8Array(buffer, at, size)
    : new Int32Array(buffer, at, size);
}
