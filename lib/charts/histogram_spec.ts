import { checkDistinctNames } from "./distinct_names.ts";
import { isDrawable } from "./line_chart_spec.ts";

/** One row of a grid of histograms. */
export interface HistogramRow {
  /** Its name at the left edge, no other row has it. */
  readonly name: string;
  /** `[columns]`: the values that each column's histogram counts; what is not finite is left out. */
  readonly cells: readonly (readonly number[])[];
}

/** What a grid of histograms shows, in the terminal and as SVG alike. */
export interface HistogramSpec {
  readonly title: string;
  /** What the values are, and their unit. */
  readonly xLabel: string;
  readonly rows: readonly HistogramRow[];
  /** The columns' names at the top; they differ. */
  readonly columns: readonly string[];
  /** The lower edge of the first bin and the upper one of the last; values beyond count there too. */
  readonly range: readonly [number, number];
  /** Bins of each histogram, 1 to 30, so that one fits the narrowest terminal. */
  readonly bins: number;
}

/** A grid of histograms, counted. */
export interface HistogramCounts {
  /** `[rows][columns][bins]` */
  readonly counts: readonly (readonly (readonly number[])[])[];
  /** The largest of the counts; 0 where there is none. */
  readonly most: number;
  /** What the reader must know besides; "" where there is nothing. */
  readonly note: string;
}

/**
 * Checks a grid of histograms and counts its values.
 *
 * A value on the edge of two bins counts in the upper one.
 *
 * @param spec the grid
 * @returns the counts
 * @throws {TypeError} if two rows or two columns have one name
 * @throws {RangeError} if a row has not one cell a column, the range is not finite and ascending, or there are no or too many bins
 */
export function countBins(spec: HistogramSpec): HistogramCounts {
  const { rows, columns, range: [low, high], bins } = spec;
  checkDistinctNames("rows", rows.map(({ name }) => name));
  checkDistinctNames("columns", columns);
  const odd = rows.find(({ cells }) => cells.length !== columns.length);
  if (odd !== undefined) {
    throw new RangeError(
      `Cannot draw the chart: row "${odd.name}" must have ${columns.length} cells: got ${odd.cells.length}`,
    );
  }
  if (!(low < high && Number.isFinite(high - low))) {
    throw new RangeError(
      `Cannot draw the chart: range must be finite and ascending: got ${low}, ${high}`,
    );
  }
  if (!(Number.isInteger(bins) && bins >= 1 && bins <= 30)) {
    throw new RangeError(
      `Cannot draw the chart: bins must be an integer from 1 to 30: got ${bins}`,
    );
  }
  let most = 0;
  let beyond = 0;
  const counts = rows.map(({ cells }) =>
    cells.map((values) => {
      const bars = Array<number>(bins).fill(0);
      for (const value of values.filter(isDrawable)) {
        const bin = Math.floor((value - low) / (high - low) * bins);
        const nearest = Math.min(Math.max(bin, 0), bins - 1);
        most = Math.max(most, ++bars[nearest]!);
        if (value < low || value > high) beyond++;
      }
      return bars;
    })
  );
  const note = beyond > 0 ? `values beyond, in the outer bins: ${beyond}` : "";
  return { counts, most, note: most === 0 ? "no values" : note };
}
