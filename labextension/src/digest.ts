import type { ICell } from './protocol';

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) {
    n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  }
  return n;
});

/**
 * The digest of a document: CRC-32 over the UTF-8 bytes of its cells, in order.
 *
 * #### Notes
 * `TextEncoder` writes an unpaired surrogate as U+FFFD, as the protocol asks.
 */
export function digest(cells: readonly ICell[]): string {
  const encoder = new TextEncoder();
  let crc = 0xffffffff;
  for (const { id, cell_type, source } of cells) {
    for (const byte of encoder.encode(`${id}\x1f${cell_type}\x1f${source}\x1e`)) {
      crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
    }
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}
