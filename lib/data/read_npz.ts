import {
  type Entry,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
} from "@zip.js/zip.js";
import { type NpyArray, parseNpy } from "./read_npy.ts";

/** Names in an error; MedMNIST's files hold six. */
const MOST_NAMES = 10;

/**
 * Reads arrays from numpy's NPZ format: a zip archive of NPY files, stored or
 * deflated, as `numpy.savez` and `numpy.savez_compressed` write it, or packed
 * anew with the folder that they lay in.
 *
 * @param bytes a whole NPZ file
 * @param names which arrays to read, without `.npy`; others are not looked at
 * @param file the file's name for errors
 * @returns the arrays by their names
 * @throws {Error} when the archive is truncated, damaged or encrypted, or lacks
 * one of the arrays
 * @throws {SyntaxError} when {@linkcode parseNpy} cannot read one of them
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseNpz } from "#lib/data/read_npz.ts";
 *
 * const path = "tests/lib/data/golden/stored.npz";
 * const { pixels } = await parseNpz(Deno.readFileSync(path), ["pixels"], path);
 * assert.deepEqual(pixels.shape, [2, 3]);
 * ```
 */
export async function parseNpz<Name extends string>(
  bytes: Uint8Array,
  names: readonly Name[],
  file: string,
): Promise<Record<Name, NpyArray>> {
  const archive = new ZipReader(new Uint8ArrayReader(bytes), {
    checkSignature: true, // that is its CRC-32
    useWebWorkers: false, // they keep the process alive for 5 s
  });
  const entries = await unzip(file, () => archive.getEntries());
  const arrays: Partial<Record<Name, NpyArray>> = {};
  for (const name of names) {
    const member = `${name}.npy`;
    const entry = findEntry(entries, member);
    if (entry === undefined || entry.directory) {
      const found = entries.slice(0, MOST_NAMES).map(({ filename }) => filename)
        .concat(entries.length > MOST_NAMES ? `${entries.length} in all` : [])
        .join(", ");
      throw new Error(
        `Cannot read ${file}: it must hold ${member}: got ${
          found || "an empty archive"
        }`,
      );
    }
    const content = await unzip(
      `${member} of ${file}`,
      () => entry.getData(new Uint8ArrayWriter()),
    );
    arrays[name] = parseNpy(content, `${member} of ${file}`);
  }
  return arrays as Record<Name, NpyArray>;
}

/** The entry of that name, or the only one in a folder. */
function findEntry(entries: readonly Entry[], member: string) {
  const right = entries.find(({ filename }) => filename === member);
  if (right !== undefined) return right;
  const below = entries.filter(({ filename }) =>
    filename.endsWith(`/${member}`)
  );
  return below.length === 1 ? below[0] : undefined;
}

async function unzip<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new Error(
      `Cannot unpack ${name}: zip data must be whole and undamaged: got ${
        (error as Error).message
      }`,
      { cause: error },
    );
  }
}
