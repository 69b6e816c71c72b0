import { flagName } from "../base/flag_name.ts";
import { textColumns } from "../base/terminal.ts";

/**
 * A configuration as the flags that would give it, for the reader.
 *
 * @param config fields in camelCase; what is false, null or empty is left
 *   out
 * @param width columns to stay within; the terminal's where left out
 * @returns lines, joined by newlines, each indented by two
 *
 * @example
 * ```ts
 * import { describeConfig } from "alphalab";
 *
 * console.log(describeConfig({ batchSize: 100, lambda: [0.1, 0.5] }));
 * //   --batch-size 100 --lambda 0.1,0.5
 * ```
 */
export function describeConfig(
  config: Readonly<Record<string, unknown>>,
  width = textColumns(),
): string {
  const lines: string[] = [];
  for (const [field, value] of Object.entries(config)) {
    if (value === false || value === null || String(value) === "") continue;
    const name = flagName(field);
    const flag = value === true ? ` --${name}` : ` --${name} ${quote(value)}`;
    const last = lines.at(-1);
    if (last === undefined || last.length + flag.length > width) {
      lines.push(` ${flag}`);
    } else lines[lines.length - 1] = last + flag;
  }
  return lines.join("\n");
}

/** A value as a shell takes it for one word. */
function quote(value: unknown): string {
  const text = String(value);
  return /^[\p{L}\p{N}_./,:=@%+-]+$/u.test(text)
    ? text
    : `'${text.replaceAll("'", "'\\''")}'`;
}
