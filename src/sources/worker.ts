/** The thread that indexes source trees: `sources.ts` starts it, `protocol.ts` says what it is asked. */

import { parentPort, workerData } from "node:worker_threads";
import { IndexCache } from "./cache.ts";
import { type Parse, TreeIndexer } from "./index.ts";
import { byTextOnly, CParser } from "./parse.ts";
import type { FromWorker, ToWorker, WorkerAnswer, WorkerSetup } from "./protocol.ts";
import type { IndexProgress } from "./types.ts";

/** Progress messages are for people: ten a second are enough. */
const PROGRESS_MS = 100;

const setup = workerData as WorkerSetup;
const cache = setup.cacheFolder === undefined ? undefined : new IndexCache(setup.cacheFolder);
const indexers = new Map<string, TreeIndexer>();
let parser: Promise<CParser> | undefined;
let reported = Number.NEGATIVE_INFINITY;

const send = (message: FromWorker): void => parentPort?.postMessage(message);

function onProgress(progress: IndexProgress): void {
  const now = performance.now();
  if (now - reported < PROGRESS_MS) return;
  reported = now;
  send({ progress });
}

/** A file that crashes the WebAssembly ends the thread: what it leaves behind cannot be used any more. */
const parse: Parse = async (path, text, isWanted) => {
  if (setup.avoid.includes(path)) return byTextOnly(path, text, isWanted, "parsing took too long");
  const cParser = await makeParser();
  send({ parsing: path });
  const parsed = cParser.parse(path, text, isWanted, setup.limits);
  send({ parsing: undefined });
  return parsed;
};

async function makeParser(): Promise<CParser> {
  parser ??= CParser.create(setup.wasm);
  try {
    return await parser;
  } catch (error) {
    const { runtime, grammar } = setup.wasm;
    throw new Error(`tree-sitter cannot be loaded from ${runtime} and ${grammar}: ${(error as Error).message}`);
  }
}

async function answer(request: ToWorker): Promise<WorkerAnswer> {
  const root = request.kind === "index" ? request.tree.root : request.root;
  let indexer = indexers.get(root);
  if (request.kind === "index") {
    indexer = new TreeIndexer(request.tree, request.wanted, setup.limits, parse, onProgress);
    indexers.set(root, indexer);
    const snapshot = cache?.load(request.tree);
    if (snapshot !== undefined) indexer.restore(snapshot);
  }
  if (indexer === undefined) throw new Error(`${root} has not been indexed`);
  const before = indexer.snapshot();
  const parsed = indexer.parsed;
  if (request.kind === "index") await indexer.indexAll();
  else if (request.kind === "search") await indexer.search(request.names);
  else await indexer.refresh(request.path);
  const after = indexer.snapshot();
  const changed = indexer.parsed > parsed || after.search !== before.search;
  const note = changed ? cache?.save(indexer.tree, after) : undefined;
  return { index: indexer.result(), parsed: indexer.parsed - parsed, notes: note === undefined ? [] : [note] };
}

/** One request after the other: they share the parser. */
let last: Promise<void> = Promise.resolve();
parentPort?.on("message", (request: ToWorker) => {
  last = last.then(async () => {
    try {
      send({ id: request.id, answer: await answer(request) });
    } catch (error) {
      send({ id: request.id, error: (error as Error).message });
    }
  });
});
