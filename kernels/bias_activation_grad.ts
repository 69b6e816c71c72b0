import { F32, select, sumLanes } from "./simd";

/**
 * The backward pass of y = f(z), z = x + bias, where f(z) = z for z > 0 and
 * slope · z elsewhere: dz, and a chunk's part of dBias = Σ dz over rows and of
 * Σ reference · dy where the reference is not positive, from which dα follows.
 *
 * The reference is z, or y where that has z's sign (slope > 0, or ReLU). A
 * chunk is `chunkSize` elements of the flat arrays, the last one what is left,
 * and a multiple of `period`: some rows together, so many that the columns
 * come out even in vectors. The sums are one a place in the period. With no
 * reference f is linear, and it only adds up. dz may be dy; nothing else may
 * overlap.
 */
@unmanaged
class BiasActivationGradParams {
  reference: usize; // f32 [size], or 0
  dy: usize; // f32 [size]
  dz: usize; // f32 [size], or 0
  partials: usize; // f32 [chunks, period + 1]
  size: i32;
  period: i32;
  chunkSize: i32;
  slope: f32;
}

export function biasActivationGradF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<BiasActivationGradParams>(params);
  const first = chunk * p.chunkSize;
  const size = min(p.chunkSize, p.size - first);
  const offset = <usize> first * F32;
  const sums = p.partials + <usize> (chunk * (p.period + 1)) * F32;
  memory.fill(sums, 0, <usize> (p.period + 1) * F32);
  let term: f32 = 0;
  for (let at = 0; at < size; at += p.period) {
    const here = offset + <usize> at * F32;
    const count = min(p.period, size - at);
    if (p.reference == 0) addPeriod(p.dy + here, sums, count);
    else {
      term += gradPeriod(
        p.reference + here,
        p.dy + here,
        p.dz + here,
        sums,
        count,
        p.slope,
      );
    }
  }
  store<f32>(sums + <usize> p.period * F32, term);
}

function addPeriod(dy: usize, sums: usize, count: i32): void {
  const end = dy + <usize> count * F32;
  const vectorEnd = dy + (<usize> (count & ~3)) * F32;
  for (; dy < vectorEnd; dy += 16, sums += 16) {
    v128.store(sums, f32x4.add(v128.load(sums), v128.load(dy)));
  }
  for (; dy < end; dy += F32, sums += F32) {
    store<f32>(sums, load<f32>(sums) + load<f32>(dy));
  }
}

/** Returns Σ reference · dy where the reference is not positive. */
function gradPeriod(
  reference: usize,
  dy: usize,
  dz: usize,
  sums: usize,
  count: i32,
  slope: f32,
): f32 {
  const zero = f32x4.splat(0);
  const slopes = f32x4.splat(slope);
  const end = dy + <usize> count * F32;
  const vectorEnd = dy + (<usize> (count & ~3)) * F32;
  let terms = zero;
  for (; dy < vectorEnd; dy += 16) {
    const r = v128.load(reference);
    const d = v128.load(dy);
    const positive = f32x4.gt(r, zero);
    const out = select(d, f32x4.mul(d, slopes), positive);
    v128.store(dz, out);
    v128.store(sums, f32x4.add(v128.load(sums), out));
    terms = f32x4.add(terms, v128.andnot(f32x4.mul(r, d), positive));
    reference += 16;
    dz += 16;
    sums += 16;
  }
  let term = sumLanes(terms);
  for (; dy < end; dy += F32) {
    const r = load<f32>(reference);
    const d = load<f32>(dy);
    const out = r > 0 ? d : d * slope;
    store<f32>(dz, out);
    store<f32>(sums, load<f32>(sums) + out);
    if (!(r > 0)) term += r * d;
    reference += F32;
    dz += F32;
    sums += F32;
  }
  return term;
}
