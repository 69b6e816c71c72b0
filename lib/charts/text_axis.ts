import { ticks, tickStep } from "d3-array";
import { minusSigns } from "../base/format.ts";

/** Plain decimals up to this many characters, an exponent beyond. */
const LONGEST_PLAIN = 9;

/** Columns per tick of a horizontal axis, at least. */
const COLUMNS_PER_TICK = 12;

/** The vertical axis of a chart made of characters. */
export interface RowAxis {
  /** Rows of the plot area. */
  readonly rows: number;
  /**
   * Text of the tick at each row, top row first; undefined where there is none.
   */
  readonly labels: readonly (string | undefined)[];
  /** The place of a value, in rows above the lowest one. */
  readonly rowOf: (value: number) => number;
}

/** One tick of a horizontal axis made of characters. */
export interface ColumnTick {
  readonly column: number;
  readonly text: string;
}

/**
 * Lays a vertical axis with nice ticks over a range of values: those of d3, as
 * Vega draws them in the SVG figures.
 *
 * Every tick falls on a row; among such axes, one on which the values span many
 * rows and that has more than two ticks.
 *
 * @param low the smallest value, finite
 * @param high the largest value, finite, not within 1e-6 of `low`
 * @param maxRows rows to stay within, at least 5
 * @returns the axis
 */
export function rowAxis(
  low: number,
  high: number,
  maxRows: number,
): RowAxis {
  let best = { score: -1, step: 1, bottom: 0, intervals: 1, rowsPerTick: 1 };
  // Half a tick asked for gives three at most, for which there is always room.
  for (let count = 0.5; count <= maxRows / 2; count = Math.floor(count + 1)) {
    // Of the extent alone: d3 asks for more ticks where none lies within.
    const step: number = tickStep(0, high - low, count);
    const bottom = Math.floor(low / step + 1e-9); // 0.3 / 0.1 is below 3
    const intervals = Math.max(1, Math.ceil(high / step - 1e-9) - bottom);
    const rowsPerTick = Math.floor((maxRows - 1) / intervals);
    // the rows that the values span; an axis of few ticks must win by some
    const score = (high - low) / step * rowsPerTick * (1 - 0.4 / intervals);
    if (rowsPerTick >= 2 && score > best.score) {
      best = { score, step, bottom, intervals, rowsPerTick };
    }
  }
  const { step, bottom, intervals, rowsPerTick } = best;
  const last = intervals * rowsPerTick;
  // As d3 has it: 3 / 10 is the nearest number to 0.3, and 3 · 0.1 is not.
  const valueOf = (tick: number) =>
    step < 1 ? (bottom + tick) / Math.round(1 / step) : (bottom + tick) * step;
  const lowest = valueOf(0);
  const extent = valueOf(intervals) - lowest;
  return {
    rows: last + 1,
    labels: Array.from({ length: last + 1 }, (_, row) => {
      const tick = (last - row) / rowsPerTick;
      return Number.isInteger(tick) ? tickText(valueOf(tick), step) : undefined;
    }),
    rowOf: (value) =>
      Math.min(Math.max((value - lowest) / extent * last, 0), last),
  };
}

/**
 * Ticks of a horizontal axis: both ends, and nice values between them.
 *
 * @param first x of the first column
 * @param last x of the last column
 * @param columns the number of columns, at least 1
 * @returns the ticks from left to right, their texts never closer than 2
 *   columns
 */
export function columnTicks(
  first: number,
  last: number,
  columns: number,
): ColumnTick[] {
  const start = { column: 0, text: endText(first) };
  if (first === last || columns === 1) return [start];
  const end = { column: columns - 1, text: endText(last) };
  const whole = Number.isInteger(first) && Number.isInteger(last);
  const step = Array.from(
    { length: Math.floor(columns / COLUMNS_PER_TICK) },
    (_, i) => i + 1,
  ).map((count): number => tickStep(first, last, count)).findLast((step) =>
    (last - first) / step * COLUMNS_PER_TICK <= columns &&
    (!whole || Number.isInteger(step))
  );
  const between: ColumnTick[] = [];
  // nearer ends have no ticks between them: a tick could be its next one
  const isApart = last - first > 1e-9 * Math.max(-first, last);
  if (step !== undefined && isApart) {
    const values: number[] = ticks(first, last, (last - first) / step);
    for (const value of values) {
      if (value === first || value === last) continue;
      const tick = {
        column: Math.round((value - first) / (last - first) * (columns - 1)),
        text: tickText(value, step),
      };
      const left = leftOf(tick, columns);
      const isFree = left >= rightOf(between.at(-1) ?? start, columns) + 2 &&
        left + tick.text.length + 2 <= leftOf(end, columns);
      if (isFree) between.push(tick);
    }
  }
  return [start, ...between, end];
}

/**
 * Where a tick's text begins: centred below the tick, inside the axis.
 *
 * @param tick the tick
 * @param columns the number of columns of the axis
 * @returns the column of the text's first character
 */
export function leftOf({ column, text }: ColumnTick, columns: number): number {
  const centred = column - Math.floor(text.length / 2);
  return Math.max(0, Math.min(centred, columns - text.length));
}

function rightOf(tick: ColumnTick, columns: number): number {
  return leftOf(tick, columns) + tick.text.length;
}

function endText(value: number): string {
  const texts = [12, 4].map((digits) => `${Number(value.toPrecision(digits))}`);
  const text = texts.find(({ length }) => length <= 12);
  return minusSigns(text ?? value.toExponential(3));
}

/**
 * The text of a tick, with the digits that tell it from its neighbours.
 *
 * @param value the tick's value
 * @param step the distance of the ticks: 1, 2 or 5 times a power of ten
 * @returns the text, such as `0.7`, `−20` or `1.5e−7`
 */
export function tickText(value: number, step: number): string {
  const lastDigit = Math.floor(Math.log10(step) + 1e-9);
  const decimals = Math.max(0, -lastDigit);
  if (decimals < LONGEST_PLAIN) {
    const plain = value.toFixed(decimals);
    if (plain.length <= LONGEST_PLAIN) return minusSigns(plain);
  }
  if (value === 0) return "0";
  const firstDigit = Math.floor(Math.log10(Math.abs(value)));
  return minusSigns(value.toExponential(Math.max(0, firstDigit - lastDigit)));
}
