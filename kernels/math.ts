/**
 * Elementary functions in float64 without tables, because these kernels own no
 * memory to keep a table in.
 */

/** e^x for x ≤ 709; relative error below 1e-15. NaN passes, underflow is 0. */
export function expF64(x: f64): f64 {
  if (x < -708) return 0;
  if (x != x) return x;
  // x = n ln 2 + r with |r| ≤ ln 2 / 2; ln 2 in two parts keeps r exact.
  const n = nearest(x * 1.4426950408889634);
  const r = (x - n * 6.93147180369123816490e-01) -
    n * 1.90821492927058770002e-10;
  // Taylor to r¹³: the first term left out is below 5e-18.
  let sum = 1.0 / 6227020800.0;
  sum = sum * r + 1.0 / 479001600.0;
  sum = sum * r + 1.0 / 39916800.0;
  sum = sum * r + 1.0 / 3628800.0;
  sum = sum * r + 1.0 / 362880.0;
  sum = sum * r + 1.0 / 40320.0;
  sum = sum * r + 1.0 / 5040.0;
  sum = sum * r + 1.0 / 720.0;
  sum = sum * r + 1.0 / 120.0;
  sum = sum * r + 1.0 / 24.0;
  sum = sum * r + 1.0 / 6.0;
  sum = sum * r + 0.5;
  sum = sum * r + 1.0;
  sum = sum * r + 1.0;
  return sum * reinterpret<f64>((<i64> n + 1023) << 52);
}

/**
 * ln x for normal x > 0; relative error below 1e-15 away from x = 1. NaN and
 * Infinity pass.
 */
export function logF64(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<i64>(x);
  let exponent = <i32> ((bits >> 52) & 0x7ff) - 1023;
  let mantissa = reinterpret<f64>(
    (bits & 0x000fffffffffffff) | 0x3ff0000000000000,
  );
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent += 1;
  }
  // ln m = 2 artanh z, z = (m − 1) / (m + 1), |z| < 0.172.
  const z = (mantissa - 1) / (mantissa + 1);
  const square = z * z;
  let sum: f64 = 1.0 / 21.0;
  sum = sum * square + 1.0 / 19.0;
  sum = sum * square + 1.0 / 17.0;
  sum = sum * square + 1.0 / 15.0;
  sum = sum * square + 1.0 / 13.0;
  sum = sum * square + 1.0 / 11.0;
  sum = sum * square + 1.0 / 9.0;
  sum = sum * square + 1.0 / 7.0;
  sum = sum * square + 1.0 / 5.0;
  sum = sum * square + 1.0 / 3.0;
  sum = sum * square + 1.0;
  return <f64> exponent * 6.93147180559945309417e-01 + 2 * z * sum;
}
