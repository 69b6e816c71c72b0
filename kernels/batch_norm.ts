import { F32, madd } from "./simd";

/**
 * Batch normalization (Ioffe and Szegedy 2015, algorithm 1): the sums that
 * statistics and gradients need, and the multiply-add over all elements that
 * follows from them. lib/ops/batch_norm.ts adds up in between, in float64.
 *
 * A chunk is `chunkSize` elements of the flat array, the last one what is left,
 * and a multiple of `period`: some rows of channels together, so many that they
 * come out even in vectors. Sums and coefficients are one a place in the
 * period. The array ends with a row of channels, maybe within a period. out may
 * be x or dy; nothing else may overlap. NaN passes through.
 */
@unmanaged
class BatchNormParams {
  x: usize; // f32 [size]
  dy: usize; // f32 [size], or 0 forward
  out: usize; // f32 [size]: y forward, dx backward
  partials: usize; // f32 [chunks, 3, period]
  coefficients: usize; // [5, period]: center, factor, offset, dyMean, dyFactor
  size: i32;
  period: i32;
  chunkSize: i32;
}

/**
 * A chunk's partials: its mean m as float32 has it (0 at a place without an
 * element), Σ (x − m) and Σ (x − m)². The first sum is what rounding has left
 * of m; the chunk is in the cache for it, and a mean far above the deviation
 * cancels nowhere.
 */
export function batchNormMomentsF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<BatchNormParams>(params);
  const size = chunkLength(p, chunk);
  const x = p.x + <usize> (chunk * p.chunkSize) * F32;
  const row = <usize> p.period * F32;
  const means = clearPartials(p, chunk);
  for (let at = 0; at < size; at += p.period) {
    addValues(x + <usize> at * F32, means, min(p.period, size - at));
  }
  const periods = size / p.period, rest = size % p.period;
  for (let i = 0; i < min(p.period, size); i++) {
    const mean = means + <usize> i * F32;
    store<f32>(mean, load<f32>(mean) / <f32> (periods + i32(i < rest)));
  }
  for (let at = 0; at < size; at += p.period) {
    const count = min(p.period, size - at);
    addSquares(x + <usize> at * F32, means, row, count);
  }
}

function addValues(x: usize, sums: usize, count: i32): void {
  const end = <usize> count * F32;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    v128.store(sums + i, f32x4.add(v128.load(sums + i), v128.load(x + i)));
  }
  for (; i < end; i += F32) {
    store<f32>(sums + i, load<f32>(sums + i) + load<f32>(x + i));
  }
}

function addSquares(x: usize, means: usize, row: usize, count: i32): void {
  const sums = means + row, squares = sums + row;
  const end = <usize> count * F32;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const d = f32x4.sub(v128.load(x + i), v128.load(means + i));
    v128.store(sums + i, f32x4.add(v128.load(sums + i), d));
    v128.store(squares + i, madd(d, d, v128.load(squares + i)));
  }
  for (; i < end; i += F32) {
    const d = load<f32>(x + i) - load<f32>(means + i);
    store<f32>(sums + i, load<f32>(sums + i) + d);
    store<f32>(squares + i, load<f32>(squares + i) + d * d);
  }
}

/** A chunk's partials of the gradients: Σ dy and Σ dy (x − center). */
export function batchNormGradSumsF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<BatchNormParams>(params);
  const size = chunkLength(p, chunk);
  const offset = <usize> (chunk * p.chunkSize) * F32;
  const sums = clearPartials(p, chunk);
  for (let at = 0; at < size; at += p.period) {
    const here = offset + <usize> at * F32;
    addProducts(
      p.x + here,
      p.dy + here,
      p.coefficients,
      sums,
      sums + <usize> p.period * F32,
      min(p.period, size - at),
    );
  }
}

function addProducts(
  x: usize,
  dy: usize,
  centers: usize,
  sums: usize,
  products: usize,
  count: i32,
): void {
  const end = <usize> count * F32;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const g = v128.load(dy + i);
    const d = f32x4.sub(v128.load(x + i), v128.load(centers + i));
    v128.store(sums + i, f32x4.add(v128.load(sums + i), g));
    v128.store(products + i, madd(g, d, v128.load(products + i)));
  }
  for (; i < end; i += F32) {
    const g = load<f32>(dy + i);
    const d = load<f32>(x + i) - load<f32>(centers + i);
    store<f32>(sums + i, load<f32>(sums + i) + g);
    store<f32>(products + i, load<f32>(products + i) + g * d);
  }
}

/**
 * out = (x − center) · factor + offset, and, where there is a dy,
 * + (dy − dyMean) · dyFactor.
 */
export function batchNormApplyF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<BatchNormParams>(params);
  const size = chunkLength(p, chunk);
  const offset = <usize> (chunk * p.chunkSize) * F32;
  const row = <usize> p.period * F32;
  for (let at = 0; at < size; at += p.period) {
    const here = offset + <usize> at * F32;
    const x = p.x + here, out = p.out + here;
    const count = min(p.period, size - at);
    if (p.dy == 0) forwardPeriod(x, out, p.coefficients, row, count);
    else backwardPeriod(x, p.dy + here, out, p.coefficients, row, count);
  }
}

function forwardPeriod(
  x: usize,
  y: usize,
  centers: usize,
  row: usize,
  count: i32,
): void {
  const factors = centers + row, offsets = factors + row;
  const end = <usize> count * F32;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const d = f32x4.sub(v128.load(x + i), v128.load(centers + i));
    v128.store(
      y + i,
      madd(d, v128.load(factors + i), v128.load(offsets + i)),
    );
  }
  for (; i < end; i += F32) {
    const d = load<f32>(x + i) - load<f32>(centers + i);
    store<f32>(y + i, d * load<f32>(factors + i) + load<f32>(offsets + i));
  }
}

function backwardPeriod(
  x: usize,
  dy: usize,
  dx: usize,
  centers: usize,
  row: usize,
  count: i32,
): void {
  const factors = centers + row, offsets = factors + row;
  const dyMeans = offsets + row, dyFactors = dyMeans + row;
  const end = <usize> count * F32;
  const vectorEnd = end & ~15;
  let i: usize = 0;
  for (; i < vectorEnd; i += 16) {
    const d = f32x4.sub(v128.load(x + i), v128.load(centers + i));
    const g = f32x4.sub(v128.load(dy + i), v128.load(dyMeans + i));
    const ofX = madd(d, v128.load(factors + i), v128.load(offsets + i));
    v128.store(dx + i, madd(g, v128.load(dyFactors + i), ofX));
  }
  for (; i < end; i += F32) {
    const d = load<f32>(x + i) - load<f32>(centers + i);
    const g = load<f32>(dy + i) - load<f32>(dyMeans + i);
    const ofX = d * load<f32>(factors + i) + load<f32>(offsets + i);
    store<f32>(dx + i, g * load<f32>(dyFactors + i) + ofX);
  }
}

function chunkLength(p: BatchNormParams, chunk: i32): i32 {
  return min(p.chunkSize, p.size - chunk * p.chunkSize);
}

/** Where a chunk's partials are, all of them 0. */
function clearPartials(p: BatchNormParams, chunk: i32): usize {
  const bytes = <usize> (3 * p.period) * F32;
  const partials = p.partials + <usize> chunk * bytes;
  memory.fill(partials, 0, bytes);
  return partials;
}
