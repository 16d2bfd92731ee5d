import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePortOption, splitIothreadOption } from "./parse.ts";

const common = { isConsole: false, portpath: undefined, socketType: undefined };

test("ports as acrn-dm reads them", () => {
  assert.deepEqual(parsePortOption("@stdio:p"), { ...common, isConsole: true, type: "stdio", portname: "p" });
  assert.deepEqual(parsePortOption("PTY:p"), { ...common, type: "pty", portname: "p" });
  assert.deepEqual(parsePortOption("stdio:"), { ...common, type: "stdio", portname: "" });
  const tty = { ...common, type: "tty", portname: "p", portpath: "/dev/a:b=c" };
  assert.deepEqual(
    parsePortOption("tty:p=/dev/a:b=c"),
    tty,
    "the path of all but sockets is everything after the first =",
  );
  const client = { ...common, type: "socket", portname: "p", portpath: "/tmp/s", socketType: "client" };
  assert.deepEqual(parsePortOption("socket:p=/tmp/s:client"), client);
  assert.deepEqual(parsePortOption("socket:p"), { ...common, type: "socket", portname: "p" });
  assert.deepEqual(parsePortOption("workbench:n"), { ...common, type: "workbench", portname: "n" });
});

test("errors are acrn-dm's", () => {
  const error = (option: string) => {
    const result = parsePortOption(option);
    return "error" in result ? result.error : "none";
  };
  assert.equal(error("stdio"), "vtcon: please at least config portname");
  assert.equal(error("serial:p"), "vtcon: invalid backend serial!");
  assert.equal(error("@:p"), "vtcon: invalid backend !");
  assert.equal(error(""), "vtcon: invalid backend !");
  assert.equal(error("tty:p"), "vtcon: portpath missing for p");
  assert.equal(error("file:log"), "vtcon: portpath missing for log");
  assert.equal(error("pty:p"), "none");
});

test("the iothread extension is a leading element", () => {
  assert.deepEqual(splitIothreadOption("@stdio:p"), { iothreads: undefined, rest: "@stdio:p" });
  assert.deepEqual(splitIothreadOption("iothread,@stdio:p,pty:q"), {
    iothreads: { num: 1, cpusets: [] },
    rest: "@stdio:p,pty:q",
  });
  assert.deepEqual(splitIothreadOption("iothread=4,pty:q"), { iothreads: { num: 4, cpusets: [] }, rest: "pty:q" });
  for (const number of ["0", "x", ""]) {
    const { error } = splitIothreadOption(`iothread=${number},pty:q`);
    assert.equal(error, `iothread_parse_options: invalid iothread number ${number}`);
  }
});
