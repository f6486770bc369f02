#!/usr/bin/env node
// Runs the binary of the package for this platform, which npm installed beside this one.
"use strict";

const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");

const name = `planctl-${process.platform}-${process.arch}`;
let binary;
try {
  binary = require.resolve(`${name}/planctl${process.platform === "win32" ? ".exe" : ""}`);
} catch {
  console.error(`error: the package ${name} is not installed`);
  console.error(" = help: install planctl without --omit=optional; if there is no such package, build from source");
  process.exit(2);
}

// Ctrl-C reaches the binary as well: it takes back what it began, and says how it ended.
process.on("SIGINT", () => {});
const { status, signal, error } = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`error: cannot run ${binary}: ${error.message}`);
}
process.exitCode = error ? 2 : (status ?? 128 + constants.signals[signal]);
