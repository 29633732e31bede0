// Formats the Dart files named, or says which are not formatted; see dart_format.sh.
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "@wasm-fmt/dart_fmt";

const [mode, ...files] = process.argv.slice(2);
let changed = 0;
for (const file of files) {
    const text = readFileSync(file, "utf8");
    const formatted = format(text, file, { language_version: "3.2.0" });
    if (formatted === text) continue;
    changed++;
    if (mode === "--write") writeFileSync(file, formatted);
    console.log(`${file}: ${mode === "--write" ? "formatted" : "not formatted: ci/dart_format.sh --write"}`);
}
console.log(`${files.length} Dart files, ${changed} ${mode === "--write" ? "changed" : "not formatted"}`);
process.exit(mode === "--check" && changed > 0 ? 1 : 0);
