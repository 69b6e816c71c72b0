import { MatMulParams } from "./mat_mul_params";
import { dotTile4, dotTile6 } from "./mat_mul_dot_tile";
import { finishMatMul } from "./mat_mul_finish";
import { panelHeight, transposeLanes } from "./mat_mul_pack";
import { F32 } from "./simd";

/** Bytes of a tile's sums at the head of a thread's scratch. */
const TILE_BYTES: usize = 256;

/**
 * One chunk of C = A · B for an A of few rows, where B's columns are contiguous
 * (`bDepth` 4): every element is a dot product of two streams, B is read once
 * and nothing of it is packed. The chunk has all rows.
 */
export function matMulDotsF32(
  params: usize,
  chunk: i32,
  thread: i32,
): void {
  const p = changetype<MatMulParams>(params);
  const columnBlocks = (p.columns + p.columnBlock - 1) / p.columnBlock;
  const pieces = (p.depth + p.pieceDepth - 1) / p.pieceDepth;
  const column = (chunk % columnBlocks) * p.columnBlock;
  chunk /= columnBlocks;
  const piece = chunk % pieces;
  const batch = chunk / pieces;
  const columns = min(p.columnBlock, p.columns - column);
  const first = piece * p.pieceDepth;
  const last = min(first + p.pieceDepth, p.depth);
  const a = p.a + <usize> batch * p.aBatch;
  const b = p.b + <usize> batch * p.bBatch + <usize> column * p.bColumn;
  const c = p.out + <usize> batch * p.outBatch +
    <usize> piece * p.pieceBytes + <usize> column * p.outColumn;
  const sums = p.scratch + <usize> thread * p.scratchBytes;
  const panels = sums + TILE_BYTES;
  for (let k = first; k < last; k += p.depthBlock) {
    const depth = min(p.depthBlock, last - k);
    const vectors = depth >> 2;
    const aFrom = a + <usize> k * p.aDepth;
    const bFrom = b + <usize> k * F32;
    packDotRows(aFrom, p.aRow, p.aDepth, p.rows, vectors, panels);
    for (let j = 0; j < columns; j += 2) {
      const width = min(2, columns - j);
      const b0 = bFrom + <usize> j * p.bColumn;
      const b1 = width == 2 ? b0 + p.bColumn : b0;
      for (let i = 0; i < p.rows;) {
        const height = panelHeight(p.rows - i);
        const count = min(height, p.rows - i);
        const panel = panels + <usize> (i * vectors) * 16;
        if (height == 6) dotTile6(panel, b0, b1, vectors, sums);
        else dotTile4(panel, b0, b1, vectors, sums);
        if (depth & 3) {
          const tail = <usize> (vectors * 4);
          addTail(
            aFrom + <usize> i * p.aRow + tail * p.aDepth,
            p.aRow,
            p.aDepth,
            count,
            b0 + tail * F32,
            b1 + tail * F32,
            depth & 3,
            sums,
          );
        }
        storeSums(
          sums,
          count,
          width,
          c + <usize> i * p.outRow + <usize> j * p.outColumn,
          p.outRow,
          p.outColumn,
          k != first,
        );
        i += height;
      }
    }
  }
  if (p.finish) finishMatMul(p, c, 0, p.rows, column, columns);
}

/**
 * Panels of 6 or 4 rows of A: for every four steps of the depth one vector a
 * row; what stands in the place of rows that do not exist is never stored.
 */
function packDotRows(
  a: usize,
  rowStride: usize,
  depthStride: usize,
  rows: i32,
  vectors: i32,
  to: usize,
): void {
  for (let row = 0; row < rows;) {
    const height = panelHeight(rows - row);
    const count = min(height, rows - row);
    const step = <usize> height * 16;
    const from = a + <usize> row * rowStride;
    if (depthStride == F32) {
      for (let i = 0; i < height; i++) {
        const source = from + <usize> min(i, count - 1) * rowStride;
        const at = to + <usize> i * 16;
        for (let v = 0; v < vectors; v++) {
          v128.store(
            at + <usize> v * step,
            v128.load(source + <usize> v * 16),
          );
        }
      }
    } else {
      for (let v = 0; v < vectors; v++) {
        const source = from + <usize> (v * 4) * depthStride;
        const at = to + <usize> v * step;
        transposeLanes(source, depthStride, rowStride, 4, count, at, 16);
      }
    }
    to += <usize> vectors * step;
    row += height;
  }
}

/** Adds the last 1 to 3 steps of the depth. */
function addTail(
  a: usize,
  rowStride: usize,
  depthStride: usize,
  count: i32,
  b0: usize,
  b1: usize,
  depth: i32,
  sums: usize,
): void {
  for (let i = 0; i < count; i++, a += rowStride, sums += F32) {
    for (let t: usize = 0; t < <usize> depth; t++) {
      const x = load<f32>(a + t * depthStride);
      store<f32>(sums, load<f32>(sums) + x * load<f32>(b0 + t * F32));
      store<f32>(sums, load<f32>(sums, 32) + x * load<f32>(b1 + t * F32), 32);
    }
  }
}

/** Puts the sums that exist into C, or adds them to it. */
function storeSums(
  sums: usize,
  count: i32,
  width: i32,
  to: usize,
  rowStride: usize,
  columnStride: usize,
  accumulate: bool,
): void {
  for (let j = 0; j < width; j++, sums += 32, to += columnStride) {
    let i = 0;
    if (rowStride == F32 && count >= 4) {
      let sum = v128.load(sums);
      if (accumulate) sum = f32x4.add(sum, v128.load(to));
      v128.store(to, sum);
      i = 4;
    }
    for (; i < count; i++) {
      const at = to + <usize> i * rowStride;
      const sum = load<f32>(sums + <usize> i * F32);
      store<f32>(at, accumulate ? sum + load<f32>(at) : sum);
    }
  }
}
