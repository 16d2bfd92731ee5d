import assert from "node:assert/strict";
import { before, test } from "node:test";
import { defaultLimits } from "./limits.ts";
import { matchStation, noteOf } from "./match.ts";
import { CParser } from "./parse.ts";
import { StationIndex } from "./station-index.ts";
import { wasm } from "./testing/files.ts";
import { dm, type Files, guest, hv } from "./testing/trees.ts";
import type { StationRef } from "./types.ts";

let parser: CParser;
before(async () => {
  parser = await CParser.create(wasm);
});

function indexOf(files: Files, stations: readonly StationRef[]): StationIndex {
  const wanted = new Set(stations.flatMap(({ id, aliases = [] }) => [id, ...aliases]));
  const parsed = Object.entries(files).map(
    ([path, text]) => parser.parse(path, text, (name) => wanted.has(name), defaultLimits).index,
  );
  return new StationIndex(parsed, stations, matchStation);
}

/** `line name` of the call, then what is in between; or "none". */
function site(index: StationIndex, caller: StationRef, callee: StationRef | readonly string[]): string {
  const match = index.match(caller);
  const found = match && index.callSite(caller, match, callee);
  if (found === undefined) return "none";
  const through = found.through.length > 0 ? ` through ${found.through.join(" ")}` : "";
  const others = found.others.length > 0 ? ` also ${found.others.join(" ")}` : "";
  return `${found.call.line} ${found.call.name}${found.isPointer ? "*" : ""}${through}${others}`;
}

test("a call by name, by an alias, and every further one", () => {
  const upper = dm("upper", "a.c");
  const lower = dm("lower", "b.c", "old_lower");
  const files = { "devicemodel/a.c": "void upper(void)\n{\n\tx();\n\told_lower();\n\told_lower();\n}\n" };
  assert.equal(site(indexOf(files, [upper, lower]), upper, lower), "4 old_lower also 5");
  assert.equal(site(indexOf(files, [upper, lower]), upper, ["ioctl", "x"]), "3 x");
  assert.equal(site(indexOf(files, [upper, lower]), upper, ["ioctl"]), "none");
});

test("calls through fields and pointers lead to the stations they are known to reach, in the same layer", () => {
  const notify = dm("virtio_pci_legacy_write", "v.c");
  const io = dm("pci_emul_io_handler", "p.c");
  const push = guest("hvc_push", "drivers/tty/hvc/hvc_console.c");
  const exits = hv("vmexit_handler", "e.c");
  const index = indexOf(
    {
      "devicemodel/v.c": "int virtio_pci_legacy_write(void)\n{\n\tif (vq->notify)\n\t\t(*vq->notify)(b, vq);\n}\n",
      "devicemodel/p.c": "int pci_emul_io_handler(void)\n{\n\t(*ops->vdev_barwrite)(ctx);\n}\n",
      "drivers/tty/hvc/hvc_console.c": "static int hvc_push(struct hvc *hp)\n{\n\treturn hp->ops->put_chars(hp);\n}\n",
      "hypervisor/e.c": "int vmexit_handler(void)\n{\n\tret = dispatch->handler(vcpu);\n}\n",
    },
    [notify, io, push, exits],
  );
  assert.equal(site(index, notify, { ...dm("device_notify", "c.c"), pointers: ["qnotify", "notify"] }), "4 notify*");
  assert.equal(site(index, notify, dm("other_notify", "c.c")), "none");
  assert.equal(site(index, io, dm("virtio_pci_write", "v.c")), "3 vdev_barwrite*");
  assert.equal(site(index, push, { ...guest("send", "c.c"), pointers: ["put_chars"] }), "3 put_chars*");
  assert.equal(site(index, exits, hv("pio_instr_vmexit_handler", "x.c")), "3 handler*");
  assert.equal(site(index, exits, dm("pci_emul_io_handler", "p.c")), "none");
  assert.equal(site(index, notify, guest("vp_notify", "x.c")), "none");
});

test("functions in between are passed, up to three, the shortest way first", () => {
  const caller = dm("caller", "a.c");
  const callee = dm("callee", "b.c");
  const files = {
    "devicemodel/a.c": [
      "static void one(void) { two(); }",
      "static void two(void) { three(); }",
      "static void three(void) { callee(); }",
      "void caller(void)",
      "{",
      "\tone();",
      "}",
    ].join("\n"),
  };
  const index = indexOf(files, [caller, callee]);
  assert.equal(site(index, caller, callee), "6 one through one two three");
  const longer = { "devicemodel/a.c": files["devicemodel/a.c"].replace("callee()", "four()") };
  const more = { ...longer, "devicemodel/c.c": "void four(void) { callee(); }" };
  assert.equal(site(indexOf(more, [caller, callee]), caller, callee), "none");
  const both = { "devicemodel/a.c": files["devicemodel/a.c"].replace("\tone();", "\tone();\n\tthree();") };
  assert.equal(site(indexOf(both, [caller, callee]), caller, callee), "7 three through three");
});

