import {
  MatMulParams,
  SOURCE_DIRECT,
  SOURCE_PRIVATE,
  SOURCE_SHARED,
} from "./mat_mul_params";
import { finishMatMul } from "./mat_mul_finish";
import {
  packColumns,
  packRows,
  panelHeight,
  transposeLanes,
} from "./mat_mul_pack";
import { tiles } from "./mat_mul_tile";
import { F32 } from "./simd";
import { Four, One, Six, Two } from "./static_number";

/** Bytes of a tile of 6 × 8 at the head of a thread's scratch. */
const TILE_BYTES: usize = 192;

/** Bytes of the zeros behind it, a row of the widest tile. */
const ZEROS_BYTES: usize = 64;

/** Bytes of B's panels that share the L1 cache with one panel of A. */
const NEAR_BYTES: i32 = 16_384;

/** Columns of the widest tile. */
const TILE_COLUMNS: i32 = WIDE ? 16 : 8;

/** One chunk of C = A · B in tiles of 6 × 8 and 4 × 8. */
export function matMulTilesF32(
  params: usize,
  chunk: i32,
  thread: i32,
): void {
  const p = changetype<MatMulParams>(params);
  const columnBlocks = (p.columns + p.columnBlock - 1) / p.columnBlock;
  const rowBlocks = (p.rows + p.rowBlock - 1) / p.rowBlock;
  const pieces = (p.depth + p.pieceDepth - 1) / p.pieceDepth;
  const column = (chunk % columnBlocks) * p.columnBlock;
  chunk /= columnBlocks;
  const row = (chunk % rowBlocks) * p.rowBlock;
  chunk /= rowBlocks;
  const piece = chunk % pieces;
  const batch = chunk / pieces;

  const rows = min(p.rowBlock, p.rows - row);
  const columns = min(p.columnBlock, p.columns - column);
  const first = piece * p.pieceDepth;
  const last = min(first + p.pieceDepth, p.depth);
  const out = p.out + <usize> batch * p.outBatch +
    <usize> piece * p.pieceBytes;
  const a = p.a + <usize> batch * p.aBatch + <usize> row * p.aRow;
  const b = p.b + <usize> batch * p.bBatch + <usize> column * p.bColumn;
  const c = out + <usize> row * p.outRow + <usize> column * p.outColumn;

  const tile = p.scratch + <usize> thread * p.scratchBytes;
  const zeros = tile + TILE_BYTES;
  memory.fill(zeros, 0, ZEROS_BYTES);
  const ownA = zeros + ZEROS_BYTES;
  const ownB = p.aSource == SOURCE_PRIVATE
    ? ownA + <usize> ((p.rowBlock + 4) * p.depthBlock) * F32
    : ownA;
  // A transposed C is made in scratch first: whole rows are turned at once.
  const turned = p.outColumn != F32;
  const cRow = turned ? <usize> ((p.columnBlock + 7) & ~7) * F32 : p.outRow;
  const block = turned
    ? ownB + <usize> ((p.columnBlock + 8) * p.depthBlock) * F32
    : c;
  for (let k = first; k < last; k += p.depthBlock) {
    const depth = min(p.depthBlock, last - k);
    const aFrom = a + <usize> k * p.aDepth;
    const bFrom = b + <usize> k * p.bDepth;
    let aPanels = ownA;
    if (p.aSource == SOURCE_PRIVATE) {
      packRows(aFrom, p.aRow, p.aDepth, rows, depth, ownA);
    } else if (p.aSource == SOURCE_SHARED) {
      aPanels = p.aPanels + sharedPanels(p.rows + 4, batch, p.depth, k) +
        <usize> (row * depth) * F32;
    } else {
      aPanels = aFrom;
    }
    let bPanels = ownB;
    const full = columns & ~7;
    if (p.bSource == SOURCE_PRIVATE) {
      packColumns(bFrom, p.bColumn, p.bDepth, columns, depth, ownB);
    } else if (p.bSource == SOURCE_SHARED) {
      bPanels = p.bPanels + sharedPanels(p.columns + 7, batch, p.depth, k) +
        <usize> (column * depth) * F32;
    } else if (full < columns) {
      packColumns(
        bFrom + <usize> full * p.bColumn,
        p.bColumn,
        p.bDepth,
        columns - full,
        depth,
        ownB,
      );
    }
    const near = max(
      TILE_COLUMNS,
      NEAR_BYTES / (depth * 4) & ~(TILE_COLUMNS - 1),
    );
    for (let left = 0; left < columns; left += near) {
      const right = min(left + near, columns);
      for (let top = 0; top < rows;) {
        const height = panelHeight(rows - top);
        const count = min(height, rows - top);
        const wholeTiles = count == height ? (min(right, full) - left) >> 3 : 0;
        for (let j = left; j < right;) {
          const width = min(8, columns - j);
          // Tiles that are stored as they are, all at once; others one by one.
          const whole = j == left && wholeTiles > 0;
          const panels = whole ? wholeTiles : 1;
          const to = block + <usize> top * cRow + <usize> j * F32;
          let bFirst = bPanels + <usize> (j * depth) * F32;
          let bStride: usize = 32;
          let bTile = <usize> depth * 32;
          if (p.bSource == SOURCE_DIRECT) {
            if (j < full) {
              bFirst = bFrom + <usize> j * F32;
              bStride = p.bDepth;
              bTile = 32;
            } else {
              bFirst = ownB;
            }
          }
          multiply(
            p.aSource == SOURCE_DIRECT
              ? aPanels + <usize> top * p.aRow
              : aPanels + <usize> (top * depth) * F32,
            p.aSource == SOURCE_DIRECT ? p.aRow : 0,
            height,
            count,
            bFirst,
            bStride,
            bTile,
            depth,
            whole ? to : tile,
            whole ? cRow : 32,
            whole && k != first ? 0 : zeros,
            panels,
          );
          if (!whole) {
            storeTile(tile, count, width, to, cRow, k != first);
          }
          j += panels * 8;
        }
        top += height;
      }
    }
  }
  if (turned) turn(block, cRow, rows, columns, c, p.outColumn);
  if (p.finish) finishMatMul(p, c, row, rows, column, columns);
}

