/** What a webview is made of. */
export interface Page {
  readonly language: string;
  readonly title: string;
  /** What surrounds it: an editor, or the side bar. */
  readonly place: "editor" | "view";
  readonly strings: { readonly [key: string]: string };
  readonly script: string;
  readonly styles: string;
  readonly nonce: string;
}

/**
 * The page holds its script and styles, about 20 kB: nothing is ever requested, not even from the extension's folder, whose
 * service worker is not always there for several webviews of one window in a browser. esbuild writes no closing tags into them.
 */
export function html({ language, title, place, strings, script, styles, nonce }: Page): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${styles}</style>
</head>
<body data-place="${place}" data-strings="${escapeHtml(JSON.stringify(strings))}">
<script nonce="${nonce}">${script}</script>
</body>
</html>`;
}

const ENTITIES: { readonly [character: string]: string } = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character]);
