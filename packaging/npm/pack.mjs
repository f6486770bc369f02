// node packaging/npm/pack.mjs [TARGET BINARY]
//
// Packs the npm package of one platform into dist/, or, without arguments, `planctl` itself, which has those of all
// platforms as optional dependencies: npm installs the one that fits. Names, version and words come from Cargo.toml.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";

// npm's words for a platform, by Rust's.
const platforms = {
  "x86_64-unknown-linux-musl": ["linux", "x64"],
  "aarch64-unknown-linux-musl": ["linux", "arm64"],
  "x86_64-apple-darwin": ["darwin", "x64"],
  "aarch64-apple-darwin": ["darwin", "arm64"],
  "x86_64-pc-windows-msvc": ["win32", "x64"],
};

const metadata = JSON.parse(execFileSync("cargo", ["metadata", "--locked", "--no-deps", "--format-version=1"]));
const { version, description, license, repository, keywords } = metadata.packages.find(
  ({ name }) => name === "planctl",
);
const common = { version, description, license, repository };

function pack(manifest, files) {
  const folder = `target/npm/${manifest.name}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, JSON.stringify(manifest, null, 2));
  cpSync("LICENSE", `${folder}/LICENSE`);
  for (const [file, source] of Object.entries(files)) {
    cpSync(source, `${folder}/${file}`);
    if (file.startsWith("planctl")) chmodSync(`${folder}/${file}`, 0o755);
  }
  mkdirSync("dist", { recursive: true });
  // Through a shell, since on Windows npm is a script.
  execFileSync(`npm pack --silent --pack-destination dist ./${folder}`, { shell: true, stdio: "inherit" });
}

const packageOf = ([os, cpu]) => `planctl-${os}-${cpu}`;
const [target, binary] = process.argv.slice(2);
if (target === undefined) {
  const dependencies = Object.values(platforms).map((platform) => [packageOf(platform), version]);
  pack(
    {
      name: "planctl",
      ...common,
      keywords,
      bin: { planctl: "planctl.js" },
      engines: { node: ">=18" },
      optionalDependencies: Object.fromEntries(dependencies),
    },
    { "planctl.js": "packaging/npm/planctl.js", "README.md": "README.md" },
  );
} else {
  const platform = platforms[target];
  if (platform === undefined) throw new Error(`${target}: no platform of npm's is known for it`);
  const [os, cpu] = platform;
  const file = os === "win32" ? "planctl.exe" : "planctl";
  pack({ name: packageOf(platform), ...common, os: [os], cpu: [cpu], preferUnplugged: true }, { [file]: binary });
}
