// Serves sharp the way worker.py serves the Python libraries; `node sharp.mjs [mozjpeg]`.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";

// From where the command was started, for that is where `npm install sharp` puts it.
const require = createRequire(join(process.env.SHARP_FROM ?? process.cwd(), "from.js"));
const sharp = require("sharp");
const mozjpeg = process.argv[2] === "mozjpeg";
sharp.concurrency(1);
sharp.cache(false);

const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
say({ version: `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}, Node ${process.versions.node}` });

function forgetPeak() {
  try { writeFileSync("/proc/self/clear_refs", "5"); } catch { /* not Linux */ }
}

function peak() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "ascii"))[1]) * 1024;
  } catch { return null; }
}

async function made(task) {
  const { data, info } = await sharp(task.source)
    .rotate()
    .resize(task.side, task.side, { fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  let low = 1, high = 95, best = null, encodes = 0;
  while (low <= high) {
    const quality = encodes ? (low + high) >> 1 : 90;
    const content = await sharp(data, { raw: info })
      .jpeg({ quality, progressive: true, optimiseCoding: true, mozjpeg })
      .toBuffer();
    encodes += 1;
    if (content.length <= task.most) { best = content; low = quality + 1; }
    else high = quality - 1;
  }
  writeFileSync(task.target, best);
  return encodes;
}

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  forgetPeak();
  const wall = performance.now(), before = process.cpuUsage();
  const encodes = await made(task);
  const used = process.cpuUsage(before);
  say({
    cpu: (used.user + used.system) / 1e6,
    wall: (performance.now() - wall) / 1000,
    peak: peak(),
    encodes,
  });
}
