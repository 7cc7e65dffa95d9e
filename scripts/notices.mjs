// What licences ask for: the notices of every library that is built into the programs, on stdout.
// Cargo says which those are for this computer; their texts lie beside their sources.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const run = (program, ...args) =>
  execFileSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });

const host = run('rustc', '-vV').match(/host: (.*)/)[1];
const { packages, resolve } = JSON.parse(
  run('cargo', 'metadata', '--format-version', '1', '--locked', '--filter-platform', host),
);
const named = new Map(packages.map((known) => [known.id, known]));
const needs = new Map(resolve.nodes.map(({ id, deps }) => [id, deps]));

/** What the programs link: not what only builds or tests them. */
const linked = new Set();
const follow = (id) => {
  if (linked.has(id)) return;
  linked.add(id);
  for (const { pkg, dep_kinds } of needs.get(id)) {
    if (dep_kinds.some(({ kind }) => kind === null)) follow(pkg);
  }
};
for (const { id, name, source } of packages) {
  if (source === null && ['darkslide', 'darkslide-app'].includes(name)) follow(id);
}

const libraries = [...linked]
  .map((id) => named.get(id))
  .filter(({ source }) => source !== null)
  .map(({ name, version, license, manifest_path }) => {
    return { name, version, license, folder: dirname(manifest_path) };
  });
// The window's and the client page's own: the rest of node_modules only builds them.
for (const name of ['svelte', 'uqr', '@tauri-apps/api']) {
  const folder = join(root, 'ui/node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  libraries.push({ name, version, license, folder });
}
libraries.sort((a, b) => (a.name < b.name ? -1 : 1));

/** Text to those who use it: many share one word for word. */
const texts = new Map();
for (const { name, version, folder } of libraries) {
  for (const file of readdirSync(folder).sort()) {
    if (!/^(licen[cs]e|copying|notice|copyright|unlicense)/i.test(file)) continue;
    let text;
    try {
      text = readFileSync(join(folder, file), 'utf8').replaceAll('\r', '').trim();
    } catch {
      continue; // a folder of licences: the texts themselves stand beside it
    }
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
  }
}

console.log('Libraries that are built into Darkslide, their licences, and the texts of these.\n');
for (const { name, version, license } of libraries) {
  console.log(`${name} ${version}: ${license ?? 'see its text below'}`);
}
for (const [text, users] of texts) {
  console.log(`\n${'='.repeat(80)}\n${users.join(', ')}\n${'-'.repeat(80)}\n${text}`);
}
