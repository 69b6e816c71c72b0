import { minusSigns } from "../../../base/format.ts";
import { type Cell, cellLine, fitted } from "../../../charts/text_cells.ts";
import type { Figure, FigureTextOptions } from "../../../charts/figure.ts";
import { columnTicks, rowAxis } from "../../../charts/text_axis.ts";
import {
  plotColumns,
  textChart,
  textLegend,
} from "../../../charts/text_chart.ts";
import { PALETTE, vegaSvg } from "../../../charts/vega_svg.ts";
import type { FunctionCheck } from "./check_function.ts";
import {
  functionName,
  inputVector,
  type IntervalFunction,
  intervalValue,
} from "./interval_function.ts";
import {
  netOutput,
  preActivation,
  sign,
  signNet,
  type Unit,
} from "./interval_net.ts";

/** What a figure of the plane of two inputs shows. */
export interface PlaneFigureSpec {
  readonly title: string;
  /** Of two inputs; its values are the points' classes. */
  readonly f: IntervalFunction;
  /** Units over two inputs, each drawn as the line where it is 0. */
  readonly lines: readonly { readonly name: string; readonly unit: Unit }[];
  /** The class that x, any point of the plane, is given. */
  readonly classify: (x: Float64Array) => number;
}

/** Both axes reach from −2 to 2, beyond each hyperplane of such a net. */
const REACH = 2;

/** 4 rows and 8 columns a unit: a terminal's cell is twice as high as wide. */
const ROWS = 17;
const COLUMNS = 33;

/** Pixels of the picture's plot. */
const SIZE = 300;

const LEGEND = [
  { symbol: "●", text: "f = +1" },
  { symbol: "○", text: "f = −1" },
  { symbol: "·", text: "output +1" },
];

const PERCEPTRON_FIGURE = "perceptron.svg";
const netFigure = (index: number) => `net-${index + 1}.svg`;

/**
 * The files of {@link booleanFigures}.
 *
 * @param count functions
 */
export function booleanFigureFiles(count: number): string[] {
  return [
    PERCEPTRON_FIGURE,
    ...Array.from({ length: count }, (_, i) => netFigure(i)),
  ];
}

/**
 * Figures 11 and 12 in one, of the first function, which the report's other one
 * equals; and figure 13 of each.
 *
 * @param checks functions of two inputs, with their perceptrons
 * @returns the figures
 */
export function booleanFigures(checks: readonly FunctionCheck[]): Figure[] {
  const [{ f, perceptron }] = checks as [FunctionCheck];
  const { best, wrong } = perceptron!;
  return [
    planeFigure(PERCEPTRON_FIGURE, {
      title: `${
        functionName(f)
      }: a perceptron, ${wrong} of 4 wrong (figures 11, 12)`,
      f,
      lines: [{ name: "z", unit: best }],
      classify: (x) => sign(preActivation(best, x)),
    }),
    ...checks.map(({ f }, index) => {
      const net = signNet(f);
      return planeFigure(netFigure(index), {
        title: `${functionName(f)}: the net's two lines (figure 13)`,
        f,
        lines: net.hidden.map((unit, i) => ({ name: `z${"₁₂"[i]}`, unit })),
        classify: (x) => netOutput(net, x),
      });
    }),
  ];
}

/**
 * The four inputs of a function of two, the lines of some units, and where in
 * the plane the output is +1 (as figures 11 to 13 of report 3).
 *
 * @param file its SVG file's name
 * @param spec what it shows
 * @returns the figure
 */
export function planeFigure(file: string, spec: PlaneFigureSpec): Figure {
  return {
    file,
    title: spec.title,
    text: (options) => planeText(spec, options),
    picture: () => planeSvg(spec),
  };
}

function planeText(
  { title, f, lines, classify }: PlaneFigureSpec,
  { width, color }: FigureTextOptions,
): string {
  const x1Of = (column: number) => -REACH + 2 * REACH * column / (COLUMNS - 1);
  const x2Of = (row: number) => REACH - 2 * REACH * row / (ROWS - 1);
  const columnOf = (x1: number) =>
    Math.round((x1 + REACH) / (2 * REACH) * (COLUMNS - 1));
  const rowOf = (x2: number) =>
    Math.round((REACH - x2) / (2 * REACH) * (ROWS - 1));
  const grid: Cell[][] = Array.from(
    { length: ROWS },
    (_, row) =>
      Array.from({ length: COLUMNS }, (_, column) => ({
        text: column % 2 === 0 &&
            classify(Float64Array.of(x1Of(column), x2Of(row))) === 1
          ? "·"
          : " ",
      })),
  );
  const draw = (row: number, column: number, cell: Cell) => {
    if (grid[row]?.[column] !== undefined) grid[row]![column] = cell;
  };
  lines.forEach(({ unit: { weights, bias } }, series) => {
    const [w1, w2] = weights as unknown as [number, number];
    const cell = { text: strokeOf(w1, w2), series };
    if (w1 === 0 && w2 === 0) return; // no line
    if (Math.abs(w1) >= Math.abs(w2)) {
      for (let row = 0; row < ROWS; row++) {
        draw(row, columnOf(-(bias + w2 * x2Of(row)) / w1), cell);
      }
    } else {
      for (let column = 0; column < COLUMNS; column++) {
        draw(rowOf(-(bias + w1 * x1Of(column)) / w2), column, cell);
      }
    }
  });
  for (const { x1, x2, value } of pointsOf(f)) {
    draw(rowOf(x2), columnOf(x1), { text: value === 1 ? "●" : "○" });
  }
  const axis = rowAxis(-REACH, REACH, ROWS);
  const chart = textChart({
    title: "",
    xLabel: "x₁",
    yLabel: "x₂",
    legend: [],
    axis,
    ticks: columnTicks(-REACH, REACH, COLUMNS),
    grid,
    color,
    width: COLUMNS + 100 - plotColumns(axis, 100), // the axis and its labels
  });
  const legend = textLegend([
    ...lines.map(({ name, unit }, series) => ({
      symbol: strokeOf(unit.weights[0]!, unit.weights[1]!),
      text: `${name}: ${equationOf(unit)}`,
      series,
    })),
    ...LEGEND,
  ], width);
  return [
    fitted(title, width),
    ...legend.map((cells) => cellLine(cells, color)),
    ...chart.split("\n").slice(1), // its title
  ].join("\n");
}

