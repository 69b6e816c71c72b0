import { RELU, RELU6 } from "./epilogue";
import { MatMulParams } from "./mat_mul_params";
import { F32 } from "./simd";

/** The product's own activations, beside LINEAR, RELU and RELU6. */
export const MAT_MUL_PRELU: i32 = 3;
export const MAT_MUL_LEAKY_RELU: i32 = 4;

/** Bias and activation for all of C, where no chunk could: one per batch. */
export function matMulFinishF32(
  params: usize,
  chunk: i32,
  _thread: i32,
): void {
  const p = changetype<MatMulParams>(params);
  const out = p.out + <usize> chunk * p.outBatch;
  finishMatMul(p, out, 0, p.rows, 0, p.columns);
}

/**
 * out = activation(out + bias) for `rows` × `columns` values of the product
 * that begin at `c`. NaN passes through every activation; at 0 each gives 0.
 */
export function finishMatMul(
  p: MatMulParams,
  c: usize,
  row: i32,
  rows: i32,
  column: i32,
  columns: i32,
): void {
  // In `out`'s own rows and columns.
  const swapped = p.outColumn != F32;
  const stride = swapped ? p.outColumn : p.outRow;
  const rowCount = swapped ? columns : rows;
  const first = swapped ? row : column;
  const count = swapped ? rows : columns;
  const biasStep: usize = p.biasPeriod == 1 ? 0 : F32;
  const bias = p.bias ? p.bias + <usize> first * biasStep : 0;
  const slopesStep: usize = p.slopesPeriod == 1 ? 0 : F32;
  const slopes = p.slopes + <usize> first * slopesStep;
  for (let i = 0; i < rowCount; i++, c += stride) {
    finishRow(
      c,
      count,
      bias,
      biasStep,
      p.activation,
      slopes,
      slopesStep,
      p.leakyAlpha,
    );
  }
}

function finishRow(
  c: usize,
  count: i32,
  bias: usize,
  biasStep: usize,
  activation: i32,
  slopes: usize,
  slopesStep: usize,
  leakyAlpha: f32,
): void {
  const zero = f32x4.splat(0);
  const six = f32x4.splat(6);
  const leaky = f32x4.splat(leakyAlpha);
  let i = 0;
  for (; i + 4 <= count; i += 4, c += 16) {
    let x = v128.load(c);
    if (bias) {
      x = f32x4.add(x, biasStep ? v128.load(bias) : v128.load32_splat(bias));
      bias += biasStep * 4;
    }
    if (activation == RELU) {
      x = f32x4.max(x, zero);
    } else if (activation == RELU6) {
      x = f32x4.min(f32x4.max(x, zero), six);
    } else if (
      activation == MAT_MUL_PRELU || activation == MAT_MUL_LEAKY_RELU
    ) {
      let slope = leaky;
      if (activation == MAT_MUL_PRELU) {
        slope = slopesStep ? v128.load(slopes) : v128.load32_splat(slopes);
        slopes += slopesStep * 4;
      }
      x = v128.bitselect(f32x4.mul(x, slope), x, f32x4.lt(x, zero));
    }
    v128.store(c, x);
  }
  for (; i < count; i++, c += F32) {
    let x = load<f32>(c);
    if (bias) {
      x += load<f32>(bias);
      bias += biasStep;
    }
    if (activation == RELU) {
      x = max<f32>(x, 0);
    } else if (activation == RELU6) {
      x = min<f32>(max<f32>(x, 0), 6);
    } else if (
      activation == MAT_MUL_PRELU || activation == MAT_MUL_LEAKY_RELU
    ) {
      let slope = leakyAlpha;
      if (activation == MAT_MUL_PRELU) {
        slope = load<f32>(slopes);
        slopes += slopesStep;
      }
      if (x < 0) x *= slope;
    }
    store<f32>(c, x);
  }
}
