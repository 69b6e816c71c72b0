// deno-lint-ignore no-control-regex -- escape codes are what is read
const TOKEN = /\x1b(\[([\d;]*)[A-Za-z]|.)|[^]/gu;

/**
 * What is to be seen on a terminal after some output: its lines without
 * trailing spaces and without the empty ones at the end.
 *
 * It knows what charts and progress bars write: line ends, moves up and to a
 * column, clearing, and the saved cursor; colours change nothing, and lines
 * neither wrap nor scroll.
 *
 * @throws {Error} for any other escape code, and a move up beyond the first
 *   line
 */
export function screenOf(output: string): string[] {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  let saved = [0, 0];
  for (
    const [token, code, count] of output.matchAll(TOKEN)
  ) {
    const line = lines[row]!;
    if (code === undefined && token === "\r") column = 0;
    else if (code === undefined && token === "\n") {
      row++;
      column = 0; // script's output has \r\n, which is the same
      lines[row] ??= [];
    } else if (code === undefined) line[column++] = token;
    else if (code === "7") saved = [row, column];
    else if (code === "8") [row, column] = saved as [number, number];
    else if (code.endsWith("G")) column = Number(count) - 1;
    else if (code.endsWith("A")) row -= Number(count);
    else if (code === "[0K") line.length = Math.min(line.length, column);
    else if (code === "[2K") line.length = 0;
    else if (code === "[0J") {
      line.length = Math.min(line.length, column);
      lines.length = row + 1;
    } else if (!code.endsWith("m")) throw new Error(`Unknown code ${code}`);
    if (row < 0) throw new Error("The cursor left the screen");
  }
  const texts = lines.map((line) =>
    Array.from(line, (text) => text ?? " ").join("").trimEnd()
  );
  return texts.slice(0, texts.findLastIndex((text) => text !== "") + 1);
}
