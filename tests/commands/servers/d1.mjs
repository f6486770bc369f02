// Runs files of SQL on D1, as `wrangler d1 execute --local --file` does: node d1.mjs MODULES DATABASES FILE…
// Prints one line of JSON for each file: the rows of its statements, or the error.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [modules, d1Persist, ...files] = process.argv.slice(2);
const require = createRequire(modules);
const { unstable_splitSqlQuery: split } = require("wrangler");
const { Miniflare } = require("miniflare");

const miniflare = new Miniflare({ modules: true, script: "", d1Persist, d1Databases: { DB: "db" } });
const database = await miniflare.getD1Database("DB");
for (const file of files) {
  let line;
  try {
    const statements = split(readFileSync(file, "utf8"));
    const results = await database.batch(statements.map((sql) => database.prepare(sql)));
    line = { rows: results.flatMap((result) => result.results) };
  } catch (error) {
    line = { error: error.message };
  }
  console.log(JSON.stringify(line));
}
await miniflare.dispose();
