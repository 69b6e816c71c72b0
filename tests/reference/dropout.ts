/**
 * Whether element `index` stays: a hash of its place in Weyl's sequence of the
 * golden ratio and of the key, Wellons' lowbias32
 * (nullprogram.com/blog/2018/07/31), is at least rate · 2³².
 */
export function staysInDropout(
  index: number,
  rate: number,
  key: number,
): boolean {
  let h = Math.imul(0x9e3779b9, index) ^ key;
  h = Math.imul(h ^ h >>> 16, 0x7feb352d);
  h = Math.imul(h ^ h >>> 15, 0x846ca68b);
  h = (h ^ h >>> 16) >>> 0;
  return h >= Math.round(rate * 2 ** 32);
}
