import { Session } from "../../src/model/debug/testing/session.ts";

/**
 * The model's time a kick, without an engine: a scripted guest writes as fast as it can. It is the processor's time, which other
 * programs disturb least. Argument: kicks a turn.
 */

/** The fastest counts: what disturbs only ever adds. */
const TURNS = 5;
const TEXT = "sixteen bytes...";

const kicks = Number(process.argv[2]);
const session = new Session().probe();

function microseconds(): number {
  const start = process.cpuUsage();
  for (let i = 0; i < kicks; i++) session.send(TEXT);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / kicks;
}

/** After a first turn, which compiles what the others run. */
function fastest(): number {
  microseconds();
  return Math.min(...Array.from({ length: TURNS }, microseconds));
}

const plain = fastest();
session.chain.recording = true;
const recording = fastest();
process.stdout.write(`${JSON.stringify({ plain, recording })}\n`);
