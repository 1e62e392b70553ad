#!/usr/bin/env node
// Written so that old versions of Node.js can read it too: they get a sentence instead of a stack trace.

const OLDEST = 24;

if (Number.parseInt(process.versions.node, 10) < OLDEST) {
  console.error(
    `anywire needs Node.js ${OLDEST} or newer, and this is ${process.version}. Start it with \`npx anywire\` or \`npm run\` where the project brings its own Node.js, or install one from https://nodejs.org.`,
  );
  process.exitCode = 1;
} else {
  await start();
}

async function start() {
  const { existsSync } = await import("node:fs");
  const { enableCompileCache, registerHooks } = await import("node:module");
  // What was compiled once need not be again: half of the time of a start.
  enableCompileCache();
  const source = new URL("../src/main.ts", import.meta.url);
  if (!existsSync(source)) return import(new URL("../dist/main.js", import.meta.url).href);
  // A checkout runs its sources as they are, and so do the packages beside this one.
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, "@anywire/source"] }),
  });
  return import(source.href);
}
