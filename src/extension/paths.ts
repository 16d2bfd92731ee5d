import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * The file that a setting or a launch configuration names: `~/` and `${workspaceFolder}` mean what they mean elsewhere in VS
 * Code, and what is relative begins at the workspace's folder. `folder`: its path, if there is one.
 */
export function fileNamed(text: string, folder: string | undefined): string {
  let path = text;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of VS Code
  if (folder !== undefined) path = path.replaceAll("${workspaceFolder}", folder);
  if (/^~[/\\]/.test(path)) path = join(homedir(), path.slice(2));
  return isAbsolute(path) || folder === undefined ? path : join(folder, path);
}
