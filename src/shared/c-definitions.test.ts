import assert from "node:assert/strict";
import { test } from "node:test";
import { definitionsInText } from "./c-definitions.ts";
import { TextLayout } from "./text-layout.ts";

/** `name line-line` of each definition of the names. */
function find(text: string, ...names: string[]): string[] {
  const layout = new TextLayout(text);
  return definitionsInText(layout, (name) => names.includes(name)).map(
    ({ name, startIndex, endIndex }) => `${name} ${layout.lineAt(startIndex)}-${layout.lineAt(endIndex)}`,
  );
}

test("a definition is told from a declaration, a call, and a use as a value", () => {
  assert.deepEqual(find("int f(void);\nextern int f(int a,\n\tint b);\n", "f"), []);
  assert.deepEqual(find("int g(void)\n{\n\tf(1);\n}\n", "f"), []);
  assert.deepEqual(find("EXPORT_SYMBOL(f);\nstatic struct ops o = { .f = f };\nint x = f(1);\n", "f"), []);
  assert.deepEqual(find("int f(int a,\n\tint b) /* { */\n{\n}\n", "f"), ["f 1-4"]);
});

test("the return type may be on a line of its own", () => {
  assert.deepEqual(find("static void *\nf(void *arg)\n{\n\treturn arg;\n}\n", "f"), ["f 1-5"]);
  assert.deepEqual(find("int x;\nf(void *arg)\n{\n}\n", "f"), ["f 2-4"]);
});

test("comments, preprocessor lines, calls and declarations with the same name are none, line ends may be CR LF", () => {
  const text = [
    "int32_t f(struct acrn_vcpu *vcpu, struct io_request *io_req);",
    "/*",
    " * f(vcpu, req) {",
    " */",
    "static int32_t",
    "f(struct acrn_vcpu *vcpu,",
    "\tint (*handler)(void), struct io_request *io_req)",
    "\t__attribute__((noinline)) /* { */",
    "{",
    "\tf(vcpu, io_req);",
    "}",
    "#define f(x) {",
  ];
  assert.deepEqual(find(text.join("\n"), "f"), ["f 5-11"]);
  assert.deepEqual(find("\r\nvoid *f (void)\r\n{\r\n}", "f"), ["f 2-4"]);
});

test("parameters may hold function pointers, attributes may follow", () => {
  assert.deepEqual(find("void f(int (*cb)(int), void *a) __attribute__((noinline))\n{\n}\n", "f"), ["f 1-3"]);
  assert.deepEqual(find("__printf(1, 2) void f(const char *s, ...)\n{\n}\n", "f"), ["f 1-3"]);
});

test("the first argument of a macro may be the name", () => {
  assert.deepEqual(find("DEFINE_SYSVEC(f)\n{\n}\nMODULE_ALIAS(f)\nDEFINE(g, f)\n{\n}\n", "f"), ["f 1-3"]);
});

test("without a closing brace the body ends with the text", () => {
  assert.deepEqual(find("int f(void)\n{\n\tif (a) {\n\t}\n", "f"), ["f 1-5"]);
  assert.deepEqual(find("int f(void) { return 1; }\nint g(void) { return f(); }", "f", "g"), ["f 1-1", "g 2-2"]);
});

test("text that is no C is searched in a moment", () => {
  const begun = performance.now();
  for (const text of [
    "f(\n".repeat(300_000),
    `int ${"f(".repeat(500_000)}`,
    "int f(void)\n{\n".repeat(70_000),
    "f(x)\n".repeat(200_000),
    `int f(${"a, ".repeat(300_000)})`,
    `f()${"/**/".repeat(900)};\n`.repeat(100),
    `f()${"__a ".repeat(900)};\n`.repeat(100),
    `f()${"\n\t ".repeat(1000)};\n`.repeat(100),
  ]) {
    find(text, "f");
  }
  assert.deepEqual(find(`${"a ".repeat(500_000)}\nint f(void)\n{\n}\n`, "f"), ["f 2-4"]);
  assert.ok(performance.now() - begun < 5000);
});

test("lines, columns and nesting of a text", () => {
  const layout = new TextLayout("ab\ncd\n\nef");
  assert.deepEqual(
    [0, 1, 2, 3, 5, 6, 7, 8].map((index) => `${layout.lineAt(index)}:${layout.columnAt(index)}`),
    ["1:1", "1:2", "1:3", "2:1", "2:3", "3:1", "4:1", "4:2"],
  );
  assert.equal(new TextLayout("f(a[{1}]) }})").depth(), 3);
  assert.equal(new TextLayout("").depth(), 0);
});
