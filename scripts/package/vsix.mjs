// Writes a .vsix: the extension's files in a zip archive, with the manifest that VS Code and its marketplace read.

import { createWriteStream, mkdirSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import yazl from "yazl";

/** The same input gives the same file. */
const TIME = new Date(Date.UTC(2026, 0, 1));

const CONTENT_TYPES = {
  ".json": "application/json",
  ".vsixmanifest": "text/xml",
  ".md": "text/markdown",
  ".txt": "text/plain",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".js": "application/javascript",
  ".mjs": "application/javascript",
  ".cjs": "application/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

/**
 * Packs `files`, paths relative to `folder`, into `output`, whose folder need not be there yet.
 * @param {{manifest: object, nls: object, target: string, folder: string, files: string[], output: string}} job
 */
export async function writeVsix({ manifest, nls, target, folder, files, output }) {
  const zip = new yazl.ZipFile();
  const options = { mtime: TIME, mode: 0o100644, compressionLevel: 9 };
  zip.addBuffer(Buffer.from(vsixManifest(manifest, nls, target)), "extension.vsixmanifest", options);
  zip.addBuffer(Buffer.from(contentTypes(files)), "[Content_Types].xml", options);
  for (const path of files) zip.addFile(join(folder, path), `extension/${path}`, options);
  zip.end();
  mkdirSync(dirname(output), { recursive: true });
  await pipeline(zip.outputStream, createWriteStream(output));
}

function vsixManifest(manifest, nls, target) {
  const text = (value) => value.replace(/^%(.+)%$/, (_, key) => nls[key]);
  const asset = (type, path) => `    <Asset Type="${type}" Path="extension/${path}" Addressable="true" />`;
  const property = (id, value) => `      <Property Id="Microsoft.VisualStudio.${id}" Value="${xml(value)}" />`;
  const banner = manifest.galleryBanner;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${xml(manifest.name)}" Version="${xml(manifest.version)}" Publisher="${xml(manifest.publisher)}" TargetPlatform="${xml(target)}" />
    <DisplayName>${xml(text(manifest.displayName))}</DisplayName>
    <Description xml:space="preserve">${xml(text(manifest.description))}</Description>
    <Tags>${xml([...manifest.keywords, "debuggers"].join(","))}</Tags>
    <Categories>${xml(manifest.categories.join(","))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
${[
  property("Code.Engine", manifest.engines.vscode),
  property("Code.ExtensionKind", manifest.extensionKind.join(",")),
  property("Code.ExtensionDependencies", (manifest.extensionDependencies ?? []).join(",")),
  property("Code.ExtensionPack", (manifest.extensionPack ?? []).join(",")),
  property("Code.ExecutesCode", "true"),
  property("Services.Branding.Color", banner.color),
  property("Services.Branding.Theme", banner.theme),
  // The README has tables.
  property("Services.GitHubFlavoredMarkdown", "true"),
  property("Services.Content.Pricing", manifest.pricing),
].join("\n")}
    </Properties>
    <License>extension/LICENSE.txt</License>
    <Icon>extension/${xml(manifest.icon)}</Icon>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code" />
  </Installation>
  <Dependencies />
  <Assets>
${[
  asset("Microsoft.VisualStudio.Code.Manifest", "package.json"),
  asset("Microsoft.VisualStudio.Services.Content.Details", "README.md"),
  asset("Microsoft.VisualStudio.Services.Content.Changelog", "CHANGELOG.md"),
  asset("Microsoft.VisualStudio.Services.Content.License", "LICENSE.txt"),
  asset("Microsoft.VisualStudio.Services.Icons.Default", xml(manifest.icon)),
].join("\n")}
  </Assets>
</PackageManifest>
`;
}

/** Every extension of a file name that occurs needs a type (Open Packaging Conventions). */
function contentTypes(files) {
  const extensions = [...new Set([".vsixmanifest", ...files.map((path) => extname(path).toLowerCase())])].filter(
    Boolean,
  );
  const types = extensions.sort().map((extension) => {
    const type = CONTENT_TYPES[extension] ?? "application/octet-stream";
    return `  <Default Extension="${xml(extension)}" ContentType="${type}" />`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
${types.join("\n")}
</Types>
`;
}

const ESCAPES = { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&apos;" };
const xml = (value) => value.replace(/[<>&"']/g, (character) => ESCAPES[character]);
