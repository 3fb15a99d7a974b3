/// Amounts as the topology file has them: a number of bytes, or a whole number with B, KB, MB, GB (of 1000), KiB, MiB, GiB (of 1024). Pure.
const FACTORS = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 };

/// Bytes, also of a rate (`20MB/s`); undefined if the text is none.
export function readAmount(text) {
  const found = /^\s*(\d+)\s*([kmg]?i?b)?\s*(?:\/s)?\s*$/i.exec(text);
  const factor = FACTORS[(found?.[2] ?? "b").toLowerCase()];
  return found && factor ? Number(found[1]) * factor : undefined;
}
