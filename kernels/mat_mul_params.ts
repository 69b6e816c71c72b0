/**
 * What the kernels of the matrix product share: C = A · B for `batches` pairs,
 * A `rows` × `depth`, B `depth` × `columns`. All strides are in bytes, so that
 * each of the three may be transposed. lib/ops/mat_mul.ts writes them.
 *
 * Chunks are numbered batch, piece of the depth, row block, column block, the
 * last one fastest. With more than one piece, each leaves its own C,
 * `pieceBytes` after the one before, for sumPartialsF32.
 */
@unmanaged
export class MatMulParams {
  a: usize;
  b: usize;
  out: usize;
  aRow: usize;
  aDepth: usize;
  bDepth: usize;
  bColumn: usize;
  outRow: usize;
  outColumn: usize;
  aBatch: usize;
  bBatch: usize;
  outBatch: usize;
  rows: i32;
  columns: i32;
  depth: i32;
  rowBlock: i32; // rows a chunk, a multiple of 6 or all of them
  columnBlock: i32; // columns a chunk, a multiple of 8 or all of them
  pieceDepth: i32;
  depthBlock: i32; // depth that is packed at a time; divides pieceDepth
  pieceBytes: usize;
  aSource: i32; // SOURCE_*
  bSource: i32;
  aPanels: usize; // where SOURCE_SHARED panels are
  bPanels: usize;
  scratch: usize; // scratchBytes a thread
  scratchBytes: usize;
  finish: i32; // 1: the chunk adds bias and applies the activation itself
  bias: usize; // f32 [biasPeriod]; 0: none
  biasPeriod: i32; // 1 or the columns of `out`
  activation: i32; // mat_mul_finish.ts
  slopes: usize; // f32 [slopesPeriod], for PReLU
  slopesPeriod: i32; // 1 or the columns of `out`
  leakyAlpha: f32;
}

/** The operand is read where it lies. */
export const SOURCE_DIRECT: i32 = 0;

/** Each chunk packs what it needs into its thread's scratch. */
export const SOURCE_PRIVATE: i32 = 1;

/** matMulPackF32 has packed it for all chunks. */
export const SOURCE_SHARED: i32 = 2;
