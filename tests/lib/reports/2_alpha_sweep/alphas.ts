/** α of 24 nets, from a formula that mixes them well and has zeros and ones. */
export const ALPHAS: readonly (readonly number[])[] = Array.from(
  { length: 24 },
  (_, i) =>
    [
      (37 * i * i + 11 * i) % 101,
      i % 3 === 0 ? 0 : (53 * i + 7 * i * i) % 97,
      i % 2 === 0 ? 100 : (29 * i) % 89,
    ].map((percent) => percent / 100),
);
