/**
 * Figures as text for a terminal and as SVG for a report.
 *
 * @module
 */
export {
  type Figure,
  type FigureTextOptions,
  histogramFigure,
  lineFigure,
  scatterFigure,
} from "./figure.ts";
export type { HistogramRow, HistogramSpec } from "./histogram_chart.ts";
export type { LineChartSpec, LineSeries } from "./line_chart.ts";
export type { ScatterSeries, ScatterSpec } from "./scatter_chart.ts";
