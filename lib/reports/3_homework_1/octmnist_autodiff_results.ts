import { textTable } from "../../reporting/text_table.ts";
import type { ComparisonRow, ReportTable } from "../../reporting/report.ts";
import {
  formatDuration,
  formatFixed,
  formatSigned,
} from "../../base/format.ts";
import { type Figure, lineFigure } from "../../charts/figure.ts";
import {
  AUTODIFF_REPORTED,
  AUTODIFF_SECONDS,
  AUTODIFF_TABLES,
  type AutodiffTable,
} from "./reported.ts";

/** A net of section 2. */
export interface AutodiffNet {
  readonly name: string;
  /** The rows of the tables that show it; `setting` is the first cell. */
  readonly places: readonly {
    readonly table: AutodiffTable;
    readonly setting: string;
  }[];
}

type Row = Readonly<Record<string, string>>;

/** Rows of metrics.csv by the net's name, one per epoch. */
export type AutodiffResults = ReadonlyMap<string, readonly Row[]>;

/**
 * The rows of metrics.csv by net.
 *
 * @param rows as the file has them
 * @param nets of the run, and how many epochs each was to be trained
 * @returns each net's epochs; those of one that diverged end with NaN
 * @throws {Error} if rows are missing
 */
export function autodiffResults(
  rows: readonly Row[],
  nets: readonly { readonly name: string; readonly epochs: number }[],
): AutodiffResults {
  const results = Map.groupBy(rows, ({ net }) => net!);
  for (const { name, epochs } of nets) {
    const own = results.get(name) ?? [];
    if (own.length !== epochs && own.at(-1)?.train_loss !== "NaN") {
      throw new Error(
        `Cannot report ${name}: metrics.csv must have its ${epochs} epochs: got ${own.length}`,
      );
    }
  }
  return results;
}

/** Columns of metrics.csv that the report's tables show. */
const MEASURES = [
  "train_loss",
  "validation_accuracy",
  "test_accuracy",
] as const;

/** One of them. */
export type AutodiffMeasure = typeof MEASURES[number];

/** A row of one of the tables. */
export interface AutodiffRow {
  readonly net: string;
  readonly setting: string;
  /** By `MEASURES`; none where the report does not have the row. */
  readonly reported: readonly number[] | null;
}

/**
 * The rows of a table that a run's nets fill, the report's first, in its order.
 */
export function autodiffRows(
  nets: readonly AutodiffNet[],
  table: AutodiffTable,
): AutodiffRow[] {
  const { rows } = AUTODIFF_REPORTED[table];
  const filled = nets.flatMap(({ name, places }) =>
    places.filter((place) => place.table === table)
      .map(({ setting }) => ({ net: name, setting }))
  );
  return [
    ...rows.flatMap(([setting, ...reported]) =>
      filled.filter((row) => row.setting === setting)
        .map((row) => ({ ...row, reported }))
    ),
    ...filled.filter(({ setting }) => !rows.some(([own]) => own === setting))
      .map((row) => ({ ...row, reported: null })),
  ];
}

/** A net's last value; NaN where it diverged. */
export function lastValue(
  results: AutodiffResults,
  net: string,
  measure: AutodiffMeasure,
): number {
  return Number(results.get(net)!.at(-1)![measure]);
}

const fixed = (value: number) => formatFixed(value, 4);

/** A value of ours for the reader. */
export function ourValue(value: number, format = fixed): string {
  return Number.isNaN(value) ? "diverged" : format(value);
}

/**
 * The test accuracies of tables 4 to 7 beside ours.
 *
 * @param nets of a run
 * @param results of all of them
 * @returns a row for each that the report has
 */
export function autodiffComparison(
  nets: readonly AutodiffNet[],
  results: AutodiffResults,
): ComparisonRow[] {
  return AUTODIFF_TABLES.flatMap((table) =>
    autodiffRows(nets, table).flatMap(({ net, setting, reported }) => {
      if (reported === null) return [];
      const { varied } = AUTODIFF_REPORTED[table];
      const what = varied === "method" ? setting : `${varied} ${setting}`;
      const accuracy = reported[MEASURES.indexOf("test_accuracy")]!;
      const value = lastValue(results, net, "test_accuracy");
      return [{
        quantity: `test accuracy, ${what} (table ${table})`,
        reported: fixed(accuracy),
        ours: ourValue(value),
        difference: Number.isNaN(value)
          ? ""
          : formatSigned(value - accuracy, 4),
      }];
    })
  );
}

