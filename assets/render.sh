#!/bin/sh
# Makes the PNG and ICO files beside the drawings, which are what is edited.
# Needs rsvg-convert (librsvg2-bin) and convert (imagemagick), and only after a
# drawing was changed: what it makes is committed.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# ico DRAWING ICON: the sizes Windows asks for at 100 % to 300 % scaling.
ico() {
	for size in 16 20 24 32 48; do
		rsvg-convert -w $size -h $size "$1" -o "$scratch/$size.png"
	done
	convert "$scratch/16.png" "$scratch/20.png" "$scratch/24.png" "$scratch/32.png" "$scratch/48.png" "$2"
}

for drawing in tray/*.svg; do
	# Twice the 22 px of a panel: sharp there, and on a display of double density.
	rsvg-convert -w 44 -h 44 "$drawing" -o "${drawing%.svg}.png"
	ico "$drawing" "${drawing%.svg}.ico"
done

# The sizes that hicolor, the theme of icons that every desktop has, and macOS know.
for size in 16 22 24 32 48 64 128 256 512; do
	rsvg-convert -w $size -h $size cornetta.svg -o icons/$size.png
done
for size in 16 24 32 48 256; do
	rsvg-convert -w $size -h $size cornetta.svg -o "$scratch/app$size.png"
done
convert "$scratch/app16.png" "$scratch/app24.png" "$scratch/app32.png" "$scratch/app48.png" "$scratch/app256.png" cornetta.ico
