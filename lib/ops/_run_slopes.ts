import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { cutRows, type KernelContext } from "../wasm/kernel_context.ts";
import { sumPartials } from "./_sum_partials.ts";

/** Elements per chunk: 128 KiB of each operand, so that they stay in L2. */
const CHUNK_SIZE = 32_768;

/** Neighbouring dimensions of x that are alike, as one. */
interface Dimension {
  size: number;
  /** Whether each index has slopes of its own. */
  own: boolean;
}

/** Byte offsets; `sums` is where the slopes' gradient goes. */
interface Operands {
  x: number;
  slopes: number;
  out: number;
  backward?: { dy: number; sums: number };
}

/**
 * y of ReLU_α or PReLU, float32, with slopes that broadcast to x's shape, which
 * the caller has checked; kernels/slope_chunk.ts computes it.
 */
export function slopesForward(
  context: KernelContext,
  kernel: "reluAlphaForwardF32" | "preluForwardF32",
  x: TensorInfo,
  slopes: TensorInfo,
): TensorInfo {
  const y = context.output(x.shape);
  if (util.sizeFromShape(x.shape) === 0) return y;
  runSlopes(context, kernel, dimensionsOf(x.shape, slopes.shape), {
    x: context.pointer(x),
    slopes: context.pointer(slopes),
    out: context.pointer(y),
  });
  return y;
}

/**
 * dx and the slopes' gradient, in one pass; the latter is added chunk by chunk
 * and then over the chunks in float64, in an order that the shapes alone
 * decide.
 *
 * @returns `[dx, dSlopes]`
 */
export function slopesBackward(
  context: KernelContext,
  kernel: "reluAlphaBackwardF32" | "preluBackwardF32",
  inputs: { x: TensorInfo; slopes: TensorInfo; dy: TensorInfo },
): TensorInfo[] {
  const { x, slopes, dy } = inputs;
  const dx = context.output(x.shape);
  const dSlopes = context.output(slopes.shape);
  const sums = context.pointer(dSlopes);
  if (util.sizeFromShape(x.shape) === 0) {
    context.view(dSlopes).fill(0);
    return [dx, dSlopes];
  }
  const dimensions = dimensionsOf(x.shape, slopes.shape);
  const partials = context.scratch(4 * countPartials(dimensions));
  runSlopes(context, kernel, dimensions, {
    x: context.pointer(x),
    slopes: context.pointer(slopes),
    out: context.pointer(dx),
    backward: { dy: context.pointer(dy), sums },
  }, partials);
  return [dx, dSlopes];
}

/** At least one, outermost first, in turn with slopes of their own or not. */
function dimensionsOf(
  whole: readonly number[],
  slopes: readonly number[],
): Dimension[] {
  const dimensions: Dimension[] = [];
  whole.forEach((size, i) => {
    if (size === 1) return;
    const own = (slopes[i + slopes.length - whole.length] ?? 1) !== 1;
    const last = dimensions.at(-1);
    if (last?.own === own) last.size *= size;
    else dimensions.push({ size, own });
  });
  return dimensions.length > 0 ? dimensions : [{ size: 1, own: false }];
}

/** How the outermost dimension is cut, by the sizes alone. */
function cut(dimensions: readonly Dimension[]) {
  const [{ size, own }, ...rest] = dimensions as [Dimension, ...Dimension[]];
  // A dimension alone has rows of a chunk's size.
  const inner = rest.length > 0 ? rest : [{ size: CHUNK_SIZE, own }];
  const period = sizeOf(inner);
  const total = rest.length > 0 ? size * period : size;
  const { chunkRows, chunks } = cutRows(total / period, period, CHUNK_SIZE);
  return {
    size,
    own,
    inner,
    period,
    total,
    periodSlopes: sizeOf(inner.filter(({ own }) => own)),
    chunkSize: chunkRows * period,
    chunks,
  };
}

/** Runs a kernel; what is too large for a chunk, one outermost index a time. */
function runSlopes(
  context: KernelContext,
  kernel: `${"reluAlpha" | "prelu"}${"Forward" | "Backward"}F32`,
  dimensions: readonly Dimension[],
  at: Operands,
  partials = 0,
) {
  const { size, own, inner, period, periodSlopes, ...rest } = cut(dimensions);
  const { total, chunkSize, chunks } = rest;
  const { backward } = at;
  const sums = own ? backward?.sums : partials;
  const parts = period > CHUNK_SIZE ? size : chunks;
  if (period > CHUNK_SIZE) {
    const innerPartials = own ? partials : partials + 4 * size * periodSlopes;
    for (let i = 0; i < size; i++) {
      const element = 4 * i * period, slope = 4 * i * periodSlopes;
      runSlopes(context, kernel, inner, {
        x: at.x + element,
        slopes: own ? at.slopes + slope : at.slopes,
        out: at.out + element,
        backward: backward &&
          { dy: backward.dy + element, sums: sums! + slope },
      }, innerPartials);
    }
  } else {
    const row = inner.at(-1)!;
    context.pool.run(kernel, chunks, {
      x: at.x,
      slopes: at.slopes,
      dy: backward?.dy ?? 0,
      out: at.out,
      sums: sums ?? 0,
      size: total,
      chunkSize,
      period,
      periodSlopes,
      shared: own ? 0 : 1,
      row: row.size,
      columns: row.own ? 1 : 0,
      rank: inner.length - 1,
      sizes: inner.slice(0, -1).map(({ size }) => size),
    });
  }
  if (backward && !own) {
    sumPartials(context, partials, backward.sums, parts, periodSlopes);
  }
}

/** Floats that the sums of all parts take, level by level of `runSlopes`. */
function countPartials(dimensions: readonly Dimension[]): number {
  const { size, own, inner, period, periodSlopes, chunks } = cut(dimensions);
  const whole = period > CHUNK_SIZE;
  return (own ? 0 : (whole ? size : chunks) * periodSlopes) +
    (whole ? countPartials(inner) : 0);
}

function sizeOf(dimensions: readonly Dimension[]): number {
  return dimensions.reduce((product, { size }) => product * size, 1);
}
