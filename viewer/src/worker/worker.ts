/** The worker: reads files, computes and paints, so that the page is never blocked. */
import { expose } from "comlink";
import type { ViewerWorker } from "../protocol.ts";
import { attempt } from "./attempt.ts";
import { compareFiles } from "./compare-files.ts";
import { keepFile, listKept, removeKept } from "./kept-files.ts";
import { listRuns } from "./list-runs.ts";
import { closeFile, openFile } from "./open-files.ts";
import { pixelsOf } from "./paint-picture.ts";
import { viewArray, viewPair } from "./view-array.ts";

/** Of one kind of work, only the latest is of interest: it ends what came before. */
function latest(): () => AbortSignal {
  let current = new AbortController();
  return () => {
    current.abort();
    current = new AbortController();
    return current.signal;
  };
}

const [nextView, nextComparison] = [latest(), latest()];

const worker: ViewerWorker = {
  open: (source, row, onProgress) => attempt(() => openFile(source, row, onProgress)),
  close: closeFile,
  view: (place, kind) => attempt(() => viewArray(place, kind, nextView())),
  viewPair: (a, b, kind) => attempt(() => viewPair(a, b, kind, nextView())),
  compare: (a, b, onProgress) => attempt(() => compareFiles(a, b, onProgress, nextComparison())),
  keep: (source, onProgress) => attempt(() => keepFile(source, onProgress)),
  listKept: () => attempt(listKept),
  removeKept: (name) => attempt(() => removeKept(name)),
  listRuns: (sources, onProgress) => attempt(() => listRuns(sources, onProgress)),
  paint: (picture, appearance) =>
    createImageBitmap(new ImageData(pixelsOf(picture, appearance), picture.width, picture.height)),
};

expose(worker);
