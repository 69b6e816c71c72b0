import { madd } from "./simd";
import { Five, Four, One, Six, Three, Two } from "./static_number";

/**
 * The innermost loops of the matrix product: `count` tiles of C side by side,
 * of H rows (Four or Six) and 8 W columns (One or, in the wide build, Two),
 * each in registers while `depth` ≥ 1 products are added to it. 12 sums, 2
 * vectors of B and 1 splat of A are the 15 registers that V8 gives out on
 * x86-64; of 24 sums it packs pairs, two columns' vectors of 4 into one of 8.
 *
 * A lies in a panel (S is One): H values for each step, without gaps; or in
 * rows (Two), `aRow` bytes apart, from row `rows` on the last one again. B's
 * rows are 8 values, `bStride` bytes apart, its panels are `bPanel` bytes
 * apart. C's rows are `cRow` bytes apart; the sums start from 16 `zeros`, or
 * from C if that is 0: a branch would not be packed. Alignment is not needed; C
 * must not overlap A or B.
 *
 * Where V8 checks every access against the memory's size (Deno does not give it
 * the trap handler), a load costs 3 to 4 instructions; then a pointer of its
 * own with offset 0 is the cheapest, because all such checks share one bound.
 * The wide build runs without checks, where offsets cost nothing. The branch
 * after each step keeps the optimizer from moving its products behind the next
 * step's loads, which would spill.
 */
