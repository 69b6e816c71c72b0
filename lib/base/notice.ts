import { unlessClosed } from "./unless_closed.ts";

const shown = new Set<() => void>();

/**
 * Says how to clear what is redrawn in the terminal's last lines, so that a
 * notice can take its place.
 *
 * @param clear called before each notice; what it cleared may be drawn again
 * @returns ends that; `using` does
 */
export function clearBeforeNotices(clear: () => void): Disposable {
  shown.add(clear);
  return { [Symbol.dispose]: () => void shown.delete(clear) };
}

/**
 * Prints a line on stderr in between, above a progress bar or a chart.
 *
 * @param text the line
 */
export function printNotice(text: string): void {
  for (const clear of shown) clear();
  unlessClosed(() => console.error(text));
}
