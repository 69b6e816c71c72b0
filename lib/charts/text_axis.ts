import { minusSigns } from "../base/format.ts";
import { niceSteps, tickText } from "./nice_step.ts";

/** The vertical axis of a chart made of characters. */
export interface RowAxis {
  /** Rows of the plot area. */
  readonly rows: number;
  /** Text of the tick at each row, top row first; undefined where there is none. */
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
 * Lays a vertical axis with nice ticks over a range of values.
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
  let best = { score: -1, bottom: 0, intervals: 1, rowsPerTick: 1 };
  let niceStep = niceSteps(high - low, 1)[0]!;
  for (const candidate of niceSteps((high - low) / maxRows, 4)) {
    const { step } = candidate;
    const bottom = Math.floor(low / step + 1e-9); // 0.3 / 0.1 is below 3
    const intervals = Math.max(1, Math.ceil(high / step - 1e-9) - bottom);
    const rowsPerTick = Math.floor((maxRows - 1) / intervals);
    // the rows that the values span; an axis of few ticks must win by some
    const score = (high - low) / step * rowsPerTick * (1 - 0.4 / intervals);
    if (rowsPerTick >= 2 && score > best.score) {
      best = { score, bottom, intervals, rowsPerTick };
      niceStep = candidate;
    }
  }
  const { bottom, intervals, rowsPerTick } = best;
  const rows = intervals * rowsPerTick + 1;
  return {
    rows,
    labels: Array.from({ length: rows }, (_, row) => {
      const tick = (rows - 1 - row) / rowsPerTick;
      return Number.isInteger(tick)
        ? tickText(bottom + tick, niceStep)
        : undefined;
    }),
    rowOf: (value) =>
      Math.min(
        Math.max((value / niceStep.step - bottom) * rowsPerTick, 0),
        rows - 1,
      ),
  };
}

/**
 * Ticks of a horizontal axis: both ends, and nice values between them.
 *
 * @param first x of the first column
 * @param last x of the last column
 * @param columns the number of columns, at least 1
 * @returns the ticks from left to right, their texts never closer than 2 columns
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
  const niceStep = niceSteps((last - first) / columns, 4).find(({ step }) =>
    (last - first) / step * 12 <= columns && (!whole || Number.isInteger(step))
  );
  const between: ColumnTick[] = [];
  // nearer ends have no ticks between them: k + 1 could be k
  const isApart = last - first > 1e-9 * Math.max(-first, last);
  if (niceStep !== undefined && isApart) {
    const { step } = niceStep;
    for (let k = Math.floor(first / step) + 1; k * step < last; k++) {
      const tick = {
        column: Math.round((k * step - first) / (last - first) * (columns - 1)),
        text: tickText(k, niceStep),
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
