import assert from "node:assert/strict";
import { before, test } from "node:test";
import { defaultLimits } from "./limits.ts";
import { CParser } from "./parse.ts";
import { wasm } from "./testing/files.ts";
import type { FileIndex } from "./types.ts";

let parser: CParser;
before(async () => {
  parser = await CParser.create(wasm);
});

const parse = (text: string, wanted: readonly string[] = []): FileIndex =>
  parser.parse("a.c", text, (name) => wanted.includes(name), defaultLimits).index;

/** `name start-end` of each function, with the line of the name after a colon where it is not the first. */
const functions = (index: FileIndex): string[] =>
  index.functions.map(({ name, line, start, end }) => `${name} ${start}-${end}${line === start ? "" : `:${line}`}`);

const calls = (index: FileIndex, name: string): string[] =>
  index.functions
    .filter((one) => one.name === name)
    .flatMap((one) => one.calls.map((call) => `${call.name}:${call.line}:${call.column}${call.pointer ? "*" : ""}`));

test("definitions have the place of their name, their body, and whether they are static", () => {
  const index = parse(
    [
      "int declared(void);",
      "static int",
      "first(struct device *dev, int n)",
      "{",
      "\treturn n;",
      "}",
      "const char *second(void) { return 0; }",
      "void (*third(int n))(void)",
      "{",
      "}",
    ].join("\n"),
  );
  assert.deepEqual(functions(index), ["first 2-6:3", "second 7-7", "third 8-10"]);
  assert.deepEqual(
    index.functions.map(({ isStatic }) => isStatic),
    [true, false, false],
  );
  assert.deepEqual(
    index.functions.map(({ column }) => column),
    [1, 13, 8],
  );
});

test("calls are found by name, through fields, through pointers and through tables", () => {
  const index = parse(
    [
      "void f(struct queue *vq)",
      "{",
      "\tplain(vq);",
      "\tvq->notify(vq);",
      "\t(*vq->base->qnotify)(vq);",
      "\thp->ops->put_chars(1);",
      "\t(*handler[req->type])(req);",
      "\thandlers[3](vq);",
      "\tif (MACRO(vq) && (*fn)(outer(inner())))",
      "\t\treturn;",
      "}",
    ].join("\n"),
  );
  assert.deepEqual(calls(index, "f"), [
    "plain:3:2",
    "notify:4:6*",
    "qnotify:5:14*",
    "put_chars:6:11*",
    "handler:7:4*",
    "handlers:8:2*",
    "MACRO:9:6",
    "fn:9:21*",
    "outer:9:25",
    "inner:9:31",
  ]);
});

test("alternatives of conditional compilation are all kept, with their conditions", () => {
  const index = parse(
    [
      "#ifndef A_H",
      "#define A_H",
      "#ifdef CONFIG_ASYNCIO",
      "int setup(void) { return real(); }",
      "#else",
      "int setup(void) { return 0; }",
      "#endif",
      "#if defined(A) && \\",
      "    defined(B)",
      "int other(void) { return 1; }",
      "#endif",
      "int always(void) { return 2; }",
      "#endif",
    ].join("\n"),
  );
  assert.deepEqual(
    index.functions.map(({ name, conditions }) => [name, conditions]),
    [
      ["setup", ["#ifdef CONFIG_ASYNCIO"]],
      ["setup", ["#else of #ifdef CONFIG_ASYNCIO"]],
      ["other", ["#if defined(A) && \\"]],
      ["always", undefined],
    ],
  );
});

test("a function that a macro defines is found by its text, with its calls", () => {
  const text = [
    "DEFINE_IDTENTRY_SYSVEC(sysvec_upcall)",
    "{",
    "\tif (intr_handler)",
    "\t\tintr_handler();",
    "}",
    "SYSCALL_DEFINE3(transmit, unsigned int, fd, const char __user *, buf, size_t, count)",
    "{",
    "\treturn ksys_transmit(fd, buf, count);",
    "}",
  ].join("\n");
  const index = parse(text, ["sysvec_upcall", "transmit"]);
  assert.deepEqual(functions(index), ["sysvec_upcall 1-5", "transmit 6-9"]);
  assert.deepEqual(calls(index, "sysvec_upcall"), ["intr_handler:4:3"]);
  assert.deepEqual(calls(index, "transmit"), ["ksys_transmit:8:9"]);
});

