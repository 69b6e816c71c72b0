import assert from "node:assert/strict";
import { intervalFunction } from "../../../../../lib/reports/3_homework_1/boolean/interval_function.ts";
import {
  netOutput,
  signNet,
} from "../../../../../lib/reports/3_homework_1/boolean/interval_net.ts";
import {
  planeFigure,
  type PlaneFigureSpec,
} from "../../../../../lib/reports/3_homework_1/boolean/plane_figure.ts";

const f = intervalFunction(2, -1, 1);
const unit = (w1: number, w2: number, bias: number) => ({
  weights: Float64Array.of(w1, w2),
  bias,
});
const figureOf = (spec: Partial<PlaneFigureSpec>) =>
  planeFigure("a.svg", {
    title: "The plane",
    f,
    lines: [],
    classify: () => -1,
    ...spec,
  });

/** The plot area of the text: 17 rows of 33 columns. */
function plotOf(spec: Partial<PlaneFigureSpec>): string[] {
  const lines = figureOf(spec).text({ width: 80, color: false }).split("\n");
  const rows = lines.filter((line) => /^ *(−?\d\.\d ┤| {5,}│)/.test(line));
  assert.equal(rows.length, 17);
  return rows.map((line) => line.replace(/^.*?[┤│]/, "").padEnd(33));
}

/** Where a symbol is, as x₁ and x₂: 8 columns and 4 rows per unit. */
const placesOf = (rows: string[], symbol: string) =>
  rows.flatMap((row, y) =>
    [...row].flatMap((text, x) =>
      text === symbol ? [[(x - 16) / 8, (8 - y) / 4] as const] : []
    )
  );

Deno.test("planeFigure() places the inputs with their classes", () => {
  const rows = plotOf({});
  assert.deepEqual(placesOf(rows, "●"), [[-1, 1], [1, -1]]);
  assert.deepEqual(placesOf(rows, "○"), [[1, 1], [-1, -1]]);
});

Deno.test("planeFigure() draws both lines of the net, and marks what is between them", () => {
  const net = signNet(f);
  const rows = plotOf({
    lines: net.hidden.map((unit, i) => ({ name: `z${i}`, unit })),
    classify: (x) => netOutput(net, x),
  });
  const sums = placesOf(rows, "╲").map(([x1, x2]) => x1 + x2);
  assert.deepEqual(new Set(sums), new Set([-1, 1]));
  assert.equal(sums.length, 13 + 13); // each passes 13 of 17 rows
  const marked = placesOf(rows, "·").map(([x1, x2]) => x1 + x2);
  assert.ok(marked.length > 50);
  assert.ok(marked.every((sum) => Math.abs(sum) < 1));
});

Deno.test("planeFigure() draws lines of any slope where they are 0", () => {
  const cases: readonly [number, number, number, string][] = [
    [0, 2, 1, "─"],
    [3, 0, 3, "│"],
    [2, -1, 0, "╱"],
    [1, 2, 1, "╲"],
    [-1, 2, 1, "╱"],
  ];
  for (const [w1, w2, bias, stroke] of cases) {
    const places = placesOf(
      plotOf({ lines: [{ name: "z", unit: unit(w1, w2, bias) }] }),
      stroke,
    );
    assert.ok(places.length >= 15, stroke);
    for (const [x1, x2] of places) {
      // half a cell: 1/16 in x₁, 1/8 in x₂
      const z = w1 * x1 + w2 * x2 + bias;
      assert.ok(
        Math.abs(z) <= Math.max(Math.abs(w1) / 16, Math.abs(w2) / 8),
        `${stroke} at ${x1}, ${x2}`,
      );
    }
  }
});

Deno.test("planeFigure() names each line by its equation", () => {
  const legend = (w1: number, w2: number, bias: number) =>
    figureOf({ lines: [{ name: "z", unit: unit(w1, w2, bias) }] })
      .text({ width: 80, color: false }).split("\n")[1]!.split("   ")[0];
  assert.equal(legend(1, 1, 1), "╲ z: x₁ + x₂ = −1");
  assert.equal(legend(-1, -1, 1), "╲ z: x₁ + x₂ = 1");
  assert.equal(legend(-3, 2, 0), "╱ z: 3x₁ − 2x₂ = 0");
  assert.equal(legend(0, -2, 4), "─ z: 2x₂ = 4");
  assert.equal(legend(0, 0, 1), "∅ z: no line, its weights are 0");
});

Deno.test("planeFigure() gives an SVG with the title, the lines and the points", async () => {
  const spec = {
    lines: [unit(1, 1, 1), unit(0, 0, 1), unit(1, 0, 5)].map((unit, i) => ({
      name: `z${i}`,
      unit,
    })),
  };
  const svg = await figureOf(spec).picture() as string;
  assert.equal(svg, await figureOf(spec).picture());
  assert.match(svg, /The plane/);
  for (const name of ["z0: x₁ + x₂ = −1", "f = +1", "f = −1"]) {
    assert.ok(svg.includes(name), name);
  }
  // From (−2, 1) to (1, −2) on 300 pixels for 4 units; the others do not pass.
  const lines = [...svg.matchAll(/line mark[^]*?<path[^>]* d="(M[^"]*)"/g)]
    .map(([, path]) => path);
  assert.ok(lines.includes("M0,75L225,300"), lines.join(" "));
  assert.equal(lines.filter((path) => path!.includes("L")).length, 1);
});
