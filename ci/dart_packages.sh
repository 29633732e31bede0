#!/usr/bin/env bash
# Tells a Dart VM where the packages are: what `dart pub get` writes, with the
# stand-in for `package:test`.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p dart/.dart_tool
# Moved into place, so that whoever reads it meanwhile finds it whole.
config=dart/.dart_tool/package_config.json
cat >"$config.$$" <<'JSON'
{
  "configVersion": 2,
  "packages": [
    {
      "name": "magpool",
      "rootUri": "../",
      "packageUri": "lib/",
      "languageVersion": "3.2"
    },
    {
      "name": "test",
      "rootUri": "../tool/test_standin",
      "packageUri": "lib/",
      "languageVersion": "3.2"
    }
  ]
}
JSON
mv "$config.$$" "$config"
