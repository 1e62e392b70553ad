const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** How large a file is, as people say it: `5 bytes`, `12 kB`, `1.4 MB`. */
export function formatSize(bytes: number): string {
  const thousands = Math.floor(Math.log10(Math.max(bytes, 1)) / 3);
  const step = Math.min(thousands, UNITS.length - 1);
  const format = new Intl.NumberFormat("en", {
    style: "unit",
    unit: UNITS[step] ?? "byte",
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: step < 2 ? 0 : 1,
  });
  return format.format(bytes / 1000 ** step);
}
