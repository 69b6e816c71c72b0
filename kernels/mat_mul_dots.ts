import { MatMulParams } from "./mat_mul_params";
import { finishMatMul } from "./mat_mul_finish";
import { panelHeight, transposeLanes } from "./mat_mul_pack";
import { F32, madd } from "./simd";

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
  for (let k = first; k < last; k += p.depthBlock) {
    const depth = min(p.depthBlock, last - k);
    let aFrom = a + <usize> k * p.aDepth;
    let aRow = p.aRow;
    if (p.aDepth != F32) {
      aRow = <usize> ((depth + 3) & ~3) * F32;
      transposeRows(p, aFrom, depth, sums + TILE_BYTES, aRow);
      aFrom = sums + TILE_BYTES;
    }
    const bFrom = b + <usize> k * F32;
    for (let j = 0; j < columns; j += 2) {
      const width = min(2, columns - j);
      const b0 = bFrom + <usize> j * p.bColumn;
      const b1 = width == 2 ? b0 + p.bColumn : b0;
      for (let i = 0; i < p.rows;) {
        const height = panelHeight(p.rows - i);
        const count = min(height, p.rows - i);
        const aTile = aFrom + <usize> i * aRow;
        if (height == 6) {
          dotTile6(aTile, aRow, count, b0, b1, depth >> 2, sums);
        } else {
          dotTile4(aTile, aRow, count, b0, b1, depth >> 2, sums);
        }
        let to = c + <usize> i * p.outRow + <usize> j * p.outColumn;
        for (let x = 0; x < width; x++, to += p.outColumn) {
          const bTail = x ? b1 : b0;
          let at = to;
          for (let y = 0; y < count; y++, at += p.outRow) {
            let sum = load<f32>(sums + <usize> (x * 8 + y) * F32);
            const aTail = aTile + <usize> y * aRow;
            for (let t = depth & ~3; t < depth; t++) {
              const offset = <usize> t * F32;
              sum += load<f32>(aTail + offset) * load<f32>(bTail + offset);
            }
            store<f32>(at, k == first ? sum : sum + load<f32>(at));
          }
        }
        i += height;
      }
    }
  }
  if (p.finish) finishMatMul(p, c, 0, p.rows, column, columns);
}

/** A's rows, contiguous: four steps of the depth at a time. */
function transposeRows(
  p: MatMulParams,
  from: usize,
  depth: i32,
  to: usize,
  stride: usize,
): void {
  for (let k = 0; k < depth; k += 4) {
    transposeLanes(
      from + <usize> k * p.aDepth,
      p.aDepth,
      p.aRow,
      depth - k,
      p.rows,
      to + <usize> k * F32,
      stride,
    );
  }
}

/** The sums of four vectors' lanes, each in the order (0 + 2) + (1 + 3). */
function sumFour(x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const sum01 = f32x4.add(
    v128.shuffle<f32>(x0, x1, 0, 4, 1, 5),
    v128.shuffle<f32>(x0, x1, 2, 6, 3, 7),
  );
  const sum23 = f32x4.add(
    v128.shuffle<f32>(x2, x3, 0, 4, 1, 5),
    v128.shuffle<f32>(x2, x3, 2, 6, 3, 7),
  );
  return f32x4.add(
    v128.shuffle<f64>(sum01, sum23, 0, 2),
    v128.shuffle<f64>(sum01, sum23, 1, 3),
  );
}

/** Sums of 6 rows of A times 2 of B over `vectors` × 4 steps: sums[j * 8 + i]. */
function dotTile6(
  a: usize,
  aStride: usize,
  count: i32,
  b0: usize,
  b1: usize,
  vectors: i32,
  sums: usize,
): void {
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero;
  let c10 = zero, c11 = zero;
  let c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero;
  let c40 = zero, c41 = zero;
  let c50 = zero, c51 = zero;
  let a1 = a + (count > 1 ? aStride : 0);
  let a2 = a1 + (count > 2 ? aStride : 0);
  let a3 = a2 + (count > 3 ? aStride : 0);
  let a4 = a3 + (count > 4 ? aStride : 0);
  let a5 = a4 + (count > 5 ? aStride : 0);
  let y0: v128, y1: v128, x: v128;
  while (vectors > 0) {
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a1);
    a1 += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a2);
    a2 += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a3);
    a3 += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    x = v128.load(a4);
    a4 += 16;
    c40 = madd(x, y0, c40);
    c41 = madd(x, y1, c41);
    x = v128.load(a5);
    a5 += 16;
    c50 = madd(x, y0, c50);
    c51 = madd(x, y1, c51);
    if (vectors <= 1) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a1);
    a1 += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a2);
    a2 += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a3);
    a3 += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    x = v128.load(a4);
    a4 += 16;
    c40 = madd(x, y0, c40);
    c41 = madd(x, y1, c41);
    x = v128.load(a5);
    a5 += 16;
    c50 = madd(x, y0, c50);
    c51 = madd(x, y1, c51);
    if (vectors <= 2) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a1);
    a1 += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a2);
    a2 += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a3);
    a3 += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    x = v128.load(a4);
    a4 += 16;
    c40 = madd(x, y0, c40);
    c41 = madd(x, y1, c41);
    x = v128.load(a5);
    a5 += 16;
    c50 = madd(x, y0, c50);
    c51 = madd(x, y1, c51);
    if (vectors <= 3) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a1);
    a1 += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a2);
    a2 += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a3);
    a3 += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    x = v128.load(a4);
    a4 += 16;
    c40 = madd(x, y0, c40);
    c41 = madd(x, y1, c41);
    x = v128.load(a5);
    a5 += 16;
    c50 = madd(x, y0, c50);
    c51 = madd(x, y1, c51);
    vectors -= 4;
  }
  v128.store(sums, sumFour(c00, c10, c20, c30), 0);
  v128.store(sums, sumFour(c40, c50, zero, zero), 16);
  v128.store(sums, sumFour(c01, c11, c21, c31), 32);
  v128.store(sums, sumFour(c41, c51, zero, zero), 48);
}

/** Sums of 4 rows of A times 2 of B over `vectors` × 4 steps: sums[j * 8 + i]. */
function dotTile4(
  a: usize,
  aStride: usize,
  count: i32,
  b0: usize,
  b1: usize,
  vectors: i32,
  sums: usize,
): void {
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero;
  let c10 = zero, c11 = zero;
  let c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero;
  let a1 = a + (count > 1 ? aStride : 0);
  let a2 = a1 + (count > 2 ? aStride : 0);
  let a3 = a2 + (count > 3 ? aStride : 0);
  let y0: v128, y1: v128, x: v128;
  while (vectors > 0) {
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a1);
    a1 += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a2);
    a2 += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a3);
    a3 += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    if (vectors <= 1) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a1);
    a1 += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a2);
    a2 += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a3);
    a3 += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    if (vectors <= 2) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a1);
    a1 += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a2);
    a2 += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a3);
    a3 += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    if (vectors <= 3) break;
    y0 = v128.load(b0);
    y1 = v128.load(b1);
    b0 += 16;
    b1 += 16;
    x = v128.load(a);
    a += 16;
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load(a1);
    a1 += 16;
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load(a2);
    a2 += 16;
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load(a3);
    a3 += 16;
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    vectors -= 4;
  }
  v128.store(sums, sumFour(c00, c10, c20, c30), 0);
  v128.store(sums, sumFour(c01, c11, c21, c31), 32);
}
