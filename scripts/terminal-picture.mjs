// Draws what a command prints as a picture (SVG) for the documentation.
//
// usage: node scripts/terminal-picture.mjs OUT.svg COLUMNS FIRST-LAST [FIRST-LAST ...] -- COMMAND [ARG ...]
//   the line ranges of the output that are shown; a gap between two is drawn as an ellipsis

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const [out, columns, ...others] = process.argv.slice(2);
const split = others.indexOf("--");
const ranges = others.slice(0, split).map((range) => range.split("-").map(Number));
const command = others.slice(split + 1);
const { stdout, status, stderr } = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${stderr}`);

const all = stdout.split("\n");
const lines = [
  `$ ${command.map((word) => word.replace(/^.*\/acrn-virtio\.mjs$/, "acrn-virtio")).join(" ")}`.replace("node ", ""),
];
ranges.forEach(([first, last], i) => {
  if (i > 0) lines.push("        ...");
  lines.push(...all.slice(first - 1, last));
});

const FONT = 13;
const LINE = 17;
const MARGIN = 14;
const width = Math.round(Number(columns) * FONT * 0.602) + 2 * MARGIN;
const height = lines.length * LINE + 2 * MARGIN;
const escapeXml = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
/** A colour for each layer, as in the Notify Chain view, so that the hand-overs can be seen. */
const COLOURS = [
  [" guest ", "#89d185"],
  [" hypervisor ", "#62a8ff"],
  [" service-vm ", "#c594e8"],
  [" device-model ", "#e5a03f"],
];
const colour = (line) => COLOURS.find(([layer]) => line.includes(layer))?.[1] ?? "#e6e6e6";
const rows = lines.map((line, i) => {
  // On each line: Chromium does not hand xml:space down from a group.
  const y = MARGIN + (i + 0.8) * LINE;
  return `<text xml:space="preserve" x="${MARGIN}" y="${y.toFixed(1)}" fill="${colour(line)}">${escapeXml(line.slice(0, Number(columns)))}</text>`;
});
writeFileSync(
  out,
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeXml(lines[0])}</title>
<rect width="100%" height="100%" rx="8" fill="#1e1e1e"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${FONT}">
${rows.join("\n")}
</g>
</svg>
`,
);
