import { F32 } from "./simd";

/**
 * out = pixels / 255, a division and not a product with the rounded 1 / 255,
 * so that each value is the nearest float32. A chunk is `chunkSize` pixels, the
 * last one what is left; no alignment is asked for.
 */
@unmanaged
class ScalePixelsParams {
  pixels: usize; // u8 [size]
  out: usize; // f32 [size]
  size: i32;
  chunkSize: i32;
  divisor: f32; // 255, as a parameter: V8 rebuilds a constant in each turn
}

export function scalePixelsF32(params: usize, chunk: i32, _thread: i32): void {
  const p = changetype<ScalePixelsParams>(params);
  const first = chunk * p.chunkSize;
  const last = min(first + p.chunkSize, p.size);
  const divisor = f32x4.splat(p.divisor);
  let i = first;
  for (; i + 8 <= last; i += 8) {
    const words = i16x8.extend_low_i8x16_u(
      v128.load64_zero(p.pixels + <usize> i),
    );
    const out = p.out + <usize> i * F32;
    const low = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words));
    const high = f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(words));
    v128.store(out, f32x4.div(low, divisor));
    v128.store(out + 16, f32x4.div(high, divisor));
  }
  for (; i < last; i++) {
    const pixel = <f32> load<u8>(p.pixels + <usize> i);
    store<f32>(p.out + <usize> i * F32, pixel / p.divisor);
  }
}
