// Preloaded into jsii's Node process by bindings.py: the AWS bindings' index of getters stands in for the index that
// requires every submodule. Where the package ships no such index, its own stays in force.
"use strict";
const fs = require("fs");
const Module = require("module");
const path = require("path");

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (...request) {
  const resolved = resolveFilename.apply(this, request);
  const eager = path.join("@cdktf", "provider-aws", "lib", "index.js");
  if (!resolved.endsWith(eager)) return resolved;
  const lazy = path.join(path.dirname(resolved), "lazy-index.js");
  return fs.existsSync(lazy) ? lazy : resolved;
};