export function tiles<S, H, W>(
  count: i32,
  a: usize,
  aRow: usize,
  rows: i32,
  b: usize,
  bStride: usize,
  bPanel: usize,
  depth: i32,
  c: usize,
  cRow: usize,
  zeros: usize,
): void {
  const bTile = offsetof<W>() * bPanel;
  // What a load moves its pointer by: nothing where it has an offset.
  const roll: usize = offsetof<S>() == 1 && !WIDE ? 4 : 0;
  for (; count > 0; count--, b += bTile, c += offsetof<W>() * 32) {
    const r1 = c + cRow;
    const r2 = r1 + cRow;
    const r3 = r2 + cRow;
    const r4 = r3 + cRow;
    const r5 = r4 + cRow;
    const f0 = zeros ? zeros : c;
    const fRow = zeros ? 0 : cRow;
    const f1 = f0 + fRow;
    const f2 = f1 + fRow;
    const f3 = f2 + fRow;
    const f4 = f3 + fRow;
    const f5 = f4 + fRow;
    // deno-fmt-ignore-start -- one line per row
    let c00 = v128.load(f0), c01 = v128.load(f0, 16), c02 = c00, c03 = c01;
    if (offsetof<W>() == 2) c02 = v128.load(f0, 32), c03 = v128.load(f0, 48);
    let c10 = v128.load(f1), c11 = v128.load(f1, 16), c12 = c10, c13 = c11;
    if (offsetof<W>() == 2) c12 = v128.load(f1, 32), c13 = v128.load(f1, 48);
    let c20 = v128.load(f2), c21 = v128.load(f2, 16), c22 = c20, c23 = c21;
    if (offsetof<W>() == 2) c22 = v128.load(f2, 32), c23 = v128.load(f2, 48);
    let c30 = v128.load(f3), c31 = v128.load(f3, 16), c32 = c30, c33 = c31;
    if (offsetof<W>() == 2) c32 = v128.load(f3, 32), c33 = v128.load(f3, 48);
    let c40 = c00, c41 = c00, c42 = c00, c43 = c00;
    if (offsetof<H>() == 6) {
      c40 = v128.load(f4), c41 = v128.load(f4, 16);
      if (offsetof<W>() == 2) c42 = v128.load(f4, 32), c43 = v128.load(f4, 48);
    }
    let c50 = c00, c51 = c00, c52 = c00, c53 = c00;
    if (offsetof<H>() == 6) {
      c50 = v128.load(f5), c51 = v128.load(f5, 16);
      if (offsetof<W>() == 2) c52 = v128.load(f5, 32), c53 = v128.load(f5, 48);
    }
    // deno-fmt-ignore-end
    let a0 = a;
    let a1 = a0 + (rows > 1 ? aRow : 0);
    let a2 = a1 + (rows > 2 ? aRow : 0);
    let a3 = a2 + (rows > 3 ? aRow : 0);
    let a4 = a3 + (rows > 4 ? aRow : 0);
    let a5 = a4 + (rows > 5 ? aRow : 0);
    let b0 = b, b1 = b + bPanel, k = depth;
    let wa: v128, wb: v128, x: v128;
    let wc = c00, wd = c00;
    // deno-fmt-ignore -- one line per row
    while (true) {
      wa = v128.load(b0), wb = v128.load(b0, 16), b0 += bStride;
      if (offsetof<W>() == 2) { wc = v128.load(b1), wd = v128.load(b1, 16), b1 += bStride; }
      x = splat<S, H, One, One>(a0, a0), a0 += roll, c00 = madd(x, wa, c00), c01 = madd(x, wb, c01); if (offsetof<W>() == 2) { c02 = madd(x, wc, c02), c03 = madd(x, wd, c03); }
      x = splat<S, H, One, Two>(a0, a1), a0 += roll, c10 = madd(x, wa, c10), c11 = madd(x, wb, c11); if (offsetof<W>() == 2) { c12 = madd(x, wc, c12), c13 = madd(x, wd, c13); }
      x = splat<S, H, One, Three>(a0, a2), a0 += roll, c20 = madd(x, wa, c20), c21 = madd(x, wb, c21); if (offsetof<W>() == 2) { c22 = madd(x, wc, c22), c23 = madd(x, wd, c23); }
      x = splat<S, H, One, Four>(a0, a3), a0 += roll, c30 = madd(x, wa, c30), c31 = madd(x, wb, c31); if (offsetof<W>() == 2) { c32 = madd(x, wc, c32), c33 = madd(x, wd, c33); }
      if (offsetof<H>() == 6) { x = splat<S, H, One, Five>(a0, a4), a0 += roll, c40 = madd(x, wa, c40), c41 = madd(x, wb, c41); if (offsetof<W>() == 2) { c42 = madd(x, wc, c42), c43 = madd(x, wd, c43); } }
      if (offsetof<H>() == 6) { x = splat<S, H, One, Six>(a0, a5), a0 += roll, c50 = madd(x, wa, c50), c51 = madd(x, wb, c51); if (offsetof<W>() == 2) { c52 = madd(x, wc, c52), c53 = madd(x, wd, c53); } }
      if (!WIDE && offsetof<S>() == 2) a0 += 4, a1 += 4, a2 += 4, a3 += 4, a4 += 4, a5 += 4;
      if (k == 1) break;
      wa = v128.load(b0), wb = v128.load(b0, 16), b0 += bStride;
      if (offsetof<W>() == 2) { wc = v128.load(b1), wd = v128.load(b1, 16), b1 += bStride; }
      x = splat<S, H, Two, One>(a0, a0), a0 += roll, c00 = madd(x, wa, c00), c01 = madd(x, wb, c01); if (offsetof<W>() == 2) { c02 = madd(x, wc, c02), c03 = madd(x, wd, c03); }
      x = splat<S, H, Two, Two>(a0, a1), a0 += roll, c10 = madd(x, wa, c10), c11 = madd(x, wb, c11); if (offsetof<W>() == 2) { c12 = madd(x, wc, c12), c13 = madd(x, wd, c13); }
      x = splat<S, H, Two, Three>(a0, a2), a0 += roll, c20 = madd(x, wa, c20), c21 = madd(x, wb, c21); if (offsetof<W>() == 2) { c22 = madd(x, wc, c22), c23 = madd(x, wd, c23); }
      x = splat<S, H, Two, Four>(a0, a3), a0 += roll, c30 = madd(x, wa, c30), c31 = madd(x, wb, c31); if (offsetof<W>() == 2) { c32 = madd(x, wc, c32), c33 = madd(x, wd, c33); }
      if (offsetof<H>() == 6) { x = splat<S, H, Two, Five>(a0, a4), a0 += roll, c40 = madd(x, wa, c40), c41 = madd(x, wb, c41); if (offsetof<W>() == 2) { c42 = madd(x, wc, c42), c43 = madd(x, wd, c43); } }
      if (offsetof<H>() == 6) { x = splat<S, H, Two, Six>(a0, a5), a0 += roll, c50 = madd(x, wa, c50), c51 = madd(x, wb, c51); if (offsetof<W>() == 2) { c52 = madd(x, wc, c52), c53 = madd(x, wd, c53); } }
      if (!WIDE && offsetof<S>() == 2) a0 += 4, a1 += 4, a2 += 4, a3 += 4, a4 += 4, a5 += 4;
      if (k == 2) break;
      wa = v128.load(b0), wb = v128.load(b0, 16), b0 += bStride;
      if (offsetof<W>() == 2) { wc = v128.load(b1), wd = v128.load(b1, 16), b1 += bStride; }
      x = splat<S, H, Three, One>(a0, a0), a0 += roll, c00 = madd(x, wa, c00), c01 = madd(x, wb, c01); if (offsetof<W>() == 2) { c02 = madd(x, wc, c02), c03 = madd(x, wd, c03); }
      x = splat<S, H, Three, Two>(a0, a1), a0 += roll, c10 = madd(x, wa, c10), c11 = madd(x, wb, c11); if (offsetof<W>() == 2) { c12 = madd(x, wc, c12), c13 = madd(x, wd, c13); }
      x = splat<S, H, Three, Three>(a0, a2), a0 += roll, c20 = madd(x, wa, c20), c21 = madd(x, wb, c21); if (offsetof<W>() == 2) { c22 = madd(x, wc, c22), c23 = madd(x, wd, c23); }
      x = splat<S, H, Three, Four>(a0, a3), a0 += roll, c30 = madd(x, wa, c30), c31 = madd(x, wb, c31); if (offsetof<W>() == 2) { c32 = madd(x, wc, c32), c33 = madd(x, wd, c33); }
      if (offsetof<H>() == 6) { x = splat<S, H, Three, Five>(a0, a4), a0 += roll, c40 = madd(x, wa, c40), c41 = madd(x, wb, c41); if (offsetof<W>() == 2) { c42 = madd(x, wc, c42), c43 = madd(x, wd, c43); } }
      if (offsetof<H>() == 6) { x = splat<S, H, Three, Six>(a0, a5), a0 += roll, c50 = madd(x, wa, c50), c51 = madd(x, wb, c51); if (offsetof<W>() == 2) { c52 = madd(x, wc, c52), c53 = madd(x, wd, c53); } }
      if (!WIDE && offsetof<S>() == 2) a0 += 4, a1 += 4, a2 += 4, a3 += 4, a4 += 4, a5 += 4;
      if (k == 3) break;
      wa = v128.load(b0), wb = v128.load(b0, 16), b0 += bStride;
      if (offsetof<W>() == 2) { wc = v128.load(b1), wd = v128.load(b1, 16), b1 += bStride; }
      x = splat<S, H, Four, One>(a0, a0), a0 += roll, c00 = madd(x, wa, c00), c01 = madd(x, wb, c01); if (offsetof<W>() == 2) { c02 = madd(x, wc, c02), c03 = madd(x, wd, c03); }
      x = splat<S, H, Four, Two>(a0, a1), a0 += roll, c10 = madd(x, wa, c10), c11 = madd(x, wb, c11); if (offsetof<W>() == 2) { c12 = madd(x, wc, c12), c13 = madd(x, wd, c13); }
      x = splat<S, H, Four, Three>(a0, a2), a0 += roll, c20 = madd(x, wa, c20), c21 = madd(x, wb, c21); if (offsetof<W>() == 2) { c22 = madd(x, wc, c22), c23 = madd(x, wd, c23); }
      x = splat<S, H, Four, Four>(a0, a3), a0 += roll, c30 = madd(x, wa, c30), c31 = madd(x, wb, c31); if (offsetof<W>() == 2) { c32 = madd(x, wc, c32), c33 = madd(x, wd, c33); }
      if (offsetof<H>() == 6) { x = splat<S, H, Four, Five>(a0, a4), a0 += roll, c40 = madd(x, wa, c40), c41 = madd(x, wb, c41); if (offsetof<W>() == 2) { c42 = madd(x, wc, c42), c43 = madd(x, wd, c43); } }
      if (offsetof<H>() == 6) { x = splat<S, H, Four, Six>(a0, a5), a0 += roll, c50 = madd(x, wa, c50), c51 = madd(x, wb, c51); if (offsetof<W>() == 2) { c52 = madd(x, wc, c52), c53 = madd(x, wd, c53); } }
      if (!WIDE && offsetof<S>() == 2) a0 += 4, a1 += 4, a2 += 4, a3 += 4, a4 += 4, a5 += 4;
      if (k == 4) break;
      k -= 4;
      if (WIDE) {
        if (offsetof<S>() == 1) a0 += 16 * offsetof<H>();
        else a0 += 16, a1 += 16, a2 += 16, a3 += 16, a4 += 16, a5 += 16;
      }
    }
    // deno-fmt-ignore -- one line per row, higher halves first to be packed
    {
      if (offsetof<W>() == 2) { v128.store(c, c03, 48), v128.store(c, c02, 32); } v128.store(c, c01, 16), v128.store(c, c00);
      if (offsetof<W>() == 2) { v128.store(r1, c13, 48), v128.store(r1, c12, 32); } v128.store(r1, c11, 16), v128.store(r1, c10);
      if (offsetof<W>() == 2) { v128.store(r2, c23, 48), v128.store(r2, c22, 32); } v128.store(r2, c21, 16), v128.store(r2, c20);
      if (offsetof<W>() == 2) { v128.store(r3, c33, 48), v128.store(r3, c32, 32); } v128.store(r3, c31, 16), v128.store(r3, c30);
      if (offsetof<H>() == 6) { if (offsetof<W>() == 2) { v128.store(r4, c43, 48), v128.store(r4, c42, 32); } v128.store(r4, c41, 16), v128.store(r4, c40); }
      if (offsetof<H>() == 6) { if (offsetof<W>() == 2) { v128.store(r5, c53, 48), v128.store(r5, c52, 32); } v128.store(r5, c51, 16), v128.store(r5, c50); }
    }
  }
}

/** A's value of step T of a turn and row R, in every lane; both from One on. */
function splat<S, H, T, R>(panel: usize, row: usize): v128 {
  if (offsetof<S>() == 2) {
    return v128.load32_splat(row, WIDE ? 4 * (offsetof<T>() - 1) : 0);
  }
  return v128.load32_splat(
    panel,
    WIDE ? 4 * ((offsetof<T>() - 1) * offsetof<H>() + offsetof<R>() - 1) : 0,
  );
}
