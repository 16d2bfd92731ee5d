/** Lays rows out in columns, two spaces apart; numbers (`right`) to the right. The last column is not padded. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        if (right.includes(i)) return cell.padStart(widths[i]);
        return i === cells.length - 1 ? cell : cell.padEnd(widths[i]);
      })
      .join("  ");
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
