/**
 * Tables, comparisons and report.md with report.html.
 *
 * @module
 */
export { formatPercent } from "../base/format.ts";
export { mean, standardDeviation } from "../base/statistics.ts";
export { confusionMatrix } from "./confusion_matrix.ts";
export type { Claim, ComparisonRow, Report, ReportTable } from "./report.ts";
export { type Align, type TextTable, textTable } from "./text_table.ts";
export { writeReport } from "./write_report.ts";
