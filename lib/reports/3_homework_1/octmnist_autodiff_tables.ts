import type { ComparisonRow, ReportTable } from "../../reporting/report.ts";
import {
  formatDuration,
  formatFixed,
  formatSigned,
} from "../../base/format.ts";

/** The tables of report 3's section 2. */
export const AUTODIFF_TABLES = ["4", "5", "6", "7"] as const;

/** One of them. */
export type AutodiffTable = typeof AUTODIFF_TABLES[number];

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

/** Rows of metrics.csv by the net's name, one an epoch. */
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

interface Table {
  readonly title: string;
  /** What its rows differ in. */
  readonly varied: string;
  /** Setting, training loss, validation and test accuracy. */
  readonly rows: readonly (readonly [string, number, number, number])[];
}

/** Tables 4 to 7 of the report. */
const REPORTED: Readonly<Record<AutodiffTable, Table>> = {
  4: {
    title: "Table 4: the learning rate of the logistic regression",
    varied: "η",
    rows: [
      ["0.1", 0.9687, 0.6224, 0.5577],
      ["0.01", 0.9370, 0.6543, 0.6200],
      ["0.001", 1.0143, 0.6169, 0.6503],
    ],
  },
  5: {
    title: "Table 5: the batch size of the MLP",
    varied: "batch",
    rows: [
      ["16", 0.4809, 0.8169, 0.7524],
      ["1024", 0.8787, 0.6907, 0.7221],
    ],
  },
  6: {
    title: "Table 6: the learning rate of the MLP",
    varied: "η",
    rows: [
      ["1", 1.1714, 0.4721, 0.4726],
      ["0.1", 0.4333, 0.8246, 0.7505],
      ["0.01", 0.4855, 0.8157, 0.7694],
      ["0.001", 0.8421, 0.6922, 0.7127],
    ],
  },
  7: {
    title: "Table 7: the regularization of the MLP, λ = 0.0001, p = 0.2",
    varied: "method",
    rows: [
      ["none", 0.2164, 0.8608, 0.7675],
      ["L2", 0.2701, 0.8535, 0.7694],
      ["dropout", 0.3659, 0.8575, 0.7845],
    ],
  },
};

/** Table 5's times, seconds, by the batch size; the machine is not known. */
const REPORTED_SECONDS: Readonly<Record<string, number>> = {
  16: 159,
  1024: 15,
};

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
  const { rows } = REPORTED[table];
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
      const { varied } = REPORTED[table];
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
    title: REPORTED[table].title,
    columns: [
      REPORTED[table].varied,
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
 */
export function autodiffTimes(
  nets: readonly AutodiffNet[],
  seconds: ReadonlyMap<string, number>,
): ReportTable {
  return {
    title: "Table 5: time to train and evaluate",
    columns: ["batch", "reported", "ours"],
    rows: autodiffRows(nets, "5").map(({ net, setting }) => [
      setting,
      formatDuration(REPORTED_SECONDS[setting]!),
      formatDuration(seconds.get(net) ?? NaN),
    ]),
  };
}
