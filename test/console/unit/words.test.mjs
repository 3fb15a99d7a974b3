import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { words } from "../../../node/web/console/source/base/words.js";
import { viewWords } from "../../../node/web/console/source/base/view_words.js";
import { networkWords } from "../../../node/web/console/source/base/network_words.js";
import { harmless } from "../../../node/web/console/source/base/harmless.js";
import { bytes, duration, percent, rate, roundTrip } from "../../../node/web/console/source/base/format.js";
import { readAddress, writeAddress } from "../../../node/web/console/source/base/address_text.js";

const ROOT = new URL("../../../node/web/console/source/", import.meta.url);
const sources = readdirSync(ROOT, { recursive: true }).filter(name => name.endsWith(".js")).map(name => readFileSync(new URL(name, ROOT), "utf8")).join("\n");

test("each text is there in both languages, with the same places to fill", () => {
  const places = text => [...text.matchAll(/\{(\w+)\}/g)].map(found => found[1]).sort().filter((name, at, all) => all.indexOf(name) === at);
  for (const [key, row] of Object.entries(words)) {
    assert.equal(row.length, 2, key);
    assert.ok(row.every(text => text.trim()), key);
    assert.deepEqual(places(row[0]), places(row[1]), key);
  }
  assert.equal(Object.keys(words).length, Object.keys(viewWords).length + Object.keys(networkWords).length, "a key is there twice");
});

test("each text that is asked for is in the table, and none is there for nobody", () => {
  const asked = new Set([...sources.matchAll(/"([a-z][a-z_]*)"/g)].map(found => found[1]));
  for (const [, key] of sources.matchAll(/\bt\("([a-z_]+)"/g)) assert.ok(words[key], key);
  const made = [...sources.matchAll(/\bt\(`([^`$]*)\$\{[^}]*\}([^`]*)`/g)].map(([, before, after]) => new RegExp(`^${before}.+${after.replace(/\$\{.*/, "")}$`));
  const kinds = [...sources.matchAll(/\bnamed\("([a-z]+)"/g)].map(([, kind]) => new RegExp(`^${kind}_`));
  for (const key of Object.keys(words)) assert.ok(asked.has(key) || [...made, ...kinds].some(pattern => pattern.test(key)), `nobody asks for ${key}`);
});

test("texts of others do no harm", () => {
  const cases = [["\u001b[31mred", "\\u001b[31mred"], ["a\u202eb", "a\\u202eb"], ["\u200b\ufeff", "\\u200b\\ufeff"], ["\u2066x\u2069", "\\u2066x\\u2069"], ["\u{e0041}", "\\ue0041"], ["\ud800", "\\ud800"], ["<b>日本語</b> 😀\n", "<b>日本語</b> 😀\n"]];
  for (const [text, wanted] of cases) assert.equal(harmless(text), wanted);
  assert.ok(harmless("x".repeat(65536)).length < 2100);
  assert.match(harmless("x".repeat(65536)), /65536/);
});

test("amounts and times", () => {
  const cases = [[bytes(0), "0 B"], [bytes(999), "999 B"], [bytes(1000), "1.0 kB"], [bytes(67108864), "67.1 MB"], [bytes(1e12), "1.0 TB"], [bytes(undefined), "–"], [rate(84e6), "84.0 MB/s"], [percent(0.999), "99 %"], [percent(2), "100 %"],
    [roundTrip(210), "210 µs"], [roundTrip(12000), "12.0 ms"], [duration(340), "340 ms"], [duration(4200), "4.2 s"], [duration(65000), "1 min 5 s"], [duration(60000), "1 min"], [duration(273600000), "3 d 4 h"], [duration(-5), "0 ms"], [duration(NaN), "–"]];
  for (const [shown, wanted] of cases) assert.equal(shown, wanted);
});

test("an address comes back as it was, whatever is in it", () => {
  for (const [words, query] of [[[], {}], [["map"], { node: "a/b?c#d" }], [["transfers", "ü &=%"], { find: "x y", state: "done" }]]) {
    const { place, rest, query: back } = readAddress(writeAddress(words, query));
    assert.deepEqual([[place, ...rest].filter(Boolean), back], [words, query]);
  }
  assert.equal(readAddress("#/%E0%A4%A").place, "%E0%A4%A");
  assert.equal(writeAddress(["a"], { empty: "", none: undefined }), "#/a");
});
