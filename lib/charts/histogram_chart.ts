import { checkDistinctNames, isDrawable } from "./_chart_data.ts";
import { maxOf } from "../base/statistics.ts";
import { type Cell, cellLine, centred, fitted } from "./text_cells.ts";
import { columnTicks, leftOf } from "./text_axis.ts";
import { type LegendEntry, textLegend } from "./text_chart.ts";
import { PALETTE, vegaSvg } from "./vega_svg.ts";

/** One row of a grid of histograms. */
export interface HistogramRow {
  /** Its name at the left edge, no other row has it. */
  readonly name: string;
  /**
   * `[columns]`: the values that each column's histogram counts; what is not
   * finite is left out.
   */
  readonly cells: readonly (readonly number[])[];
}

/** What a grid of histograms shows, in the terminal and as SVG alike. */
export interface HistogramSpec {
  /** What the figure shows. */
  readonly title: string;
  /** What the values are, and their unit. */
  readonly xLabel: string;
  /** One histogram each, below each other. */
  readonly rows: readonly HistogramRow[];
  /** The columns' names at the top; they differ. */
  readonly columns: readonly string[];
  /**
   * The lower edge of the first bin and the upper one of the last; values
   * beyond count there too.
   */
  readonly range: readonly [number, number];
  /**
   * Bins of each histogram, 1 to 30, so that one fits the narrowest terminal.
   */
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
 * @throws {RangeError} if a row has not one cell per column, the range is not
 *   finite and ascending, or there are no or too many bins
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

/** A grid of histograms, and how it is drawn in characters. */
export interface HistogramChartOptions extends HistogramSpec {
  /** Columns of the whole chart, at least 40. */
  readonly width: number;
  /** Whether to give each column of histograms its colour. */
  readonly color: boolean;
}

/** A line in eighths. */
const BARS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/**
 * A grid of histograms for the terminal: a line per row, a character per bin,
 * and a legend that says which counts a height stands for, the same everywhere.
 *
 * Columns for which the width has no room stand below the others.
 *
 * @param options what to show, and how wide
 * @returns the lines, none wider than `width`, joined by newlines; no escape
 *   codes where `color` is false
 * @throws {TypeError} if two rows or two columns have one name
 * @throws {RangeError} for a width below 40, and for what {@linkcode countBins}
 *   refuses
 */
export function histogramChart(options: HistogramChartOptions): string {
  const { title, xLabel, rows, columns, range, bins, width, color } = options;
  if (!(width >= 40)) {
    throw new RangeError(
      `Cannot draw the chart: it must be at least 40 wide: got ${width}`,
    );
  }
  const { counts, most, note } = countBins(options);
  const barOf = (count: number) => BARS[eighths(count, most)]!;
  const names = rows.map(({ name }) => fitted(name, width - bins - 3));
  const nameWidth = maxOf([0, ...names.map((name) => name.length)]);
  const edges = bins + 2;
  const perBlock = Math.floor((width - nameWidth) / (edges + 1));
  const lines: Cell[][] = [
    [{ text: fitted(title, width) }],
    ...textLegend(legendOf(most), width),
    ...note === "" ? [] : [[{ text: fitted(note, width) }]],
  ];
  for (let from = 0; from < columns.length; from += perBlock) {
    const block = columns.slice(from, from + perBlock);
    const line = (name: string, cell: (column: number) => Cell[]): Cell[] => [
      { text: name.padStart(nameWidth) },
      ...block.flatMap((_, i) => [{ text: " " }, ...cell(from + i)]),
    ];
    const plain = (text: string) => () => [{ text }];
    lines.push(line("", (column) => [{
      text: centred(fitted(columns[column]!, edges), edges).padEnd(edges),
    }]));
    names.forEach((name, row) => {
      lines.push(line(name, (column) => [
        { text: "│" },
        { text: counts[row]![column]!.map(barOf).join(""), series: column },
        { text: "│" },
      ]));
    });
    lines.push(line("", plain(`└${"─".repeat(bins)}┘`)));
    lines.push(line("", plain(tickLine(range, edges))));
  }
  const used = Math.min(perBlock, columns.length) * (edges + 1);
  const label = fitted(xLabel, width);
  const room = Math.max(nameWidth + used, label.length);
  lines.push([{ text: centred(label, room) }]);
  return lines.map((cells) => cellLine(cells, color)).join("\n");
}

/** The texts of the ticks below one histogram, where they have room. */
function tickLine(range: readonly [number, number], columns: number): string {
  let line = "";
  for (const tick of columnTicks(...range, columns)) {
    const left = leftOf(tick, columns);
    const isFree = left > line.length || line === "";
    if (!isFree || left + tick.text.length > columns) continue;
    line = line.padEnd(left) + tick.text;
  }
  return line.padEnd(columns);
}

/** Eighths for a count: itself, where there are no more than eight counts. */
function eighths(count: number, most: number): number {
  return Math.ceil(count / Math.max(most, 8) * 8);
}

function legendOf(most: number): LegendEntry[] {
  const counts = Array.from({ length: most }, (_, i) => i + 1);
  return BARS.slice(1, most + 1).map((symbol, i) => {
    const ones = counts.filter((count) => eighths(count, most) === i + 1);
    const text = ones.length > 1 ? `${ones[0]}–${ones.at(-1)}` : `${ones[0]}`;
    return { symbol, text: ones.at(-1) === most ? `${text} values` : text };
  });
}

/** Pixels of one histogram. */
const SVG_WIDTH = 180;
const SVG_HEIGHT = 36;

/**
 * A grid of histograms as SVG, drawn by Vega-Lite, all with the same axes.
 *
 * @param spec what to show
 * @returns the SVG document, on white; the same spec gives the same bytes
 * @throws {TypeError} if two rows or two columns have one name
 * @throws {RangeError} for what {@linkcode countBins} refuses
 */
export async function histogramSvg(spec: HistogramSpec): Promise<string> {
  const { title, xLabel, rows, columns, range: [low, high], bins } = spec;
  const { counts, most, note } = countBins(spec);
  const edge = (bin: number) => low + (high - low) * bin / bins;
  // Vega fails on a grid without a cell, and on a name without a character
  const named = (names: string[]) =>
    names.length > 0 ? names.map((name) => name || " ") : [" "];
  const rowNames = named(rows.map(({ name }) => name));
  const columnNames = named([...columns]);
  const values = rowNames.flatMap((row, i) =>
    columnNames.flatMap((column, j) =>
      Array.from({ length: bins }, (_, bin) => ({
        row,
        column,
        from: edge(bin),
        to: edge(bin + 1),
        count: counts[i]?.[j]?.[bin] ?? 0,
      }))
    )
  );
  return await vegaSvg({
    title: { text: title, subtitle: note, anchor: "middle" },
    background: "white",
    data: { values },
    facet: {
      row: {
        field: "row",
        type: "nominal",
        title: null,
        sort: rowNames,
        header: { labelAngle: 0, labelAlign: "left" },
      },
      column: {
        field: "column",
        type: "nominal",
        title: null,
        sort: columnNames,
      },
    },
    spacing: { row: 8, column: 16 },
    spec: {
      width: SVG_WIDTH,
      height: SVG_HEIGHT,
      mark: { type: "bar", binSpacing: 1 },
      encoding: {
        x: {
          field: "from",
          bin: "binned",
          type: "quantitative",
          title: xLabel,
          scale: { domain: [low, high], nice: false },
          axis: { tickCount: 5, grid: false },
        },
        x2: { field: "to" },
        y: {
          field: "count",
          type: "quantitative",
          title: null,
          scale: { domain: [0, Math.max(1, most)], nice: false },
          axis: { tickCount: 2, tickMinStep: 1 },
        },
        color: {
          field: "column",
          type: "nominal",
          legend: null,
          scale: {
            domain: columnNames,
            range: columnNames.map((_, index) =>
              PALETTE[index % PALETTE.length]!
            ),
          },
        },
      },
    },
  });
}