/** `x₁ + x₂ = −1`, the line where a unit is 0, with no minus in front. */
function equationOf({ weights, bias }: Unit): string {
  const turn = weights.find((weight) => weight !== 0)! < 0 ? -1 : 1;
  const terms = [...weights].map((weight, i) => {
    const size = Math.abs(weight) === 1 ? "" : Math.abs(weight);
    const sign = turn * weight < 0 ? "− " : "+ ";
    return weight === 0 ? "" : `${sign}${size}x${"₁₂"[i]}`;
  });
  const left = terms.filter((term) => term !== "").join(" ").slice(2);
  const right = minusSigns(String(-turn * bias + 0)); // + 0: no −0
  return left === "" ? "no line, its weights are 0" : `${left} = ${right}`;
}

function strokeOf(w1: number, w2: number): string {
  if (Math.abs(w1) < 0.3 * Math.abs(w2)) return "─";
  if (Math.abs(w2) < 0.3 * Math.abs(w1)) return "│";
  return w1 * w2 > 0 ? "╲" : w1 * w2 < 0 ? "╱" : "∅";
}

function pointsOf(f: IntervalFunction) {
  return [0b00, 0b01, 0b10, 0b11].map((input) => {
    const [x1, x2] = inputVector(input, 2) as unknown as [number, number];
    return { x1, x2, value: intervalValue(f, input) };
  });
}

/** Where a unit's line enters and leaves the plot; none if it does not pass. */
function endsOf({ weights, bias }: Unit): { x1: number; x2: number }[] {
  const [w1, w2] = weights as unknown as [number, number];
  const ends = [-REACH, REACH].flatMap((edge) => [
    { x1: edge, x2: -(bias + w1 * edge) / w2 },
    { x1: -(bias + w2 * edge) / w1, x2: edge },
  ]).filter(({ x1, x2 }) => Math.abs(x1) <= REACH && Math.abs(x2) <= REACH);
  return ends.sort((a, b) => a.x1 - b.x1 || a.x2 - b.x2);
}

async function planeSvg(
  { title, f, lines }: PlaneFigureSpec,
): Promise<string> {
  const axis = (field: string, title: string) => ({
    field,
    title,
    type: "quantitative" as const,
    scale: { domain: [-REACH, REACH], nice: false },
    axis: { values: [-2, -1, 0, 1, 2] },
  });
  const position = { x: axis("x1", "x₁"), y: axis("x2", "x₂") };
  const classes = ["f = +1", "f = −1"];
  const nameOf = ({ name, unit }: typeof lines[number]) =>
    `${name}: ${equationOf(unit)}`;
  const names = lines.map(nameOf);
  return await vegaSvg({
    title,
    width: SIZE,
    height: SIZE,
    background: "white",
    layer: [{
      data: {
        values: lines.flatMap((line) =>
          endsOf(line.unit).map((end) => ({ ...end, line: nameOf(line) }))
        ),
      },
      mark: { type: "line", strokeWidth: 2 },
      encoding: {
        ...position,
        color: {
          field: "line",
          type: "nominal",
          title: null,
          scale: {
            domain: names,
            range: names.map((_, i) => PALETTE[i % PALETTE.length]!),
          },
        },
      },
    }, {
      data: {
        values: pointsOf(f).map(({ x1, x2, value }) => ({
          x1,
          x2,
          class: classes[value === 1 ? 0 : 1],
        })),
      },
      mark: { type: "point", size: 120, stroke: "black", opacity: 1 },
      encoding: {
        ...position,
        fill: {
          field: "class",
          type: "nominal",
          title: null,
          scale: { domain: classes, range: ["black", "white"] },
        },
      },
    }],
    config: { legend: { labelLimit: 0 } },
  });
}
