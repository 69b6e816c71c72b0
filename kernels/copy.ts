import { F32 } from "./simd";

/**
 * out = x, by the machine's own block copy: the yardstick of kernels that are
 * bound by memory. A chunk is `chunkSize` elements, the last one what is left;
 * the two may not overlap.
 */
@unmanaged
class CopyParams {
  x: usize; // f32 [size]
  out: usize; // f32 [size]
  size: i32;
  chunkSize: i32;
}

export function copyF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<CopyParams>(params);
  const first = chunk * p.chunkSize;
  const count = min(p.chunkSize, p.size - first);
  const offset = <usize> first * F32;
  memory.copy(p.out + offset, p.x + offset, <usize> count * F32);
}
