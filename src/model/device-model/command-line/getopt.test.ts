import assert from "node:assert/strict";
import { it } from "node:test";
import { getoptLong } from "./getopt.ts";
import { dmOptions, type OptionSpec } from "./options.ts";

function parse(...argv: string[]): string[] {
  return [...getoptLong<OptionSpec>(argv, dmOptions)].map((item) =>
    item.kind === "operand" ? item.value : `${item.spec.long ?? item.spec.short}=${item.argument}`,
  );
}

it("takes every spelling getopt_long takes", () => {
  assert.deepEqual(parse("-m", "1g"), ["memsize=1g"]);
  assert.deepEqual(parse("-m1g"), ["memsize=1g"]);
  assert.deepEqual(parse("--memsize", "1g"), ["memsize=1g"]);
  assert.deepEqual(parse("--memsize=1g"), ["memsize=1g"]);
  assert.deepEqual(parse("--mem=1g"), ["memsize=1g"]);
  assert.deepEqual(parse("--memsize="), ["memsize="]);
  assert.deepEqual(parse("-AYm", "1g"), ["acpi=", "mptgen=", "memsize=1g"]);
  assert.deepEqual(parse("-m", "-k"), ["memsize=-k"]);
});

it("finds options after operands, until --", () => {
  assert.deepEqual(parse("vm", "--rtvm", "-", "--", "-A"), ["vm", "rtvm=", "-", "-A"]);
});

it("prefers an exact name to the longer ones it starts", () => {
  assert.deepEqual(parse("--acpi"), ["acpi="]);
});

it("refuses in getopt's words", () => {
  const table: [string[], RegExp][] = [
    [["--vir"], /^option '--vir' is ambiguous; possibilities: '--virtio_msi' '--virtio_poll'/],
    [["--nonsense"], /^unrecognized option '--nonsense'\n--help lists the options\.$/],
    [["--virtio_mis"], /^unrecognized option '--virtio_mis'\n.*Did you mean "virtio_msi"\?/],
    [["--=x"], /^unrecognized option '--'/],
    [["--rtvm=yes"], /^option '--rtvm' doesn't allow an argument/],
    [["--memsize"], /^option '--memsize' requires an argument\nExpected: -m, --memsize size/],
    [["-m"], /^option requires an argument -- 'm'/],
    [["-AZ"], /^invalid option -- 'Z'\nGiven: -AZ/],
  ];
  for (const [argv, message] of table) assert.throws(() => parse(...argv), { message, exitStatus: 1 });
});

it("says of an option of older releases what to do instead", () => {
  const table: [string[], RegExp][] = [
    [
      ["-c", "2"],
      /^invalid option -- 'c'\nGiven: -c\. acrn-dm had -c up to release 1\.3\. .*Leave it out: --cpu_affinity/,
    ],
    [["--ncpus=2"], /^unrecognized option '--ncpus'\nacrn-dm had --ncpus up to release 1\.3\. /],
    [["-AW"], /up to release 2\.7\. .*Give --virtio_msi instead/],
    [["--uuid", "d2795438-25d6-11e8-864e-cb7a18b34643"], /up to release 2\.6\. .*known by its name/],
  ];
  for (const [argv, message] of table) assert.throws(() => parse(...argv), { message, exitStatus: 1 });
});

it("has each name once", () => {
  const names = (dmOptions as readonly OptionSpec[]).flatMap((spec) => [spec.short ?? [], spec.long ?? []].flat());
  assert.equal(new Set(names).size, names.length);
});
