#!/bin/sh
# Bundles the console with Debian's esbuild: bundle.sh FOLDER makes index.html, console.js, console.css and
# licences.txt there, each with its .gz.
# Fails if all that a browser loads is larger than 300 KB.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
limit=300000
esbuild=${ESBUILD:-esbuild}
mkdir -p "$out"

vendor=$here/vendor
"$esbuild" "$here/source/main.js" --bundle --minify --format=esm --target=chrome100,firefox102,safari15.4 --charset=utf8 \
  --legal-comments=none --log-level=warning \
  --alias:cytoscape="$vendor/cytoscape/cytoscape.esm.mjs" --alias:cytoscape-fcose="$vendor/cytoscape-fcose/cytoscape-fcose.js" \
  --alias:cose-base="$vendor/cose-base/cose-base.js" --alias:layout-base="$vendor/layout-base/layout-base.js" \
  --alias:uplot="$vendor/uplot/uPlot.esm.js" --alias:preact="$vendor/preact/src/index.js" \
  --alias:preact-hooks="$vendor/preact/hooks/src/index.js" --alias:htm="$vendor/htm/src/index.mjs" --outfile="$out/console.js"
"$esbuild" "$here/source/main.css" --bundle --minify --log-level=warning --outfile="$out/console.css"
cp "$here/index.html" "$out/index.html"
for licence in "$vendor"/*/LICENSE; do
  printf '%s\n\n' "== $(basename "$(dirname "$licence")")"
  cat "$licence"
  echo
done >"$out/licences.txt"

size=0
for file in index.html console.js console.css; do
  gzip -9 -n -c "$out/$file" >"$out/$file.gz"
  size=$((size + $(wc -c <"$out/$file.gz")))
done
gzip -9 -n -c "$out/licences.txt" >"$out/licences.txt.gz" # nobody's browser loads it by itself
if [ "$size" -gt "$limit" ]; then
  echo "console: $size bytes gzipped, at most $limit" >&2
  exit 1
fi
