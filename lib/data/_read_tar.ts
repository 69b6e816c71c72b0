import { extract } from "tar-stream";

/**
 * Reads a tar archive (POSIX ustar or GNU) that holds one folder with files
 * right in it. They are read into memory: no path of the archive ever becomes
 * one of the disk. What macOS adds to archives (`.DS_Store`, `._name`,
 * `__MACOSX/`) is passed over.
 *
 * @param bytes a whole archive, unpacked from gzip
 * @param folder the folder's name, without a slash
 * @param file the archive's name for errors
 * @returns the files' content by their names in the folder
 * @throws {Error} when the archive is truncated or damaged, has a file twice,
 * or anything but files in the folder: another path, a link, a folder in it
 */
export async function readTar(
  bytes: Uint8Array,
  folder: string,
  file: string,
): Promise<Map<string, Uint8Array>> {
  const fail = (expected: string, actual: string, cause?: unknown) =>
    new Error(`Cannot unpack ${file}: ${expected}: got ${actual}`, { cause });
  let entries;
  try {
    entries = await readEntries(bytes);
  } catch (error) {
    const { message } = error as Error;
    throw fail("tar data must be whole and undamaged", message, error);
  }
  const files = new Map<string, Uint8Array>();
  for (const { path, type, content } of entries) {
    if (isOfMacOs(path)) continue;
    const name = path.startsWith(`${folder}/`)
      ? path.slice(folder.length + 1)
      : null;
    // The folder itself, and the one that it was packed in.
    if (type === "directory" && (name === "" || path === "")) continue;
    if (type !== "file" || name === null || !isFileName(name)) {
      throw fail(
        `it must hold nothing but files right in ${folder}/`,
        `the ${type} ${JSON.stringify(path)}`,
      );
    }
    if (files.has(name)) throw fail(`it must hold ${path} once`, "it twice");
    files.set(name, content);
  }
  return files;
}

function isOfMacOs(path: string): boolean {
  return /^__MACOSX\/|(^|\/)(\.DS_Store|\._[^/]*)$/.test(path);
}

/** Whether it is one name, and not one that would lead elsewhere. */
function isFileName(name: string): boolean {
  return /^[^/\p{Cc}]+$/u.test(name) && name !== "." && name !== "..";
}

async function readEntries(bytes: Uint8Array) {
  const archive = extract();
  archive.end(bytes);
  const entries = [];
  for await (const entry of archive) {
    const { name, type } = entry.header;
    const path = name.replace(/^(\.\/)+/, ""); // `tar -c ./folder`
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    entries.push({ path, type, content: joinChunks(chunks) });
  }
  return entries;
}

/** Joins a file's pieces; a single piece is not copied. */
function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const joined = new Uint8Array(
    chunks.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
