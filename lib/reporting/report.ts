import type { Figure } from "../charts/figure.ts";
import type { ComparisonRow } from "./comparison_table.ts";
import type { TextTable } from "./table_cells.ts";

/** What a run found, beside what the report that it reproduces says. */
export interface Report {
  readonly title: string;
  /** The command line that makes it again. */
  readonly command: string;
  readonly rows: readonly ComparisonRow[];
  /** What the report claims, and whether it held. */
  readonly claims?: readonly Claim[];
  /** Further tables, each under its title. */
  readonly tables?: readonly ReportTable[];
  readonly figures: readonly Figure[];
  /** Where the run does otherwise than the report, in their order, as Markdown. */
  readonly deviations: readonly string[];
  /** Paragraphs at the end, as Markdown. */
  readonly notes: readonly string[];
}

/** A claim of the report. */
export interface Claim {
  readonly claim: string;
  readonly verdict: "held" | "did not hold" | "could not be tested";
  /** The numbers that say so. */
  readonly measured: string;
}

/** A table of texts. */
export interface ReportTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
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
    rows: claims.map(({ claim, verdict, measured }) => [
      ...[claim, verdict, measured],
    ]),
    aligns: ["left", "left", "left"],
  };
}