/**
 * Calls the tile for a panel (`aRow` 0) or rows of A of this height: in the
 * wide build for two panels of B at a time, and one where one is left.
 */
function multiply(
  a: usize,
  aRow: usize,
  height: i32,
  rows: i32,
  b: usize,
  bStride: usize,
  bPanel: usize,
  depth: i32,
  c: usize,
  cRow: usize,
  zeros: usize,
  panels: i32,
): void {
  const pairs = WIDE ? panels >> 1 : 0;
  // deno-fmt-ignore -- one call per line
  if (WIDE && pairs > 0) {
    if (aRow) {
      if (height == 6) tiles<Two, Six, Two>(pairs, a, aRow, rows, b, bStride, bPanel, depth, c, cRow, zeros);
      else tiles<Two, Four, Two>(pairs, a, aRow, rows, b, bStride, bPanel, depth, c, cRow, zeros);
    } else {
      if (height == 6) tiles<One, Six, Two>(pairs, a, aRow, rows, b, bStride, bPanel, depth, c, cRow, zeros);
      else tiles<One, Four, Two>(pairs, a, aRow, rows, b, bStride, bPanel, depth, c, cRow, zeros);
    }
    b += <usize> (2 * pairs) * bPanel;
    c += <usize> (2 * pairs) * 32;
  }
  const left = panels - 2 * pairs;
  // deno-fmt-ignore -- one call per line
  if (aRow) {
    if (height == 6) tiles<Two, Six, One>(left, a, aRow, rows, b, bStride, bPanel, depth, c, cRow, zeros);
    else tiles<Two, Four, One>(left, a, aRow, rows, b, bStride, bPanel, depth, c, cRow, zeros);
  } else {
    if (height == 6) tiles<One, Six, One>(left, a, aRow, rows, b, bStride, bPanel, depth, c, cRow, zeros);
    else tiles<One, Four, One>(left, a, aRow, rows, b, bStride, bPanel, depth, c, cRow, zeros);
  }
}

/** Packs one row block of A, or one column block of B, of one depth block. */
export function matMulPackF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<MatMulParams>(params);
  const blocks = (p.depth + p.depthBlock - 1) / p.depthBlock;
  const k = (chunk % blocks) * p.depthBlock;
  chunk /= blocks;
  const depth = min(p.depthBlock, p.depth - k);
  const rowBlocks = p.aSource == SOURCE_SHARED
    ? (p.rows + p.rowBlock - 1) / p.rowBlock
    : 0;
  const columnBlocks = p.bSource == SOURCE_SHARED
    ? (p.columns + p.columnBlock - 1) / p.columnBlock
    : 0;
  const batch = chunk / (rowBlocks + columnBlocks);
  chunk %= rowBlocks + columnBlocks;
  if (chunk < rowBlocks) {
    const row = chunk * p.rowBlock;
    packRows(
      p.a + <usize> batch * p.aBatch + <usize> row * p.aRow +
        <usize> k * p.aDepth,
      p.aRow,
      p.aDepth,
      min(p.rowBlock, p.rows - row),
      depth,
      p.aPanels + sharedPanels(p.rows + 4, batch, p.depth, k) +
        <usize> (row * depth) * F32,
    );
  } else {
    const column = (chunk - rowBlocks) * p.columnBlock;
    packColumns(
      p.b + <usize> batch * p.bBatch + <usize> column * p.bColumn +
        <usize> k * p.bDepth,
      p.bColumn,
      p.bDepth,
      min(p.columnBlock, p.columns - column),
      depth,
      p.bPanels + sharedPanels(p.columns + 7, batch, p.depth, k) +
        <usize> (column * depth) * F32,
    );
  }
}

/** Where the panels of the depth block from k begin; `lanes` with the pad. */
function sharedPanels(lanes: i32, batch: i32, depth: i32, k: i32): usize {
  return <usize> (lanes * (batch * depth + k)) * F32;
}

/** Copies the part of a tile that exists into C, or adds it to C. */
function storeTile(
  tile: usize,
  count: i32,
  width: i32,
  to: usize,
  rowStride: usize,
  accumulate: bool,
): void {
  const end = <usize> width * F32;
  for (let i = 0; i < count; i++, to += rowStride, tile += 32) {
    for (let at: usize = 0; at < end; at += F32) {
      const value = load<f32>(tile + at);
      store<f32>(to + at, accumulate ? value + load<f32>(to + at) : value);
    }
  }
}

/** Copies a block of rows × columns to where its columns are rows. */
function turn(
  block: usize,
  rowStride: usize,
  rows: i32,
  columns: i32,
  to: usize,
  columnStride: usize,
): void {
  let row = 0;
  for (; row + 4 <= rows; row += 4, to += 16, block += 4 * rowStride) {
    transposeLanes(block, rowStride, F32, 4, columns, to, columnStride);
  }
  for (; row < rows; row++, to += F32, block += rowStride) {
    for (let j = 0; j < columns; j++) {
      const value = load<f32>(block + <usize> j * F32);
      store<f32>(to + <usize> j * columnStride, value);
    }
  }
}