test("a function in between may be inline in a header, but not static in another file", () => {
  const caller = dm("caller", "a.c");
  const callee = dm("callee", "b.c");
  const a = { "devicemodel/a.c": "void caller(void)\n{\n\thelp();\n}\n" };
  const body = "static inline void help(void) { callee(); }\n";
  assert.equal(
    site(indexOf({ ...a, "devicemodel/h.h": body }, [caller, callee]), caller, callee),
    "3 help through help",
  );
  assert.equal(site(indexOf({ ...a, "devicemodel/h.c": body }, [caller, callee]), caller, callee), "none");
});

test("stations are passed only if there is no other way: the compiler may have inlined them", () => {
  const send = guest("__send_to_port", "a.c");
  const kick = guest("virtqueue_kick", "b.c");
  const notify = guest("virtqueue_notify", "b.c");
  const text = [
    "bool virtqueue_notify(void) { return 1; }",
    "bool virtqueue_kick(void) { return virtqueue_notify(); }",
    "void __send_to_port(void)",
    "{",
    "\tvirtqueue_kick();",
    "}",
  ].join("\n");
  const index = indexOf({ "b.c": text.split("\n").slice(0, 2).join("\n"), "a.c": text }, [send, kick, notify]);
  assert.equal(site(index, send, notify), "5 virtqueue_kick through virtqueue_kick");
});

test("recursion ends", () => {
  const caller = dm("caller", "a.c");
  const files = {
    "devicemodel/a.c": "void a(void) { b(); }\nvoid b(void) { a(); caller(); }\nvoid caller(void) { a(); }\n",
  };
  assert.equal(site(indexOf(files, [caller]), caller, dm("other", "a.c")), "none");
});

test("a station is matched in its file, by an alias there, elsewhere, and by an alias elsewhere", () => {
  const station = dm("now", "a.c", "before", "long_before");
  const match = (files: Files) => {
    const found = indexOf(files, [station]).match(station);
    return found === undefined
      ? undefined
      : [found.how, found.found.file.path, found.found.def.name, noteOf(found, station)];
  };
  const body = (name: string) => `void ${name}(void)\n{\n}\n`;
  const a = "devicemodel/a.c";
  const b = "devicemodel/b.c";
  assert.deepEqual(match({ [a]: body("now") + body("before"), [b]: body("now") }), ["file", a, "now", undefined]);
  assert.deepEqual(match({ [a]: body("before"), [b]: body("now") }), [
    "alias",
    a,
    "before",
    "now is called before here",
  ]);
  assert.deepEqual(match({ [b]: body("now") + body("before") }), [
    "moved",
    b,
    "now",
    "now is in devicemodel/b.c here, not in devicemodel/a.c",
  ]);
  assert.deepEqual(match({ [b]: body("long_before") })?.slice(0, 3), ["moved", b, "long_before"]);
  assert.equal(match({ [b]: "void now(void);\n", "hypervisor/a.c": body("now") }), undefined);
});

test("of several definitions the one with a body wins: not static, in a file of that name, the longest", () => {
  const station = dm("f", "a.c");
  const path = (files: Files) => indexOf(files, [station]).match(station)?.found.file.path;
  const stub = "void f(void) { }\n";
  const whole = "void f(void)\n{\n\tg();\n}\n";
  assert.equal(path({ "devicemodel/x.c": `static ${whole}`, "devicemodel/y.c": stub }), "devicemodel/y.c");
  assert.equal(path({ "devicemodel/x.c": whole, "devicemodel/sub/a.c": stub }), "devicemodel/sub/a.c");
  assert.equal(path({ "devicemodel/release/x.c": stub, "devicemodel/debug/x.c": whole }), "devicemodel/debug/x.c");
});

test("of alternatives the longest is the place, the others are told and mean the station too", () => {
  const station = dm("f", "a.c");
  const text = ["#ifdef A", "void f(void) { }", "#else", "void f(void)", "{", "\tg();", "}", "#endif"].join("\n");
  const index = indexOf({ "devicemodel/a.c": text }, [station]);
  const match = index.match(station);
  assert.equal(match?.found.def.line, 4);
  assert.equal(match && noteOf(match, station), "also defined at line 2 (#ifdef A)");
  assert.equal(index.placeAt("devicemodel/a.c", 2)?.place.line, 2);
});

test("names that the compiler has changed are recognised", () => {
  const known = guest("hvc_push", "a.c");
  const index = indexOf({ "a.c": "static int hvc_push(void)\n{\n}\n" }, [known]);
  for (const id of ["hvc_push.isra.0", "hvc_push.constprop.0.cold", "hvc_push.part.3"]) {
    assert.equal(index.match(guest(id, ""))?.found.def.line, 1, id);
  }
  assert.equal(index.match(guest("hvc_push_x", "")), undefined);
});
