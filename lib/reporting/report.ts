import type { Figure } from "../charts/figure.ts";
import type { ImageDataset } from "../data/image_dataset.ts";
import type { DatasetName } from "../data/load_dataset.ts";
import type { TextTable } from "./text_table.ts";

/** What a run found, beside what the report that it reproduces says. */
export interface Report {
  /** The heading. */
  readonly title: string;
  /** The command line that makes it again. */
  readonly command: string;
  /** The table of what is compared. */
  readonly rows: readonly ComparisonRow[];
  /** What the report claims, and whether it held. */
  readonly claims?: readonly Claim[];
  /** Further tables, each under its title. */
  readonly tables?: readonly ReportTable[];
  /** Each is shown in the report and kept as a file. */
  readonly figures: readonly Figure[];
  /** Where the run does otherwise than the report, as Markdown. */
  readonly deviations: readonly string[];
  /** Paragraphs at the end, as Markdown. */
  readonly notes: readonly string[];
}

/** One row: a quantity as the report has it beside ours. */
export interface ComparisonRow {
  /** What is compared. */
  readonly quantity: string;
  /** The report's value. */
  readonly reported: string;
  /** The run's value. */
  readonly ours: string;
  /** Ours less the reported value; a text where that says more. */
  readonly difference: string;
}

/** A claim of the report. */
export interface Claim {
  /** What the report says, in a sentence. */
  readonly claim: string;
  /** What the run says to it. */
  readonly verdict: "held" | "did not hold" | "could not be tested";
  /** The numbers that say so. */
  readonly measured: string;
}

/** A table of texts. */
export interface ReportTable {
  /** The heading above the table. */
  readonly title: string;
  /** The columns' names. */
  readonly columns: readonly string[];
  /** One text per column. */
  readonly rows: readonly (readonly string[])[];
}

/**
 * The table `quantity | reported | ours | difference` as texts.
 *
 * @param rows the cells' texts
 * @returns the table, its numbers aligned to the right
 *
 * @example
 * ```ts
 * import { comparisonCells } from "#lib/reporting/report.ts";
 * import { textTable } from "alphalab/reporting";
 *
 * console.log(textTable(comparisonCells([
 *   { quantity: "loss", reported: "0.90", ours: "0.91", difference: "+0.01" },
 * ])));
 * ```
 */
export function comparisonCells(rows: readonly ComparisonRow[]): TextTable {
  return {
    columns: ["quantity", "reported", "ours", "difference"],
    rows: rows.map((row) => [
      row.quantity,
      row.reported,
      row.ours,
      row.difference,
    ]),
    aligns: ["left", "right", "right", "right"],
  };
}

/**
 * The table `claim | verdict | measured` as texts.
 *
 * @param claims what the report claims
 * @returns the table, aligned to the left
 */
export function claimCells(claims: readonly Claim[]): TextTable {
  return {
    columns: ["claim", "verdict", "measured"],
    rows: claims.map((
      { claim, verdict, measured },
    ) => [claim, verdict, measured]),
    aligns: ["left", "left", "left"],
  };
}

/**
 * Rows of a comparison, without differences where ours are of other data than
 * the report's.
 *
 * @param rows of the comparison
 * @param dataset what ours are of
 * @param reported what the report's are of
 * @returns the rows, `difference` empty where there is none to give
 */
export function besideReported(
  rows: readonly ComparisonRow[],
  dataset: Pick<ImageDataset, "name">,
  reported: DatasetName,
): ComparisonRow[] {
  return dataset.name === reported
    ? [...rows]
    : rows.map((row) => ({ ...row, difference: "" }));
}

/**
 * Of which seeds a report's numbers are.
 *
 * @param config the values of `--seed` and `--seeds`
 * @returns such as `seed 0`, to go on or to begin a sentence with
 */
export function seedsText(
  { seed, seeds }: { readonly seed: number; readonly seeds: number },
): string {
  return seeds === 1
    ? `seed ${seed}`
    : `mean ± standard deviation over ${seeds} seeds; the figures are seed ${seed}'s`;
}

/**
 * What a report must say of its data.
 *
 * @param dataset what ours is
 * @param reported what the report's is
 * @returns a paragraph each: that ours is another, and the data set's remarks
 */
export function datasetNotes(
  { name, remarks }: Pick<ImageDataset, "name" | "remarks">,
  reported: DatasetName,
): string[] {
  return [
    ...name === reported ? [] : [
      `The reported numbers are ${reported}'s, ours ${name}'s: there is no difference to give, and the claims are put to ours unless they say what they need.`,
    ],
    ...remarks.map((remark) => `${remark}.`),
  ];
}