/**
 * Tables 4 to 7, each number as reported with ours beside it.
 *
 * @param nets of a run
 * @param results of all of them
 * @returns the tables that have nets
 */
export function autodiffTables(
  nets: readonly AutodiffNet[],
  results: AutodiffResults,
): ReportTable[] {
  return AUTODIFF_TABLES.map((table) => ({
    title: AUTODIFF_REPORTED[table].title,
    columns: [
      AUTODIFF_REPORTED[table].varied,
      ...["training loss", "validation accuracy", "test accuracy"]
        .flatMap((name) => [name, "ours"]),
    ],
    rows: autodiffRows(nets, table).map(({ net, setting, reported }) => [
      setting,
      ...MEASURES.flatMap((measure, i) => [
        reported === null ? "" : fixed(reported[i]!),
        ourValue(lastValue(results, net, measure)),
      ]),
    ]),
  })).filter(({ rows }) => rows.length > 0);
}

/**
 * Table 5's times beside ours, which no two runs share.
 *
 * @param nets of a run
 * @param seconds that each net took
 * @returns the table as text; "" where the run has none of its nets
 */
export function autodiffTimes(
  nets: readonly AutodiffNet[],
  seconds: ReadonlyMap<string, number>,
): string {
  const rows = autodiffRows(nets, "5").map(({ net, setting }) => [
    setting,
    formatDuration(AUTODIFF_SECONDS[setting]!),
    formatDuration(seconds.get(net) ?? NaN),
  ]);
  const table = textTable({ columns: ["batch", "reported", "ours"], rows });
  return rows.length === 0
    ? ""
    : `\nTable 5: time to train and evaluate\n${table}`;
}

/** The report's figure that shows a table's row. */
const FIGURES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  4: { 0.1: 6, 0.01: 6, 0.001: 6 },
  5: { 16: 8, 1024: 8 },
  6: { 1: 9, 0.1: 9 },
  7: { none: 10, dropout: 10 },
};

function numbersOf({ places }: AutodiffNet): number[] {
  return places.flatMap(({ table, setting }) => FIGURES[table]![setting] ?? []);
}

/** The file of a net's curves; undefined where none of the figures shows it. */
export function autodiffFigureFile(net: AutodiffNet): string | undefined {
  return numbersOf(net).length > 0 ? `curves-${net.name}.svg` : undefined;
}

/**
 * Figures 6 and 8 to 10 of report 3: loss and accuracy over the epochs, a
 * figure per net.
 *
 * @param nets of a run
 * @param results of all of them
 * @returns a figure for each net that the report shows
 */
export function autodiffFigures(
  nets: readonly AutodiffNet[],
  results: AutodiffResults,
): Figure[] {
  return nets.flatMap((net) => {
    const file = autodiffFigureFile(net);
    if (file === undefined) return [];
    const numbers = numbersOf(net);
    const rows = results.get(net.name)!;
    const series = (name: string, column: string) => ({
      name,
      values: rows.map((row) => Number(row[column])),
    });
    const what = numbers.length > 1 ? "Figures" : "Figure";
    return [lineFigure(file, {
      title: `${what} ${numbers.join(" and ")}: ${net.name}`,
      xLabel: "epoch",
      yLabel: "loss; accuracy, 0 to 1",
      series: [
        series("training loss", "train_loss"),
        series("validation loss", "validation_loss"),
        series("training accuracy", "train_accuracy"),
        series("validation accuracy", "validation_accuracy"),
      ],
    })];
  });
}

/**
 * The last epoch of each net, for `--json`.
 *
 * @param seconds what each net took, by its name
 */
export function autodiffNumbers(
  nets: readonly AutodiffNet[],
  results: AutodiffResults,
  seconds: ReadonlyMap<string, number>,
): Record<string, unknown>[] {
  return nets.map(({ name }) => {
    const row = results.get(name)!.at(-1)!;
    return {
      net: name,
      diverged: row.train_loss === "NaN",
      epoch: Number(row.epoch),
      trainLoss: Number(row.train_loss),
      validationAccuracy: Number(row.validation_accuracy),
      testAccuracy: Number(row.test_accuracy),
      seconds: seconds.get(name) ?? 0,
    };
  });
}