test("attributes between the type and the name do no harm", () => {
  const index = parse("static u32 __init detect(void)\n{\n\treturn cpuid();\n}\n", ["detect"]);
  assert.deepEqual(functions(index), ["detect 1-4"]);
  assert.deepEqual(calls(index, "detect"), ["cpuid:3:9"]);
});

test("a loop macro in a body is no function and does not end the body", () => {
  const index = parse(
    [
      "void walk(struct vm *vm)",
      "{",
      "\tforeach_vcpu(i, vm, vcpu) {",
      "\t\tkick(vcpu);",
      "\t}",
      "\tlist_for_each_entry(c, &vm->clients, list)",
      "\t\twake(c);",
      "\tlast();",
      "}",
    ].join("\n"),
    ["walk"],
  );
  assert.deepEqual(functions(index), ["walk 1-9"]);
  const names = calls(index, "walk").map((call) => call.split(":")[0]);
  assert.deepEqual(names, ["foreach_vcpu", "kick", "list_for_each_entry", "wake", "last"]);
});

test("in a file being edited, the functions around the broken one keep their places", () => {
  const before = ["int one(void)", "{", "\treturn two();", "}", ""];
  const after = ["int three(void)", "{", "\treturn four();", "}"];
  for (const broken of [
    ["int broken(int a)", "{", "\tif (a) {", "\t\tcall(a", ""],
    ["int broken(int a)", "{", "\tcall(a);", ""],
    ["int broken(int a, {", "\tcall(a);", "}", ""],
    ["struct {", "\tint broken", ""],
    ['int broken(void) { return "unterminated;', "}", ""],
    ["#if 1", "int broken(void) {", "#else", "int broken(int a) {", "#endif", "\tcall(1);", "}"],
  ]) {
    const index = parse([...before, ...broken, ...after].join("\n"), ["one", "broken", "three"]);
    const at = before.length + broken.length + 1;
    const found = functions(index);
    assert.ok(found.includes("one 1-4"), `${broken.join("|")}: ${found}`);
    assert.ok(found.includes(`three ${at}-${at + 3}`), `${broken.join("|")}: ${found}`);
    const names = calls(index, "three").map((call) => call.split(":")[0]);
    assert.deepEqual(names, ["four"], broken.join("|"));
    assert.ok(
      index.functions.every((one) => one.name !== "broken" || one.end < at),
      `${broken.join("|")}: ${found}`,
    );
  }
});

test("errors are counted, with the line of the first", () => {
  const index = parse("int a(void)\n{\n\treturn 1 + ;\n}\n");
  assert.ok(index.errors > 0);
  assert.equal(index.errorLine, 3);
});

test("a file nested too deeply is searched by its text only", () => {
  const text = `int wanted(void)\n{\n\tcall();\n}\n${"{".repeat(5000)}`;
  const { index, skipped } = parser.parse("a.c", text, (name) => name === "wanted", defaultLimits);
  assert.equal(skipped, "nested too deeply");
  assert.deepEqual(functions(index), ["wanted 1-4"]);
});

test("a file that takes too long is searched by its text only", () => {
  const text = `int wanted(void)\n{\n\tcall();\n}\n${"int x = f(1);\n".repeat(20_000)}`;
  const { index, skipped } = parser.parse("a.c", text, (name) => name === "wanted", { ...defaultLimits, parseMs: 0 });
  assert.equal(skipped, "parsing took too long");
  assert.deepEqual(functions(index), ["wanted 1-4"]);
  assert.deepEqual(functions(parse("int next(void) { return 0; }")), ["next 1-1"]);
});
