#!/bin/sh
# Lays out /opt/agent-runtime: all that the runtime needs of an image, below one directory.
#
# usage: layout.sh NODE TINI BUNDLE TARGET
#   NODE    a Node 22.18 or later for this platform, linked against glibc
#   TINI    a static tini
#   BUNDLE  the directory that `npm run build` wrote
#   TARGET  the directory to make
set -eu

node=$1 tini=$2 bundle=$3 target=$4
source=$(dirname "$0")

mkdir -p "$target/lib"
cp -L "$node" "$target/node"
cp -L "$tini" "$target/tini"
cp -R "$bundle/." "$target/"

# Node's libraries, and the loader that finds them. glibc looks up names by itself since 2.34: no module of it is needed.
ldd "$node" | while read -r name arrow path _; do
  case "$name $arrow" in
    /*) cp -L "$name" "$target/lib/ld.so" ;;
    *' =>') cp -L "$path" "$target/lib/$name" ;;
  esac
done
test -x "$target/lib/ld.so" && test -e "$target/lib/libc.so.6"

# -static: also where there is no libc at all.
cc -std=c99 -Wall -Wextra -Werror -Os -static -s -o "$target/agent-runtime" "$source/launcher.c"

# Whoever the worker's user is may read and run it, and nobody may change it.
chmod -R u=rwX,go=rX "$target"

# The licences of what was not in the bundle.
for document in /usr/share/doc/libc6 /usr/share/doc/libstdc++6 /usr/share/doc/libgcc-s1 /usr/share/doc/tini; do
  if [ -e "$document/copyright" ]; then
    cp -L "$document/copyright" "$target/$(basename "$document").LICENSES.txt"
  fi
done
licence=$(dirname "$(dirname "$node")")/LICENSE
if [ -e "$licence" ]; then cp -L "$licence" "$target/node.LICENSES.txt"; fi
