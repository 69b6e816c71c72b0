import { sumOutType, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { KernelContext, KernelTable } from "../wasm/kernel_context.ts";
import { integerValues, isInteger } from "./_tensors.ts";

type Integers = ReturnType<typeof integerValues>;

/** Columns per chunk, at least: two cache lines of each row. */
const CHUNK_SIZE = 32;

/** Chunks at most. */
const MAX_CHUNKS = 4_096;

/**
 * Kernel `UnsortedSegmentSum`: row s of the output is the sum of the rows of x
 * whose id is s, which is the gradient of `tf.gather`:
 *
 *     out[s, …] = Σ x[i, …] over all i with segmentIds[i] = s
 *
 * x is float32, int32 or bool `[N, …]`, segmentIds int32 `[N]`, the output
 * `[numSegments, …]`: float32 where x is float32, else int32, whose sums wrap.
 * Ids that are not from 0 to numSegments − 1 count nowhere. Sums of float32 are
 * float32, added in the order of i.
 */
export function unsortedSegmentSumKernels(context: KernelContext): KernelTable {
  return {
    UnsortedSegmentSum: ({ inputs, attrs }) => {
      const x = inputs.x as TensorInfo;
      const segmentIds = inputs.segmentIds as TensorInfo;
      const numSegments = Number(attrs!.numSegments);
      check(x, segmentIds, numSegments);
      const [rows, ...inner] = x.shape as [number, ...number[]];
      const columns = util.sizeFromShape(inner);
      const out = context.output([numSegments, ...inner], sumOutType(x.dtype));
      if (isInteger(x)) {
        sumIntegers(
          integerValues(context, out).fill(0),
          integerValues(context, x),
          integerValues(context, segmentIds),
          columns,
        );
        return out;
      }
      const chunkSize = Math.max(CHUNK_SIZE, Math.ceil(columns / MAX_CHUNKS));
      const chunks = Math.ceil(columns / chunkSize);
      context.pool.run("unsortedSegmentSumF32", chunks, {
        x: context.pointer(x),
        ids: context.pointer(segmentIds),
        out: context.pointer(out),
        rows,
        columns,
        segments: numSegments,
        chunkSize,
      });
      return out;
    },
  };
}

/** Adds the rows of x to those of sums; no gradient is of integers. */
function sumIntegers(
  sums: Integers,
  x: Integers,
  ids: Integers,
  columns: number,
) {
  ids.forEach((id, row) => {
    const to = id * columns, from = row * columns;
    if (to < 0 || to >= sums.length) return;
    for (let column = 0; column < columns; column++) {
      sums[to + column]! += x[from + column]!;
    }
  });
}

/**
 * @throws TypeError if segmentIds are not int32, or x has no sums
 * @throws RangeError if segmentIds are not one per row, or numSegments is
 * negative
 */
function check(x: TensorInfo, segmentIds: TensorInfo, numSegments: number) {
  const fail = (what: string) => `Cannot compute unsortedSegmentSum: ${what}`;
  if (!["float32", "int32", "bool"].includes(x.dtype)) {
    throw new TypeError(
      fail(`x must be float32, int32 or bool: got ${x.dtype}`),
    );
  }
  if (segmentIds.dtype !== "int32") {
    throw new TypeError(
      fail(`segmentIds must be int32: got ${segmentIds.dtype}`),
    );
  }
  const [rows] = x.shape;
  if (rows === undefined) {
    throw new RangeError(fail("x must have rank 1 or more: got a scalar"));
  }
  if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== rows) {
    throw new RangeError(
      fail(`segmentIds must be [${rows}]: got [${segmentIds.shape}]`),
    );
  }
  if (!Number.isInteger(numSegments) || numSegments < 0) {
    throw new RangeError(
      fail(`numSegments must be an integer from 0 on: got ${numSegments}`),
    );
  }
}
