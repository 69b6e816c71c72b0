import type { TopLevelSpec } from "vega-lite";

/**
 * The palette of Okabe and Ito, without its yellow, which white swallows: told
 * apart by colour-blind readers too.
 */
export const PALETTE = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#000000",
];

/**
 * Lets Vega draw a Vega-Lite chart; the same spec gives the same bytes.
 *
 * @param spec the chart
 * @returns the SVG document
 */
export async function vegaSvg(spec: TopLevelSpec): Promise<string> {
  // here, because loading them takes longer than everything else at a start
  const { compile } = await import("vega-lite");
  const vega = await import("vega");
  const view = new vega.View(vega.parse(compile(spec).spec), {
    renderer: "none",
  });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
