/**
 * Writes all bytes at the file's position: one `writeSync` may write only a
 * part of them, which it does just before a disk is full.
 *
 * @param file open for writing
 * @param bytes any length, 0 too
 * @throws what `writeSync` throws; Error when the system takes no byte at all
 */
export function writeFully(file: Deno.FsFile, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    const written = file.writeSync(bytes.subarray(done));
    if (written === 0) throw new Error("the system wrote 0 bytes");
    done += written;
  }
}
