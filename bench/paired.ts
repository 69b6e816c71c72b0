import { maxOf, minOf } from "../lib/base/statistics.ts";

/** One of the things that are compared. */
export interface Contender {
  readonly name: string;
  run(): void;
}

/** Milliseconds of a contender, over the rounds. */
export interface Timing {
  readonly name: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Median over the rounds of this contender's time by the first one's. */
  readonly ratio: number;
}

/** Milliseconds that one contender takes in one round, at least. */
const ROUND_MS = 15;

/**
 * Times contenders in rounds, in one order and then in the other, so that
 * neither drift nor neighbours favour one of them.
 *
 * @param contenders the first one is what the others are divided by
 */
export function compare(
  contenders: readonly Contender[],
  rounds = 15,
): Timing[] {
  const repeats = contenders.map(({ run }) => {
    for (let i = 0; i < 20; i++) run(); // until V8 has optimized it
    const start = performance.now();
    for (let i = 0; i < 5; i++) run();
    const ms = (performance.now() - start) / 5;
    return Math.max(1, Math.ceil(ROUND_MS / ms));
  });
  const times: number[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = contenders.map((_, i) => i);
    if (round % 2 === 1) order.reverse();
    for (const i of order) {
      const start = performance.now();
      for (let k = 0; k < repeats[i]!; k++) contenders[i]!.run();
      times[i]!.push((performance.now() - start) / repeats[i]!);
    }
  }
  return contenders.map(({ name }, i) => ({
    name,
    median: median(times[i]!),
    min: minOf(times[i]!),
    max: maxOf(times[i]!),
    ratio: median(times[i]!.map((ms, round) => ms / times[0]![round]!)),
  }));
}

/** The middle value; of an even number of values the upper one of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
