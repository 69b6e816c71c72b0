import {
  SOURCE_DIRECT,
  SOURCE_PRIVATE,
  SOURCE_SHARED,
} from "../wasm/kernel_params.ts";

/** One or more products C = A · B of the same shape. */
export interface MatMulShape {
  batches: number;
  /** Rows of A and C. */
  rows: number;
  /** Columns of B and C. */
  columns: number;
  /** Columns of A, rows of B; at least 1. */
  depth: number;
  transposeA: boolean;
  transposeB: boolean;
}

/** How a product is computed: a function of its shape alone. Strides count
 * elements. */
export interface MatMulPlan {
  kernel: "matMulTilesF32" | "matMulDotsF32";
  /** C' = B' · A' is computed in the place of C. */
  swapped: boolean;
  rows: number;
  columns: number;
  aRow: number;
  aDepth: number;
  bDepth: number;
  bColumn: number;
  outRow: number;
  outColumn: number;
  rowBlock: number;
  columnBlock: number;
  /** Chunks of one piece of one batch. */
  blocks: number;
  pieces: number;
  pieceDepth: number;
  depthBlock: number;
  /** SOURCE_*, of an operand of the tiles. */
  aSource: number;
  bSource: number;
  /** Elements of scratch per thread. */
  threadScratch: number;
}

/** Most chunks of a product; few enough that claiming them costs nothing. */
const MAX_CHUNKS = 32;

/** Most pieces of the depth: each costs a C of memory traffic. */
const MAX_PIECES = 16;

/** Multiplications for which a chunk is worth its start: some 5 µs. */
const CHUNK_WORK = 200_000;

/** Depth of a packed block: a panel of B takes 16 KiB of the 32 KiB L1. */
const DEPTH_BLOCK = 512;

/** Rows of A for which packing B costs more than it gains. */
const FEW_ROWS = 24;

/** Elements of C up to which a deep product leaves one C a piece. */
const SMALL_OUTPUT = 32_768;

/** Depth from which a dot product pays for the sum over its lanes. */
const DOT_DEPTH = 32;

/** Chooses operands' roles, kernel, blocks and packing. */
export function planMatMul(shape: MatMulShape): MatMulPlan {
  const { batches, depth, transposeA, transposeB } = shape;
  const { rows: m, columns: n } = shape;
  const a = { lane: transposeA ? 1 : depth, depth: transposeA ? m : 1 };
  const b = { lane: transposeB ? depth : 1, depth: transposeB ? 1 : n };
  // A narrow C would waste lanes of its tiles; transposed it is a flat one.
  const swapped = n < m &&
    (transposeA ? n <= FEW_ROWS : n <= 12 && n !== 8 && depth >= DOT_DEPTH);
  const rows = swapped ? n : m;
  const columns = swapped ? m : n;
  const [left, right] = swapped ? [b, a] : [a, b];
  const flat = rows <= FEW_ROWS;
  const dots = flat && right.depth === 1 && depth >= DOT_DEPTH;

  const work = rows * columns * depth;
  const { pieces, pieceDepth, depthBlock } = dots
    ? splitDepth(depth, batches * rows * columns, dotDepth(rows))
    : splitDepth(depth, batches * rows * columns, DEPTH_BLOCK);
  const chunks = Math.ceil(
    Math.min(
      pieces > 1 ? MAX_PIECES : MAX_CHUNKS,
      Math.max(1, Math.floor(batches * work / CHUNK_WORK)),
    ) / (batches * pieces),
  );
  const common = {
    swapped,
    rows,
    columns,
    pieces,
    pieceDepth,
    depthBlock,
    aRow: left.lane,
    aDepth: left.depth,
    bDepth: right.depth,
    bColumn: right.lane,
    outRow: swapped ? 1 : n,
    outColumn: swapped ? n : 1,
  };
  if (dots) {
    const columnBlock = blockSize(columns, chunks, 2);
    return {
      kernel: "matMulDotsF32",
      ...common,
      rowBlock: rows,
      columnBlock,
      aSource: SOURCE_DIRECT,
      bSource: SOURCE_DIRECT,
      blocks: Math.ceil(columns / columnBlock),
      threadScratch: 64 + (rows + 4) * depthBlock,
    };
  }
  const { rowBlock, columnBlock } = cutTiles(rows, columns, depthBlock, chunks);
  const rowBlocks = Math.ceil(rows / rowBlock);
  const columnBlocks = Math.ceil(columns / columnBlock);
  const packA = left.depth !== 1 || columns >= 128 && !flat;
  const packB = right.lane !== 1 || !flat;
  const source = (pack: boolean, elements: number, repeats: number) =>
    !pack
      ? SOURCE_DIRECT
      : (repeats - 1) * elements > 65_536
      ? SOURCE_SHARED
      : SOURCE_PRIVATE;
  return {
    kernel: "matMulTilesF32",
    ...common,
    rowBlock,
    columnBlock,
    blocks: rowBlocks * columnBlocks,
    aSource: source(packA, batches * rows * depth, columnBlocks),
    bSource: source(packB, batches * columns * depth, rowBlocks),
    threadScratch: 64 + depthBlock * (rowBlock + 4 + columnBlock + 8) +
      (swapped ? rows * (columnBlock + 8) : 0),
  };
}

/** Keeps the few rows of A in the L1 cache beside two columns of B. */
function dotDepth(rows: number): number {
  return Math.max(512, Math.floor(8_192 / rows) & ~15);
}

/**
 * A deep product with a small C is cut into pieces of the depth, one C each;
 * within a piece, the depth is taken a block at a time.
 */
function splitDepth(depth: number, elements: number, block: number) {
  const deep = elements <= SMALL_OUTPUT && depth >= 4 * block;
  const pieces = deep ? Math.min(MAX_PIECES, Math.ceil(depth / block)) : 1;
  // A piece's blocks have all rows and columns: half as deep they fit the L2.
  const blocks = Math.ceil(depth / pieces / (deep ? block / 2 : block));
  const depthBlock = blockSize(depth, pieces * blocks, 4);
  const pieceDepth = depthBlock * blocks;
  return { pieces: Math.ceil(depth / pieceDepth), pieceDepth, depthBlock };
}

/** Size of `count` about equal parts of `size`, rounded up to `multiple`. */
function blockSize(size: number, count: number, multiple: number): number {
  return Math.ceil(size / count / multiple) * multiple;
}

/** Cuts C into at least `chunks` blocks where their size allows it. */
function cutTiles(
  rows: number,
  columns: number,
  depthBlock: number,
  chunks: number,
) {
  // A block of A or B takes at most 192 KiB of the 512 KiB L2 cache.
  const most = Math.floor(49_152 / depthBlock);
  let down = Math.ceil(rows / Math.min(rows, Math.max(132, most)));
  let across = Math.ceil(columns / Math.max(128, most));
  const height = () => blockSize(rows, down, 6);
  const width = () => blockSize(columns, across, 8);
  while (
    Math.ceil(rows / height()) * Math.ceil(columns / width()) < chunks * 2 / 3
  ) {
    // A cut through the rows packs B once more.
    if (width() >= 32 && (width() * 2 >= height() || height() <= 132)) {
      across *= 2;
    } else if (height() > 24) down *= 2;
    else if (width() > 8) across *= 2;
    else break;
  }
  return { rowBlock: height(), columnBlock: width() };
}
